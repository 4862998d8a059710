"""How payments and refunds of payment orders end when a bank says one thing and then another, or says it too late."""

import pytest

from tests.domain.order_shop import FAR, LATE, PAYABLE, PAYER, OrderShop
from tillway.domain.events import LateMoneyReceived, LoggedEvent, RefundPaidOutLate
from tillway.domain.ids import OrderId, PaymentId
from tillway.domain.outcomes import Confirmed, Declined, Paid
from tillway.domain.payment_orders import OrderStatus
from tillway.domain.payments import AttemptState, PaymentState
from tillway.domain.reasons import Reason
from tillway.domain.schedules import DAY

P = PaymentState
NO = Declined(Reason.DECLINED)


def begun(shop: OrderShop) -> tuple[OrderId, PaymentId]:
    """An order whose payment the bank has."""
    order = shop.open()
    payment = order.payments[0].id
    shop.begin(payment, debtor_iban=PAYER)
    return order.order.id, payment


def test_a_promise_that_comes_as_the_time_is_over_stands() -> None:
    shop = OrderShop()
    order = shop.open()
    payment = order.payments[0].id
    shop.begin(payment)
    shop.record(payment, Confirmed())
    shop.now = shop.find(payment).expires_at
    shop.expire(payment)
    assert shop.find(payment).state is PaymentState.CONFIRMED
    shop.facts(order.order.id).check()


def test_a_promise_that_is_broken_takes_the_order_back_to_unpaid() -> None:
    shop = OrderShop()
    order, payment = begun(shop)
    shop.record(payment, Confirmed())
    assert shop.standing(order).terms.status is OrderStatus.PAID
    further = shop.update(order, 150_00).payments[-1]
    assert (further.amount, shop.standing(order).terms.status) == (50_00, OrderStatus.PARTIALLY_PAID)
    shop.record(payment, NO)
    assert shop.standing(order).terms.status is OrderStatus.UNPAID
    shop.facts(order).check()
    assert shop.update(order, 160_00).payments[-1].amount == 160_00
    shop.facts(order).check()


def test_a_lower_amount_that_is_paid_already_withdraws_what_nobody_has_seen() -> None:
    shop = OrderShop()
    order, payment = begun(shop)
    shop.record(payment, Paid())
    shop.update(order, 150_00)
    after = shop.update(order, 100_00)
    assert [one.state for one in after.payments] == [P.BOOKED, P.WITHDRAWN]
    assert shop.standing(order).terms.status is OrderStatus.PAID
    shop.facts(order).check()


@pytest.mark.parametrize("ends", ["declined", "expired"])
def test_money_of_a_payment_that_is_over_is_late_and_changes_no_status(ends: str) -> None:
    shop = OrderShop()
    order, payment = begun(shop)
    end(shop, payment, ends)
    before = shop.find(payment).state
    for _ in range(2):
        shop.record(payment, Paid())
    assert shop.find(payment).state is before
    assert (shop.accounts()[LATE], shop.accounts()[PAYABLE]) == (100_00, 0)
    shop.record_return(payment, Paid())
    assert (shop.accounts()[LATE], shop.accounts()[FAR]) == (0, 0)
    shop.facts(order).check()


@pytest.mark.parametrize("ends", ["declined", "expired"])
def test_what_a_refund_has_paid_out_late_is_gone_and_nobody_gives_it_back(ends: str) -> None:
    shop = OrderShop()
    order, payment = begun(shop)
    shop.record(payment, Paid())
    refund = shop.refund(order, 30_00).refund.id
    shop.begin(refund)
    end(shop, refund, ends)
    for _ in range(2):
        shop.record(refund, Paid())
        shop.record_return(refund, Paid())
    (attempt,) = shop.attempts(refund)
    assert (attempt.state, attempt.reason) == (AttemptState.LATE, Reason.PAID_OUT_LATE)
    assert attempt.next_look_up_at == 0
    told = [one.event for one in shop.book.all(LoggedEvent) if one.payment_id == refund]
    assert told[-1] == RefundPaidOutLate(refund, 1, 30_00, "EUR")
    assert not any(isinstance(event, LateMoneyReceived) for event in told)
    assert (shop.accounts()[PAYABLE], shop.accounts()[FAR], shop.accounts()[LATE]) == (70_00, -70_00, 0)
    shop.facts(order).check()


def end(shop: OrderShop, payment: PaymentId, how: str) -> None:
    """Have the bank decline, or never tell."""
    if how == "declined":
        shop.record(payment, NO)
    else:
        shop.now += 6 * DAY
        shop.expire(payment)
