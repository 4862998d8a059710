"""What web shops and their payers do all day: the life of one payment at a time, as a seed tells it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import aiohttp

from tests.campaigns.traffic import Traffic
from tests.clients.integrator import Integrator
from tests.clients.till import Answer

ALREADY = frozenset({409, 410})
"""What a call is answered that had happened, or begun, when it was made again."""


LATE_AFTER_SECONDS = 3600
"""What is paid late is paid after so much of the sandbox's time: later than any campaign's traffic lasts."""


@dataclass(slots=True)
class Purchase:
    """What is known of a web payment by what was answered; `amount` in the major unit."""

    reference: str
    amount: Decimal
    is_paid: bool = False
    refunds: list[str] = field(default_factory=list[str])


@dataclass(slots=True)
class Shopper:
    """One of several payers of a shop, going through purchase after purchase; the sandbox's helpers play the pages."""

    shop: Integrator
    random: Random
    traffic: Traffic
    postback_url: str
    purchases: list[Purchase] = field(default_factory=list[Purchase])

    async def next_purchase(self) -> None:
        """Initiate a payment and do with it what the seed says."""
        amount = Decimal(self.random.randrange(800, 30_000)) / 100
        ((method, outcome),) = self.random.choices(list(_WEIGHTS), list(_WEIGHTS.values()))
        ends = {"expiresOn": _from_now(LATE_AFTER_SECONDS)} if outcome == "paid_late" else {}
        purchase = Purchase(await self._initiate(amount, **ends), amount)
        self.purchases.append(purchase)
        state = await self._help(purchase, "pay", {"method": method, "outcome": outcome})
        if outcome == "pending" and method != "gift_card":
            state = await self._help(purchase, "settle", {"outcome": self.random.choice(("paid", "declined"))})
        elif outcome == "declined" and state == "SEEN":
            state = await self._help(purchase, "pay", {"method": "card", "outcome": "paid"})
        purchase.is_paid = state == "BOOKED"
        if purchase.is_paid and self.random.random() < _GIVEN_BACK:
            await self._give_back(purchase)

    async def _initiate(self, amount: Decimal, **members: str) -> str:
        """For the widget or by link; one whose answer was lost is left behind, as shops do."""
        initiate = self.random.choice((Integrator.initiate_web, Integrator.initiate_weblink))
        answer = await self._ask(
            "initiate",
            lambda shop: initiate(shop, amount=amount, postbackUrl=self.postback_url, countryCode="NL", **members),
        )
        assert answer.status == 200, answer
        return answer.body["paymentReference"]

    async def _give_back(self, purchase: Purchase) -> None:
        """A part, all that is left, or one after the other; a part is so small that asking again never is too much."""
        reference, url = purchase.reference, self.postback_url
        part = (purchase.amount / 16).quantize(Decimal("0.01"))
        asked: list[Callable[[Integrator], Awaitable[Answer]]] = [
            lambda shop: shop.refund_part(reference, part, postbackUrl=url),
            lambda shop: shop.refund(reference, postbackUrl=url),
        ]
        for ask in self.random.choice((asked, asked[:1], asked[1:])):
            answer = await self._ask("refund", ask)
            if answer.status == 202:
                purchase.refunds.append(answer.body["refundReference"])
            elif answer.status not in ALREADY:
                self.traffic.surprises.append(f"a refund was answered {answer.status} {answer.text}")

    async def _help(self, purchase: Purchase, act: str, body: dict[str, str]) -> str:
        """The state that a helper call leads to, or an empty word if it had been made before."""
        path = f"/sandbox/v1/payments/{purchase.reference}/{act}"
        answer = await self._ask(act, lambda shop: _sent(shop.session, shop.url + path, body))
        if answer.status == 200:
            return answer.body["state"]
        if answer.status not in ALREADY:
            self.traffic.surprises.append(f"{act} {body} was answered {answer.status} {answer.text}")
        return ""

    async def _ask(self, what: str, call: Callable[[Integrator], Awaitable[Answer]]) -> Answer:
        return await self.traffic.until_answered(what, lambda address: call(replace(self.shop, url=address)))


def _from_now(seconds: int) -> str:
    return f"{datetime.now(UTC) + timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%SZ}"


async def _sent(session: aiohttp.ClientSession, url: str, body: Any) -> Answer:
    async with session.post(url, json=body) as response:
        return Answer(response.status, response.headers, await response.text())


_GIVEN_BACK = 0.5
_WEIGHTS = {
    ("card", "paid"): 20,
    ("ideal", "paid"): 10,
    ("gift_card", "paid"): 8,
    ("gift_card", "pending"): 3,
    ("card", "declined"): 8,
    ("bank", "declined"): 3,
    ("card", "failed"): 3,
    ("card", "pending"): 8,
    ("card", "processing"): 4,
    ("card", "processing_then_declined"): 3,
    ("card", "challenge"): 6,
    ("card", "challenge_failed"): 2,
    ("ideal", "challenge_abandoned"): 2,
    ("card", "told_twice"): 4,
    ("card", "told_out_of_order"): 4,
    ("card", "never_told"): 3,
    ("card", "paid_late"): 2,
    ("card", "refund_failed"): 6,
    ("card", "refund_pending"): 4,
}
