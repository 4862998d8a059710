"""One API as a table of endpoints, served by a bare ASGI app that answers everything in the API's own dialect."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import perf_counter
from typing import Any, Generic, TypeVar, cast, final

import structlog
from pydantic import BaseModel, ValidationError
from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

from tillway.domain.refusals import Overloaded, Refusal
from tillway.store.protocol import Unavailable
from tillway.surfaces.common.call import Call, Reply
from tillway.surfaces.common.dialect import Dialect, Door, Parameter, RefusalEntry
from tillway.surfaces.common.faults import Invalid, faults_of
from tillway.surfaces.common.forms import read_call
from tillway.surfaces.common.idempotency import read_key
from tillway.surfaces.common.json_text import JsonValue, read_json
from tillway.surfaces.common.limits import Addresses
from tillway.surfaces.common.logs import AccessLine, AccessLog
from tillway.surfaces.common.member_names import MemberNames
from tillway.surfaces.common.metrics import RequestMetrics
from tillway.surfaces.common.path_table import PathTable
from tillway.surfaces.common.reading import (
    BodyReader,
    BodyTooLarge,
    BodyTooSlow,
    CallerGone,
    Headers,
    WrongMediaType,
    discard_rest,
)
from tillway.surfaces.common.request_ids import RequestIds

BodyT = TypeVar("BodyT")
CallerT = TypeVar("CallerT")

RETRY_AFTER_SECONDS = 1
"""When a caller who was told that too much is waiting should come again: a batch takes milliseconds."""

_NO_ROUTE = "-"
_CALLER_WENT_AWAY = 499
"""Only in logs and metrics: nobody is there to be answered."""

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint(Generic[BodyT, CallerT]):
    """One call of an API: what it is served by, and everything that its document says about it."""

    name: str
    """For programs made from the document: `createPayment`."""
    method: str
    path: str
    """Template: `/v1/payments/{paymentId}`."""
    aliases: Sequence[str] = ()
    """Older paths that are served too, and that the document does not show."""
    summary: str
    description: str = ""
    handler: Callable[[Call[BodyT, CallerT]], Awaitable[Reply]]
    request: type[BodyT] | None = None
    """The pydantic model of the body; None for a call without one."""
    body_optional: bool = False
    """Whether no body at all stands for `{}`."""
    query: Mapping[str, Parameter] = field(default_factory=dict[str, Parameter])
    """What may stand in its query, by name; all of it may be left out."""
    terms: Callable[[CallerT], object] | None = None
    """What the model's own rules need to know of the caller and the moment: pydantic's validation context."""
    answer: type[BaseModel] | None = None
    status: int = 200
    refusals: Sequence[type[Refusal]] = ()
    faults: Sequence[RefusalEntry] = ()
    """What it may be answered for the body's form, beside what the dialect says of every call with a body."""
    tags: Sequence[str] = ()
    idempotent: bool = False
    """Whether it takes an `Idempotency-Key`."""
    public: bool = False
    """Whether it is served without credentials; then `caller` is None."""
    door: Door[CallerT] | None = None
    """Its own way of asking for credentials, if it has one."""
    dialect: Dialect[Any] | None = None
    """How this call alone speaks, where another standard says so: its bodies, its refusals and its faults."""


@dataclass(frozen=True, slots=True)
class Telemetry:
    """Where every API writes what it answered."""

    access_log: AccessLog
    metrics: RequestMetrics


