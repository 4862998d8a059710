"""Races about payment orders: whatever happens at once, in one process or two, there is one winner and the books agree.

Two processes are two committers with stores of their own on one database. The books are proved after every test.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Iterable
from dataclasses import replace
from itertools import cycle
from typing import Any

import pytest

from tests.bank_account import PAYER, SHOP, Account, bank_account, instructed
from tests.bank_books import BankBooks
from tests.commands.far import JOURNEY, FarConnector
from tests.far_side import Wish
from tests.gateway import clock_of
from tests.order_facts import facts_of
from tillway.commands import banking, expiry, hooks, orders, outcomes
from tillway.commands.tools import Tools
from tillway.connectors.protocol import Callback
from tillway.domain.banks import Bank
from tillway.domain.hooking import HookAsked
from tillway.domain.hooks import HookType
from tillway.domain.ids import OrderId, PaymentId
from tillway.domain.order_refunds import RefundAsked, RefundStanding
from tillway.domain.ordering import OrderAsked, OrderChange
from tillway.domain.payment_orders import OrderStanding, OrderStatus
from tillway.domain.payments import AttemptState, PaymentState
from tillway.domain.refusals import (
    InstructionDiffers,
    NotInThatState,
    OrderNotUpdatable,
    OrderNotWithdrawable,
    RefundAboveLimit,
    RefundDuplicated,
)
from tillway.domain.schedules import DAY, SECOND
from tillway.domain.standing import Standing

pytestmark = pytest.mark.anyio

P = PaymentState
BANK = Bank("bank", "Bank", "SK", "", connector="bank")
HOOKS = {HookType.PAYMENT_STATUS_CHANGE: 1, HookType.ORDER_STATUS_CHANGE: 1}
MANY = 30


class Shop:
    """A merchant whose gateway is one process or two, and its bank."""

    def __init__(self, account: Account, processes: tuple[Tools, ...], bank: FarConnector) -> None:
        self.account = account
        self.processes = processes
        self.bank = bank
        self.turns = cycle(processes)

    async def order(self, amount: int = 100_00) -> tuple[OrderId, PaymentId]:
        """A fresh order and its payment."""
        opened = await self.account.order(amount)
        return opened.order.id, opened.payments[0].id

    async def paid(self, amount: int = 100_00) -> OrderId:
        """A booked order."""
        order, payment = await self.order(amount)
        self.bank.wish = Wish.TAKES
        await self.begin(self.processes[0], payment)
        clock_of(self.account.tools).advance(1)
        return order

    def create(self, tools: Tools, name: str, fingerprint: str = "asked") -> Awaitable[OrderStanding]:
        words = instructed(name, variable_symbol="7001")
        asked = OrderAsked(10_00, "EUR", words, "", "", "", 100_00, 0, 0, fingerprint, tools.now() + DAY)
        return orders.open_order(tools, self.account.client, asked)

    def refund(
        self, tools: Tools, order: OrderId, amount: int, name: str = "", reference: str = ""
    ) -> Awaitable[RefundStanding]:
        words = instructed(name, creditor_iban=PAYER, creditor_name="Payer", return_url="", reference=reference)
        asked = RefundAsked(amount, "EUR", words, tools.now() + DAY)
        return orders.open_refund(tools, self.account.client, order, asked)

    def update(self, tools: Tools, order: OrderId, amount: int) -> Awaitable[OrderStanding]:
        change = OrderChange(amount, None, tools.now() + DAY)
        return orders.update_order(tools, self.account.client, order, change)

    def withdraw(self, tools: Tools, order: OrderId) -> Awaitable[OrderStanding]:
        return orders.withdraw_order(tools, self.account.client, order)

    def begin(self, tools: Tools, payment: PaymentId, form: str = "form") -> Awaitable[Standing]:
        return banking.begin(tools, payment, BANK, PAYER, form, JOURNEY)

    async def stands(self, order: OrderId) -> OrderStanding:
        """The order, once all that is kept of it was held against each other."""
        facts = await facts_of(self.account.tools.store, order, HOOKS)
        facts.check()
        return facts.standing

    def has(self) -> list[int]:
        """What the bank has moved."""
        return sorted(self.bank.books.has().values())


@pytest.fixture(params=["one process", "two processes"])
async def shop(request: pytest.FixtureRequest, tools: Tools, second: Tools) -> Shop:
    bank = FarConnector(BankBooks())
    first, other = (replace(one, connectors={**one.connectors, "bank": bank}) for one in (tools, second))
    account = await bank_account(first)
    for number, kind in enumerate(HOOKS):
        await hooks.add(first, account.client.id, HookAsked(kind, f"{SHOP}hooks/{number}"), sandbox=False)
    return Shop(account, (first,) if request.param == "one process" else (first, other), bank)


async def _at_once(calls: Iterable[Awaitable[Any]]) -> list[Any]:
    """What each call answered or raised."""
    return await asyncio.gather(*calls, return_exceptions=True)


def _kinds(answers: Iterable[object]) -> Counter[str]:
    return Counter(type(answer).__name__ for answer in answers)


@pytest.mark.parametrize(("limit", "amount"), [(100_00, 7_00), (33_33, 3_33), (150_00, 100_00), (1_00, 1_01)])
async def test_of_refunds_at_once_as_many_win_as_the_limit_has_room_for(shop: Shop, limit: int, amount: int) -> None:
    order = await shop.paid()
    await orders.update_order(shop.account.tools, shop.account.client, order, OrderChange(None, limit, 0))
    answers = await _at_once(
        shop.refund(next(shop.turns), order, amount, reference=f"{number}") for number in range(MANY)
    )
    most = 100_00 * limit // 100_00 // amount
    expected = {RefundStanding.__name__: most, RefundAboveLimit.__name__: MANY - most}
    assert _kinds(answers) == Counter(expected)
    standing = await shop.stands(order)
    assert [one.amount for one in standing.refunds] == [amount] * most


async def test_of_the_same_refund_at_once_one_is_made_with_a_name_or_without(shop: Shop) -> None:
    order = await shop.paid()
    nameless = await _at_once(shop.refund(next(shop.turns), order, 1_00) for _ in range(MANY))
    assert _kinds(nameless) == {RefundStanding.__name__: 1, RefundDuplicated.__name__: MANY - 1}
    named = await _at_once(shop.refund(next(shop.turns), order, 1_00, "name") for _ in range(MANY))
    assert _kinds(named) == {RefundStanding.__name__: MANY}
    assert len({one.refund.id for one in named}) == 1
    assert len((await shop.stands(order)).refunds) == 2


async def test_one_name_for_refunds_of_many_orders_at_once_is_given_once(shop: Shop) -> None:
    paid = [await shop.paid() for _ in range(6)]
    answers = await _at_once(shop.refund(next(shop.turns), order, 1_00, "name") for order in paid)
    assert _kinds(answers) == {RefundStanding.__name__: 1, InstructionDiffers.__name__: 5}
    assert sum([len((await shop.stands(order)).refunds) for order in paid]) == 1


async def test_orders_of_one_name_at_once_are_one_and_all_are_answered_the_same(shop: Shop) -> None:
    answers = await _at_once(shop.create(next(shop.turns), "name") for _ in range(MANY))
    assert _kinds(answers) == {OrderStanding.__name__: MANY}
    assert len({(one.order, one.payments, one.instructions) for one in answers}) == 1
    differing = await _at_once(shop.create(next(shop.turns), "other", f"{number % 2}") for number in range(MANY))
    assert _kinds(differing) == {OrderStanding.__name__: MANY // 2, InstructionDiffers.__name__: MANY // 2}
    await shop.stands(answers[0].order.id)


async def test_of_an_update_and_a_beginning_at_once_the_bank_is_asked_for_what_the_order_says(shop: Shop) -> None:
    seen: Counter[int] = Counter()
    for turn in range(16):
        order, payment = await shop.order()
        shop.bank.wish = Wish.TAKES if turn % 4 else Wish.WAITS
        calls = [shop.update(shop.processes[0], order, 70_00), shop.begin(shop.processes[-1], payment)]
        updated, begun = (await _at_once(calls if turn % 2 else calls[::-1]))[:: 1 if turn % 2 else -1]
        assert isinstance(begun, Standing)
        standing = await shop.stands(order)
        assert isinstance(updated, OrderStanding) == (standing.terms.amount == 70_00)
        if not isinstance(updated, OrderStanding):
            assert type(updated).__name__ in {OrderNotUpdatable.__name__, "AmountBelowPaid"}
        asked = shop.bank.books.operations[f"{payment}-1"].amount
        assert asked == standing.payments[0].amount == standing.terms.amount
        assert len(standing.payments) == 1
        seen[asked] += 1
    assert sum(seen.values()) == 16


async def test_of_a_withdrawal_and_a_beginning_at_once_one_is_done(shop: Shop) -> None:
    taken = 0
    for turn in range(16):
        order, payment = await shop.order()
        shop.bank.wish = Wish.TAKES
        calls = [shop.withdraw(shop.processes[0], order), shop.begin(shop.processes[-1], payment)]
        answers = await _at_once(calls if turn % 2 else calls[::-1])
        standing = await shop.stands(order)
        if standing.payments[0].state is P.BOOKED:
            taken += 1
            assert _kinds(answers) == {Standing.__name__: 1, OrderNotWithdrawable.__name__: 1}
        else:
            assert standing.payments[0].state is P.WITHDRAWN
            assert _kinds(answers) == {OrderStanding.__name__: 1, NotInThatState.__name__: 1}
            assert f"{payment}-1" not in shop.bank.books.operations
        assert shop.has() == [100_00] * taken


async def test_a_payment_that_is_begun_many_times_at_once_is_begun_once(shop: Shop) -> None:
    order, payment = await shop.order()
    answers = await _at_once(shop.begin(next(shop.turns), payment) for _ in range(MANY))
    assert _kinds(answers) == {Standing.__name__: MANY}
    others = await _at_once(shop.begin(next(shop.turns), payment, f"form {number}") for number in range(MANY))
    assert _kinds(others) == {NotInThatState.__name__: MANY}
    assert list(shop.bank.books.operations) == [f"{payment}-1"]
    assert (await shop.stands(order)).payments[0].attempt_count == 1


async def test_raised_many_times_at_once_a_paid_order_has_one_further_payment(shop: Shop) -> None:
    order = await shop.paid()
    answers = await _at_once(
        shop.update(next(shop.turns), order, 100_00 + 10_00 * (1 + number % 5)) for number in range(MANY)
    )
    assert _kinds(answers) == {OrderStanding.__name__: MANY}
    standing = await shop.stands(order)
    assert [one.state for one in standing.payments] == [P.BOOKED, P.CREATED]
    assert standing.payments[1].amount == standing.terms.amount - 100_00
    assert standing.terms.status is OrderStatus.PARTIALLY_PAID


async def test_what_the_bank_tells_many_times_at_once_is_booked_and_told_once(shop: Shop) -> None:
    order, payment = await shop.order()
    shop.bank.wish = Wish.WAITS
    await shop.begin(shop.processes[0], payment)
    identity = f"{payment}-1"
    shop.bank.books.settle(identity, agrees=True)
    told = Callback(identity, shop.bank.books.told(identity))
    await _at_once(
        outcomes.hear(tools, "bank", told) if number % 2 else outcomes.resolve_call(tools, payment, may_begin=False)
        for number, tools in zip(range(MANY), shop.turns, strict=False)
    )
    standing = await shop.stands(order)
    assert (standing.payments[0].state, standing.terms.status) == (P.BOOKED, OrderStatus.PAID)


async def test_of_the_end_of_its_time_and_the_banks_word_at_once_the_money_is_in_the_books_once(shop: Shop) -> None:
    ends: Counter[PaymentState] = Counter()
    for turn in range(12):
        order, payment = await shop.order()
        shop.bank.wish = Wish.WAITS
        await shop.begin(shop.processes[0], payment)
        identity = f"{payment}-1"
        shop.bank.books.settle(identity, agrees=True)
        told = Callback(identity, shop.bank.books.told(identity))
        clock_of(shop.account.tools).advance(6 * DAY / SECOND)
        calls = [
            expiry.expire(shop.processes[0], payment),
            outcomes.hear(shop.processes[-1], "bank", told),
        ]
        await _at_once(calls if turn % 2 else calls[::-1])
        state = (await shop.stands(order)).payments[0].state
        (attempt,) = (await facts_of(shop.account.tools.store, order, HOOKS)).attempts
        assert (state, attempt.state) in {
            (P.BOOKED, AttemptState.PAID),
            (P.PROCESSING_EXPIRED, AttemptState.LATE),
        }
        ends[state] += 1
    assert sum(ends.values()) == 12
