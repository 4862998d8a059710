"""How one API speaks: its credentials, its refusals and its way to say that a request is at fault."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from starlette.types import Scope

from tillway.domain.refusals import Refusal
from tillway.surfaces.common.call import Reply
from tillway.surfaces.common.faults import Fault
from tillway.surfaces.common.reading import BodyRules, Headers

CallerT = TypeVar("CallerT")


@dataclass(frozen=True, slots=True)
class RefusalEntry:
    """One line of a dialect's table of refusals, as its document shows it."""

    status: int
    code: str
    """As callers see it; empty where the dialect gives none."""
    message: str
    body: Mapping[str, object]
    """An example of the whole answer."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a path or a query, as the document shows it."""

    description: str
    example: str


@dataclass(frozen=True, slots=True)
class About:
    """What an API's document says about the API as a whole; blank lines part the introduction's paragraphs."""

    title: str
    version: str
    introduction: str
    security_schemes: Mapping[str, Mapping[str, object]]
    """OpenAPI security schemes by name; a call that is not public needs all of them together."""
    credentials: Sequence[tuple[str, str]]
    """The header fields of an example call that carry the credentials, with pretended values."""
    error_schema: Mapping[str, object]
    """JSON schema of the body of every refusal."""
    parameters: Mapping[str, Parameter] = field(default_factory=dict[str, Parameter])
    """The path parameters by name."""
    faults: Sequence[RefusalEntry] = ()
    """What any call with a body may be answered when the request's form is at fault."""


@dataclass(frozen=True, slots=True)
class Door(Generic[CallerT]):
    """Credentials of a call's own, instead of those that every other call of its API asks for."""

    authenticate: Callable[[Headers, Scope], Awaitable[CallerT | Reply]]
    """As the dialect's."""
    schemes: Sequence[str]
    """Those of the document's security schemes that the call needs together."""
    credentials: Sequence[tuple[str, str]]
    """The header fields of an example call, as in `About`."""


class Dialect(Protocol[CallerT]):
    """What each API implements once; everything else about serving it is common."""

    @property
    def name(self) -> str:
        """For logs and metrics: `gift-cards`."""
        ...

    @property
    def about(self) -> About: ...

    @property
    def body_rules(self) -> BodyRules: ...

    async def authenticate(self, headers: Headers, scope: Scope) -> CallerT | Reply:
        """The caller whom the credentials belong to, or the answer that refuses them."""
        ...

    def client_of(self, caller: CallerT) -> str:
        """The id of the caller for logs; never a secret."""
        ...

    def refused(self, refusal: Refusal) -> Reply:
        """The business says no."""
        ...

    def entry_of(self, refusal: type[Refusal]) -> RefusalEntry:
        """The line of the dialect's table for a refusal, for its document."""
        ...

    def invalid(self, faults: Sequence[Fault]) -> Reply:
        """The request's form is at fault: all faults found, at least one."""
        ...

    def not_found(self) -> Reply:
        """There is no such path."""
        ...

    def method_not_allowed(self, allowed: Sequence[str]) -> Reply:
        """The path has other methods; the `Allow` header is added to the answer."""
        ...

    def too_large(self) -> Reply:
        """The body is larger than `body_rules` allow."""
        ...

    def unsupported_media_type(self) -> Reply:
        """The body is not of a media type that is read."""
        ...

    def timed_out(self) -> Reply:
        """The body did not arrive in time."""
        ...

    def overloaded(self, retry_after_seconds: int) -> Reply:
        """Too much is waiting; the `Retry-After` header is added to the answer."""
        ...

    def crashed(self, request_id: str) -> Reply:
        """We made a mistake; it is in the log under `request_id`."""
        ...
