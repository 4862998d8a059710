"""The access tokens of the payment orders API: JWTs (RFC 7519) for five minutes of calls, each with its scope."""

from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from tillway.commands.tools import Tools
from tillway.domain.clients import Client
from tillway.domain.ids import ClientId

LASTS_SECONDS: Final = 300
LONGEST_TOKEN: Final = 1000
MOST_CACHED: Final = 50_000

_ALGORITHM = "HS256"
_AUDIENCE = "payment orders"
"""Tokens of other APIs are made with the same key, and are none of this one's."""

_SECOND = 1_000_000


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A token that we made: whose it is, what it is good for, and when it ends (microseconds UTC)."""

    client_id: ClientId
    scopes: frozenset[str]
    ends_at: int


class Tokens:
    """Makes tokens and reads them; one that was read before is known again by its digest, without the library."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._key = OctKey.import_key(tools.vault.access_token_key)
        self._read: dict[bytes, AccessToken] = {}

    def make(self, client: Client, scope: str, now: int) -> str:
        """A fresh token for what `scope` lists, words parted by spaces."""
        issued = now // _SECOND
        claims = {
            "aud": _AUDIENCE,
            "sub": client.id,
            "scope": scope,
            "jti": self._tools.ids.make(now),
            "iat": issued,
            "exp": issued + LASTS_SECONDS,
        }
        return jwt.encode({"alg": _ALGORITHM, "typ": "JWT"}, claims, self._key)

    def read(self, text: str, now: int) -> AccessToken | None:
        """The token, if it is one of ours and still good at `now`."""
        digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
        token = self._read.get(digest)
        if token is None:
            token = self._verified(text)
            if token is None:
                return None
            if len(self._read) >= MOST_CACHED:
                self._read.clear()
            self._read[digest] = token
        return token if now < token.ends_at else None

    def _verified(self, text: str) -> AccessToken | None:
        try:
            claims = jwt.decode(text, self._key, algorithms=[_ALGORITHM]).claims
        except (JoseError, ValueError, TypeError):
            return None
        if claims.get("aud") != _AUDIENCE:
            return None
        return AccessToken(ClientId(claims["sub"]), frozenset(claims["scope"].split(" ")), claims["exp"] * _SECOND)
