"""How the pretend banks answer: the standard's messages (`tppMessages`) for whatever is at fault."""

from collections.abc import Sequence

from starlette.types import Scope

from tillway.domain.refusals import Overloaded, Refusal
from tillway.surfaces.common.call import Reply
from tillway.surfaces.common.dialect import About, RefusalEntry
from tillway.surfaces.common.faults import Fault
from tillway.surfaces.common.reading import BodyRules, Headers


def told(status: int, code: str, text: str) -> Reply:
    """An answer that says what is at fault."""
    return Reply.json(status, {"tppMessages": [{"category": "ERROR", "code": code, "text": text}]})


class BankDialect:
    """The dialect of all pretend banks; they ask for no certificate."""

    name = "banks"
    body_rules = BodyRules()
    about = About(
        title="NextGenPSD2 XS2A, payment initiation",
        version="1.3",
        introduction="What the gateway asks of banks.",
        security_schemes={},
        credentials=(),
        error_schema={"type": "object", "properties": {"tppMessages": {"type": "array"}}},
    )

    async def authenticate(self, headers: Headers, scope: Scope) -> None:
        """Everybody may."""

    def client_of(self, caller: None) -> str:
        """Nobody in particular."""
        return ""

    def entry_of(self, refusal: type[Refusal]) -> RefusalEntry:
        """The banks have no refusals of the gateway's."""
        return RefusalEntry(400, "FORMAT_ERROR", refusal.message(), {})

    def refused(self, refusal: Refusal) -> Reply:
        """As `entry_of`."""
        return told(400, "FORMAT_ERROR", str(refusal))

    def invalid(self, faults: Sequence[Fault]) -> Reply:
        """Every fault."""
        return told(
            400, "FORMAT_ERROR", "; ".join(f"{fault.member or 'body'}: {fault.message}" for fault in faults)[:500]
        )

    def not_found(self) -> Reply:
        """There is no such path."""
        return told(404, "RESOURCE_UNKNOWN", "There is nothing at this path.")

    def method_not_allowed(self, allowed: Sequence[str]) -> Reply:
        """The path has other methods."""
        return told(405, "SERVICE_INVALID", f"This path takes {', '.join(allowed)}.")

    def too_large(self) -> Reply:
        """The body is larger than 64 KiB."""
        return told(413, "FORMAT_ERROR", f"A body has at most {self.body_rules.most_bytes} bytes.")

    def unsupported_media_type(self) -> Reply:
        """The body is not JSON."""
        return told(415, "FORMAT_ERROR", "Send the body as application/json, in UTF-8, not compressed.")

    def timed_out(self) -> Reply:
        """The body did not arrive in time."""
        return told(408, "FORMAT_ERROR", "The body did not arrive in time.")

    def overloaded(self, retry_after_seconds: int) -> Reply:
        """Too much is waiting."""
        return told(503, "SERVICE_UNAVAILABLE", Overloaded.message())

    def crashed(self, request_id: str) -> Reply:
        """Our mistake."""
        return told(500, "INTERNAL_SERVER_ERROR", f"Something went wrong on our side; it is noted under {request_id}.")
