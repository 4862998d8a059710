"""Money that goes back: payments withdrawn or expired before they are complete, and refunds of those that are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.shop import CALLER, Shop, part, spends
from tillway.domain.events import LoggedEvent, PaymentExpired, PaymentWithdrawn, RefundBooked
from tillway.domain.giftcards import CardState, GiftCard
from tillway.domain.ids import PaymentId
from tillway.domain.ledger import TransferKind, merchant_payable
from tillway.domain.payments import MOST_REFUNDS, AttemptState, PaymentState
from tillway.domain.refunds import RefundState
from tillway.domain.refusals import NotInThatState, RefundAboveLeft
from tillway.domain.schedules import DAY


def _part_paid(shop: Shop) -> tuple[PaymentId, GiftCard, GiftCard]:
    first, second = shop.card(50), shop.card(80)
    payment = shop.payment(100)
    shop.spend(payment, spends(part(first, 30), part(second, 20), final=False))
    return payment, first, second


def test_a_withdrawn_payment_gives_every_card_its_money_back() -> None:
    shop = Shop()
    payment, *cards = _part_paid(shop)
    assert shop.balances(*cards) == [(20, 30), (60, 20)]
    standing = shop.withdraw(payment)
    assert shop.balances(*cards) == [(50, 0), (80, 0)]
    assert (standing.payment.state, standing.payment.paid) == (PaymentState.WITHDRAWN, 0)
    assert [attempt.state for attempt in standing.attempts] == [AttemptState.WITHDRAWN] * 2
    assert shop.moved(TransferKind.VOID) == [30, 20]
    assert shop.book.all(LoggedEvent)[-1].event == PaymentWithdrawn(payment, 50, "NOK")


def test_an_expired_payment_gives_every_card_its_money_back() -> None:
    shop = Shop()
    payment, *cards = _part_paid(shop)
    shop.now += DAY
    standing = shop.expire(payment)
    assert shop.balances(*cards) == [(50, 0), (80, 0)]
    assert (standing.payment.state, standing.payment.paid) == (PaymentState.EXPIRED, 0)
    assert shop.book.all(LoggedEvent)[-1].event == PaymentExpired(payment, 50, "NOK")


def test_a_payment_with_time_left_does_not_expire() -> None:
    shop = Shop()
    payment, *cards = _part_paid(shop)
    shop.now += DAY - 1
    assert shop.expire(payment).payment.state is PaymentState.SEEN
    assert shop.balances(*cards) == [(20, 30), (60, 20)]


def test_an_overdue_payment_cannot_be_withdrawn_any_more() -> None:
    shop = Shop()
    payment, *_ = _part_paid(shop)
    shop.now += DAY
    with pytest.raises(NotInThatState):
        shop.withdraw(payment)


@pytest.mark.parametrize("again", ["withdraw", "expire"])
@pytest.mark.parametrize("end", ["pay", "withdraw", "expire"])
def test_a_payment_ends_once(end: str, again: str) -> None:
    shop = Shop()
    payment, first, second = _part_paid(shop)
    if end == "pay":
        shop.spend(payment, spends(part(second, 50)))
    elif end == "withdraw":
        shop.withdraw(payment)
    shop.now += DAY
    ended = shop.expire(payment)
    before = shop.balances(first, second)
    if again == "withdraw":
        with pytest.raises(NotInThatState):
            shop.withdraw(payment)
    else:
        assert shop.expire(payment) == ended
    assert shop.balances(first, second) == before


def test_money_goes_back_to_a_card_that_was_blocked_or_has_expired_meanwhile() -> None:
    shop = Shop()
    payment, first, second = _part_paid(shop)
    shop.change_card(first, state=CardState.BLOCKED)
    shop.change_card(second, expires_at=shop.now)
    shop.withdraw(payment)
    assert shop.balances(first, second) == [(50, 0), (80, 0)]
    assert shop.now_of(first).state is CardState.BLOCKED
    assert shop.now_of(second).expires_at == shop.now


def _paid(shop: Shop, *amounts: int) -> tuple[PaymentId, list[GiftCard]]:
    cards = [shop.card(amount) for amount in amounts]
    payment = shop.payment(sum(amounts))
    shop.spend(payment, spends(*(part(card, card.balance) for card in cards)))
    return payment, cards


def test_a_refund_goes_back_in_reverse_order_of_use() -> None:
    shop = Shop()
    payment, cards = _paid(shop, 40, 30, 20)
    returned = shop.refund(payment, 35)
    assert shop.balances(*cards) == [(0, 0), (15, 0), (20, 0)]
    assert [(one.attempt, one.amount) for one in returned.parts] == [(3, 20), (2, 15)]
    assert (returned.refund.amount, returned.refund.state) == (35, RefundState.BOOKED)
    assert returned.standing.payment.refunded == 35
    assert [attempt.refunded for attempt in returned.standing.attempts] == [0, 15, 20]


def test_refunds_go_on_where_the_last_one_stopped() -> None:
    shop = Shop()
    payment, cards = _paid(shop, 40, 30, 20)
    for number, (amount, balances) in enumerate(
        [(5, [0, 0, 5]), (20, [0, 5, 20]), (30, [5, 30, 20]), (0, [40, 30, 20])], 1
    ):
        returned = shop.refund(payment, amount)
        assert returned.refund.number == number
        assert shop.balances(*cards) == [(balance, 0) for balance in balances]
    assert shop.find(payment).refunded == 90
    assert shop.accounts()[merchant_payable(CALLER.merchant_id, "NOK")] == 0
    with pytest.raises(RefundAboveLeft):
        shop.refund(payment)
    assert [type(row.event) for row in shop.book.all(LoggedEvent)][1:] == [RefundBooked] * 4


@pytest.mark.parametrize("refunded", [0, 1, 50, 90])
def test_no_more_than_is_left_can_be_refunded(refunded: int) -> None:
    shop = Shop()
    payment, cards = _paid(shop, 90)
    if refunded:
        shop.refund(payment, refunded)
    with pytest.raises(RefundAboveLeft):
        shop.refund(payment, 91 - refunded)
    assert shop.balances(*cards) == [(refunded, 0)]


def test_what_was_paid_of_a_payment_completed_with_less_can_be_refunded_and_no_more() -> None:
    shop = Shop()
    card = shop.card(30)
    payment = shop.payment(100)
    shop.spend(payment, spends(part(card), allow_partial=True))
    with pytest.raises(RefundAboveLeft):
        shop.refund(payment, 31)
    assert shop.refund(payment).refund.amount == 30


def test_a_refund_reaches_cards_that_have_expired_or_are_blocked_and_leaves_them_so() -> None:
    shop = Shop()
    payment, (expired, blocked) = _paid(shop, 40, 30)
    shop.change_card(expired, expires_at=shop.now)
    shop.change_card(blocked, state=CardState.BLOCKED)
    shop.refund(payment)
    assert shop.balances(expired, blocked) == [(40, 0), (30, 0)]
    assert shop.now_of(expired).expires_at == shop.now
    assert shop.now_of(blocked).state is CardState.BLOCKED


def test_a_card_used_twice_gets_each_use_back() -> None:
    shop = Shop()
    card = shop.card(100)
    payment = shop.payment(100)
    shop.spend(payment, spends(part(card, 30), final=False))
    shop.spend(payment, spends(part(card, 70)))
    assert [one.amount for one in shop.refund(payment, 80).parts] == [70, 10]
    assert shop.balances(card) == [(80, 0)]


@pytest.mark.parametrize("state", ["open", "part paid", "withdrawn", "expired"])
def test_only_a_complete_payment_can_be_refunded(state: str) -> None:
    shop = Shop()
    payment = shop.payment(100) if state == "open" else _part_paid(shop)[0]
    if state == "withdrawn":
        shop.withdraw(payment)
    if state == "expired":
        shop.now += DAY
        shop.expire(payment)
    with pytest.raises(NotInThatState):
        shop.refund(payment)


@given(st.lists(st.integers(1, 50), min_size=1, max_size=4), st.lists(st.integers(0, 60), max_size=6))
def test_refunds_never_return_more_than_was_paid(amounts: list[int], asked: list[int]) -> None:
    shop = Shop()
    payment, cards = _paid(shop, *amounts)
    left = sum(amounts)
    for amount in asked:
        if 0 < (amount or left) <= left:
            left -= shop.refund(payment, amount).refund.amount
        else:
            with pytest.raises(RefundAboveLeft):
                shop.refund(payment, amount)
        assert shop.find(payment).refunded == sum(amounts) - left
        balances = [balance for balance, _ in shop.balances(*cards)]
        assert sum(balances) == sum(amounts) - left
        full = [balance == amount for balance, amount in zip(balances, amounts, strict=True)]
        untouched = [balance == 0 for balance in balances]
        assert full == sorted(full)
        assert untouched == sorted(untouched, reverse=True)


def test_what_an_issuer_still_has_to_answer_for_is_asked_about_as_soon_as_the_payment_ends() -> None:
    shop = Shop()
    payment = shop.payment(100)
    shop.spend(payment, spends(part(shop.card(100, connector="simulator"))))
    shop.withdraw(payment)
    (attempt,) = shop.book.attempts_of(shop.find(payment))
    assert (attempt.state, attempt.next_look_up_at) == (AttemptState.OPEN, shop.now)


def test_a_payment_has_a_bounded_number_of_refunds() -> None:
    shop = Shop()
    payment = shop.payment(1_000)
    shop.spend(payment, spends(part(shop.card(1_000))))
    for _ in range(MOST_REFUNDS):
        shop.refund(payment, 1)
    with pytest.raises(NotInThatState):
        shop.refund(payment, 1)
