"""One site as a table of pages: forms checked and read, security headers set, and a page for everything that fails."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import Enum
from time import perf_counter
from typing import final

import structlog
from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

from tillway.domain.refusals import Overloaded
from tillway.store.protocol import Unavailable
from tillway.surfaces.common.api import RETRY_AFTER_SECONDS, Telemetry
from tillway.surfaces.common.call import HeaderFields
from tillway.surfaces.common.forms import FormUnreadable, read_fields, read_form
from tillway.surfaces.common.limits import Addresses
from tillway.surfaces.common.logs import AccessLine
from tillway.surfaces.common.path_table import PathTable
from tillway.surfaces.common.reading import CallerGone, Headers
from tillway.surfaces.common.request_ids import RequestIds
from tillway.surfaces.common.security_headers import is_own_form, own_origin, page_headers
from tillway.surfaces.common.serving import Pages
from tillway.surfaces.common.uploads import Upload, read_upload
from tillway.surfaces.common.visits import PageReply, Visit

_NO_ROUTE = "-"
_NO_FORM: Mapping[str, str] = {}
_CALLER_WENT_AWAY = 499

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class Failure(Enum):
    """Why a page cannot be shown, with the status that says so."""

    NOT_FOUND = 404
    WRONG_METHOD = 405
    FOREIGN_FORM = 403
    UNREADABLE = 400
    BUSY = 503
    CRASHED = 500


@dataclass(frozen=True, slots=True)
class PageRoute:
    """One page, or one form's target: `path` is a template (`/pay/{token}`). A form `with_file` may bring one."""

    method: str
    path: str
    handler: Callable[[Visit], Awaitable[PageReply]]
    with_file: bool = False


@final
class Site(BaseRoute):
    """Serves its pages and their static files; an entry of Starlette's router.

    Whatever lies below `prefixes` is its own, with a page for what is not found there. `origin` is the address people
    know us by (`https://pay.example`); without it, it is what their browser asked for. `form_targets` are further
    origins that answers to its forms may lead to.
    """

    def __init__(
        self,
        name: str,
        pages: Pages,
        routes: Sequence[PageRoute],
        *,
        prefixes: Sequence[str],
        telemetry: Telemetry,
        addresses: Addresses,
        origin: str | None = None,
        form_targets: Sequence[str] = (),
    ) -> None:
        self._name = name
        self._pages = pages
        self._fixed = frozenset(route.path for route in routes if "{" not in route.path)
        self._prefixes = tuple(prefix.rstrip("/") + "/" for prefix in prefixes)
        self._paths = PathTable(_by_path(routes).items())
        self._telemetry = telemetry
        self._addresses = addresses
        self._origin = origin
        self._headers = page_headers(form_targets=form_targets)
        self._request_ids = RequestIds()

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether a request is ours to answer, by its path."""
        if scope["type"] != "http":
            return Match.NONE, {}
        path: str = scope["path"]
        ours = path in self._fixed or f"{path}/".startswith(self._prefixes)
        return (Match.FULL, {}) if ours else (Match.NONE, {})

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request that `matches`."""
        await self(scope, receive, send)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope["path"]
        if path.startswith(f"{self._pages.static.prefix}/"):
            await self._pages.static(scope, receive, send)
            return
        started = perf_counter()
        headers: Headers = dict(scope["headers"])
        request_id = self._request_ids.of(headers)
        found = self._paths.find(scope["raw_path"])
        route = _template_of(found[0]) if found else _NO_ROUTE
        try:
            reply = await self._answer(found, scope, receive, headers)
        except CallerGone:
            self._record(request_id, scope["method"], route, _CALLER_WENT_AWAY, perf_counter() - started)
            return
        except Exception:  # noqa: BLE001 - the last net: whatever mistake we made, the person gets a page
            _log.exception("page crashed", request_id=request_id, site=self._name, route=route)
            self._telemetry.metrics.crashed(self._name)
            reply = self._failed(Failure.CRASHED, self._visit({}, {}, {}, scope, headers))
        await self._send(send, reply, request_id, with_body=scope["method"] != "HEAD")
        self._record(request_id, scope["method"], route, reply.status, perf_counter() - started)

    async def _answer(
        self,
        found: "tuple[Mapping[str, PageRoute], Mapping[str, str]] | None",
        scope: Scope,
        receive: Receive,
        headers: Headers,
    ) -> PageReply:
        visit = self._visit({}, {}, {}, scope, headers)
        if found is None:
            return self._failed(Failure.NOT_FOUND, visit)
        methods, path = found
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        route = methods.get(method)
        if route is None:
            return self._failed(Failure.WRONG_METHOD, visit, ((b"allow", ", ".join(methods).encode("ascii")),))
        posted = method == "POST"
        if posted and not is_own_form(headers, self._origin or own_origin(scope, headers)):
            return self._failed(Failure.FOREIGN_FORM, visit)
        try:
            query = read_fields(scope["query_string"])
            form, upload = await _read(route, receive, headers) if posted else (_NO_FORM, None)
        except FormUnreadable:
            return self._failed(Failure.UNREADABLE, visit, ((b"connection", b"close"),))
        visit = self._visit(path, query, form, scope, headers, upload)
        try:
            reply = await route.handler(visit)
        except (Overloaded, Unavailable):
            return self._failed(Failure.BUSY, visit, ((b"retry-after", str(RETRY_AFTER_SECONDS).encode()),))
        return replace(reply, headers=(*reply.headers, *visit.chosen_language()))

    def _visit(
        self,
        path: Mapping[str, str],
        query: Mapping[str, str],
        form: Mapping[str, str],
        scope: Scope,
        headers: Headers,
        upload: Upload | None = None,
    ) -> Visit:
        origin, peer = self._origin or own_origin(scope, headers), self._addresses.of(scope, headers)
        return Visit(path, query, form, headers, peer, origin, self._pages.languages, upload)

    def _failed(self, failure: Failure, visit: Visit, headers: HeaderFields = ()) -> PageReply:
        body = self._pages.render(
            "common/failure.html", visit.language(), failure=failure.name, languages=self._pages.languages.choices
        )
        return PageReply(failure.value, body, headers)

    async def _send(self, send: Send, reply: PageReply, request_id: str, *, with_body: bool) -> None:
        fields = [
            *(reply.protection or self._headers),
            *reply.headers,
            (b"content-length", b"%d" % len(reply.body)),
            (b"x-request-id", request_id.encode("ascii")),
        ]
        await send({"type": "http.response.start", "status": reply.status, "headers": fields})
        await send({"type": "http.response.body", "body": reply.body if with_body else b""})

    def _record(self, request_id: str, method: str, route: str, status: int, seconds: float) -> None:
        self._telemetry.metrics.answered(self._name, method, route, status, seconds)
        milliseconds = round(seconds * 1000, 3)
        self._telemetry.access_log.write(
            AccessLine(datetime.now(UTC), request_id, self._name, method, route, status, milliseconds, None)
        )


async def _read(route: PageRoute, receive: Receive, headers: Headers) -> tuple[Mapping[str, str], Upload | None]:
    if route.with_file:
        return await read_upload(receive, headers)
    return await read_form(receive, headers), None


def _by_path(routes: Sequence[PageRoute]) -> Mapping[str, Mapping[str, PageRoute]]:
    paths: dict[str, dict[str, PageRoute]] = {}
    for route in routes:
        paths.setdefault(route.path.rstrip("/"), {})[route.method] = route
    return paths


def _template_of(methods: Mapping[str, PageRoute]) -> str:
    return next(iter(methods.values())).path
