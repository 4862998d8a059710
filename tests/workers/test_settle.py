"""Closing days: the roll-up says the same as the transfers, whenever and however often it is done."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Column, func, select

from tests import gateway
from tests.commands.doubt import Till
from tests.gateway import START, clock_of
from tillway.commands import refunds
from tillway.commands.settlement import STRAGGLERS, roll_up_next_day
from tillway.commands.tools import Tools
from tillway.domain.book import Needs
from tillway.domain.decision import Decision
from tillway.domain.guesses import Guesses
from tillway.domain.ids import ClientId
from tillway.domain.refunding import Giving
from tillway.domain.replays import Replay
from tillway.domain.schedules import DAY, HOUR, SECOND
from tillway.queries import ledger
from tillway.store import schema
from tillway.store.daily import ROLLED_UP, find_balances
from tillway.store.sweeping import ROWS_OF_A_STEP
from tillway.workers.settle import Settler

pytestmark = pytest.mark.anyio

FIRST_DAY = START // DAY


@pytest.fixture
async def till(tools: Tools) -> Till:
    return Till(tools, await gateway.client(tools))


async def spend(till: Till, amount: int) -> None:
    (card,) = await gateway.cards(till.tools, amount)
    await till.pay(await till.open(amount), [card])


async def kept_rows(till: Till) -> list[tuple[str, int, int]]:
    columns = schema.daily_balances.c
    wanted: list[Column[Any]] = [columns.account, columns.day, columns.balance]
    found = await till.tools.store.fetch(select(*wanted).order_by(columns.day, columns.account))
    return [(row[0], row[1] - FIRST_DAY, row[2]) for row in found]


async def roll_up_all(till: Till) -> None:
    while await roll_up_next_day(till.tools):
        pass


async def test_every_day_is_rolled_up_once_it_is_over(till: Till) -> None:
    payable = f"payable:{till.client.merchant_id}:NOK"
    await spend(till, 100)
    clock_of(till.tools).advance(DAY / SECOND)
    await spend(till, 20)
    await roll_up_all(till)
    assert await kept_rows(till) == []
    clock_of(till.tools).advance(STRAGGLERS / SECOND)
    await roll_up_all(till)
    first = [(ROLLED_UP, 0, 0), ("issuer:sandbox:NOK", 0, -100), (payable, 0, 100)]
    assert await kept_rows(till) == first
    clock_of(till.tools).advance(DAY / SECOND)
    await roll_up_all(till)
    assert await kept_rows(till) == [*first, (ROLLED_UP, 1, 0), ("issuer:sandbox:NOK", 1, -120), (payable, 1, 120)]
    await till.proves_sound()


async def test_days_without_transfers_are_passed_over(till: Till) -> None:
    await spend(till, 100)
    clock_of(till.tools).advance(10 * DAY / SECOND)
    await spend(till, 20)
    clock_of(till.tools).advance(2 * DAY / SECOND)
    await roll_up_all(till)
    assert sorted({day for _, day, _ in await kept_rows(till)}) == [0, 10]
    await till.proves_sound()


async def test_balances_are_the_same_before_and_after_a_roll_up(till: Till) -> None:
    for amount in (100, 30):
        await spend(till, amount)
        clock_of(till.tools).advance(DAY / SECOND)
    await spend(till, 5)
    before = await till.tools.store.read(find_balances())
    await roll_up_all(till)
    assert await till.tools.store.read(find_balances()) == before
    assert before == {"issuer:sandbox:NOK": -135, f"payable:{till.client.merchant_id}:NOK": 135}
    assert sum(balance.minor for balance in await ledger.balances(till.tools.store)) == 0


async def test_cards_are_not_rolled_up(till: Till) -> None:
    await gateway.cards(till.tools, 100, 200)
    clock_of(till.tools).advance(2 * DAY / SECOND)
    await roll_up_all(till)
    assert {account.partition(":")[0] for account, _, _ in await kept_rows(till)} == {ROLLED_UP, "issuer"}


async def test_refunds_count_on_their_own_day(till: Till) -> None:
    (card,) = await gateway.cards(till.tools, 100)
    payment = await till.open(100)
    await till.pay(payment, [card])
    clock_of(till.tools).advance(DAY / SECOND)
    await refunds.refund(till.tools, till.client, payment, Giving(40))
    clock_of(till.tools).advance(2 * DAY / SECOND)
    await roll_up_all(till)
    payable = [(day, balance) for account, day, balance in await kept_rows(till) if account.startswith("payable:")]
    assert payable == [(0, 100), (1, 60)]
    await till.proves_sound()


async def test_two_processes_at_once_roll_a_day_up_once(till: Till) -> None:
    await spend(till, 100)
    clock_of(till.tools).advance(2 * DAY / SECOND)
    other = Till(replace(till.tools), till.client)
    await asyncio.gather(roll_up_all(till), roll_up_all(other), roll_up_all(till))
    assert len(await kept_rows(till)) == 3
    await till.proves_sound()


async def test_old_replays_and_counters_are_removed_and_young_ones_stay(till: Till) -> None:
    now = till.tools.now()
    count = 2 * ROWS_OF_A_STEP + 10
    old = tuple(Replay(ClientId("till"), f"old {number}", "", 200, "{}", now) for number in range(count))
    clock_of(till.tools).advance(7 * DAY / SECOND)
    later = till.tools.now()
    young = tuple(Replay(ClientId("till"), f"new {number}", "", 200, "{}", now + HOUR) for number in range(10))
    guesses = Guesses("card:old", now, 3), Guesses("card:new", later, 3)
    await till.tools.committer.run(Needs(), lambda _: Decision(None, (*old, *young, *guesses)))
    clock_of(till.tools).advance(1)
    settler = Settler(till.tools)
    steps = 1
    while await settler.sweep():
        steps += 1
    assert steps == 3
    replays = await till.tools.store.fetch(select(func.count()).select_from(schema.replays))
    assert replays[0][0] == len(young)
    assert await till.tools.store.fetch(select(schema.guesses.c.scope)) == [("card:new",)]
    assert await settler.sweep() is False
