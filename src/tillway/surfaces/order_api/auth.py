"""Who calls the payment orders API: the client whose access token a call carries."""

from typing import Final

from starlette.types import Scope

from tillway.commands.tools import Clock
from tillway.domain.clients import Client, Grant, Surface
from tillway.domain.refusals import CredentialsMissing, CredentialsRefused, GrantMissing
from tillway.queries.registry import Registry
from tillway.surfaces.common.call import Reply
from tillway.surfaces.common.dialect import Door
from tillway.surfaces.common.reading import Headers
from tillway.surfaces.order_api.errors import refused
from tillway.surfaces.order_api.tokens import LONGEST_TOKEN, Tokens

AUTHORIZATION: Final = b"authorization"
REFUNDS: Final = "refunds"
"""The scope of a token that is good for refunds."""

SCHEMES: Final = ("accessToken",)
EXAMPLES: Final = (("authorization", "Bearer YOUR-ACCESS-TOKEN"),)

_SCHEME = "bearer"


class Credentials:
    """Checks the header of every call."""

    def __init__(self, registry: Registry, tokens: Tokens, clock: Clock) -> None:
        self._registry = registry
        self._tokens = tokens
        self._clock = clock

    async def of_orders(self, headers: Headers, _: Scope) -> Client | Reply:
        """The client whose token it is."""
        found = await self._carried(headers)
        return found if isinstance(found, Reply) else found[0]

    async def of_refunds(self, headers: Headers, _: Scope) -> Client | Reply:
        """The client whose token it is, which has to be good for refunds."""
        found = await self._carried(headers)
        if isinstance(found, Reply):
            return found
        client, scopes = found
        return client if REFUNDS in scopes and client.has(Grant.REFUNDS) else _NOT_GRANTED

    def refund_door(self) -> Door[Client]:
        """How calls on refunds ask for credentials."""
        return Door(self.of_refunds, SCHEMES, EXAMPLES)

    async def _carried(self, headers: Headers) -> tuple[Client, frozenset[str]] | Reply:
        scheme, _, text = headers.get(AUTHORIZATION, b"").decode("latin-1").strip().partition(" ")
        text = text.strip()
        if scheme.lower() != _SCHEME or not text or " " in text:
            return _MISSING
        token = self._tokens.read(text, self._clock.now()) if len(text) <= LONGEST_TOKEN else None
        client = None if token is None else await self._registry.calling(token.client_id, Surface.ORDER)
        return _REFUSED if token is None or client is None else (client, token.scopes)


_CHALLENGE = (b"www-authenticate", b"Bearer")
_MISSING = refused(CredentialsMissing()).with_header(*_CHALLENGE)
_REFUSED = refused(CredentialsRefused()).with_header(*_CHALLENGE)
_NOT_GRANTED = refused(GrantMissing()).with_header(*_CHALLENGE)
