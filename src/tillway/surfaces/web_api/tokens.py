"""The tokens of the web payments API: JWTs (RFC 7519) for an hour of calls, and what fetches the next pair."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Final

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from tillway.commands import logins
from tillway.commands.tools import Tools
from tillway.domain.clients import Client
from tillway.domain.ids import ClientId
from tillway.domain.renewals import Renewal
from tillway.domain.schedules import DAY, HOUR
from tillway.queries.gathering import Gathering
from tillway.store.finding import find_renewals

LASTS: Final = HOUR
GRACE: Final = HOUR
"""How much longer than its own end a token is good once it was renewed: known clients go on using the old one."""

REFRESH_LASTS: Final = DAY
LONGEST_TOKEN: Final = 1000
MOST_CACHED: Final = 50_000

_ALGORITHM = "HS256"
_REFRESH = "web refresh"
_SECOND = 1_000_000


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A token that we made: whose it is, and when it ends (microseconds UTC)."""

    id: str
    client_id: ClientId
    ends_at: int


class Tokens:
    """Makes tokens and reads them; one that was read before is known again by its digest, without the library."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._key = OctKey.import_key(tools.vault.access_token_key)
        self._read: dict[bytes, AccessToken] = {}
        self._renewals = Gathering(self._find_renewals)

    def pair(self, client: Client, now: int) -> tuple[str, str]:
        """A fresh access token and its refresh token."""
        issued = now // _SECOND
        claims = {"sub": client.id, "jti": self._tools.ids.make(now), "iat": issued, "exp": issued + LASTS // _SECOND}
        access = jwt.encode({"alg": _ALGORITHM, "typ": "JWT"}, claims, self._key)
        return access, self._tools.vault.sign_token(_REFRESH, client.id, now + REFRESH_LASTS)

    async def read(self, text: str, now: int) -> AccessToken | None:
        """The token, if it is one of ours and still good at `now`, by itself or because it was renewed."""
        digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
        token = self._read.get(digest)
        if token is None:
            token = self._verified(text)
            if token is None:
                return None
            if len(self._read) >= MOST_CACHED:
                self._read.clear()
            self._read[digest] = token
        if now < token.ends_at:
            return token
        if now < token.ends_at + GRACE:
            renewal = await self._renewals.find(token.id)
            if renewal is not None and now < renewal.ends_at:
                self._read[digest] = replace(token, ends_at=renewal.ends_at)
                return self._read[digest]
        return None

    async def renew(self, token: AccessToken, refresh: str, client: Client, now: int) -> tuple[str, str] | None:
        """The next pair of a client whose access token is good; None if the refresh token is not."""
        if self._tools.vault.read_token(_REFRESH, refresh[:LONGEST_TOKEN], now) != client.id:
            return None
        await logins.renew(self._tools, token.id, client.id, token.ends_at + GRACE)
        return self.pair(client, now)

    def _verified(self, text: str) -> AccessToken | None:
        try:
            claims = jwt.decode(text, self._key, algorithms=[_ALGORITHM]).claims
        except (JoseError, ValueError, TypeError):
            return None
        return AccessToken(claims["jti"], ClientId(claims["sub"]), claims["exp"] * _SECOND)

    async def _find_renewals(self, token_ids: list[str]) -> Mapping[str, Renewal]:
        return {one.token_id: one for one in await self._tools.store.read(find_renewals(token_ids))}
