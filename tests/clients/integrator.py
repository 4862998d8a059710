"""An integrator's program for the web payments API, written from its public documentation and nothing else."""

import base64
import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from urllib.parse import quote

import aiohttp
import msgspec
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from tests.clients.till import Answer, Witness

AUTHENTICATION = "/authenticationapi/v1"
PAYMENTS = "/paymentapi/v1/payments"
PURCHASE: Mapping[str, object] = {
    "amount": Decimal("10.23"),
    "originUrl": "https://my-webshop.com",
    "returnUrl": "https://my-webshop.com/tickets/paymentcomplete.html",
    "countryCode": "BE",
    "language": "nl",
    "email": "someshopper@gmail.com",
    "postbackUrl": "https://my-webshop.com/envisopayresult",
}
"""The document's own examples of every member."""


@dataclass(slots=True)
class Integrator:
    """Speaks the web payments API at `url` with one client's keys; `now` tells seconds since 1970."""

    session: aiohttp.ClientSession = field(repr=False)
    url: str
    api_key: str
    api_secret: str = field(repr=False)
    tenant_key: str = field(repr=False)
    now: Callable[[], float] = time.time
    witness: Witness | None = field(default=None, repr=False)
    token: str = field(default="", repr=False)
    refresh_token: str = field(default="", repr=False)

    async def login(self) -> Answer:
        """Fetch a token by proving to have the API secret."""
        return self._keeping(await self.call("POST", f"{AUTHENTICATION}/login", self.proof(), headers=self.keyed()))

    async def renew(self) -> Answer:
        """Fetch the next token."""
        headers = self.keyed() | {"authorization": f"Bearer {self.token}"}
        body = {"refreshToken": self.refresh_token}
        return self._keeping(await self.call("POST", f"{AUTHENTICATION}/renew", body, headers=headers))

    async def initiate_web(self, **members: object) -> Answer:
        """Initiate a payment for the widget: the document's example, with these members instead."""
        return await self.call("POST", f"{PAYMENTS}/web", {**PURCHASE, **members})

    async def initiate_weblink(self, **members: object) -> Answer:
        """Initiate a payment by link."""
        return await self.call("POST", f"{PAYMENTS}/weblink", {**PURCHASE, **members})

    async def get(self, reference: str) -> Answer:
        """How a payment stands."""
        return await self.call("GET", f"{PAYMENTS}/{quote(reference, safe='')}")

    async def refund(self, reference: str, **members: object) -> Answer:
        """Give all that is left back."""
        body = {"postbackUrl": PURCHASE["postbackUrl"], **members}
        return await self.call("PUT", f"{PAYMENTS}/{quote(reference, safe='')}/refund", body)

    async def refund_part(self, reference: str, amount: object, **members: object) -> Answer:
        """Give a part back."""
        body = {"postbackUrl": PURCHASE["postbackUrl"], "amount": amount, **members}
        return await self.call("POST", f"{PAYMENTS}/{quote(reference, safe='')}/refunds", body)

    async def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        headers: Mapping[str, str] | None = None,
        more: Mapping[str, str] | None = None,
    ) -> Answer:
        """One request with all credentials, or with these `headers` instead; `more` are added or replace.

        `body` is sent as it is if it is bytes, as JSON otherwise; None sends none.
        """
        sent = dict(self.credentials() if headers is None else headers)
        data: bytes | None = None
        if body is not None:
            sent["content-type"] = "application/json-patch+json"
            data = body if isinstance(body, bytes) else _written(body)
        sent |= {"accept": "text/plain", **(more or {})}
        async with self.session.request(method, self.url + path, data=data, headers=sent) as response:
            answer = Answer(response.status, response.headers, await response.text())
        if self.witness is not None:
            self.witness(method, path, answer)
        return answer

    def keyed(self) -> dict[str, str]:
        """The header that every call has."""
        return {"x-api-key": self.api_key}

    def credentials(self) -> dict[str, str]:
        """The headers that every call on payments has."""
        return self.keyed() | {"x-tenantsecretkey": self.tenant_key, "authorization": f"Bearer {self.token}"}

    def proof(self, at: float | None = None, timestamp: str = "") -> dict[str, str]:
        """The body of a login: the hash of key and timestamp, encrypted with the API secret."""
        moment = datetime.fromtimestamp(self.now() if at is None else at, UTC)
        timestamp = timestamp or f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"
        digest = hashlib.sha256(f"{self.api_key}_{timestamp}".encode()).hexdigest()
        return {"apikey": self.api_key, "timestamp": timestamp, "signature": self.encrypted(digest.encode())}

    def encrypted(self, text: bytes) -> str:
        """A text encrypted with the API secret, in base64."""
        key = load_pem_public_key(self.api_secret.encode())
        assert isinstance(key, RSAPublicKey)
        return base64.b64encode(key.encrypt(text, PKCS1v15())).decode()

    def _keeping(self, answer: Answer) -> Answer:
        if answer.status == 200:
            self.token, self.refresh_token = answer.body["authToken"], answer.body["refreshToken"]
        return answer


def faults(answer: Answer) -> list[tuple[int, str]]:
    """The code and the member of every error that an answer lists."""
    return [(error["code"], error["propertyName"]) for error in answer.body["errors"]]


_written = msgspec.json.Encoder(decimal_format="number").encode
"""A body as JSON; a Decimal as the number that it is, digit for digit."""
