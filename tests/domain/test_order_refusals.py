"""The order of refusals of payment orders: of two faults the one that stands first in the document's table is answered.

A refund of what nobody has begun to pay is refused for that before the table's turn comes: its limit says nothing yet.
"""

from collections.abc import Callable
from dataclasses import replace
from itertools import combinations
from typing import Any

import pytest

from tests.domain.order_shop import CLIENT, PAYER, OrderShop
from tillway.domain.clients import Grant
from tillway.domain.ids import MOST_PAYMENTS_OF_AN_ORDER, MOST_REFUNDS_OF_AN_ORDER, ClientId, OrderId, payment_id
from tillway.domain.outcomes import Declined, Paid
from tillway.domain.payment_orders import Instruction, PaymentOrder
from tillway.domain.payments import Payment, PaymentState
from tillway.domain.reasons import Reason
from tillway.domain.refusals import (
    AccountNotAllowed,
    AmountBelowPaid,
    BankUnknown,
    CreditorMissing,
    CurrencyDiffers,
    InstructionDiffers,
    InstructionProcessed,
    OrderNotUpdatable,
    OrderNotWithdrawable,
    OrderUnknown,
    RefundAboveLimit,
    RefundDuplicated,
    RefundNotPossible,
    RefundUnknown,
    Refusal,
    ReturnUrlNotAllowed,
)

STRANGER = replace(CLIENT, id=ClientId("another shop"))
UNKNOWN = OrderId("019a9f1e-7c1a-7b52-8f6e-2f1d3c4b5000")
EVIL = "https://evil.example/"


def paid(shop: OrderShop, amount: int = 100_00, *, by: str = PAYER, **said: Any) -> tuple[OrderId, Payment]:
    """A booked order and its payment."""
    order = shop.open(amount, **said)
    payment = order.payments[0].id
    shop.begin(payment, debtor_iban=by)
    shop.record(payment, Paid())
    return order.order.id, shop.find(payment)


def test_a_client_without_accounts_is_paid_at_none() -> None:
    nobody = replace(CLIENT, ibans="")
    assert not nobody.may_be_paid_at("")
    with pytest.raises(AccountNotAllowed):
        OrderShop().open(caller=nobody, creditor_iban="")


OPENING: tuple[tuple[type[Refusal], dict[str, Any]], ...] = (
    (AccountNotAllowed, {"creditor_iban": "SK0000000000000000000000"}),
    (BankUnknown, {"bank_id": "nobody"}),
    (ReturnUrlNotAllowed, {"return_url": EVIL}),
    (InstructionDiffers, {"name": "taken", "fingerprint": "something else"}),
)


@pytest.mark.parametrize(("first", "second"), list(combinations(OPENING, 2)), ids=lambda fault: fault[0].__name__)
def test_of_two_faults_of_an_order_the_first_is_told(
    first: tuple[type[Refusal], dict[str, Any]], second: tuple[type[Refusal], dict[str, Any]]
) -> None:
    shop = OrderShop()
    shop.open(100_00, "taken")
    with pytest.raises(first[0]):
        shop.open(100_00, **(first[1] | second[1]))
    with pytest.raises(second[0]):
        shop.open(100_00, **second[1])


def test_a_name_of_a_payment_that_is_over_is_processed_whatever_else_is_said() -> None:
    shop = OrderShop()
    order = shop.open(100_00, "taken")
    again = shop.open(100_00, "taken")
    assert again.order == order.order
    shop.withdraw(order.order.id)
    for fingerprint in ("asked", "something else"):
        with pytest.raises(InstructionProcessed):
            shop.open(100_00, "taken", fingerprint=fingerprint)


def test_names_of_payments_and_of_refunds_and_of_other_clients_are_apart() -> None:
    shop = OrderShop()
    order, _ = paid(shop, name="name")
    assert shop.refund(order, 1_00, "name").refund.amount == 1_00
    assert shop.open(7_00, "name", caller=STRANGER).terms.amount == 7_00


REFUNDING: tuple[tuple[type[Refusal], dict[str, Any]], ...] = (
    (BankUnknown, {"bank_id": "nobody"}),
    (ReturnUrlNotAllowed, {"return_url": EVIL}),
    (OrderUnknown, {"caller": STRANGER}),
    (CurrencyDiffers, {"currency": "CZK"}),
    (InstructionDiffers, {"name": "taken", "amount": 101_00}),
    (RefundAboveLimit, {"amount": 101_00}),
)


