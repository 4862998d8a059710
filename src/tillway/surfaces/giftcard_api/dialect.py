"""How the gift-card API speaks: its credentials, its answers to what is at fault, and what its document says of it."""

from collections.abc import Sequence
from typing import Final

from starlette.types import Scope

from tillway.commands.tools import Clock
from tillway.domain.clients import Client
from tillway.domain.refusals import Overloaded, Refusal
from tillway.queries.registry import Registry
from tillway.surfaces.common.call import Reply
from tillway.surfaces.common.dialect import About, Parameter, RefusalEntry
from tillway.surfaces.common.faults import Fault
from tillway.surfaces.common.reading import BodyRules, Headers
from tillway.surfaces.giftcard_api import auth, errors
from tillway.surfaces.giftcard_api.errors import MISSING_DATA, plain

ABOUT: Final = About(
    title="Gift-card payments",
    version="1.0",
    introduction=(
        "Take gift cards at a till or in a shop. A till creates a payment with `accessMode: api` and performs it with "
        "one or more cards; a shop creates one with a `returnUrl` and sends its payer to the page at `url`.\n\n"
        "Money is a JSON number in the major unit of the client's currency. Every refusal is HTTP 400 with an `error` "
        "number; checks stand in the order of the table, and the first that applies is answered.\n\n"
        "Send an `Idempotency-Key` with every call that changes something: the same key and body get the first answer "
        "again for seven days, and a call cut short is taken up where it stopped."
    ),
    security_schemes={
        "clientId": {"type": "apiKey", "in": "header", "name": "x-client-id"},
        "clientSecret": {"type": "apiKey", "in": "header", "name": "x-client-secret"},
    },
    credentials=(("x-client-id", "shop-till"), ("x-client-secret", "YOUR-CLIENT-SECRET")),
    error_schema={
        "type": "object",
        "required": ["message"],
        "properties": {
            "error": {"type": "integer", "description": "The number of the refusal; only with HTTP 400."},
            "message": {"type": "string", "description": "For people; may change."},
        },
    },
    parameters={
        "paymentId": Parameter("The payment, as create answered it.", "019a9f1e-7c1a-7b52-8f6e-2f1d3c4b5001"),
        "idempotencyKey": Parameter("The key that the call was made with.", "till-7-receipt-1042"),
    },
    faults=(
        RefusalEntry(
            400,
            str(MISSING_DATA),
            "A required member is missing, of the wrong type, or breaks a rule; the message names every fault.",
            {"error": MISSING_DATA, "message": "amount: Field required"},
        ),
    ),
)


class GiftCardDialect:
    """The dialect of `spec/gift-card-api`: `{"error": number, "message": text}`."""

    name = "gift-cards"
    about = ABOUT
    body_rules = BodyRules()

    def __init__(self, registry: Registry, clock: Clock) -> None:
        self._registry = registry
        self._clock = clock

    async def authenticate(self, headers: Headers, scope: Scope) -> Client | Reply:
        """The client whom the headers name, or 401."""
        return await auth.authenticate(self._registry, self._clock, headers)

    def client_of(self, caller: Client) -> str:
        """The client's id, for logs."""
        return caller.id

    def refused(self, refusal: Refusal) -> Reply:
        """The table's line for the refusal."""
        return errors.refused(refusal)

    def entry_of(self, refusal: type[Refusal]) -> RefusalEntry:
        """The table's line, for the document."""
        return errors.entry_of(refusal)

    def invalid(self, faults: Sequence[Fault]) -> Reply:
        """950, naming every fault."""
        return errors.invalid(faults)

    def not_found(self) -> Reply:
        """There is no such path."""
        return plain(404, "There is nothing at this path.")

    def method_not_allowed(self, allowed: Sequence[str]) -> Reply:
        """The path has other methods."""
        return plain(405, f"This path takes {', '.join(allowed)}.")

    def too_large(self) -> Reply:
        """The body is larger than 64 KiB."""
        return plain(413, f"A body has at most {self.body_rules.most_bytes} bytes.")

    def unsupported_media_type(self) -> Reply:
        """The body is not JSON."""
        return plain(415, "Send the body as application/json, in UTF-8, not compressed.")

    def timed_out(self) -> Reply:
        """The body did not arrive in time."""
        return plain(408, "The body did not arrive in time.")

    def overloaded(self, retry_after_seconds: int) -> Reply:
        """Too much is waiting."""
        return plain(503, Overloaded.message())

    def crashed(self, request_id: str) -> Reply:
        """Our mistake."""
        return plain(500, f"Something went wrong on our side; it is noted under {request_id}.")
