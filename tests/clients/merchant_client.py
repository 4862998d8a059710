"""A merchant's program for the payment orders API, written from its public documentation and nothing else."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from urllib.parse import quote, quote_plus, urlencode

import aiohttp
import msgspec

from tests.clients.till import Answer, Witness

TOKEN = "/auth/realms/everifin_paygate/protocol/openid-connect/token"
API = "/api/v2"
RECIPIENT = "SK3112000000198742637541"
SHOP = "https://thebesteshopintheworld.com"
ORDER: Mapping[str, object] = {
    "amount": Decimal("1.05"),
    "currency": "EUR",
    "recipientIban": RECIPIENT,
    "recipientName": "The best e-shop in the world",
    "variableSymbol": "0000000001",
    "constantSymbol": "0308",
    "specificSymbol": "0000000003",
    "reference": None,
    "redirectUrl": SHOP,
    "paymentMessage": "Payment for The best eshop",
    "senderEmail": "customer@email.com",
}
"""The document's own example, with an account that has the right check digits."""


@dataclass(slots=True)
class MerchantClient:
    """Speaks the payment orders API at `url` with one client's credentials."""

    session: aiohttp.ClientSession = field(repr=False)
    url: str
    client_id: str
    secret: str = field(repr=False)
    witness: Witness | None = field(default=None, repr=False)
    token: str = field(default="", repr=False)

    async def login(self, scope: str = "") -> Answer:
        """Fetch a token and keep it."""
        fields = {"grant_type": "client_credentials", "client_id": self.client_id, "client_secret": self.secret}
        answer = await self.ask_token(fields | ({"scope": scope} if scope else {}))
        if answer.status == 200:
            self.token = answer.body["access_token"]
        return answer

    async def ask_token(self, fields: Mapping[str, str] | bytes, *, basic: bool = False) -> Answer:
        """Send a form to the token endpoint; `basic` adds the credentials by HTTP Basic."""
        data = fields if isinstance(fields, bytes) else urlencode(fields).encode()
        headers = {"content-type": "application/x-www-form-urlencoded"}
        if basic:
            headers["authorization"] = f"Basic {basic_of(self.client_id, self.secret)}"
        return await self.call("POST", TOKEN, data, headers=headers)

    async def create(self, **members: object) -> Answer:
        """Open an order: the document's example, with these members instead."""
        return await self.call("POST", f"{API}/orders", {**ORDER, **members})

    async def order(self, order_id: str) -> Answer:
        """How an order stands."""
        return await self.call("GET", f"{API}/orders/{quote(order_id, safe='')}")

    async def update(self, order_id: str, method: str = "PATCH", **members: object) -> Answer:
        """Change an order."""
        return await self.call(method, f"{API}/orders/{order_id}", members)

    async def withdraw(self, order_id: str) -> Answer:
        """Give an order up."""
        return await self.call("DELETE", f"{API}/orders/{order_id}")

    async def payment(self, payment_id: str, order_id: str = "") -> Answer:
        """How a payment stands."""
        return await self.call("GET", f"{_room(order_id)}/payments/{quote(payment_id, safe='')}")

    async def process(
        self, payment_id: str, order_id: str = "", headers: Mapping[str, str] | None = None, **values: object
    ) -> Answer:
        """Lead the payer a step further."""
        return await self.call("PATCH", f"{_room(order_id)}/payments/{payment_id}", values, more=headers)

    async def banks(self, country: str = "") -> Answer:
        """The banks to choose from."""
        return await self.call("GET", f"{API}/banks{f'?countryCode={quote(country)}' if country else ''}")

    async def refund(self, order_id: str, amount: object, **members: object) -> Answer:
        """Open a refund."""
        body = {"amount": amount, "currency": "EUR", **members}
        return await self.call("POST", f"{API}/orders/{order_id}/refunds", body)

    async def refunds(self, order_id: str) -> Answer:
        """The refunds of an order."""
        return await self.call("GET", f"{API}/orders/{order_id}/refunds")

    async def refund_detail(self, refund_id: str, order_id: str = "") -> Answer:
        """How a refund stands."""
        return await self.call("GET", f"{_room(order_id)}/refunds/{refund_id}")

    async def process_refund(self, refund_id: str, order_id: str = "", **values: object) -> Answer:
        """Authorise a refund, a step further."""
        return await self.call("PATCH", f"{_room(order_id)}/refunds/{refund_id}", values)

    async def withdraw_refund(self, refund_id: str, order_id: str = "") -> Answer:
        """Give a refund up."""
        return await self.call("DELETE", f"{_room(order_id)}/refunds/{refund_id}")

    async def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        headers: Mapping[str, str] | None = None,
        more: Mapping[str, str] | None = None,
    ) -> Answer:
        """One request with the token, or with these `headers` instead; `more` are added or replace.

        `body` is sent as it is if it is bytes, as JSON otherwise; None sends none.
        """
        sent = {"authorization": f"Bearer {self.token}"} if headers is None else dict(headers)
        data: bytes | None = None
        if body is not None:
            sent.setdefault("content-type", "application/json")
            data = body if isinstance(body, bytes) else _written(body)
        sent |= more or {}
        async with self.session.request(method, self.url + path, data=data, headers=sent) as response:
            answer = Answer(response.status, response.headers, await response.text())
        if self.witness is not None:
            self.witness(method, path, answer)
        return answer


def basic_of(client_id: str, secret: str) -> str:
    """The credentials as HTTP Basic carries them (RFC 6749, 2.3.1)."""
    return base64.b64encode(f"{quote_plus(client_id)}:{quote_plus(secret)}".encode()).decode()


def codes(answer: Answer) -> list[str]:
    """The code of every error that an answer lists."""
    assert answer.body["meta"] == {"status": "ERROR"}
    return [error["code"] for error in answer.body["errors"]]


def members(answer: Answer) -> list[str]:
    """The member that each error's detail names."""
    return [error["detail"].partition(":")[0] for error in answer.body["errors"]]


def _room(order_id: str) -> str:
    return f"{API}/orders/{order_id}" if order_id else API


_written = msgspec.json.Encoder(decimal_format="number").encode
"""A body as JSON; a Decimal as the number that it is, digit for digit."""
