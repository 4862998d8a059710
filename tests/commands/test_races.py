"""Races: whatever happens at once, in one process or two, money is taken and given back exactly once.

Two processes are two committers with stores of their own on one database: servers on PostgreSQL, the command line
beside a server on SQLite. The books are proved after every test.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Iterable
from itertools import cycle
from typing import Any

import pytest

from tests import gateway
from tests.gateway import clock_of, money_on, part, recall
from tillway.commands import expiry, giftcards, outcomes, payments
from tillway.commands.tools import Tools
from tillway.connectors.simulator import SILENT_BUT_PAID
from tillway.domain.guesses import LIMITS, Guesses, of_card
from tillway.domain.payments import AttemptState, PaymentState
from tillway.domain.refusals import (
    BalanceTooLow,
    CardEmpty,
    CvcRefused,
    IssuerSilent,
    NothingLeftToRefund,
    NotInThatState,
    RefundAboveLeft,
)
from tillway.domain.replays import Replay
from tillway.domain.schedules import DAY
from tillway.domain.standing import Standing
from tillway.queries import payments as queries
from tillway.store.steps import Load, Program

pytestmark = pytest.mark.anyio

PERIOD = DAY // 1_000_000


@pytest.fixture(params=["one process", "two processes"])
def processes(request: pytest.FixtureRequest, tools: Tools, second: Tools) -> tuple[Tools, ...]:
    """Who takes turns in serving the calls."""
    return (tools,) if request.param == "one process" else (tools, second)


async def _at_once(calls: Iterable[Awaitable[Any]]) -> list[Any]:
    """What each call answered or raised."""
    return await asyncio.gather(*calls, return_exceptions=True)


def _kinds(answers: Iterable[object]) -> Counter[str]:
    return Counter(type(answer).__name__ for answer in answers)


async def test_many_tills_on_one_card_take_no_more_than_it_has(processes: tuple[Tools, ...], tools: Tools) -> None:
    till = await gateway.client(tools)
    (card,) = await gateway.cards(tools, 100_00)
    opened = [await gateway.payment(tools, till, 7_00) for _ in range(40)]
    answers = await _at_once(
        gateway.perform(process, till, one.payment.id, part(card))
        for process, one in zip(cycle(processes), opened, strict=False)
    )
    assert _kinds(answers) == {Standing.__name__: 14, BalanceTooLow.__name__: 26}
    assert await money_on(tools, card) == [(2_00, 0)]


async def test_many_tills_empty_a_card_to_the_last_unit(processes: tuple[Tools, ...], tools: Tools) -> None:
    till = await gateway.client(tools)
    (card,) = await gateway.cards(tools, 100_00)
    opened = [await gateway.payment(tools, till, 10_00) for _ in range(30)]
    answers = await _at_once(
        gateway.perform(process, till, one.payment.id, part(card))
        for process, one in zip(cycle(processes), opened, strict=False)
    )
    assert _kinds(answers) == {Standing.__name__: 10, CardEmpty.__name__: 20}
    assert await money_on(tools, card) == [(0, 0)]


async def test_cards_used_in_opposite_orders_do_not_wait_for_each_other(
    processes: tuple[Tools, ...], tools: Tools
) -> None:
    till = await gateway.client(tools)
    cards = await gateway.cards(tools, 1000_00, 1000_00, 1000_00)
    opened = [await gateway.payment(tools, till, 10_00) for _ in range(60)]
    turns = cycle([cards, cards[::-1], [cards[1], cards[0], cards[2]]])
    answers = await _at_once(
        gateway.perform(process, till, one.payment.id, part(used[0], 3_00), part(used[1], 3_00), part(used[2]))
        for process, one, used in zip(cycle(processes), opened, turns, strict=False)
    )
    assert _kinds(answers) == {Standing.__name__: 60}
    assert sum(balance for balance, _ in await money_on(tools, *cards)) == 3000_00 - 600_00


async def test_part_payments_at_once_never_take_more_than_is_due(processes: tuple[Tools, ...], tools: Tools) -> None:
    till = await gateway.client(tools)
    cards = await gateway.cards(tools, *[30_00] * 6)
    opened = await gateway.payment(tools, till, 100_00)
    await _at_once(
        gateway.perform(process, till, opened.payment.id, part(card), allow_partial=True, final=False)
        for process, card in zip(cycle(processes), cards, strict=False)
    )
    standing = await queries.standing(tools.store, opened.payment.id)
    assert (standing.payment.state, standing.payment.paid) == (PaymentState.BOOKED, 100_00)
    assert sum(balance for balance, _ in await money_on(tools, *cards)) == 80_00


async def test_refunds_at_once_return_no_more_than_was_paid(processes: tuple[Tools, ...], tools: Tools) -> None:
    till = await gateway.client(tools)
    cards = await gateway.cards(tools, 60_00, 40_00)
    opened = await gateway.payment(tools, till, 100_00)
    await gateway.perform(tools, till, opened.payment.id, part(cards[0], 60_00), part(cards[1]))
    answers = await _at_once(
        gateway.refund(process, till, opened.payment.id, 7_00)
        for process, _ in zip(cycle(processes), range(30), strict=False)
    )
    assert _kinds(answers) == {"Returned": 14, RefundAboveLeft.__name__: 16}
    assert await money_on(tools, *cards) == [(58_00, 0), (40_00, 0)]


async def test_of_full_refunds_at_once_one_is_done(processes: tuple[Tools, ...], tools: Tools) -> None:
    till = await gateway.client(tools)
    (card,) = await gateway.cards(tools, 100_00)
    opened = await gateway.payment(tools, till, 100_00)
    await gateway.perform(tools, till, opened.payment.id, part(card))
    answers = await _at_once(
        gateway.refund(process, till, opened.payment.id)
        for process, _ in zip(cycle(processes), range(10), strict=False)
    )
    assert _kinds(answers) == {"Returned": 1, NothingLeftToRefund.__name__: 9}
    assert await money_on(tools, card) == [(100_00, 0)]


@pytest.mark.parametrize("is_part", [False, True], ids=["open", "part paid"])
async def test_of_perform_and_abort_at_once_one_is_done(
    processes: tuple[Tools, ...], tools: Tools, is_part: bool
) -> None:
    till = await gateway.client(tools)
    (card,) = await gateway.cards(tools, 1000_00)
    spent = 0
    for turn in range(20):
        opened = await gateway.payment(tools, till, 10_00)
        payment = opened.payment.id
        if is_part:
            await gateway.perform(tools, till, payment, part(card, 4_00), final=False)
        calls = [
            gateway.perform(processes[0], till, payment, part(card)),
            gateway.withdraw(processes[-1], till, payment),
        ]
        answers = await _at_once(calls if turn % 2 else calls[::-1])
        assert _kinds(answers) == {Standing.__name__: 1, NotInThatState.__name__: 1}
        standing = await queries.standing(tools.store, payment)
        assert standing.payment.state in {PaymentState.BOOKED, PaymentState.WITHDRAWN}
        spent += standing.payment.paid
        assert await money_on(tools, card) == [(1000_00 - spent, 0)]


async def test_of_perform_and_expiry_at_once_one_is_done(processes: tuple[Tools, ...], tools: Tools) -> None:
    till = await gateway.client(tools)
    (card,) = await gateway.cards(tools, 1000_00, expires_at=tools.now() + 100 * DAY)
    spent = 0
    for turn in range(20):
        opened = await gateway.payment(tools, till, 10_00)
        payment = opened.payment.id
        await gateway.perform(tools, till, payment, part(card, 4_00), final=False)
        clock_of(tools).advance(PERIOD - 0.000_001)
        # A call takes its time from the clock as it begins: the last microsecond for the one, the end for the other.
        calls: list[asyncio.Task[Standing]] = []
        if turn % 2:
            calls.append(asyncio.create_task(gateway.perform(processes[0], till, payment, part(card))))
            await asyncio.sleep(0)
        clock_of(tools).advance(0.000_001)
        calls.append(asyncio.create_task(expiry.expire(processes[-1], payment)))
        if not turn % 2:
            calls.append(asyncio.create_task(gateway.perform(processes[0], till, payment, part(card))))
        await _at_once(calls)
        standing = await queries.standing(tools.store, payment)
        assert standing.payment.state in {PaymentState.BOOKED, PaymentState.EXPIRED}
        spent += standing.payment.paid
        assert await money_on(tools, card) == [(1000_00 - spent, 0)]


async def test_the_same_key_many_times_at_once_takes_the_money_once(processes: tuple[Tools, ...], tools: Tools) -> None:
    till = await gateway.client(tools)
    (card,) = await gateway.cards(tools, 100_00)
    opened = await gateway.payment(tools, till, 50_00)
    answers = await _at_once(
        giftcards.perform(
            process,
            till,
            opened.payment.id,
            [part(card, 10_00)],
            gateway.PREFIXES,
            final=False,
            recall=recall(till),
        )
        for process, _ in zip(cycle(processes), range(50), strict=False)
    )
    assert _kinds(answers) == {Standing.__name__: 1, Replay.__name__: 49}
    assert {answer.body for answer in answers if isinstance(answer, Replay)} == {"1000"}
    assert await money_on(tools, card) == [(90_00, 10_00)]


async def test_the_same_key_many_times_at_once_opens_one_payment(processes: tuple[Tools, ...], tools: Tools) -> None:
    till = await gateway.client(tools)
    asked = gateway.opening(10_00)
    answers = await _at_once(
        payments.open_payment(process, till, asked, recall(till))
        for process, _ in zip(cycle(processes), range(50), strict=False)
    )
    assert _kinds(answers) == {Standing.__name__: 1, Replay.__name__: 49}


async def test_wrong_cvcs_at_once_are_counted_up_to_the_limit(processes: tuple[Tools, ...], tools: Tools) -> None:
    till = await gateway.client(tools)
    (card,) = await gateway.cards(tools, 100_00)
    opened = [await gateway.payment(tools, till, 7_00) for _ in range(30)]
    wrong = f"{(int(card.cvc) + 1) % 1000:03d}"
    answers = await _at_once(
        gateway.perform(process, till, one.payment.id, part(card, 0, wrong))
        for process, one in zip(cycle(processes), opened, strict=False)
    )
    assert _kinds(answers) == {CvcRefused.__name__: 30}

    def counted() -> Program[list[Guesses]]:
        return (yield Load(Guesses, ("scope",), [of_card(card.card.id)]))

    assert [row.count for row in await tools.store.read(counted())] == [LIMITS["card"]]


async def test_an_outcome_that_is_looked_up_by_many_at_once_is_recorded_once(
    processes: tuple[Tools, ...], tools: Tools
) -> None:
    till = await gateway.client(tools)
    (card,) = await gateway.cards(tools, 100_00, connector="simulator", marker=SILENT_BUT_PAID)
    opened = await gateway.payment(tools, till, 40_00)
    payment = opened.payment.id
    with pytest.raises(IssuerSilent):
        await gateway.perform(tools, till, payment, part(card))
    answers = await _at_once(
        outcomes.resolve_call(process, payment, may_begin=False)
        for process, _ in zip(cycle(processes), range(10), strict=False)
    )
    assert _kinds(answers) == {Standing.__name__: 10}
    assert {answer.payment.state for answer in answers} == {PaymentState.BOOKED}
    assert await money_on(tools, card) == [(60_00, 0)]


async def test_an_abort_while_an_outcome_is_looked_up_leaves_no_money_in_doubt(
    processes: tuple[Tools, ...], tools: Tools
) -> None:
    till = await gateway.client(tools)
    (card,) = await gateway.cards(tools, 100_00, connector="simulator", marker=SILENT_BUT_PAID)
    for turn in range(6):
        before = await money_on(tools, card)
        opened = await gateway.payment(tools, till, 10_00)
        payment = opened.payment.id
        with pytest.raises(IssuerSilent):
            await gateway.perform(tools, till, payment, part(card))
        calls = [outcomes.resolve_call(processes[0], payment), gateway.withdraw(processes[-1], till, payment)]
        await _at_once(calls if turn % 2 else calls[::-1])
        await outcomes.resolve_call(tools, payment)
        await outcomes.resolve_reversals(tools, payment)
        standing = await queries.standing(tools.store, payment)
        if standing.payment.state is PaymentState.BOOKED:
            assert [attempt.state for attempt in standing.attempts] == [AttemptState.PAID]
            assert await money_on(tools, card) == [(before[0][0] - 10_00, 0)]
        else:
            assert standing.payment.state is PaymentState.WITHDRAWN
            assert [attempt.state for attempt in standing.attempts] == [AttemptState.WITHDRAWN]
            assert await money_on(tools, card) == before
