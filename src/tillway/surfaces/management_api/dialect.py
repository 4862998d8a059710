"""How the management API speaks: a bearer token, and `{"error": word, "message": text}` for whatever is at fault."""

from collections.abc import Mapping, Sequence
from typing import Final

from starlette.types import Scope

from tillway.commands.tools import Clock
from tillway.domain.clients import Client, Surface
from tillway.domain.refusals import CredentialsRefused, NoticeUnknown, Overloaded, Refusal
from tillway.queries.registry import Registry
from tillway.surfaces.common.call import Reply
from tillway.surfaces.common.dialect import About, Parameter, RefusalEntry
from tillway.surfaces.common.faults import Fault
from tillway.surfaces.common.reading import BodyRules, Headers

LONGEST_TOKEN: Final = 300

ABOUT: Final = About(
    title="Management",
    version="1.0",
    introduction=(
        "For the people who run the gateway: what happened, in order, and what is still to be told to whom.\n\n"
        "The event log is read by cursor: ask for what comes `after` the last event you have seen. An event is listed "
        "a minute after it happened, so that none slips in behind a cursor. Amounts are in minor units."
    ),
    security_schemes={"token": {"type": "http", "scheme": "bearer"}},
    credentials=(("authorization", "Bearer YOUR-TOKEN"),),
    error_schema={
        "type": "object",
        "required": ["error", "message"],
        "properties": {
            "error": {"type": "string", "description": "A word for programs."},
            "message": {"type": "string", "description": "For people; may change."},
        },
    },
    parameters={"noticeId": Parameter("The notice.", "019a9f1e-7c1a-7b52-8f6e-2f1d3c4b5003")},
    faults=(RefusalEntry(400, "invalid", "A parameter breaks a rule.", {"error": "invalid", "message": "limit"}),),
)

WORDS: Final[Mapping[type[Refusal], tuple[int, str]]] = {
    CredentialsRefused: (401, "unauthorized"),
    NoticeUnknown: (404, "notice_unknown"),
    Overloaded: (503, "overloaded"),
}
"""Status and word of every refusal."""


class ManagementDialect:
    """The dialect of the management API."""

    name = "management"
    about = ABOUT
    body_rules = BodyRules()

    def __init__(self, registry: Registry, clock: Clock) -> None:
        self._registry = registry
        self._clock = clock

    async def authenticate(self, headers: Headers, scope: Scope) -> Client | Reply:
        """The client whose token it is: its id, a point, and its secret."""
        scheme, _, token = headers.get(b"authorization", b"")[:LONGEST_TOKEN].decode("latin-1").partition(" ")
        client_id, _, secret = token.strip().partition(".")
        if scheme.lower() != "bearer":
            secret = ""
        client = await self._registry.authenticate(client_id, secret, Surface.MANAGEMENT, self._clock.now())
        return self.refused(CredentialsRefused()) if client is None else client

    def client_of(self, caller: Client) -> str:
        """The client's id, for logs."""
        return caller.id

    def refused(self, refusal: Refusal) -> Reply:
        """The table's line for the refusal."""
        status, word = WORDS[type(refusal)]
        return _told(status, word, str(refusal))

    def entry_of(self, refusal: type[Refusal]) -> RefusalEntry:
        """The table's line, for the document."""
        status, word = WORDS[refusal]
        return RefusalEntry(status, word, refusal.message(), {"error": word, "message": refusal.message()})

    def invalid(self, faults: Sequence[Fault]) -> Reply:
        """Every fault."""
        return _told(400, "invalid", "; ".join(f"{fault.member or 'body'}: {fault.message}" for fault in faults))

    def not_found(self) -> Reply:
        """There is no such path."""
        return _told(404, "not_found", "There is nothing at this path.")

    def method_not_allowed(self, allowed: Sequence[str]) -> Reply:
        """The path has other methods."""
        return _told(405, "method_not_allowed", f"This path takes {', '.join(allowed)}.")

    def too_large(self) -> Reply:
        """The body is larger than 64 KiB."""
        return _told(413, "too_large", f"A body has at most {self.body_rules.most_bytes} bytes.")

    def unsupported_media_type(self) -> Reply:
        """The body is not JSON."""
        return _told(415, "unsupported_media_type", "Send the body as application/json, in UTF-8, not compressed.")

    def timed_out(self) -> Reply:
        """The body did not arrive in time."""
        return _told(408, "timed_out", "The body did not arrive in time.")

    def overloaded(self, retry_after_seconds: int) -> Reply:
        """Too much is waiting."""
        return self.refused(Overloaded())

    def crashed(self, request_id: str) -> Reply:
        """Our mistake."""
        return _told(500, "crashed", f"Something went wrong on our side; it is noted under {request_id}.")


def _told(status: int, word: str, message: str) -> Reply:
    return Reply.json(status, {"error": word, "message": message})
