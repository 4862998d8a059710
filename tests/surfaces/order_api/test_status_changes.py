"""Which changes of payment orders are told: every state that a payment or a refund moves to, once each."""

import json
from collections.abc import Awaitable, Callable

import pytest

from tests.surfaces.order_api.hearing import ORDERS, PAYMENTS, add, notices_of, statuses_of
from tests.surfaces.order_api.stall import PAYER, Stall, data
from tillway.commands import banking, expiry, outcomes
from tillway.domain.ids import PaymentId, is_outgoing
from tillway.domain.outcomes import Confirmed, Declined, Outcome, Paid, Pending
from tillway.domain.payments import PaymentState, Transition
from tillway.domain.reasons import Reason
from tillway.store.steps import Load, Program

pytestmark = pytest.mark.anyio

DAY = 86_400
"""Seconds. Time passes between two acts, since what happens at one moment has no order."""


async def _withdraw(stall: Stall, payment: str, order: str) -> None:
    data(await (stall.shop.withdraw_refund(payment) if is_outgoing(PaymentId(payment)) else stall.shop.withdraw(order)))


async def _expire(stall: Stall, payment: str, order: str) -> None:
    stall.advance(6 * DAY)
    await expiry.expire(stall.tools, PaymentId(payment))


async def _see(stall: Stall, payment: str, order: str) -> None:
    await stall.seen(payment)


async def _give_up(stall: Stall, payment: str, order: str) -> None:
    await stall.seen(payment)
    stall.advance(1)
    await banking.give_up(stall.tools, PaymentId(payment), Reason.LEFT_THE_PAGE)


def _bank(*says: Outcome) -> Callable[[Stall, str, str], Awaitable[None]]:
    """The bank is asked, and says one thing after another."""

    async def act(stall: Stall, payment: str, order: str) -> None:
        stall.bank.says = says[0]
        await stall.seen(payment)
        stall.advance(1)
        await stall.begun(payment)
        for outcome in says[1:]:
            stall.advance(1)
            stall.bank.says = outcome
            await outcomes.resolve_call(stall.tools, PaymentId(payment), may_begin=False)

    return act


async def _left_by_the_bank(stall: Stall, payment: str, order: str) -> None:
    await _bank(Pending("far-1"))(stall, payment, order)
    await _expire(stall, payment, order)


PROMISE, MONEY, NO = Confirmed("far-1", PAYER), Paid("far-1", debtor_iban=PAYER), Declined(Reason.DECLINED)

WAYS = {
    "withdrawn": (_withdraw, ["WITHDRAWN"]),
    "expired": (_expire, ["EXPIRED"]),
    "seen": (_see, ["SEEN"]),
    "given up": (_give_up, ["SEEN", "FAILED"]),
    "paid at once": (_bank(MONEY), ["SEEN", "PROCESSING", "BOOKED"]),
    "promised, then paid": (_bank(Pending("far-1"), PROMISE, MONEY), ["SEEN", "PROCESSING", "CONFIRMED", "BOOKED"]),
    "promised, then refused": (_bank(PROMISE, NO), ["SEEN", "PROCESSING", "CONFIRMED", "FAILED"]),
    "refused": (_bank(NO), ["SEEN", "PROCESSING", "FAILED"]),
    "left by the bank": (_left_by_the_bank, ["SEEN", "PROCESSING", "PROCESSING_EXPIRED"]),
}


def test_these_ways_lead_to_every_state() -> None:
    assert {state for _, states in WAYS.values() for state in states} == set(PaymentState) - {PaymentState.CREATED}


@pytest.mark.parametrize("way", WAYS)
async def test_every_state_of_a_payment_is_told_once(stall: Stall, way: str) -> None:
    act, states = WAYS[way]
    await add(stall, PAYMENTS)
    order = await stall.opened()
    payment = order["processablePaymentId"]
    await act(stall, payment, order["id"])
    assert await statuses_of(stall, payment) == states == await _moves(stall, payment)


@pytest.mark.parametrize("way", WAYS)
async def test_every_state_of_a_refund_is_told_once(stall: Stall, way: str) -> None:
    act, states = WAYS[way]
    order = await stall.paid()
    await add(stall, PAYMENTS)
    refund = data(await stall.shop.refund(order["id"], 40))["id"]
    await act(stall, refund, order["id"])
    assert await statuses_of(stall, refund) == states == await _moves(stall, refund)
    assert {json.loads(one.body)["data"].get("paymentId") for one in await notices_of(stall)} == {None}