@final
class Api(BaseRoute, Generic[CallerT]):
    """Serves the endpoints of one dialect, below the path prefixes that are its own.

    It is an ASGI app and, for the wiring, an entry of Starlette's router. Whatever is asked below its prefixes is
    answered by it, in its dialect: unknown paths, wrong methods, bodies that are too large, and our own mistakes too.
    """

    def __init__(
        self,
        dialect: Dialect[CallerT],
        endpoints: Sequence[Endpoint[Any, Any]],
        *,
        prefixes: Sequence[str],
        telemetry: Telemetry,
        addresses: Addresses,
    ) -> None:
        self.dialect = dialect
        self.endpoints = tuple(endpoints)
        self.prefixes = tuple(prefix.rstrip("/") + "/" for prefix in prefixes)
        self._paths = PathTable(_by_path(self.endpoints, self.prefixes).items())
        self._name = dialect.name
        self._telemetry = telemetry
        self._addresses = addresses
        self._readers = {
            one.name: BodyReader(one.body_rules) for one in (dialect, *_own_dialects(self.endpoints).values())
        }
        self._names: Mapping[type[BaseModel], MemberNames] = (
            _names_of(self.endpoints) if dialect.body_rules.any_case else {}
        )
        self._request_ids = RequestIds()

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether a request is ours to answer, by its path's prefix."""
        if scope["type"] == "http" and f"{scope['path']}/".startswith(self.prefixes):
            return Match.FULL, {}
        return Match.NONE, {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request that `matches`."""
        await self(scope, receive, send)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = perf_counter()
        headers: Headers = dict(scope["headers"])
        exchange = _Exchange(self._request_ids.of(headers), self.dialect)
        try:
            reply = await self._answer(exchange, scope, receive, headers)
        except CallerGone:
            self._record(exchange, scope["method"], _CALLER_WENT_AWAY, perf_counter() - started)
            return
        except Exception:  # noqa: BLE001 - the last net: whatever mistake we made, the caller gets an answer
            reply = self._crashed(exchange)
        await _send(send, reply, exchange.request_id, receive)
        self._record(exchange, scope["method"], reply.status, perf_counter() - started)

    async def _answer(self, exchange: "_Exchange", scope: Scope, receive: Receive, headers: Headers) -> Reply:
        try:
            return await self._perform(exchange, scope, receive, headers)
        except (Overloaded, Unavailable) as error:
            if isinstance(error, Unavailable):
                _log.warning("database unavailable", request_id=exchange.request_id, reason=str(error))
            reply = exchange.dialect.overloaded(RETRY_AFTER_SECONDS)
            return reply.with_header(b"retry-after", b"%d" % RETRY_AFTER_SECONDS)
        except Refusal as refusal:
            return exchange.dialect.refused(refusal)
        except Invalid as invalid:
            return exchange.dialect.invalid(invalid.faults)
        except BodyTooLarge:
            return exchange.dialect.too_large().with_header(*_CLOSE)
        except BodyTooSlow:
            return exchange.dialect.timed_out().with_header(*_CLOSE)
        except WrongMediaType:
            return exchange.dialect.unsupported_media_type()

    def _crashed(self, exchange: "_Exchange") -> Reply:
        _log.exception("request crashed", request_id=exchange.request_id, api=self._name, route=exchange.route)
        self._telemetry.metrics.crashed(self._name)
        return exchange.dialect.crashed(exchange.request_id)

    async def _perform(self, exchange: "_Exchange", scope: Scope, receive: Receive, headers: Headers) -> Reply:
        dialect = self.dialect
        found = self._paths.find(scope["raw_path"])
        if found is None:
            return dialect.not_found()
        methods, path = found
        endpoint = methods.get(scope["method"])
        if endpoint is None:
            return dialect.method_not_allowed(tuple(methods)).with_header(b"allow", ", ".join(methods).encode("ascii"))
        exchange.route = endpoint.path
        if endpoint.dialect is not None:
            exchange.dialect = endpoint.dialect
        caller = None
        if not endpoint.public:
            door = cast("Door[CallerT] | None", endpoint.door)
            known = await (door or dialect).authenticate(headers, scope)
            if isinstance(known, Reply):
                return known
            caller = known
            exchange.client = dialect.client_of(known)
        if endpoint.idempotent:
            read_key(headers)
        body, value = await self._body(exchange.dialect, endpoint, caller, receive, headers)
        call: Call[Any, Any] = Call(
            body=body,
            caller=caller,
            path=path,
            request_id=exchange.request_id,
            peer=self._addresses.of(scope, headers),
            headers=headers,
            scope=scope,
            value=value,
        )
        return await endpoint.handler(call)

    async def _body(
        self,
        dialect: Dialect[Any],
        endpoint: Endpoint[Any, Any],
        caller: object,
        receive: Receive,
        headers: Headers,
    ) -> tuple[BaseModel | None, JsonValue]:
        reader = self._readers[dialect.name]
        model = cast("type[BaseModel] | None", endpoint.request)
        if model is None:
            reader.check_length(headers)
            return None, None
        text = await reader.read(receive, headers)
        value: JsonValue = {} if endpoint.body_optional and not text else self._named(model, _read(dialect, text))
        terms = None if endpoint.terms is None else endpoint.terms(caller)
        try:
            return model.__pydantic_validator__.validate_python(value, context=terms), value
        except ValidationError as error:
            raise faults_of(error) from None

    def _named(self, model: type[BaseModel], value: JsonValue) -> JsonValue:
        names = self._names.get(model)
        return value if names is None else names.of(value)

    def _record(self, exchange: "_Exchange", method: str, status: int, seconds: float) -> None:
        self._telemetry.metrics.answered(self._name, method, exchange.route, status, seconds)
        self._telemetry.access_log.write(
            AccessLine(
                datetime.now(UTC),
                exchange.request_id,
                self._name,
                method,
                exchange.route,
                status,
                round(seconds * 1000, 3),
                exchange.client,
            )
        )


@final
class _Exchange:
    """What becomes known of a request while it is served: how it is answered, and what its line in the log says."""

    __slots__ = ("client", "dialect", "request_id", "route")

    def __init__(self, request_id: str, dialect: Dialect[Any]) -> None:
        self.request_id = request_id
        self.dialect = dialect
        self.route = _NO_ROUTE
        self.client: str | None = None


def _by_path(
    endpoints: Sequence[Endpoint[Any, Any]], prefixes: tuple[str, ...]
) -> Mapping[str, Mapping[str, Endpoint[Any, Any]]]:
    paths: dict[str, dict[str, Endpoint[Any, Any]]] = {}
    for endpoint in endpoints:
        if not endpoint.path.startswith(prefixes):
            raise ValueError(f"{endpoint.path} is outside of the API's prefixes")
        for path in (endpoint.path, *endpoint.aliases):
            methods = paths.setdefault(path, {})
            if endpoint.method in methods:
                raise ValueError(f"{endpoint.method} {path} is in the table twice")
            methods[endpoint.method] = endpoint
            if endpoint.method == "GET":
                methods["HEAD"] = endpoint
    return paths


def _own_dialects(endpoints: Sequence[Endpoint[Any, Any]]) -> Mapping[str, Dialect[Any]]:
    return {endpoint.dialect.name: endpoint.dialect for endpoint in endpoints if endpoint.dialect is not None}


def _read(dialect: Dialect[Any], text: bytes) -> JsonValue:
    return read_call(text) if dialect.body_rules.form else read_json(text)


def _names_of(endpoints: Sequence[Endpoint[Any, Any]]) -> Mapping[type[BaseModel], MemberNames]:
    models = (cast("type[BaseModel] | None", endpoint.request) for endpoint in endpoints)
    return {model: MemberNames(model) for model in models if model is not None}


async def _send(send: Send, reply: Reply, request_id: str, receive: Receive) -> None:
    body = reply.body if reply.write_for is None else reply.write_for(request_id)
    await send(
        {
            "type": "http.response.start",
            "status": reply.status,
            "headers": [
                *reply.headers,
                (b"content-length", b"%d" % len(body)),
                (b"x-request-id", request_id.encode("ascii")),
                _NOT_STORED,
                _NOT_SNIFFED,
            ],
        }
    )
    if _CLOSE in reply.headers:
        await send({"type": "http.response.body", "body": body, "more_body": True})
        await discard_rest(receive)
        body = b""
    await send({"type": "http.response.body", "body": body})


_CLOSE = (b"connection", b"close")
"""Nothing more will be read from the connection: the rest of the body is in the way."""
_NOT_STORED = (b"cache-control", b"no-store")
_NOT_SNIFFED = (b"x-content-type-options", b"nosniff")
