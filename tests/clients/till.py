"""A till: a client of the gift-card API that was written from its public document alone."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import aiohttp

Json = dict[str, Any]

JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: `text` is the body as it was sent."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def body(self) -> Json:
        """The body as parsed, with every number that has a point exact."""
        return json.loads(self.text, parse_float=Decimal)

    @property
    def error(self) -> int | None:
        """The number of the refusal; None for anything but a 400."""
        return self.body["error"] if self.status == 400 else None

    @property
    def is_replayed(self) -> bool:
        """Whether the call had happened before, under the same key."""
        return self.headers.get("Idempotency-Replayed") == "true"


Witness = Callable[[str, str, Answer], None]
"""Is told the method and the path of a call, and its answer."""


@dataclass(frozen=True, slots=True)
class Till:
    """Speaks the gift-card API at `url` with one client's credentials; a `witness` is shown every answer."""

    session: aiohttp.ClientSession = field(repr=False)
    url: str
    client_id: str
    secret: str = field(repr=False)
    witness: Witness | None = field(default=None, repr=False)

    async def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        key: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """One request. `body` is sent as it is if it is bytes, as JSON otherwise; None sends none."""
        sent = {"x-client-id": self.client_id, "x-client-secret": self.secret}
        data: bytes | None = None
        if body is not None:
            sent["content-type"] = JSON
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
        if key is not None:
            sent["idempotency-key"] = key
        sent |= headers or {}
        async with self.session.request(method, self.url + path, data=data, headers=sent) as response:
            answer = Answer(response.status, response.headers, await response.text())
        if self.witness is not None:
            self.witness(method, path, answer)
        return answer

    async def create(self, amount: object, *, key: str | None = None, **members: object) -> Answer:
        """Create a payment that the till performs itself, unless `accessMode` says otherwise."""
        return await self.call("POST", "/v1/payments", {"amount": amount, "accessMode": "api"} | members, key=key)

    async def open(self, amount: object, **members: Any) -> str:
        """Create a payment as `create` does, and answer its id."""
        answer = await self.create(amount, **members)
        assert answer.status == 200, answer
        return answer.body["paymentId"]

    async def verify(self, payment_id: str) -> Answer:
        """How a payment stands."""
        return await self.call("GET", f"/v1/payments/{payment_id}")

    async def perform(self, payment_id: str, *cards: Json, key: str | None = None, **members: object) -> Answer:
        """Take what is due from cards."""
        return await self.call("POST", f"/v1/payments/{payment_id}/perform", {"cards": list(cards), **members}, key=key)

    async def abort(self, payment_id: str, *, key: str | None = None) -> Answer:
        """Give a payment up."""
        return await self.call("POST", f"/v1/payments/{payment_id}/abort", key=key)

    async def refund(self, payment_id: str, amount: object = None, *, key: str | None = None) -> Answer:
        """Give money back: without an amount, all that is left."""
        body = None if amount is None else {"amount": amount}
        return await self.call("POST", f"/v1/payments/{payment_id}/refunds", body, key=key)

    async def balance(self, number: str, **members: object) -> Answer:
        """What a card is good for."""
        return await self.call("POST", "/v1/cards/balance", {"cardNumber": number, **members})

    async def operation(self, key: str) -> Answer:
        """What became of a call."""
        return await self.call("GET", f"/v1/operations/{quote(key, safe='')}")


def card(number: str, amount: object = None, cvc: str | None = None) -> Json:
    """A card as perform takes it."""
    members = {"cardNumber": number, "amount": amount, "cvc": cvc}
    return {name: value for name, value in members.items() if value is not None}
