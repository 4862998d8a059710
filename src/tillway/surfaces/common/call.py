"""What a handler is given and what it gives back."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from hashlib import blake2b
from typing import Generic, TypeVar, final
from urllib.parse import parse_qs

import msgspec
from starlette.types import Scope

from tillway.surfaces.common.faults import Fault, FaultKind, Invalid
from tillway.surfaces.common.idempotency import IdempotencyKey, read_key
from tillway.surfaces.common.json_text import JsonValue
from tillway.surfaces.common.reading import Headers

BodyT = TypeVar("BodyT")
CallerT = TypeVar("CallerT")

HeaderFields = tuple[tuple[bytes, bytes], ...]

MOST_QUERY_PARAMETERS = 100

_to_json = msgspec.json.Encoder(decimal_format="number").encode
_canonical = msgspec.json.Encoder(decimal_format="number", order="deterministic").encode


@final
class Reply:
    """An answer: its status, its body's bytes, and its header fields (without length and request id, added later).

    A body that tells the id of its request is made by `write_for` once that is known; `body` is then the same of none.
    """

    __slots__ = ("body", "headers", "status", "write_for")

    def __init__(
        self,
        status: int,
        body: bytes,
        headers: HeaderFields = (),
        write_for: Callable[[str], bytes] | None = None,
    ) -> None:
        self.status = status
        self.body = body
        self.headers = headers
        self.write_for = write_for

    @staticmethod
    def json(status: int, value: object, headers: HeaderFields = ()) -> "Reply":
        """An answer that is the JSON text of `value`; a Decimal becomes a JSON number, digit for digit."""
        return Reply(status, _to_json(value), (_JSON, *headers) if headers else _ONLY_JSON)

    def with_header(self, name: bytes, value: bytes) -> "Reply":
        """The same answer with one more header field."""
        return Reply(self.status, self.body, (*self.headers, (name, value)), self.write_for)


@final
class Call(Generic[BodyT, CallerT]):
    """One request, authenticated and with its body validated; read only."""

    __slots__ = ("_headers", "_scope", "_value", "body", "caller", "path", "peer", "request_id")

    def __init__(
        self,
        *,
        body: BodyT,
        caller: CallerT,
        path: Mapping[str, str],
        request_id: str,
        peer: str,
        headers: Headers,
        scope: Scope,
        value: JsonValue,
    ) -> None:
        self.body = body
        """The validated model; None for an endpoint without a body."""
        self.caller = caller
        """Whoever the dialect's `authenticate` recognised; None for a public endpoint."""
        self.path = path
        """The path's parameters by name, percent-decoded."""
        self.request_id = request_id
        self.peer = peer
        """The caller's network address as text, seen through trusted proxies."""
        self._headers = headers
        self._scope = scope
        self._value = value

    @property
    def query(self) -> Mapping[str, list[str]]:
        """The query parameters, each with its values in order. Raises Invalid if they cannot be read."""
        raw: bytes = self._scope["query_string"]
        try:
            found = parse_qs(
                raw.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MOST_QUERY_PARAMETERS
            )
        except ValueError:
            raise Invalid([Fault(("query",), FaultKind.BAD_VALUE, "the query cannot be read")]) from None
        if any("\0" in text for name, values in found.items() for text in (name, *values)):
            raise Invalid([Fault(("query",), FaultKind.BAD_VALUE, "the query contains the character NUL")])
        return found

    @property
    def fingerprint(self) -> str:
        """A hash of method, path and parsed body; the same for any order of members, spacing, and `1.0` for `1`."""
        request = f"{self._scope['method']} {self._scope['path'].rstrip('/')}\n".encode()
        return blake2b(request + _canonical(_same_numbers(self._value)), digest_size=16).hexdigest()

    @property
    def idempotency(self) -> IdempotencyKey | None:
        """The `Idempotency-Key` of the call with its fingerprint. Raises Invalid for a malformed one."""
        key = read_key(self._headers)
        return None if key is None else IdempotencyKey(key, self.fingerprint)

    @property
    def headers(self) -> Headers:
        """The header fields by lower-case name."""
        return self._headers

    def header(self, name: bytes) -> str | None:
        """A header field by its lower-case name."""
        found = self._headers.get(name)
        return None if found is None else found.decode("latin-1")


def _same_numbers(value: JsonValue) -> JsonValue:
    """The value with every number written in one way only."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        same = value.copy()
        for name, inner in value.items():
            if not isinstance(inner, str):
                same[name] = _same_numbers(inner)
        return same
    if isinstance(value, Decimal):
        whole = int(value)
        return whole if whole == value else value.normalize()
    if isinstance(value, list):
        return [_same_numbers(inner) for inner in value]
    return value


_JSON = (b"content-type", b"application/json")
_ONLY_JSON: HeaderFields = (_JSON,)
