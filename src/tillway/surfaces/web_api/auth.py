"""Who calls the web payments API: the API key, the tenant key and the access token of one and the same client."""

from datetime import UTC, datetime, timedelta
from typing import Final

from starlette.types import Scope

from tillway.commands.tools import Clock
from tillway.domain.clients import Client, SecretUse, Surface
from tillway.domain.refusals import ClientUnknown, CredentialsRefused
from tillway.queries.registry import Registry
from tillway.surfaces.common.call import Reply
from tillway.surfaces.common.dialect import Door
from tillway.surfaces.common.reading import Headers
from tillway.surfaces.web_api.errors import refused
from tillway.surfaces.web_api.tokens import LONGEST_TOKEN, AccessToken, Tokens

API_KEY: Final = b"x-api-key"
TENANT_KEY: Final = b"x-tenantsecretkey"
AUTHORIZATION: Final = b"authorization"

API_KEY_CHARACTERS: Final = 24
LONGEST_TENANT_KEY: Final = 200

EXAMPLE_API_KEY: Final = "QrCDN6CcXkGOnRiNcZMrpw=="
EXAMPLES: Final = (
    ("x-api-key", EXAMPLE_API_KEY),
    ("x-tenantsecretkey", "YOUR-TENANT-KEY"),
    ("authorization", "Bearer YOUR-AUTH-TOKEN"),
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_SCHEME = "bearer"


class Credentials:
    """Checks the headers of every call."""

    def __init__(self, registry: Registry, tokens: Tokens, clock: Clock) -> None:
        self._registry = registry
        self._tokens = tokens
        self._clock = clock

    async def of_payments(self, headers: Headers, _: Scope) -> Client | Reply:
        """The client whose three credentials these are. All are looked at, whichever is wrong."""
        client = await self._keyed(headers)
        if client is None:
            return _UNKNOWN
        now = self._clock.now()
        tenant_key = headers.get(TENANT_KEY, b"")[:LONGEST_TENANT_KEY].decode("latin-1")
        tenant = await self._registry.authenticate(client.id, tenant_key, Surface.WEB, now, SecretUse.TENANT)
        token = await self.token_of(headers)
        if tenant is None or token is None or token.client_id != client.id:
            return _REFUSED
        return client

    async def of_login(self, headers: Headers, _: Scope) -> Client | Reply:
        """The client whose API key it is."""
        return await self._keyed(headers) or _UNKNOWN

    async def of_renewal(self, headers: Headers, _: Scope) -> Client | Reply:
        """The client whose API key and access token these are."""
        client = await self._keyed(headers)
        if client is None:
            return _UNKNOWN
        token = await self.token_of(headers)
        return client if token is not None and token.client_id == client.id else _REFUSED

    async def token_of(self, headers: Headers) -> AccessToken | None:
        """The access token that a call carries, if it is good."""
        scheme, _, token = headers.get(AUTHORIZATION, b"")[:LONGEST_TOKEN].decode("latin-1").strip().partition(" ")
        if scheme.lower() != _SCHEME:
            return None
        return await self._tokens.read(token.strip(), self._clock.now())

    def login_door(self) -> Door[Client]:
        """How login asks for credentials."""
        return Door(self.of_login, ("apiKey",), EXAMPLES[:1])

    def renewal_door(self) -> Door[Client]:
        """How renew asks for credentials."""
        return Door(self.of_renewal, ("apiKey", "authToken"), (EXAMPLES[0], EXAMPLES[2]))

    async def _keyed(self, headers: Headers) -> Client | None:
        api_key = headers.get(API_KEY, b"")
        if len(api_key) != API_KEY_CHARACTERS:
            return None
        return await self._registry.calling(api_key.decode("latin-1"), Surface.WEB)


def is_timely(timestamp: str, now: int, window: int) -> bool:
    """Whether a timestamp as callers write it (ISO 8601, UTC) is at most `window` microseconds off `now`."""
    try:
        moment = datetime.fromisoformat(timestamp)
        at = ((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - _EPOCH) // _MICROSECOND
    except (ValueError, OverflowError):
        return False
    return abs(at - now) <= window


_UNKNOWN = refused(ClientUnknown())
_REFUSED = refused(CredentialsRefused())
