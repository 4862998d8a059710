"""Races around far sides: whatever happens at once, in one process or two, a payer pays once or not at all."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Iterable
from itertools import cycle, permutations
from typing import Any

import pytest

from tests import gateway
from tests.commands.far import FAR, ISSUER, Hold, Page, asking_these, until_held, with_far_sides
from tests.far_side import Wish
from tests.gateway import clock_of, money_on
from tillway.commands import expiry, outcomes, payments, refunds
from tillway.commands.tools import Tools
from tillway.connectors.protocol import Callback
from tillway.domain.ids import PaymentId
from tillway.domain.outcomes import Paid
from tillway.domain.refunding import AskedBy, Giving
from tillway.domain.refusals import NothingLeftToRefund, NotInThatState, RefundAboveLeft
from tillway.domain.schedules import DAY, SECOND
from tillway.domain.standing import Standing
from tillway.workers.resolve import Resolver

pytestmark = pytest.mark.anyio


@pytest.fixture
async def page(tools: Tools) -> Page:
    return await with_far_sides(tools)


@pytest.fixture(params=["one process", "two processes"])
def processes(request: pytest.FixtureRequest, page: Page, second: Tools) -> tuple[Tools, ...]:
    """Who takes turns in serving the calls."""
    if request.param == "one process":
        return (page.tools,)
    return (page.tools, asking_these(second, page.far, page.issuer))


async def _at_once(*calls: Awaitable[Any]) -> list[Any]:
    """What each call answered or raised."""
    return await asyncio.gather(*calls, return_exceptions=True)


def _kinds(answers: Iterable[object]) -> Counter[str]:
    return Counter(type(answer).__name__ for answer in answers)


@pytest.mark.parametrize("wish", [Wish.TAKES, Wish.WAITS], ids=lambda wish: wish.value)
async def test_of_many_tenders_at_once_one_is_made(page: Page, processes: tuple[Tools, ...], wish: Wish) -> None:
    page.far.wish = wish
    opened = await page.open()
    tenders = [page.tender(opened, tools=tools) for tools, _ in zip(cycle(processes), range(30), strict=False)]
    answers = await _at_once(*tenders)
    assert _kinds(answers) == {Standing.__name__: 1, NotInThatState.__name__: 29}
    assert [verb for verb, _ in page.far.asked] == ["begin"]
    expected = ["BOOKED", "PAID"] if wish is Wish.TAKES else ["PROCESSING", "OPEN"]
    assert await page.states(opened.payment.id) == expected
    await page.proves_sound()


async def test_the_same_form_many_times_at_once_is_one_attempt(page: Page, processes: tuple[Tools, ...]) -> None:
    page.far.wish = Wish.TAKES
    opened = await page.open()
    turns = zip(cycle(processes), range(20), strict=False)
    answers = await _at_once(*(page.tender(opened, key="form 1", tools=tools) for tools, _ in turns))
    assert not [answer for answer in answers if isinstance(answer, BaseException)]
    assert await page.states(opened.payment.id) == ["BOOKED", "PAID"]
    assert page.far.books.has() == {f"{opened.payment.id}-1": 100_00}
    assert len(await page.notices()) == 1
    await page.proves_sound()


async def test_payments_at_once_with_one_gift_card_take_no_more_than_it_has(
    page: Page, processes: tuple[Tools, ...]
) -> None:
    page.far.wish = Wish.TAKES
    (card,) = await gateway.cards(page.tools, 100_00)
    opened = [await page.open() for _ in range(10)]
    turns = zip(cycle(processes), opened, strict=False)
    await _at_once(*(page.tender(one, gateway.part(card, 30_00), tools=tools) for tools, one in turns))
    assert await money_on(page.tools, card) == [(10_00, 0)]
    assert list(page.far.books.has().values()) == [70_00] * 3
    await page.proves_sound()


@pytest.mark.parametrize("ends", ["withdrawn", "expired", "given up"])
@pytest.mark.parametrize("wish", [Wish.TAKES, Wish.WAITS, Wish.DECLINES], ids=lambda wish: wish.value)
async def test_a_tender_while_the_payment_ends_is_paid_or_comes_to_nothing(
    page: Page, processes: tuple[Tools, ...], ends: str, wish: Wish
) -> None:
    page.far.wish = wish
    for turn in range(4):
        opened = await page.open()
        payment = opened.payment.id
        acts = {
            "withdrawn": lambda payment=payment: payments.withdraw(processes[-1], page.client, payment),
            "expired": lambda payment=payment: expiry.expire(processes[-1], payment),
            "given up": lambda payment=payment: outcomes.give_up(processes[-1], payment),
        }
        calls = [lambda opened=opened: page.tender(opened, tools=processes[0]), acts[ends]]
        if ends == "expired":
            clock_of(page.tools).advance(DAY / SECOND - 0.000_001)
        first, second = calls if turn % 2 else calls[::-1]
        begun = asyncio.ensure_future(first())
        for _ in range(turn):
            await asyncio.sleep(0)
        if ends == "expired":
            clock_of(page.tools).advance(0.000_001)
        await _at_once(begun, second())
        clock_of(page.tools).advance(2 * DAY / SECOND)
        await expiry.expire(page.tools, payment)
        await page.resolve()
        await _is_paid_or_nothing(page, payment)


async def _is_paid_or_nothing(page: Page, payment: PaymentId) -> None:
    state, *attempts = await page.states(payment)
    kept = sum(amount for one, amount in page.far.books.has().items() if one.startswith(payment))
    assert kept == (100_00 if state == "BOOKED" else 0)
    assert attempts.count("PAID") == (state == "BOOKED")
    assert not {"OPEN", "REVERSING", "HELD", "LATE"} & set(attempts)
    await page.proves_sound()


@pytest.mark.parametrize("agrees", [True, False], ids=["paid", "declined"])
async def test_an_answer_that_many_hear_at_once_is_recorded_once(
    page: Page, processes: tuple[Tools, ...], agrees: bool
) -> None:
    (card,) = await gateway.cards(page.tools, 50_00, connector=ISSUER)
    payment = await page.asked(gateway.part(card, 30_00))
    page.far.books.settle(f"{payment}-2", agrees=agrees)
    clock_of(page.tools).advance(11)
    told = Callback(f"{payment}-2", page.far.books.told(f"{payment}-2"))
    calls: list[Awaitable[Any]] = []
    for tools, _ in zip(cycle(processes), range(6), strict=False):
        calls += [
            outcomes.hear(tools, FAR, told),
            outcomes.resolve_call(tools, payment, may_begin=False),
            Resolver(tools).turn(),
        ]
    answers = await _at_once(*calls)
    assert not [answer for answer in answers if isinstance(answer, BaseException)]
    await page.resolve()
    expected = ["BOOKED", "PAID", "PAID"] if agrees else ["SEEN", "WITHDRAWN", "DECLINED"]
    assert await page.states(payment) == expected
    assert await money_on(page.tools, card) == [(20_00 if agrees else 50_00, 0)]
    assert len(await page.notices()) == (1 if agrees else 0)
    await page.proves_sound()


@pytest.mark.parametrize("order", list(permutations(["callback", "resolver", "withdrawal"])), ids=" ".join)
async def test_a_payment_withdrawn_as_its_money_comes_keeps_it_or_gives_it_back(
    page: Page, processes: tuple[Tools, ...], order: tuple[str, ...]
) -> None:
    payment = await page.asked()
    page.far.books.settle(f"{payment}-1", agrees=True)
    clock_of(page.tools).advance(11)
    calls = {
        "callback": lambda: outcomes.hear(processes[0], FAR, Callback(f"{payment}-1", Paid())),
        "resolver": lambda: Resolver(processes[-1]).turn(),
        "withdrawal": lambda: payments.withdraw(processes[-1], page.client, payment),
    }
    await _at_once(*(calls[name]() for name in order))
    await page.resolve()
    await _is_paid_or_nothing(page, payment)


@pytest.mark.parametrize("first", ["callback", "reversal"])
async def test_a_callback_overtaken_by_a_reversal_at_the_far_side_is_no_second_truth(page: Page, first: str) -> None:
    payment = await page.asked()
    page.far.books.settle(f"{payment}-1", agrees=True)
    hold = page.far.hold = Hold(is_before=False)
    turning = asyncio.create_task(outcomes.give_up(page.tools, payment))
    assert await until_held(turning, hold)
    if first == "callback":
        await page.call_back(payment)
    hold.over.set()
    await turning
    await page.call_back(payment)
    await page.resolve(11)
    assert await page.states(payment) == ["BOOKED", "PAID"]
    await page.proves_sound()


async def test_refunds_at_once_over_mixed_tenders_return_no_more_than_was_paid(
    page: Page, processes: tuple[Tools, ...]
) -> None:
    own, issued = await gateway.cards(page.tools, 20_00), await gateway.cards(page.tools, 30_00, connector=ISSUER)
    cards = (*own, *issued)
    payment = await page.asked(gateway.part(cards[0], 20_00), gateway.part(cards[1], 30_00), wish=Wish.TAKES)
    assert (await page.states(payment))[0] == "BOOKED"
    asked = [Giving(7_00), Giving(7_00, asked_by=AskedBy.RESOLVER)]
    turns = zip(cycle(processes), cycle(asked), range(30), strict=False)
    answers = await _at_once(*(refunds.refund(tools, page.client, payment, one) for tools, one, _ in turns))
    assert _kinds(answers) == {"Returned": 14, RefundAboveLeft.__name__: 16}
    await page.resolve(11)
    assert (await page.standing(payment)).payment.refunded == 98_00
    assert page.far.books.has() == {}
    assert page.issuer.books.has() == {}
    assert await money_on(page.tools, *cards) == [(18_00, 0), (30_00, 0)]
    assert len(await page.notices()) == 15
    await page.proves_sound()


async def test_of_full_refunds_at_once_one_is_done_and_a_refused_one_leaves_room_for_the_next(
    page: Page, processes: tuple[Tools, ...]
) -> None:
    payment = await page.asked(wish=Wish.TAKES)
    page.far.agrees = False
    asked = Giving(0, asked_by=AskedBy.RESOLVER)
    for _ in range(2):
        turns = zip(cycle(processes), range(10), strict=False)
        answers = await _at_once(*(refunds.refund(tools, page.client, payment, asked) for tools, _ in turns))
        assert _kinds(answers) == {"Returned": 1, NothingLeftToRefund.__name__: 9}
        await _at_once(*(Resolver(tools).turn() for tools in processes))
        assert (await page.standing(payment)).payment.refunded == (100_00 if page.far.agrees else 0)
        page.far.agrees = True
    await page.proves_sound()
