"""The sandbox's helper calls: what an integrator's automated tests need and production never has."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field
from starlette.types import Scope

from tillway.commands import clock as clocks
from tillway.commands.tools import ShiftedClock, Tools
from tillway.domain.hook_refusals import ClientWithoutHooks, HookUrlRefused, TooManyHooks
from tillway.domain.refusals import ClientUnknown, NotInThatState, Overloaded, PaymentUnknown, Refusal
from tillway.surfaces.common.api import Endpoint
from tillway.surfaces.common.call import Call, Reply
from tillway.surfaces.common.dialect import About, Parameter, RefusalEntry
from tillway.surfaces.common.faults import Fault
from tillway.surfaces.common.moments import iso_moment
from tillway.surfaces.common.reading import BodyRules, Headers
from tillway.surfaces.sandbox import hooking

PREFIX: Final = "/sandbox/v1"
FARTHEST_SECONDS = 366 * 86_400


_PAYMENT_ID: Final = "01a1f993-28bf-7e78-a3b3-e32d35a8e001"


class AdvanceRequest(BaseModel):
    """How much time is to pass."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)

    seconds: Annotated[int, Field(ge=1, le=FARTHEST_SECONDS, examples=[3600])]


class Advanced(BaseModel):
    """The time it is now."""

    now: str


class HelperRefused(Refusal):
    """There is nothing that this call could do with the payment; the message says why."""

    def __init__(self, why: str) -> None:
        super().__init__()
        self.why = why

    def __str__(self) -> str:
        return self.why


class SandboxDialect:
    """The helpers' dialect: no credentials, and `{"message": text}` for whatever is at fault."""

    name = "sandbox"
    body_rules = BodyRules()
    about = About(
        title="Sandbox helpers",
        version="1.0",
        introduction="Calls that move the sandbox along. A production gateway does not have them.",
        security_schemes={},
        credentials=(),
        parameters={"id": Parameter("The payment's id: what the web payments API calls its reference.", _PAYMENT_ID)},
        error_schema={"type": "object", "required": ["message"], "properties": {"message": {"type": "string"}}},
        faults=(RefusalEntry(400, "", "A member is missing or wrong.", {"message": "seconds: Field required"}),),
    )

    async def authenticate(self, headers: Headers, scope: Scope) -> None:
        """Everybody may."""

    def client_of(self, caller: None) -> str:
        """Nobody in particular."""
        return ""

    def entry_of(self, refusal: type[Refusal]) -> RefusalEntry:
        """The status of a refusal, with its message."""
        return RefusalEntry(_STATUSES[refusal], "", refusal.message(), {"message": refusal.message()})

    def refused(self, refusal: Refusal) -> Reply:
        """The refusal's message."""
        return told(_STATUSES.get(type(refusal), 400), str(refusal))

    def invalid(self, faults: Sequence[Fault]) -> Reply:
        """Every fault."""
        return told(400, "; ".join(f"{fault.member or 'body'}: {fault.message}" for fault in faults))

    def not_found(self) -> Reply:
        """There is no such path."""
        return told(404, "There is nothing at this path.")

    def method_not_allowed(self, allowed: Sequence[str]) -> Reply:
        """The path has other methods."""
        return told(405, f"This path takes {', '.join(allowed)}.")

    def too_large(self) -> Reply:
        """The body is larger than 64 KiB."""
        return told(413, f"A body has at most {self.body_rules.most_bytes} bytes.")

    def unsupported_media_type(self) -> Reply:
        """The body is not JSON."""
        return told(415, "Send the body as application/json, in UTF-8, not compressed.")

    def timed_out(self) -> Reply:
        """The body did not arrive in time."""
        return told(408, "The body did not arrive in time.")

    def overloaded(self, retry_after_seconds: int) -> Reply:
        """Too much is waiting."""
        return told(503, Overloaded.message())

    def crashed(self, request_id: str) -> Reply:
        """Our mistake."""
        return told(500, f"Something went wrong on our side; it is noted under {request_id}.")


def endpoints(tools: Tools, clock: ShiftedClock) -> tuple[Endpoint[Any, Any], ...]:
    """The table of helper calls."""

    async def advance(call: Call[AdvanceRequest, None]) -> Reply:
        now = await clocks.advance(tools, clock, call.body.seconds)
        return Reply.json(200, {"now": iso_moment(now)})

    return (
        Endpoint(
            name="advanceClock",
            method="POST",
            path="/sandbox/v1/clock/advance",
            summary="Let time pass",
            description="Payments expire, retries fall due and look-ups happen as if the time had really passed.",
            handler=advance,
            request=AdvanceRequest,
            answer=Advanced,
            public=True,
        ),
        hooking.endpoint(tools),
    )


_STATUSES: Final[Mapping[type[Refusal], int]] = {
    PaymentUnknown: 404,
    NotInThatState: 409,
    HelperRefused: 409,
    ClientUnknown: 404,
    ClientWithoutHooks: 400,
    HookUrlRefused: 400,
    TooManyHooks: 409,
}


def told(status: int, message: str) -> Reply:
    """An answer that says what is at fault."""
    return Reply.json(status, {"message": message})
