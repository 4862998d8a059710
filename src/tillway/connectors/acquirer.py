"""The connector to an acquirer that shows payers a page of its own and speaks our protocol (docs/connectors.md)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import quote, urlsplit

import msgspec
import structlog

from tillway.connectors.outbound import Answer, Outbound, Unanswered
from tillway.connectors.protocol import Callback, CallbackRefused, Journey, Operation
from tillway.connectors.signatures import Signatures
from tillway.domain.outcomes import Confirmed, Declined, Outcome, Paid, Pending
from tillway.domain.reasons import Reason, reason_of

CALLBACK_MARK = "callback-"
"""What the name of every callback begins with, so that no request of ours can be sent back to us as one."""

LONGEST_CALLBACK = 16 * 1024
LONGEST_ANSWER = 8 * 1024

_PLAIN = (200, 201)
_UNKNOWN = 404
_LONGEST_TEXT = 64
_LONGEST_URL = 2048

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Acquirer:
    """Where an acquirer listens (no slash at the end), and the secret (`whsec_…`) that both sides sign with.

    `pages` is the web origin of its payment pages: payers are sent nowhere else. `callback_url` is where it calls us.
    """

    url: str
    secret: str = field(repr=False)
    pages: str
    callback_url: str
    limit_seconds: float = 8.0


class AcquirerConnector:
    """Asks one acquirer; only an answer that names the operation and says a plain yes or no is taken for one."""

    def __init__(self, acquirer: Acquirer, outbound: Outbound, wall_clock: Callable[[], float]) -> None:
        self.limit_seconds = acquirer.limit_seconds
        self._acquirer = acquirer
        self._signatures = Signatures(acquirer.secret)
        self._outbound = outbound
        self._wall_clock = wall_clock

    async def begin(self, operation: Operation) -> Outcome:
        """Create the payment and learn where the payer has to go; a repeated creation answers how it stands now."""
        journey = operation.journey or Journey("", "")
        members = {
            "id": operation.id,
            "method": operation.method,
            **_amount(operation),
            "return_url": journey.return_url,
            "callback_url": self._acquirer.callback_url,
            "language": journey.language,
            "country": journey.country,
            "email": journey.email,
            "description": journey.description,
        }
        return self._outcome(await self._ask("POST", "/payments", f"begin-{operation.id}", members), operation.id)

    async def look_up(self, operation: Operation) -> Outcome:
        """Ask how a payment stands; one that the acquirer has never seen is cancelled, so that it never happens."""
        said = await self._ask("GET", f"/payments/{quote(operation.id)}", f"look-up-{operation.id}", None)
        if said is not None and said.status == _UNKNOWN:
            never = await self.reverse(operation)
            return Declined(Reason.NEVER_RECEIVED) if isinstance(never, Paid) else Pending()
        return self._outcome(said, operation.id)

    async def reverse(self, operation: Operation) -> Outcome:
        """Have a payment cancelled, or barred if it never arrived; what is paid can only be refunded."""
        path = f"/payments/{quote(operation.id)}/cancellation"
        said = await self._ask("POST", path, f"cancel-{operation.id}", {"id": operation.id})
        match self._outcome(said, operation.id):
            case Declined():
                return Paid()
            case Paid():
                return Declined(Reason.TAKEN)
            case Confirmed() | Pending():
                return Pending()

    async def refund(self, operation: Operation, refunded_id: str) -> Outcome:
        """Have all or part of a payment given back; a repeated refund answers how it stands now."""
        path = f"/payments/{quote(refunded_id)}/refunds"
        members = {"id": operation.id, **_amount(operation)}
        said = await self._ask("POST", path, f"refund-{operation.id}", members)
        return self._outcome(said, operation.id)

    def read_callback(self, headers: Mapping[str, str], body: bytes, now: int) -> tuple[Callback, ...]:
        """What a call from the acquirer tells of a payment or of a refund. Raises CallbackRefused."""
        if len(body) > LONGEST_CALLBACK:
            raise CallbackRefused("too large")
        if not headers.get("webhook-id", "").startswith(CALLBACK_MARK):
            raise CallbackRefused("not a callback")
        if not self._signatures.are_right(headers, body, now / 1_000_000):
            raise CallbackRefused("not signed, or too old")
        told = _members(body)
        about = told.get("payment", told.get("refund")) if told is not None else None
        if not isinstance(about, dict):
            raise CallbackRefused("tells of no payment and of no refund")
        members = cast("dict[str, object]", about)
        identity = members.get("id")
        if not isinstance(identity, str):
            raise CallbackRefused("does not say what it is about")
        return (Callback(identity, self._meant(members)),)

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
                method,
                self._acquirer.url + path,
                headers,
                body,
                limit_seconds=self.limit_seconds,
                longest_answer=LONGEST_ANSWER,
            )
        except Unanswered as error:
            _log.warning("acquirer did not answer", message=message, reason=error.reason)
            return None

    def _outcome(self, answer: Answer | None, identity: str) -> Outcome:
        """What an answer says, if it is a plain one and about this operation."""
        if answer is None or answer.status not in _PLAIN:
            return Pending()
        told = _members(answer.body)
        return self._meant(told) if told is not None and told.get("id") == identity else Pending()

    def _meant(self, told: Mapping[str, object]) -> Outcome:
        reference = _text(told.get("reference"))
        match told.get("state"):
            case "paid":
                return Paid(reference, _text(told.get("scheme")), _text(told.get("mask")))
            case "declined":
                return Declined(reason_of(told.get("reason")), reference)
            case "cancelled":
                return Declined(Reason.CANCELLED, reference)
            case "pending":
                return Pending(reference, self._page(told.get("page_url")))
            case _:
                return Pending()

    def _page(self, url: object) -> str:
        """The page that the payer has to go to; empty if it is not one of the acquirer's."""
        if not isinstance(url, str) or len(url) > _LONGEST_URL or not (url.isascii() and url.isprintable()):
            return ""
        try:
            parts = urlsplit(url)
        except ValueError:
            return ""
        return url if f"{parts.scheme}://{parts.netloc}" == self._acquirer.pages and " " not in url else ""


def _amount(operation: Operation) -> dict[str, Any]:
    return {"amount": operation.amount, "currency": operation.currency}


def _members(body: bytes) -> dict[str, object] | None:
    """The members of a JSON object; None for anything else."""
    try:
        said = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return cast("dict[str, object]", said) if isinstance(said, dict) else None


def _text(said: object) -> str:
    """A short text of theirs that may be kept and shown; anything else is none."""
    return said if isinstance(said, str) and len(said) <= _LONGEST_TEXT and said.isprintable() else ""
