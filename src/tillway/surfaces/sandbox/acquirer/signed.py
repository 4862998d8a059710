"""What stands before an API whose callers sign their requests: nothing gets in without the signature of the secret."""

import time
from collections.abc import Callable
from typing import final

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tillway.connectors.signatures import Signatures
from tillway.surfaces.common.reading import BodyReader, BodyRefused, BodyRules, BodyTooLarge, CallerGone, Headers


@final
class Signed:
    """An ASGI app that hands on to `api` what is signed as Standard Webhooks are."""

    def __init__(self, api: ASGIApp, secret: str, wall_clock: Callable[[], float] = time.time) -> None:
        self._api = api
        self._signatures = Signatures(secret)
        self._wall_clock = wall_clock
        self._reader = BodyReader(BodyRules())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers: Headers = dict(scope["headers"])
        try:
            body = await self._reader.read(receive, headers)
        except CallerGone:
            return
        except BodyRefused as refused:
            status = 413 if isinstance(refused, BodyTooLarge) else 400
            await _told(status, "The body cannot be read.", scope, receive, send)
            return
        named = {name.decode("latin-1"): text.decode("latin-1") for name, text in headers.items()}
        if not self._signatures.are_right(named, body, self._wall_clock()):
            await _told(401, "The request is not signed with the secret that we share.", scope, receive, send)
            return
        await self._api(scope, _again(body), send)


def _again(body: bytes) -> Receive:
    """The body once more, for whoever reads it after us."""

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


async def _told(status: int, message: str, scope: Scope, receive: Receive, send: Send) -> None:
    await JSONResponse({"message": message}, status, {"connection": "close"})(scope, receive, send)
