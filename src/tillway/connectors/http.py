"""The connector to an issuer that speaks our own small HTTP protocol (docs/connectors.md)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import quote

import msgspec
import structlog

from tillway.connectors.outbound import Answer, Outbound, Unanswered
from tillway.connectors.protocol import Callback, CallbackRefused, Operation
from tillway.connectors.signatures import Signatures
from tillway.domain.outcomes import Declined, Outcome, Paid, Pending

_PLAIN = (200, 201)
_UNKNOWN = 404

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class HttpIssuer:
    """Where an issuer listens (no slash at the end) and the secret (`whsec_…`) that requests are signed with."""

    url: str
    secret: str = field(repr=False)
    limit_seconds: float = 8.0


class HttpIssuerConnector:
    """Asks one issuer; only an answer that names the operation and says a plain yes or no is taken for one."""

    def __init__(self, issuer: HttpIssuer, outbound: Outbound, wall_clock: Callable[[], float]) -> None:
        self.limit_seconds = issuer.limit_seconds
        self._url = issuer.url
        self._signatures = Signatures(issuer.secret)
        self._outbound = outbound
        self._wall_clock = wall_clock

    async def begin(self, operation: Operation) -> Outcome:
        """Ask for an authorisation; a repeated one answers as the first."""
        members = {"id": operation.id, "card": operation.instrument, **_amount(operation)}
        said = await self._ask("POST", "/authorisations", f"begin-{operation.id}", members)
        return _plain(said, operation.id)

    async def look_up(self, operation: Operation) -> Outcome:
        """Ask how an authorisation stands; one the issuer has never seen is reversed, so that it never happens."""
        path = f"/authorisations/{quote(operation.id)}"
        said = await self._ask("GET", path, f"look-up-{operation.id}", None)
        if said is not None and said.status == _UNKNOWN:
            never = await self.reverse(operation)
            return Declined("issuer_never_received") if isinstance(never, Paid) else Pending()
        return _plain(said, operation.id)

    async def reverse(self, operation: Operation) -> Outcome:
        """Have an authorisation undone, or barred if it never arrived."""
        path = f"/authorisations/{quote(operation.id)}/reversal"
        said = await self._ask("POST", path, f"reverse-{operation.id}", {"id": operation.id, **_amount(operation)})
        return Paid() if _state(said, operation.id) == "reversed" else Pending()

    async def refund(self, operation: Operation, refunded_id: str) -> Outcome:
        """Have all or part of an authorisation given back; a repeated refund answers as the first."""
        path = f"/authorisations/{quote(refunded_id)}/refunds"
        said = await self._ask("POST", path, f"refund-{operation.id}", {"id": operation.id, **_amount(operation)})
        return _plain(said, operation.id)

    def read_callback(self, headers: Mapping[str, str], body: bytes, now: int) -> tuple[Callback, ...]:
        """An issuer is asked and never calls. Raises CallbackRefused."""
        raise CallbackRefused("an issuer of gift cards calls nobody")

    async def _ask(self, method: str, path: str, message: str, members: dict[str, Any] | None) -> Answer | None:
        """The answer, or None without one; `message` names operation and act, and is signed with the body."""
        body = b"" if members is None else msgspec.json.encode(members)
        headers = {
            "Content-Type": "application/json",
            "Accept": "application/json",
            **self._signatures.headers(message, body, self._wall_clock()),
        }
        try:
            return await self._outbound.exchange(
                method, self._url + path, headers, body, limit_seconds=self.limit_seconds
            )
        except Unanswered as error:
            _log.warning("issuer did not answer", message=message, reason=error.reason)
            return None


def _amount(operation: Operation) -> dict[str, Any]:
    return {"amount": operation.amount, "currency": operation.currency}


def _state(answer: Answer | None, identity: str) -> str | None:
    """The state an answer tells of an operation, if it is a plain answer and about that operation."""
    if answer is None or answer.status not in _PLAIN:
        return None
    try:
        said = msgspec.json.decode(answer.body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    if not isinstance(said, dict):
        return None
    told = cast("dict[str, object]", said)
    state = told.get("state")
    return state if told.get("id") == identity and isinstance(state, str) else None


def _plain(answer: Answer | None, identity: str) -> Outcome:
    match _state(answer, identity):
        case "approved":
            return Paid()
        case "declined":
            return Declined("issuer_declined")
        case "reversed":
            return Declined("issuer_reversed")
        case _:
            return Pending()
