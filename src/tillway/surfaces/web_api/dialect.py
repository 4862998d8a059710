"""How the web payments API speaks: its credentials, its lists of errors, and what its document says of it."""

from collections.abc import Sequence
from typing import Final

from starlette.types import Scope

from tillway.domain.clients import Client
from tillway.domain.refusals import Overloaded, Refusal
from tillway.surfaces.common.call import Reply
from tillway.surfaces.common.dialect import About, Parameter, RefusalEntry
from tillway.surfaces.common.faults import Fault
from tillway.surfaces.common.reading import BodyRules, Headers
from tillway.surfaces.web_api import auth, errors
from tillway.surfaces.web_api.auth import Credentials
from tillway.surfaces.web_api.codes import MALFORMED
from tillway.surfaces.web_api.errors import fault_entry, told

ABOUT: Final = About(
    title="Web payments",
    version="1.0",
    introduction=(
        "Take payments in a widget on your own page, or by a link to ours. Log in, initiate a payment, and learn its "
        "outcome by a postback or by asking.\n\n"
        "Every call carries `x-api-key`; calls on payments also `x-tenantsecretkey` and the token of the login. Names "
        "of members may be written in upper or lower case. Dates are UTC. An answer that is not a success lists "
        "`errors`, one for each fault of the body, all at once: 400 if any of them keeps the body from being "
        "understood (1000 to 1002), else 422. `trace` is the request's id, also in `x-request-id`. Errors without a "
        "line in the table have their HTTP status as `code`."
    ),
    security_schemes={
        "apiKey": {"type": "apiKey", "in": "header", "name": "x-api-key"},
        "tenantKey": {"type": "apiKey", "in": "header", "name": "x-tenantsecretkey"},
        "authToken": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
    },
    credentials=auth.EXAMPLES,
    error_schema={
        "anyOf": [
            {
                "type": "object",
                "required": ["errors"],
                "properties": {
                    "errors": {
                        "type": "array",
                        "minItems": 1,
                        "items": {
                            "type": "object",
                            "required": ["code", "message", "propertyName", "trace"],
                            "properties": {
                                "code": {"type": "integer", "description": "For programs; does not change."},
                                "message": {"type": "string", "description": "For people; may change."},
                                "propertyName": {"type": "string", "description": "The member meant, or empty."},
                                "trace": {"type": "string", "description": "The request's id."},
                            },
                        },
                    }
                },
            },
            {"type": "object", "required": ["message"], "properties": {"message": {"const": "Forbidden"}}},
        ]
    },
    parameters={
        "reference": Parameter("The payment, as its initiation answered it.", "019a9f1e-7c1a-7b52-8f6e-2f1d3c4b5001")
    },
    faults=tuple(fault_entry(400, code, message) for code, message in MALFORMED.items()),
)


class WebDialect:
    """The dialect of the web payments document: `{"errors": [{code, message, propertyName, trace}]}`."""

    name = "web-payments"
    about = ABOUT
    body_rules = BodyRules(any_case=True)

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials

    async def authenticate(self, headers: Headers, scope: Scope) -> Client | Reply:
        """The client whom the headers name, or 403 or 401."""
        return await self._credentials.of_payments(headers, scope)

    def client_of(self, caller: Client) -> str:
        """The client's id, for logs: its API key, which is public."""
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
        return _plain(404, "There is nothing at this path.")

    def method_not_allowed(self, allowed: Sequence[str]) -> Reply:
        """The path has other methods."""
        return _plain(405, f"This path takes {', '.join(allowed)}.")

    def too_large(self) -> Reply:
        """The body is larger than 64 KiB."""
        return _plain(413, f"A body has at most {self.body_rules.most_bytes} bytes.")

    def unsupported_media_type(self) -> Reply:
        """The body is not JSON."""
        return _plain(415, "Send the body as JSON, in UTF-8, not compressed.")

    def timed_out(self) -> Reply:
        """The body did not arrive in time."""
        return _plain(408, "The body did not arrive in time.")

    def overloaded(self, retry_after_seconds: int) -> Reply:
        """Too much is waiting."""
        return _plain(503, Overloaded.message())

    def crashed(self, request_id: str) -> Reply:
        """Our mistake."""
        return _plain(500, f"Something went wrong on our side; it is noted under {request_id}.")


def _plain(status: int, message: str) -> Reply:
    """An answer about HTTP itself: its status is its code."""
    return told(status, (status, message, ""))
