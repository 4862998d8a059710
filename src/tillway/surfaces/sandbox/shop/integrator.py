"""The shop's side of the web payments API, written from its documentation: credentials, five calls, nothing of ours."""

import base64
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final, Protocol
from urllib.parse import quote

import msgspec
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

LOGIN: Final = "/authenticationapi/v1/login"
RENEW: Final = "/authenticationapi/v1/renew"
PAYMENTS: Final = "/paymentapi/v1/payments"

RENEW_AFTER_SECONDS: Final = 50 * 60
"""A token is good for an hour: a fresh one is fetched before that is over."""

_UNAUTHORIZED = 401


class Exchange(Protocol):
    """One request over HTTP: the status and the body of its answer; None if none came."""

    async def __call__(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, bytes] | None: ...


@dataclass(frozen=True, slots=True)
class Keys:
    """What an integrator is given; `api_secret` is an RSA public key in PEM."""

    api_key: str
    api_secret: str = field(repr=False)
    tenant_key: str = field(repr=False)
    signing_secret: str = field(repr=False)


class Refused(Exception):
    """The gateway said no, or nothing: `status` is 0 then. `answer` is its body as it came."""

    def __init__(self, call: str, status: int, answer: str) -> None:
        super().__init__(call, status)
        self.call = call
        self.status = status
        self.answer = answer


@dataclass(slots=True)
class _Token:
    access: str
    renewing: str
    fetched_at: int


class Integrator:
    """Calls the web payments API at `url`; `now` tells microseconds since 1970, UTC. Every call raises Refused."""

    def __init__(self, url: str, keys: Keys, exchange: Exchange, now: Callable[[], int]) -> None:
        self._url = url
        self._keys = keys
        self._exchange = exchange
        self._now = now
        self._token: _Token | None = None

    async def initiate(self, purchase: Mapping[str, Any], *, by_link: bool) -> dict[str, Any]:
        """A payment for the widget, or one whose link is sent to the payer."""
        return await self._called("POST", f"{PAYMENTS}/{'weblink' if by_link else 'web'}", purchase)

    async def look(self, reference: str) -> dict[str, Any]:
        """How a payment stands."""
        return await self._called("GET", f"{PAYMENTS}/{quote(reference, safe='')}")

    async def refund(self, reference: str, amount: Decimal | None, postback_url: str) -> dict[str, Any]:
        """Give `amount` back, or with None all that is left."""
        payment = f"{PAYMENTS}/{quote(reference, safe='')}"
        if amount is None:
            return await self._called("PUT", f"{payment}/refund", {"postbackUrl": postback_url})
        return await self._called("POST", f"{payment}/refunds", {"amount": amount, "postbackUrl": postback_url})

    async def _called(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """One call with a token that is still good; one that is refused all the same is replaced, once."""
        headers = {"x-tenantsecretkey": self._keys.tenant_key}
        try:
            return await self._asked(method, path, headers | {"authorization": await self._bearer()}, body)
        except Refused as refused:
            if refused.status != _UNAUTHORIZED:
                raise
        self._token = None
        return await self._asked(method, path, headers | {"authorization": await self._bearer()}, body)

    async def _bearer(self) -> str:
        token = self._token
        if token is not None and self._now() - token.fetched_at >= RENEW_AFTER_SECONDS * 1_000_000:
            token = await self._renewed(token)
        if token is None:
            token = self._kept(await self._asked("POST", LOGIN, {}, proof(self._keys, self._now())))
        self._token = token
        return f"Bearer {token.access}"

    async def _renewed(self, token: _Token) -> _Token | None:
        """A fresh pair for an old one; None if there is none to be had, so that we log in again."""
        headers, body = {"authorization": f"Bearer {token.access}"}, {"refreshToken": token.renewing}
        try:
            return self._kept(await self._asked("POST", RENEW, headers, body))
        except Refused:
            return None

    def _kept(self, answer: Mapping[str, Any]) -> _Token:
        return _Token(str(answer.get("authToken", "")), str(answer.get("refreshToken", "")), self._now())

    async def _asked(
        self, method: str, path: str, headers: Mapping[str, str], body: Mapping[str, Any] | None
    ) -> dict[str, Any]:
        sent = b"" if body is None else _write(body)
        common = {"x-api-key": self._keys.api_key, "content-type": "application/json"}
        answered = await self._exchange(method, self._url + path, {**common, **headers}, sent)
        status, text = answered or (0, b"")
        try:
            read = msgspec.json.decode(text, type=dict[str, Any])
        except msgspec.DecodeError:
            read = None
        if read is None or not 200 <= status < 300:
            raise Refused(f"{method} {path}", status, text.decode("utf-8", "replace"))
        return read


def proof(keys: Keys, now: int) -> dict[str, str]:
    """The body of a login at `now`: only who has the API secret could have made it.

    The SHA-256 of the API key and the timestamp, as 64 hexadecimal characters, under the public key (RSAES-PKCS1-v1_5).
    """
    moment = datetime.fromtimestamp(now / 1_000_000, UTC)
    timestamp = f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"
    digest = hashlib.sha256(f"{keys.api_key}_{timestamp}".encode()).hexdigest()
    key = load_pem_public_key(keys.api_secret.encode())
    assert isinstance(key, RSAPublicKey)
    signature = base64.b64encode(key.encrypt(digest.encode(), PKCS1v15())).decode()
    return {"apikey": keys.api_key, "timestamp": timestamp, "signature": signature}


_write = msgspec.json.Encoder(decimal_format="number").encode
