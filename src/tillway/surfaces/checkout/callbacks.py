"""What far sides tell by themselves: `POST /callbacks/{connector}`, believed only as far as its signature goes."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from time import perf_counter
from typing import Final, final

import structlog
from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

from tillway.commands.outcomes import hear
from tillway.commands.tools import Tools
from tillway.connectors.protocol import CallbackRefused
from tillway.domain.refusals import Overloaded
from tillway.store.protocol import Unavailable
from tillway.surfaces.common.api import RETRY_AFTER_SECONDS, Telemetry
from tillway.surfaces.common.logs import AccessLine
from tillway.surfaces.common.reading import (
    BodyReader,
    BodyRules,
    BodyTooLarge,
    BodyTooSlow,
    CallerGone,
    Headers,
    WrongMediaType,
    discard_rest,
)
from tillway.surfaces.common.request_ids import RequestIds

PREFIX: Final = "/callbacks/"
"""What lies before a connector's name in the path that its far side calls."""
MOST_BYTES: Final = 256 * 1024

_NAME = "callbacks"
_ROUTE = "/callbacks/{connector}"
_CALLER_WENT_AWAY = 499
_RULES = BodyRules(most_bytes=MOST_BYTES, any_media_type=True)
_TEXTS: Final = {
    200: b"Thank you.\n",
    400: b"This cannot be believed.\n",
    404: b"Nobody here listens to that name.\n",
    405: b"Callbacks are posted.\n",
    408: b"The body did not arrive in time.\n",
    413: b"The body is too large.\n",
    415: b"The body must not be compressed.\n",
    500: b"Something went wrong here.\n",
    503: b"Too much is waiting; tell again in a moment.\n",
}

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


@final
class Callbacks(BaseRoute):
    """An entry of Starlette's router.

    Far sides sign by the clock on the wall, so what they tell is read by it too, and not by the sandbox's.
    Whoever calls is told 200 once what was told is recorded, and is never told what was wrong with a signature.
    """

    def __init__(self, tools: Tools, telemetry: Telemetry, wall_clock: Callable[[], float] = time.time) -> None:
        self._tools = tools
        self._wall_clock = wall_clock
        self._telemetry = telemetry
        self._reader = BodyReader(_RULES)
        self._request_ids = RequestIds()

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether a request is ours to answer, by its path."""
        ours = scope["type"] == "http" and scope["path"].startswith(PREFIX)
        return (Match.FULL, {}) if ours else (Match.NONE, {})

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request that `matches`."""
        await self(scope, receive, send)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = perf_counter()
        headers: Headers = dict(scope["headers"])
        request_id = self._request_ids.of(headers)
        try:
            status = await self._heard(scope, receive, headers)
        except CallerGone:
            self._record(request_id, scope["method"], _CALLER_WENT_AWAY, perf_counter() - started)
            return
        except Exception:  # noqa: BLE001 - the last net: the far side will tell again
            _log.exception("callback crashed", request_id=request_id)
            self._telemetry.metrics.crashed(_NAME)
            status = 500
        await _answer(send, receive, status, request_id)
        self._record(request_id, scope["method"], status, perf_counter() - started)

    async def _heard(self, scope: Scope, receive: Receive, headers: Headers) -> int:
        name = scope["path"].removeprefix(PREFIX).rstrip("/")
        connector = self._tools.connectors.get(name)
        if connector is None:
            return 404
        if scope["method"] != "POST":
            return 405
        try:
            body = await self._reader.read(receive, headers)
            texts = {name.decode("latin-1"): value.decode("latin-1") for name, value in headers.items()}
            for callback in connector.read_callback(texts, body, int(self._wall_clock() * 1_000_000)):
                await hear(self._tools, name, callback)
        except CallbackRefused:
            _log.warning("callback refused", connector=name)
            return 400
        except BodyTooLarge:
            return 413
        except BodyTooSlow:
            return 408
        except WrongMediaType:
            return 415
        except (Overloaded, Unavailable):
            return 503
        return 200

    def _record(self, request_id: str, method: str, status: int, seconds: float) -> None:
        self._telemetry.metrics.answered(_NAME, method, _ROUTE, status, seconds)
        milliseconds = round(seconds * 1000, 3)
        self._telemetry.access_log.write(
            AccessLine(datetime.now(UTC), request_id, _NAME, method, _ROUTE, status, milliseconds, None)
        )


async def _answer(send: Send, receive: Receive, status: int, request_id: str) -> None:
    body = _TEXTS[status]
    fields = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", b"%d" % len(body)),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
        (b"x-request-id", request_id.encode("ascii")),
        *_MORE_FIELDS.get(status, ()),
    ]
    await send({"type": "http.response.start", "status": status, "headers": fields})
    unread = status in {408, 413}
    await send({"type": "http.response.body", "body": body, "more_body": unread})
    if unread:
        await discard_rest(receive)
        await send({"type": "http.response.body", "body": b""})


_MORE_FIELDS: Final = {
    405: ((b"allow", b"POST"),),
    408: ((b"connection", b"close"),),
    413: ((b"connection", b"close"),),
    503: ((b"retry-after", str(RETRY_AFTER_SECONDS).encode()),),
}
