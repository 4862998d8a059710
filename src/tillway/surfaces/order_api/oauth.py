"""The token endpoint of the payment orders API: OAuth 2.0's client credentials (RFC 6749), in OAuth's own words."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote_plus

from pydantic import BaseModel, ConfigDict, Field
from starlette.types import Scope

from tillway.commands import logins
from tillway.commands.tools import Tools
from tillway.domain import refusals
from tillway.domain.clients import Client, Grant, Surface
from tillway.domain.ids import ClientId
from tillway.domain.refusals import LoginRefused, Refusal, TooManyLogins
from tillway.queries.registry import Registry
from tillway.surfaces.common.call import Call, Reply
from tillway.surfaces.common.dialect import About, RefusalEntry
from tillway.surfaces.common.faults import Fault
from tillway.surfaces.common.limits import neighbourhood
from tillway.surfaces.common.reading import BodyRules, Headers
from tillway.surfaces.order_api.auth import AUTHORIZATION, REFUNDS
from tillway.surfaces.order_api.tokens import LASTS_SECONDS, Tokens

GRANT_TYPE: Final = "client_credentials"
USUAL_SCOPE: Final = "profile email"
KNOWN_SCOPES: Final = frozenset({"openid", "profile", "email", REFUNDS})

LONGEST_CLIENT_ID: Final = 100
LONGEST_SECRET: Final = 500
_LONGEST_BASIC = 2 * (LONGEST_CLIENT_ID + LONGEST_SECRET)
_SECOND = 1_000_000
_CHALLENGE = (b"www-authenticate", b'Basic realm="payment orders", charset="UTF-8"')


class TokenRequest(BaseModel):
    """The fields of the form."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)

    grant_type: str = Field(examples=[GRANT_TYPE], description="Always `client_credentials`.")
    client_id: str = Field("", examples=["YOUR-CLIENT-ID"], description="Unless it comes by HTTP Basic.")
    client_secret: str = Field(
        "", examples=["YOUR-CLIENT-SECRET"], description="Unless it comes by HTTP Basic.", repr=False
    )
    scope: str = Field("", description="`refunds` for a token that is good for refunds too, if you were granted that.")


class TokenAnswer(BaseModel):
    """A token for five minutes of calls."""

    access_token: str
    expires_in: int = Field(description="Seconds.", examples=[LASTS_SECONDS])
    refresh_expires_in: int = Field(examples=[0])
    token_type: str = Field(examples=["Bearer"])
    not_before_policy: int = Field(serialization_alias="not-before-policy", examples=[0])
    scope: str = Field(description="What it is good for, words parted by spaces.", examples=[USUAL_SCOPE])


@dataclass(frozen=True, slots=True)
class _Claim:
    """Who says to be whom."""

    client_id: str
    secret: str


class TokenDesk:
    """The handler of the endpoint."""

    def __init__(self, tools: Tools, registry: Registry, tokens: Tokens) -> None:
        self._tools = tools
        self._registry = registry
        self._tokens = tokens

    async def issue(self, call: Call[TokenRequest, None]) -> Reply:
        """Hand out a token. Whether the client or the secret is wrong, the same is done and the same is said."""
        asked = call.body
        if asked.grant_type != GRANT_TYPE:
            return _UNSUPPORTED
        claim = _claim_of(asked, call.headers)
        if isinstance(claim, Reply):
            return claim
        client = await self._proven(claim, neighbourhood(call.peer))
        wanted = frozenset(asked.scope.split())
        if not wanted <= KNOWN_SCOPES or (REFUNDS in wanted and not client.has(Grant.REFUNDS)):
            return _NO_SUCH_SCOPE
        scope = f"{USUAL_SCOPE} {REFUNDS}" if REFUNDS in wanted else USUAL_SCOPE
        return Reply.json(
            200,
            {
                "access_token": self._tokens.make(client, scope, self._tools.now()),
                "expires_in": LASTS_SECONDS,
                "refresh_expires_in": 0,
                "token_type": "Bearer",
                "not-before-policy": 0,
                "scope": scope,
            },
        )

    async def _proven(self, claim: _Claim, address: str) -> Client:
        """Tries are counted for whatever id is claimed, so that nobody learns by it which of them there are."""
        tools, claimed = self._tools, ClientId(claim.client_id)
        await logins.check_tries(tools, claimed, address)
        client = await self._registry.authenticate(claimed, claim.secret, Surface.ORDER, tools.now())
        if client is None:
            await logins.refuse(tools, claimed, address)
        return client