@pytest.mark.parametrize(("first", "second"), list(combinations(REFUNDING, 2)), ids=lambda fault: fault[0].__name__)
def test_of_two_faults_of_a_refund_the_first_is_told(
    first: tuple[type[Refusal], dict[str, Any]], second: tuple[type[Refusal], dict[str, Any]]
) -> None:
    shop = OrderShop()
    order, _ = paid(shop)
    shop.refund(order, 1_00, "taken")
    for refusal, faults in ((first[0], {**second[1], **first[1]}), (second[0], second[1])):
        said: dict[str, Any] = {"amount": 1_00, **faults}
        with pytest.raises(refusal):
            shop.refund(order, **said)


def test_a_name_of_a_refund_that_is_over_is_processed_whatever_else_is_said() -> None:
    shop = OrderShop()
    order, _ = paid(shop)
    shop.withdraw_refund(shop.refund(order, 1_00, "taken").refund.id)
    for amount in (1_00, 2_00, 101_00):
        with pytest.raises(InstructionProcessed):
            shop.refund(order, amount, "taken")


def test_what_nobody_has_begun_to_pay_cannot_be_refunded_whoever_would_get_it() -> None:
    shop = OrderShop()
    order = shop.open().order.id
    for amount, iban in ((1_00, PAYER), (1_00, ""), (101_00, PAYER)):
        with pytest.raises(RefundNotPossible):
            shop.refund(order, amount, creditor_iban=iban)


def test_whoever_gets_it_has_to_be_known_before_its_limit_matters() -> None:
    shop = OrderShop()
    order, _ = paid(shop, by="")
    with pytest.raises(CreditorMissing):
        shop.refund(order, 101_00)


def test_a_refund_of_everything_that_is_sent_twice_is_told_to_be_a_duplicate() -> None:
    shop = OrderShop()
    order, _ = paid(shop)
    shop.refund(order, 100_00)
    with pytest.raises(RefundDuplicated):
        shop.refund(order, 100_00)
    with pytest.raises(RefundAboveLimit):
        shop.refund(order, 100_00, reference="another")


@pytest.mark.parametrize(
    "said",
    [
        {"name": "second"},
        {"reference": "second"},
        {"variable_symbol": "2"},
        {"cause": "second"},
        {"creditor_iban": "SK3112000000198742637541"},
        {"amount": 2_00},
    ],
    ids=lambda said: next(iter(said)),
)
def test_refunds_are_apart_by_name_reference_recipient_amount_or_reason(said: dict[str, Any]) -> None:
    shop = OrderShop()
    order, _ = paid(shop)
    shop.refund(order, 1_00)
    words: dict[str, Any] = {"amount": 1_00, **said}
    for _ in range(2 if said == {"name": "second"} else 1):
        shop.refund(order, **words)
    assert len(shop.standing(order).refunds) == 2


def test_a_refund_like_one_that_came_to_nothing_is_no_duplicate() -> None:
    shop = OrderShop()
    order, _ = paid(shop)
    shop.withdraw_refund(shop.refund(order, 100_00).refund.id)
    assert shop.refund(order, 100_00).refund.state is PaymentState.CREATED


def test_the_same_refund_again_is_the_same_though_the_payer_is_known_better_by_now() -> None:
    shop = OrderShop()
    order = shop.open()
    payment = order.payments[0].id
    shop.begin(payment, debtor_iban=PAYER)
    first = shop.refund(order.order.id, 10_00, "once")
    assert first.instruction.creditor_iban == PAYER
    shop.record(payment, Paid(debtor_iban="SK3112000000198742637541"))
    again = shop.refund(order.order.id, 10_00, "once")
    assert (again.refund, again.instruction) == (first.refund, first.instruction)
    with pytest.raises(InstructionDiffers):
        shop.refund(order.order.id, 10_00, "once", creditor_iban="SK3112000000198742637541")


def test_the_name_of_a_refund_of_another_order_is_taken() -> None:
    shop = OrderShop()
    first, _ = paid(shop)
    second, _ = paid(shop)
    shop.refund(first, 1_00, "once")
    with pytest.raises(InstructionDiffers):
        shop.refund(second, 1_00, "once")


