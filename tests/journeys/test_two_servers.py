"""Two servers of one gateway on one PostgreSQL: calls about payment orders that come at once have one winner."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

import aiohttp
import pytest

from tests import gateway
from tests.clients.merchant_client import RECIPIENT, SHOP, MerchantClient, codes
from tests.clients.till import Answer, Json
from tests.server import beside, serving
from tillway.commands import records
from tillway.commands.records import OrderTerms
from tillway.commands.tools import Tools
from tillway.domain.clients import Grant
from tillway.queries import ledger

pytestmark = pytest.mark.anyio

MANY = 24


@dataclass(frozen=True, slots=True)
class TwoServers:
    """One client's program at both servers, and a look into the books that they share."""

    first: MerchantClient
    second: MerchantClient
    tools: Tools

    def in_turn(self, times: int = MANY) -> Iterable[MerchantClient]:
        """One server after the other."""
        return (one for one, _ in zip(cycle((self.first, self.second)), range(times), strict=False))

    async def opened(self, **members: object) -> Json:
        """A fresh order."""
        return (await self.first.create(**members)).body["data"]

    async def paid(self, **members: object) -> str:
        """A fresh order that was paid at a pretend bank."""
        order = await self.opened(**members)
        assert (await self.pay(self.first, order["processablePaymentId"])).status == 200
        assert (await self.second.order(order["id"])).body["data"]["status"] == "PAID"
        return order["id"]

    async def pay(self, at: MerchantClient, payment_id: str) -> Answer:
        """Do what a payer does, by the sandbox's helper."""
        return await at.call("POST", f"/sandbox/v1/payments/{payment_id}/pay", {"method": "bank", "outcome": "booked"})


@pytest.fixture
async def servers(tmp_path: Path, postgres_database: str) -> AsyncIterator[TwoServers]:
    folders = tmp_path / "first", tmp_path / "second"
    for folder in folders:
        folder.mkdir()
    async with (
        serving(folders[0], postgres_database) as first,
        serving(folders[1], postgres_database) as second,
        beside(first) as tools,
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session,
    ):
        terms = OrderTerms("EUR", (RECIPIENT,), (SHOP,), (Grant.REFUNDS,))
        made = await records.add_order_client(tools, await gateway.merchant(tools), "Shop", terms)
        keys = made.client.id, made.secret
        both = MerchantClient(session, first.url, *keys), MerchantClient(session, second.url, *keys)
        for one in both:
            assert (await one.login("refunds")).status == 200
        yield TwoServers(*both, tools)
        verdict = await ledger.verify(tools.store)
        assert verdict.is_sound, verdict.violations


def said(answers: Iterable[Answer]) -> Counter[str]:
    """How often each code was answered; OK where there was none."""
    return Counter("OK" if answer.status == 200 else codes(answer)[0] for answer in answers)


async def test_calls_that_come_to_both_at_once_have_one_winner(servers: TwoServers) -> None:
    await one_order_has_one_name(servers)
    await refunds_keep_to_the_limit(servers)
    await one_refund_has_one_name(servers)
    await what_is_withdrawn_is_not_paid(servers)


async def one_order_has_one_name(servers: TwoServers) -> None:
    answers = await asyncio.gather(*(one.create(instructionId="one name") for one in servers.in_turn()))
    assert said(answers) == {"OK": MANY}
    assert len({answer.body["data"]["processablePaymentId"] for answer in answers}) == 1


async def refunds_keep_to_the_limit(servers: TwoServers) -> None:
    order = await servers.paid(amount=100, refundLimitPercentage=50.5)
    tries = (one.refund(order, 7, recipientIban=RECIPIENT, reference=f"{n}") for n, one in enumerate(servers.in_turn()))
    assert said(await asyncio.gather(*tries)) == {"OK": 7, "REFUND_LIMIT_EXCEEDED": MANY - 7}
    assert len((await servers.second.refunds(order)).body["data"]) == 7


async def one_refund_has_one_name(servers: TwoServers) -> None:
    order = await servers.paid(amount=100)
    tries = (one.refund(order, 100, recipientIban=RECIPIENT, instructionId="back") for one in servers.in_turn())
    answers = await asyncio.gather(*tries)
    assert said(answers) == {"OK": MANY}
    assert len({answer.body["data"]["id"] for answer in answers}) == 1


async def what_is_withdrawn_is_not_paid(servers: TwoServers) -> None:
    for turn in range(8):
        order = await servers.opened()
        calls = [servers.first.withdraw(order["id"]), servers.pay(servers.second, order["processablePaymentId"])]
        answers = await asyncio.gather(*(calls if turn % 2 else calls[::-1]))
        withdrawn = (answers if turn % 2 else answers[::-1])[0]
        stands = (await servers.first.order(order["id"])).body["data"]
        ended = stands["payments"][0]["status"], stands["status"], stands["sumOfPaid"]
        lost = "WITHDRAWN", "UNPAID", 0
        assert ended in {lost, ("BOOKED", "PAID", stands["amount"])}
        assert (withdrawn.status == 200) == (ended == lost)