class TokenDialect:
    """The dialect of OAuth: `{"error", "error_description"}` (RFC 6749, 5.2)."""

    name = "payment-orders-tokens"
    body_rules = BodyRules(most_bytes=16 * 1024, form=True)
    about = About(
        title="Access tokens",
        version="2.0",
        introduction="",
        security_schemes={},
        credentials=(),
        error_schema={
            "type": "object",
            "required": ["error", "error_description"],
            "properties": {
                "error": {"type": "string", "description": "For programs; does not change."},
                "error_description": {"type": "string", "description": "For people; may change."},
            },
        },
        faults=(RefusalEntry(400, "invalid_request", "The form says something twice, or lacks `grant_type`.", {}),),
    )

    async def authenticate(self, headers: Headers, scope: Scope) -> Client | Reply:
        """The form itself carries the credentials."""
        return _UNPROVEN

    def client_of(self, caller: Client) -> str:
        """The client's id, for logs."""
        return caller.id

    def refused(self, refusal: Refusal) -> Reply:
        """The table's line for the refusal."""
        reply = _line(type(refusal))
        if isinstance(refusal, TooManyLogins):
            return reply.with_header(b"retry-after", b"%d" % max(-(-refusal.wait // _SECOND), 1))
        return reply

    def entry_of(self, refusal: type[Refusal]) -> RefusalEntry:
        """The table's line, for the document."""
        status, error, description = TABLE[refusal]
        return entry(status, error, description)

    def invalid(self, faults: Sequence[Fault]) -> Reply:
        """The first fault: this dialect tells of one at a time."""
        fault = faults[0]
        member = f"{fault.member}: " if fault.member else ""
        return _told(400, "invalid_request", f"{member}{fault.message}")

    def not_found(self) -> Reply:
        """There is no such path."""
        return _told(404, "invalid_request", "There is nothing at this path.")

    def method_not_allowed(self, allowed: Sequence[str]) -> Reply:
        """The path has other methods."""
        return _told(405, "invalid_request", f"This path takes {', '.join(allowed)}.")

    def too_large(self) -> Reply:
        """The body is larger than 16 KiB."""
        return _told(413, "invalid_request", f"A body has at most {self.body_rules.most_bytes} bytes.")

    def unsupported_media_type(self) -> Reply:
        """The body is not a form."""
        return _told(415, "invalid_request", "Send the body as application/x-www-form-urlencoded, not compressed.")

    def timed_out(self) -> Reply:
        """The body did not arrive in time."""
        return _told(408, "invalid_request", "The body did not arrive in time.")

    def overloaded(self, retry_after_seconds: int) -> Reply:
        """Too much is waiting."""
        return _told(503, "temporarily_unavailable", refusals.Overloaded.message())

    def crashed(self, request_id: str) -> Reply:
        """Our mistake."""
        return _told(500, "server_error", f"Something went wrong on our side; it is noted under {request_id}.")


TABLE: Final[Mapping[type[Refusal], tuple[int, str, str]]] = {
    TooManyLogins: (429, "temporarily_unavailable", TooManyLogins.message()),
    LoginRefused: (401, "invalid_client", "The client or its secret is unknown."),
}
"""Status, error and description of every refusal."""


def entry(status: int, error: str, description: str) -> RefusalEntry:
    """A line of the document."""
    return RefusalEntry(status, error, description, {"error": error, "error_description": description})


def _told(status: int, error: str, description: str) -> Reply:
    return Reply.json(status, {"error": error, "error_description": description})


def _line(refusal: type[Refusal]) -> Reply:
    status, error, description = TABLE[refusal]
    reply = _told(status, error, description)
    return reply.with_header(*_CHALLENGE) if status == 401 else reply


UNSUPPORTED: Final = entry(400, "unsupported_grant_type", "`grant_type` should be client_credentials.")
NO_SUCH_SCOPE: Final = entry(400, "invalid_scope", "There is no such scope, or this client was not granted it.")
TWICE: Final = entry(400, "invalid_request", "The secret came twice: in the form and by HTTP Basic.")

_UNSUPPORTED = _told(UNSUPPORTED.status, UNSUPPORTED.code, UNSUPPORTED.message)
_NO_SUCH_SCOPE = _told(NO_SUCH_SCOPE.status, NO_SUCH_SCOPE.code, NO_SUCH_SCOPE.message)
_TWICE = _told(TWICE.status, TWICE.code, TWICE.message)
_UNPROVEN = _line(LoginRefused)


def _claim_of(asked: TokenRequest, headers: Headers) -> _Claim | Reply:
    scheme, _, basic = headers.get(AUTHORIZATION, b"").decode("latin-1").strip().partition(" ")
    claim = _Claim(asked.client_id, asked.client_secret)
    if scheme.lower() == "basic":
        found = _read_basic(basic.strip())
        if asked.client_secret:
            return _TWICE
        if found is None or asked.client_id not in {"", found.client_id}:
            return _UNPROVEN
        claim = found
    bounded = len(claim.client_id) <= LONGEST_CLIENT_ID and len(claim.secret) <= LONGEST_SECRET
    return claim if claim.client_id and claim.secret and bounded else _UNPROVEN


def _read_basic(text: str) -> _Claim | None:
    """Who a header of HTTP Basic names; both parts are url-encoded before they are joined (RFC 6749, 2.3.1)."""
    if len(text) > _LONGEST_BASIC:
        return None
    try:
        client_id, parted, secret = base64.b64decode(text, validate=True).decode().partition(":")
        claim = _Claim(unquote_plus(client_id, errors="strict"), unquote_plus(secret, errors="strict"))
    except (binascii.Error, ValueError):
        return None
    return claim if parted and "\0" not in claim.client_id + claim.secret else None
