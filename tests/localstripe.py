"""localstripe for tests: a Stripe of somebody else's making, in a process of its own, and a payer who uses its form.

It is licensed under the GPL, so it is run and never imported. It does not know `allowed_payment_method_types`, which
took the place of `payment_method_types` with the API version 2026-09-30: a small translator before it says the older
name. It ignores idempotency keys, has no search and refunds more than was paid; that is tried on a pretend one.
"""

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
from aiohttp import web

from tests.receivers import served
from tests.server import HOST, free_port

API_KEY = "sk_test_local"
PUBLISHABLE_KEY = "pk_test_local"
WEBHOOK_SECRET = "whsec_local"

GOOD_CARD = "4242424242424242"
DECLINED_CARD = "4000000000000341"
SECURE_CARD = "4000000000003220"
"""Wants 3-D Secure."""
SECURE_AND_DECLINED_CARD = "4000008400001629"

READY_SECONDS = 30
POLL_SECONDS = 0.05

Told = dict[str, Any]


@dataclass(slots=True)
class LocalStripe:
    """`url` is where the gateway reaches it, in today's words; `direct` is localstripe itself."""

    url: str
    direct: str
    session: aiohttp.ClientSession

    async def tell(self, url: str, *events: str) -> None:
        """Have events told to `url`, all of them or those named."""
        asked: Told = {"url": url, "secret": WEBHOOK_SECRET} | ({"events": list(events)} if events else {})
        async with self.session.post(f"{self.direct}/_config/webhooks/gateway", json=asked) as answer:
            assert answer.status == 200

    async def pay(self, reference: str, card: str) -> Told:
        """Fill in the form and press the button: the intent after it, or the error."""
        number = {"number": card, "exp_month": 12, "exp_year": 2030, "cvc": "123"}
        method = await self._post("/v1/payment_methods", {"type": "card", "card": number})
        await self._post(f"/v1/payment_intents/{reference}", {"payment_method": method["id"]})
        return await self._post(f"/v1/payment_intents/{reference}/confirm", {})

    async def authenticate(self, reference: str, *, succeeds: bool) -> Told:
        """What the payer does at the bank (3-D Secure)."""
        intent = await self.intent(reference)
        asked = {"client_secret": intent["client_secret"], "success": succeeds}
        return await self._post(f"/v1/payment_intents/{reference}/_authenticate", asked)

    async def cancel(self, reference: str) -> Told:
        """Cancel an intent in Stripe's dashboard."""
        return await self._post(f"/v1/payment_intents/{reference}/cancel", {})

    async def intent(self, reference: str) -> Told:
        """An intent as it stands."""
        return await self._ask("GET", f"/v1/payment_intents/{reference}", None)

    async def refunds(self, reference: str) -> list[Told]:
        """The refunds of an intent that was paid."""
        return (await self._ask("GET", f"/v1/refunds?payment_intent={reference}", None))["data"]

    async def _post(self, path: str, asked: Told) -> Told:
        return await self._ask("POST", path, asked)

    async def _ask(self, method: str, path: str, asked: Told | None) -> Told:
        headers = {"Authorization": f"Bearer {API_KEY}"}
        async with self.session.request(method, self.direct + path, json=asked, headers=headers) as answer:
            told: Told = await answer.json(content_type=None)
            return told


@asynccontextmanager
async def local_stripe() -> AsyncGenerator[LocalStripe]:
    """A localstripe that has seen nothing yet."""
    port = free_port()
    direct = f"http://{HOST}:{port}"
    process = _launched(port)
    try:
        async with aiohttp.ClientSession() as session:
            await _wait_until_it_answers(session, direct, process)
            async with served(_translator(session, direct)) as url:
                yield LocalStripe(url.rstrip("/"), direct, session)
    finally:
        process.kill()
        process.wait()


def _launched(port: int) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-m", "localstripe", "--port", str(port), "--from-scratch"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


async def _wait_until_it_answers(
    session: aiohttp.ClientSession, direct: str, process: "subprocess.Popen[bytes]"
) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while True:
        try:
            async with session.get(direct):
                return
        except aiohttp.ClientError:
            assert process.poll() is None, "localstripe has ended"
            assert time.monotonic() < deadline, "localstripe does not answer"
            await asyncio.sleep(POLL_SECONDS)


def _translator(session: aiohttp.ClientSession, direct: str) -> Any:
    async def translate(request: web.Request) -> web.StreamResponse:
        body = (await request.read()).replace(b"allowed_payment_method_types", b"payment_method_types")
        kept = {name: text for name, text in request.headers.items() if name in {"Authorization", "Content-Type"}}
        async with session.request(request.method, direct + request.path_qs, data=body, headers=kept) as answer:
            return web.Response(status=answer.status, body=await answer.read(), content_type="application/json")

    return translate