def test_less_than_was_paid_is_told_before_that_somebody_pays() -> None:
    shop = OrderShop()
    order, _ = paid(shop)
    further = shop.update(order, 150_00).payments[-1].id
    shop.see(further)
    for amount, refusal in ((99_99, AmountBelowPaid), (100_00, OrderNotUpdatable), (151_00, OrderNotUpdatable)):
        with pytest.raises(refusal):
            shop.update(order, amount, 50_00)
    assert shop.standing(order).terms.refund_limit == 100_00
    assert shop.update(order, 150_00, 50_00).terms.refund_limit == 50_00


CALLS: tuple[Callable[[OrderShop, OrderId], object], ...] = (
    lambda shop, order: shop.update(order, 1_00, caller=STRANGER),
    lambda shop, order: shop.update(order, limit=1, caller=STRANGER),
    lambda shop, order: shop.withdraw(order, caller=STRANGER),
    lambda shop, order: shop.refund(order, 1_00, caller=STRANGER),
    lambda shop, order: shop.withdraw_refund(shop.refund(order, 1_00).refund.id, caller=STRANGER),
)


@pytest.mark.parametrize("call", CALLS)
def test_another_clients_order_is_as_unknown_as_none(call: Callable[[OrderShop, OrderId], object]) -> None:
    shop = OrderShop()
    order, _ = paid(shop)
    with pytest.raises(OrderUnknown):
        call(shop, order)
    with pytest.raises(OrderUnknown):
        shop.update(UNKNOWN, 1_00)


def test_a_refund_that_there_is_not_is_unknown_and_one_that_has_begun_is_not_withdrawn() -> None:
    shop = OrderShop()
    order, payment = paid(shop)
    refund = shop.refund(order, 1_00).refund.id
    for unknown in (payment.id, payment_id(order, 2)):
        with pytest.raises(RefundUnknown):
            shop.withdraw_refund(unknown)
    shop.begin(refund)
    with pytest.raises(OrderNotWithdrawable):
        shop.withdraw_refund(refund)


def test_an_order_has_only_so_many_payments_and_refunds() -> None:
    shop = OrderShop()
    opened = shop.open(10_00, limit=0)
    order, first = opened.order, opened.payments[0]
    shop.begin(first.id, debtor_iban=PAYER)
    shop.record(first.id, Declined(Reason.DECLINED))
    told = shop.standing(order.id).instruction_of(first.id)
    most = MOST_PAYMENTS_OF_AN_ORDER
    over = replace(shop.find(first.id), state=PaymentState.EXPIRED, attempt_count=0)
    ids = [payment_id(order.id, number) for number in range(2, most + 1)]
    shop.book.load(Payment, [replace(over, id=identity) for identity in ids])
    shop.book.load(Instruction, [replace(told, payment_id=identity, state=over.state) for identity in ids])
    shop.book.load(type(order), [replace(order, payment_count=most)])
    with pytest.raises(OrderNotUpdatable):
        shop.update(order.id, 20_00)
    assert shop.update(order.id, limit=5).terms.refund_limit == 5
    terms = shop.standing(order.id).terms
    shop.book.load(PaymentOrder, [replace(terms, refund_limit=0, refund_count=MOST_REFUNDS_OF_AN_ORDER)])
    refunds = [f"{order.id[:33]}{0x800 + number:03x}" for number in range(1, MOST_REFUNDS_OF_AN_ORDER + 1)]
    shop.book.load(Payment, [replace(over, id=identity) for identity in refunds])  # pyright: ignore[reportArgumentType]
    shop.book.load(
        Instruction,
        [replace(told, payment_id=identity, outgoing=1) for identity in refunds],  # pyright: ignore[reportArgumentType]
    )
    with pytest.raises(RefundNotPossible):
        shop.refund(order.id, 1_00)


def test_a_cap_at_what_was_paid_holds_beside_every_limit() -> None:
    caller = replace(CLIENT, grants=f"{Grant.REFUNDS} {Grant.REFUNDS_CAPPED_AT_PAID}")
    shop = OrderShop()
    order, _ = paid(shop)
    shop.update(order, 200_00, 0)
    shop.refund(order, 100_00, caller=caller)
    for limit in (0, 100_00, 200_00):
        shop.update(order, limit=limit)
        with pytest.raises(RefundAboveLimit):
            shop.refund(order, 1, caller=caller)