async def test_a_payment_that_nothing_is_left_of_is_told_to_be_withdrawn(stall: Stall) -> None:
    order = await stall.paid(100)
    await add(stall, PAYMENTS)
    further = data(await stall.shop.update(order["id"], amount=150))["processablePaymentId"]
    data(await stall.shop.update(order["id"], amount=100))
    assert await statuses_of(stall, further) == ["WITHDRAWN"] == await _moves(stall, further)


async def test_a_status_of_an_order_is_told_when_it_is_another(stall: Stall) -> None:
    await add(stall, ORDERS)
    order = await stall.paid(100, externalId="invoice 7")
    for amount in (150, 100):
        stall.advance(1)
        data(await stall.shop.update(order["id"], amount=amount))
    told = [json.loads(one.body) for one in await notices_of(stall)]
    assert [one["data"] for one in told] == [
        {"orderId": order["id"], "externalId": "invoice 7", "status": status}
        for status in ("PAID", "PARTIALLY_PAID", "PAID")
    ]
    assert {one["eventType"] for one in told} == {"order.statusChange"}


async def test_an_order_whose_promise_was_broken_is_told_to_be_unpaid_again(stall: Stall) -> None:
    await add(stall, ORDERS)
    order = await stall.opened()
    await _bank(PROMISE, NO)(stall, order["processablePaymentId"], order["id"])
    assert [json.loads(one.body)["data"]["status"] for one in await notices_of(stall)] == ["PAID", "UNPAID"]


async def test_money_that_comes_too_late_changes_no_status(stall: Stall) -> None:
    for kind in (PAYMENTS, ORDERS):
        await add(stall, kind)
    order = await stall.opened()
    payment = order["processablePaymentId"]
    await _left_by_the_bank(stall, payment, order["id"])
    before = await notices_of(stall)
    stall.bank.says = MONEY
    await outcomes.resolve_call(stall.tools, PaymentId(payment), may_begin=False)
    assert await notices_of(stall) == before


async def test_a_silent_order_tells_nothing(stall: Stall) -> None:
    for kind in (PAYMENTS, ORDERS):
        await add(stall, kind)
    order = await stall.paid(disableHooks=True)
    refund = data(await stall.shop.refund(order["id"], 40))["id"]
    await stall.seen(refund)
    assert await notices_of(stall) == []


async def test_another_client_is_told_nothing(stall: Stall) -> None:
    await add(stall, PAYMENTS)
    stall.shop = await stall.client(merchant="Someone else")
    await stall.paid()
    assert await notices_of(stall) == []


async def test_each_hook_of_a_type_is_told_the_same_under_an_id_of_its_own(stall: Stall) -> None:
    for place in ("a", "b", "c"):
        await add(stall, PAYMENTS, f"https://{place}.example/hooks")
    order = await stall.opened()
    await stall.seen(order["processablePaymentId"])
    told = await notices_of(stall)
    assert sorted(one.url for one in told) == [f"https://{place}.example/hooks" for place in ("a", "b", "c")]
    assert len({one.id for one in told}) == 3
    assert len({(one.body, one.event_id) for one in told}) == 1
    assert json.loads(told[0].body)["eventId"] == told[0].event_id


async def test_a_hook_is_called_within_its_window_only(stall: Stall) -> None:
    now = stall.tools.now()
    await add(stall, PAYMENTS, starts_at=now + 60_000_000, ends_at=now + 120_000_000)
    for seconds, heard in ((0, 0), (59, 0), (1, 1), (59, 2), (1, 2)):
        stall.advance(seconds)
        await stall.seen((await stall.opened())["processablePaymentId"])
        assert len(await notices_of(stall)) == heard


async def _moves(stall: Stall, payment: str) -> list[str]:
    """Every state that the books say a payment has moved to."""
    return [move.target for move in await stall.tools.store.read(_find_moves(payment))]


def _find_moves(payment: str) -> Program[list[Transition]]:
    moves: list[Transition] = yield Load(Transition, ("subject",), [payment])
    return sorted(moves, key=lambda move: move.number)
