"""How the payment orders API speaks: its credentials, its envelope, and what its document says of it."""

from collections.abc import Sequence
from typing import Final

from starlette.types import Scope

from tillway.domain.clients import Client
from tillway.domain.refusals import Overloaded, Refusal
from tillway.surfaces.common.call import Reply
from tillway.surfaces.common.dialect import About, Parameter, RefusalEntry
from tillway.surfaces.common.faults import Fault
from tillway.surfaces.common.reading import BodyRules, Headers
from tillway.surfaces.order_api import auth, errors
from tillway.surfaces.order_api.auth import Credentials
from tillway.surfaces.order_api.codes import Code
from tillway.surfaces.order_api.errors import told

ABOUT: Final = About(
    title="Payment orders",
    version="2.0",
    introduction=(
        "Be paid from your customers' bank accounts. Fetch an access token, open an order, send the payer to its "
        "`link`, and learn what became of it by a webhook or by asking.\n\n"
        "Every call carries `Authorization: Bearer` with a token, which is good for five minutes. Every answer has "
        "`meta.status`: `SUCCESS` comes with `data`, `ERROR` with `errors`, one for each fault of the request. "
        "Amounts are numbers in the major unit of their currency, moments are UTC. A member that is `null`, or an "
        "optional one that is empty, counts as not given; members that no call knows are ignored.\n\n"
        "`instructionId` is your own name for a payment or a refund. Asked for again with the same content while it is "
        "open, the same order is answered, so a call that got no answer can be repeated."
    ),
    security_schemes={"accessToken": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
    credentials=auth.EXAMPLES,
    error_schema={
        "type": "object",
        "required": ["meta", "errors"],
        "properties": {
            "meta": {
                "type": "object",
                "required": ["status"],
                "properties": {"status": {"const": "ERROR"}},
            },
            "errors": {
                "type": "array",
                "minItems": 1,
                "items": {
                    "type": "object",
                    "required": ["code", "title"],
                    "properties": {
                        "code": {"type": "string", "enum": [code.value for code in Code]},
                        "title": {"type": "string", "description": "For people; may change."},
                        "detail": {"type": "string", "description": "The member and the rule it breaks."},
                    },
                },
            },
        },
    },
    parameters={
        "orderId": Parameter("The order, as its creation answered it.", "019a9f1e-7c1a-7b52-8f6e-2f1d3c4b5000"),
        "paymentId": Parameter("The payment.", "019a9f1e-7c1a-7b52-8f6e-2f1d3c4b5001"),
        "refundId": Parameter("The refund, as its creation answered it.", "019a9f1e-7c1a-7b52-8f6e-2f1d3c4b5801"),
    },
    faults=errors.FAULTS,
)


class OrderDialect:
    """The dialect of the payment orders document: `{"meta": {"status"}, "data" | "errors"}`."""

    name = "payment-orders"
    about = ABOUT
    body_rules = BodyRules()

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials

    async def authenticate(self, headers: Headers, scope: Scope) -> Client | Reply:
        """The client whose token the call carries, or 401."""
        return await self._credentials.of_orders(headers, scope)

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
        """Every fault."""
        return errors.invalid(faults)

    def not_found(self) -> Reply:
        """There is no such path."""
        return told(404, Code.NOT_FOUND, "There is nothing at this path.")

    def method_not_allowed(self, allowed: Sequence[str]) -> Reply:
        """The path has other methods."""
        return told(405, Code.METHOD_NOT_ALLOWED, f"This path takes {', '.join(allowed)}.")

    def too_large(self) -> Reply:
        """The body is larger than 64 KiB."""
        return told(413, Code.PAYLOAD_TOO_LARGE, f"A body has at most {self.body_rules.most_bytes} bytes.")

    def unsupported_media_type(self) -> Reply:
        """The body is not JSON."""
        return told(415, Code.UNSUPPORTED_MEDIA_TYPE, "Send the body as JSON, in UTF-8, not compressed.")

    def timed_out(self) -> Reply:
        """The body did not arrive in time."""
        return told(408, Code.REQUEST_TIMEOUT, "The body did not arrive in time.")

    def overloaded(self, retry_after_seconds: int) -> Reply:
        """Too much is waiting."""
        return told(503, Code.SERVICE_UNAVAILABLE, Overloaded.message())

    def crashed(self, request_id: str) -> Reply:
        """Our mistake."""
        title = f"Something went wrong on our side; it is noted under {request_id}."
        return told(500, Code.INTERNAL_SERVER_ERROR, title)
