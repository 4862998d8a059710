"""What may go wrong between a far side's decision and our hearing of it: an app that does its work, and garbles it."""

import asyncio
from typing import Any

import msgspec
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.connectors.issuer import Fault


class Faulty:
    """An app before another: what was asked is done, and then `fault` strikes its answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.fault: Fault | None = None
        self.ending = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.fault is None or scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        messages: list[Message] = []

        async def keep(message: Message) -> None:
            messages.append(message)

        await self.app(scope, receive, keep)
        body = b"".join(message.get("body", b"") for message in messages)
        await self._garbled(self.fault, body, scope, receive, send)

    async def _garbled(self, fault: Fault, body: bytes, scope: Scope, receive: Receive, send: Send) -> None:
        match fault:
            case Fault.HANGS:
                await self.ending.wait()
                return
            case Fault.CLOSES:
                await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"9999")]})
                await send({"type": "http.response.body", "body": body[:5], "more_body": False})
                return
            case Fault.ANSWERS_500:
                answer = Response(body, 500, media_type="application/json")
            case Fault.TALKS_RUBBISH:
                answer = Response(b'\xff{"id":', media_type="application/json")
            case Fault.TALKS_OF_ANOTHER:
                answer = Response(_with(body, id="another"), media_type="application/json")
            case Fault.REDIRECTS:
                answer = PlainTextResponse("", 307, {"location": "/elsewhere"})
            case Fault.SAYS_A_NEW_WORD:
                answer = Response(_with(body, state="perhaps", status="perhaps"), media_type="application/json")
        await answer(scope, receive, send)


def _with(body: bytes, **members: str) -> bytes:
    told: dict[str, Any] = msgspec.json.decode(body)
    return msgspec.json.encode({name: members.get(name, text) for name, text in told.items()})
