"""What those who run the gateway ask it: is it alive, is it ready, what has it counted."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import msgspec
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

Check = Callable[[], Awaitable[str | None]]
"""Asks one thing the gateway cannot serve without; answers why it is not ready, or None if it is."""

CHECK_SECONDS = 2.0


def operations(checks: Mapping[str, Check], registry: CollectorRegistry) -> list[BaseRoute]:
    """The routes `/healthz` (the process is alive), `/readyz` (every check passes, else 503 with the reasons) and
    `/metrics` (all of `registry`). They tell nothing about payments; still, keep them off the public side of a proxy.
    """

    async def alive(_request: Request) -> Response:
        return Response(b'{"status":"alive"}', media_type="application/json")

    async def ready(_request: Request) -> Response:
        reasons = dict(zip(checks, await asyncio.gather(*map(_reason, checks.values())), strict=True))
        failing = {name: reason for name, reason in reasons.items() if reason is not None}
        body = {"status": "not ready", "reasons": failing} if failing else {"status": "ready"}
        return Response(msgspec.json.encode(body), 503 if failing else 200, media_type="application/json")

    async def counted(_request: Request) -> Response:
        return Response(generate_latest(registry), headers={"content-type": CONTENT_TYPE_PLAIN_0_0_4})

    return [Route("/healthz", alive), Route("/readyz", ready), Route("/metrics", counted)]


async def _reason(check: Check) -> str | None:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            return await check()
    except TimeoutError:
        return f"no answer within {CHECK_SECONDS:g} seconds"
    except Exception as error:  # noqa: BLE001 - whatever keeps a check from answering is the reason that is asked for
        return type(error).__name__
