"""What sellers that are paid by bank do all day: the life of one payment order at a time, as a seed tells it."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from random import Random
from typing import Any, get_args

import msgspec

from tests.campaigns.traffic import Traffic, new_key
from tests.clients.merchant_client import MerchantClient
from tests.clients.till import Answer, Json
from tillway.surfaces.sandbox.paying_by_bank import BankReason

FINAL = frozenset({"BOOKED", "FAILED", "WITHDRAWN"})
ENDED = frozenset({409, 410})
"""What a helper is answered once there is nothing left to do: a call that got no answer had happened."""
SCOPE = "refunds"


@dataclass(slots=True)
class Paid:
    """What is known of a payment or a refund by what was answered; an empty `status` is not known for certain."""

    id: str
    amount: Decimal
    status: str = ""
    reason: str = ""


@dataclass(slots=True)
class Sale:
    """What is known of an order."""

    id: str
    instruction_id: str
    payment: Paid
    refunds: list[Paid] = field(default_factory=list[Paid])


@dataclass(slots=True)
class Seller:
    """One of several who share a client's credentials; helpers play the payers, and who authorises refunds."""

    client: MerchantClient
    iban: str
    random: Random
    traffic: Traffic
    sales: list[Sale] = field(default_factory=list[Sale])

    async def next_sale(self) -> None:
        """Create an order and do with it what the seed says."""
        sale = await self._create()
        self.sales.append(sale)
        ((steps, reason),) = self.random.choices(list(_WEIGHTS), list(_WEIGHTS.values()))
        if reason == "any":
            reason = self.random.choice(get_args(BankReason))
        if steps == "withdrawn":
            await self._withdraw(sale)
        elif steps:
            await self._lead(sale.payment, steps.split(" "), reason)
        if sale.payment.status == "BOOKED" and self.random.random() < _GIVEN_BACK:
            await self._give_back(sale)

    async def _create(self) -> Sale:
        """An order; asked for again, while nothing has become of it, it is the same one."""
        name = new_key(self.random)
        amount = Decimal(self.random.randrange(800, 300_000)) / 100
        asked: Json = {"instructionId": name, "amount": amount, "currency": "EUR", "recipientIban": self.iban}
        made = await self._ask("an order", lambda client: client.create(**asked))
        assert made.status == 200, made
        if self.random.random() < _ASKED_TWICE:
            again = await self._ask("the order again", lambda client: client.create(**asked))
            if _ids(again) != _ids(made):
                self.traffic.surprises.append(f"an order was answered {made.text} and then {again.text}")
        data = made.body["data"]
        return Sale(data["id"], name, Paid(data["processablePaymentId"], amount))

    async def _withdraw(self, sale: Sale) -> None:
        """Give an order up; one whose withdrawal was not answered cannot be withdrawn again."""
        answer = await self._ask("withdraw", lambda client: client.withdraw(sale.id))
        if answer.status == 200:
            sale.payment.status = "WITHDRAWN"
        elif not self._says(answer, "ORDER_CANNOT_BE_WITHDRAWN"):
            self.traffic.surprises.append(f"a withdrawal was answered {answer.text}")

    async def _give_back(self, sale: Sale) -> None:
        """Refund a part, and have somebody authorise it, or not."""
        amount = (sale.payment.amount * self.random.randrange(1, 90) / 100).quantize(Decimal("0.01"))
        name = new_key(self.random)
        answer = await self._ask(
            "refund", lambda client: client.refund(sale.id, amount, instructionId=name, reference="back")
        )
        if answer.status != 200:
            self.traffic.surprises.append(f"a refund was answered {answer.text}")
            return
        refund = Paid(answer.body["data"]["id"], amount)
        sale.refunds.append(refund)
        (steps,) = self.random.choices(("", "booked", "processing paid", "failed"), (1, 5, 2, 2))
        if steps:
            await self._lead(refund, steps.split(" "), "")

    async def _lead(self, paid: Paid, steps: Sequence[str], reason: str) -> None:
        """Do at the bank what leads there; the last state that was answered, if it is an end, is what holds."""
        for step in steps:
            act, outcome = ("settle", step) if step in {"paid", "declined"} else ("pay", step)
            body = {"outcome": outcome} | ({"method": "bank"} if act == "pay" else {})
            body |= {"reason": reason} if step == "failed" and reason else {}
            answer = await self._help(paid.id, act, body)
            if answer.status == 200 and answer.body["state"] in FINAL:
                paid.status, paid.reason = answer.body["state"], reason
            elif answer.status != 200 and answer.status not in ENDED:
                self.traffic.surprises.append(f"{act} {body} was answered {answer.status} {answer.text}")

    async def _help(self, identity: str, act: str, body: dict[str, str]) -> Answer:
        path = f"/sandbox/v1/payments/{identity}/{act}"
        return await self.traffic.until_answered(f"{act} by bank", lambda address: self._sent(address + path, body))

    async def _sent(self, url: str, body: Any) -> Answer:
        async with self.client.session.post(url, json=body) as response:
            return Answer(response.status, response.headers, await response.text())

    async def _ask(self, what: str, call: Callable[[MerchantClient], Awaitable[Answer]]) -> Answer:
        return await self.traffic.until_answered(what, lambda address: self._asked(address, call))

    async def _asked(self, address: str, call: Callable[[MerchantClient], Awaitable[Answer]]) -> Answer:
        """Make a call, with a new token if the one at hand is too old."""
        answer = await call(replace(self.client, url=address))
        if answer.status != 401:
            return answer
        fresh = replace(self.client, url=address)
        login = await fresh.login(SCOPE)
        if login.status != 200:
            return login
        self.client.token = fresh.token
        return await call(fresh)

    def _says(self, answer: Answer, code: str) -> bool:
        return answer.status == 400 and [one["code"] for one in answer.body["errors"]] == [code]


def _ids(answer: Answer) -> tuple[str, str]:
    """The order and its payment; the links beside them differ, since each server has a port of its own."""
    data = answer.body["data"]
    return data["id"], data["processablePaymentId"]


def written(sale: Sale) -> str:
    """A sale as a problem names it."""
    return msgspec.json.encode(sale).decode()


_GIVEN_BACK = 0.5
_ASKED_TWICE = 0.1
_WEIGHTS = {
    ("booked", ""): 24,
    ("confirmed paid", ""): 8,
    ("confirmed declined", ""): 4,
    ("processing paid", ""): 8,
    ("processing confirmed booked", ""): 4,
    ("processing declined", ""): 4,
    ("failed", "any"): 12,
    ("withdrawn", ""): 6,
    ("", ""): 4,
}
"""The steps that a payer, or a bank, takes with a payment, and why it fails."""
