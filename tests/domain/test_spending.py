"""Paying with gift cards: what each card gives, when a payment is complete, and what is held until it is."""

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.shop import Shop, part, spends
from tillway.domain.events import LoggedEvent
from tillway.domain.giftcards import GiftCard
from tillway.domain.ids import MerchantId
from tillway.domain.ledger import TransferKind, merchant_payable
from tillway.domain.orders import Access
from tillway.domain.payments import MOST_ATTEMPTS, AttemptState, PaymentState, Transition
from tillway.domain.refusals import AmountAboveDue, BalanceTooLow, KeyReused, NotInThatState, Refusal

BOOKED, SEEN = PaymentState.BOOKED, PaymentState.SEEN
PARTIAL = {"allow_partial": True}
NOT_FINAL = {"final": False}
EITHER = (False, True)

# A payment of 100: the cards' balances and the amounts asked of them (0: what is due), options, and what comes of it.
TABLE: tuple[tuple[tuple[tuple[int, int], ...], dict[str, bool], object], ...] = (
    (((100, 0),), {}, (BOOKED, [100])),
    (((150, 0),), {}, (BOOKED, [100])),
    (((150, 100),), {}, (BOOKED, [100])),
    (((99, 0),), {}, BalanceTooLow),
    (((150, 99),), {}, BalanceTooLow),
    (((150, 101),), {}, AmountAboveDue),
    (((40, 0), (60, 0)), {}, BalanceTooLow),
    (((40, 40), (60, 0)), {}, (BOOKED, [40, 60])),
    (((40, 40), (60, 60)), {}, (BOOKED, [40, 60])),
    (((40, 40), (60, 61)), {}, AmountAboveDue),
    (((40, 40), (59, 0)), {}, BalanceTooLow),
    (((40, 40), (59, 59)), {}, BalanceTooLow),
    (((100, 0), (50, 0)), {}, (BOOKED, [100])),
    (((100, 0), (50, 10)), {}, AmountAboveDue),
    (((40, 0),), PARTIAL, (BOOKED, [40])),
    (((40, 50),), PARTIAL, (BOOKED, [40])),
    (((40, 30),), PARTIAL, (BOOKED, [30])),
    (((40, 0), (50, 0)), PARTIAL, (BOOKED, [40, 50])),
    (((40, 0), (70, 0)), PARTIAL, (BOOKED, [40, 60])),
    (((40, 0), (70, 60)), PARTIAL, (BOOKED, [40, 60])),
    (((40, 0), (70, 61)), PARTIAL, AmountAboveDue),
    (((40, 101),), PARTIAL, AmountAboveDue),
    (((100, 0), (50, 0)), PARTIAL, (BOOKED, [100])),
    (((40, 40),), NOT_FINAL, (SEEN, [40])),
    (((100, 0),), NOT_FINAL, (BOOKED, [100])),
    (((40, 0),), NOT_FINAL, BalanceTooLow),
    (((40, 41),), NOT_FINAL, BalanceTooLow),
    (((40, 40), (50, 50)), NOT_FINAL, (SEEN, [40, 50])),
    (((40, 40), (60, 0)), NOT_FINAL, (BOOKED, [40, 60])),
    (((40, 0),), PARTIAL | NOT_FINAL, (SEEN, [40])),
    (((40, 0), (50, 0)), PARTIAL | NOT_FINAL, (SEEN, [40, 50])),
    (((40, 0), (70, 0)), PARTIAL | NOT_FINAL, (BOOKED, [40, 60])),
)


@pytest.mark.parametrize(("asked", "options", "expected"), TABLE)
def test_what_a_call_takes(asked: tuple[tuple[int, int], ...], options: dict[str, bool], expected: object) -> None:
    shop = Shop()
    payment = shop.payment(100)
    cards = [shop.card(balance) for balance, _ in asked]
    parts = [part(card, amount) for card, (_, amount) in zip(cards, asked, strict=True)]
    call = replace(spends(*parts), **options)
    if isinstance(expected, type):
        assert issubclass(expected, Refusal)
        with pytest.raises(expected):
            shop.spend(payment, call)
        assert shop.balances(*cards) == [(balance, 0) for balance, _ in asked]
    else:
        standing = shop.spend(payment, call)
        taken = [attempt.amount for attempt in standing.taken()]
        assert (standing.payment.state, taken) == expected
        assert standing.payment.paid == sum(taken)


def test_a_complete_payment_is_the_merchants_at_once() -> None:
    shop = Shop()
    card = shop.card(100)
    standing = shop.spend(shop.payment(70), spends(part(card)))
    assert shop.moved(TransferKind.SPEND) == [70]
    assert shop.accounts()[merchant_payable(MerchantId("corner shop"), "NOK")] == 70
    assert [attempt.state for attempt in standing.attempts] == [AttemptState.PAID]
    assert standing.payment.completed_at == shop.now


def test_a_part_payment_is_held_and_captured_when_the_rest_is_paid() -> None:
    shop = Shop()
    first, second = shop.card(40), shop.card(100)
    payment = shop.payment(100)
    standing = shop.spend(payment, spends(part(first, 30), final=False))
    assert (standing.payment.state, standing.payment.paid, standing.payment.due) == (SEEN, 30, 70)
    assert standing.payment.completed_at == 0
    assert shop.balances(first) == [(10, 30)]
    standing = shop.spend(payment, spends(part(second)))
    assert standing.payment.state is BOOKED
    assert [attempt.state for attempt in standing.attempts] == [AttemptState.PAID] * 2
    assert shop.balances(first, second) == [(10, 0), (30, 0)]
    assert (shop.moved(TransferKind.CAPTURE), shop.moved(TransferKind.SPEND)) == ([30], [70])


def test_three_part_payments_in_three_calls() -> None:
    shop = Shop()
    cards = [shop.card(100) for _ in range(3)]
    payment = shop.payment(100)
    states = [shop.spend(payment, spends(part(card, 30), final=False)).payment.state for card in cards]
    assert states == [SEEN] * 3
    assert shop.spend(payment, spends(part(cards[0]), final=False)).payment.state is BOOKED
    assert shop.balances(*cards) == [(60, 0), (70, 0), (70, 0)]


def test_a_final_call_that_allows_less_completes_with_what_was_held_before() -> None:
    shop = Shop()
    first, second = shop.card(30), shop.card(20)
    payment = shop.payment(100)
    shop.spend(payment, spends(part(first), allow_partial=True, final=False))
    standing = shop.spend(payment, spends(part(second), allow_partial=True))
    assert (standing.payment.state, standing.payment.paid) == (BOOKED, 50)
    assert shop.balances(first, second) == [(0, 0), (0, 0)]


def test_one_card_may_stand_twice_in_a_call_but_gives_no_more_than_it_has() -> None:
    shop = Shop()
    card = shop.card(100)
    shop.spend(shop.payment(100), spends(part(card, 40), part(card)))
    assert shop.balances(card) == [(0, 0)]
    card = shop.card(100)
    with pytest.raises(BalanceTooLow):
        shop.spend(shop.payment(120), spends(part(card, 60), part(card, 60)))
    standing = shop.spend(shop.payment(120), spends(part(card, 60), part(card, 60), allow_partial=True))
    assert [attempt.amount for attempt in standing.attempts] == [60, 40]


def test_what_is_held_of_a_card_cannot_be_spent_by_another_payment() -> None:
    shop = Shop()
    card = shop.card(100)
    shop.spend(shop.payment(200), spends(part(card, 60), final=False))
    with pytest.raises(BalanceTooLow):
        shop.spend(shop.payment(50), spends(part(card)))
    shop.spend(shop.payment(40), spends(part(card)))
    assert shop.balances(card) == [(0, 60)]


@pytest.mark.parametrize("end", ["pay", "withdraw", "expire"])
def test_nothing_can_be_paid_for_a_payment_that_has_ended(end: str) -> None:
    shop = Shop()
    card = shop.card(1000)
    payment = shop.payment(100)
    if end == "pay":
        shop.spend(payment, spends(part(card)))
    elif end == "withdraw":
        shop.withdraw(payment)
    else:
        shop.now = shop.find(payment).expires_at
        shop.expire(payment)
    with pytest.raises(NotInThatState):
        shop.spend(payment, spends(part(card)))


def test_the_page_pays_web_payments_only() -> None:
    shop = Shop()
    card = shop.card(100)
    by_page = replace(spends(part(card)), access=Access.WEB)
    shop.spend(shop.payment(50, Access.WEB), by_page)
    with pytest.raises(Refusal):
        shop.spend(shop.payment(50), by_page)


def test_a_call_cut_short_is_answered_by_its_key_without_taking_more() -> None:
    shop = Shop()
    card = shop.card(100)
    payment = shop.payment(100)
    first = shop.spend(payment, spends(part(card, 30), final=False, call_key="a key asked"))
    again = shop.spend(payment, spends(part(card, 30), final=False, call_key="a key asked"))
    assert again == first
    shop.spend(payment, spends(part(card, 30), final=False, call_key="a knife asked"))
    assert shop.balances(card) == [(40, 60)]


@given(st.lists(st.tuples(st.integers(1, 200), st.integers(0, 120)), min_size=1, max_size=5), st.data())
def test_whatever_is_asked_all_is_taken_or_nothing(asked: list[tuple[int, int]], data: st.DataObject) -> None:
    shop = Shop()
    payment = shop.payment(100)
    cards: list[GiftCard] = [shop.card(balance) for balance, _ in asked]
    allow_partial, final = data.draw(st.sampled_from(list(product(EITHER, EITHER))))
    parts = [part(card, amount) for card, (_, amount) in zip(cards, asked, strict=True)]
    before = shop.balances(*cards)
    try:
        standing = shop.spend(payment, spends(*parts, allow_partial=allow_partial, final=final))
    except Refusal:
        assert shop.balances(*cards) == before
        assert shop.find(payment).state is PaymentState.CREATED
        return
    spent = sum(balance for balance, _ in before) - sum(balance for balance, _ in shop.balances(*cards))
    assert spent == standing.payment.paid == sum(attempt.amount for attempt in standing.attempts) <= 100
    complete = standing.payment.state is BOOKED
    assert complete is (final or spent == 100)
    assert complete or sum(held for _, held in shop.balances(*cards)) == spent
    if not allow_partial:
        for attempt, (_, amount) in zip(standing.attempts, asked, strict=False):
            assert amount in {0, attempt.amount}


def test_every_move_and_event_is_kept_with_the_version_it_led_to() -> None:
    shop = Shop()
    card = shop.card(100)
    payment = shop.payment(100)
    shop.spend(payment, spends(part(card, 30), final=False))
    shop.spend(payment, spends(part(card, 30), final=False))
    shop.spend(payment, spends(part(card)))
    moves = [(row.number, row.source, row.target) for row in shop.book.all(Transition)]
    assert moves == [(1, PaymentState.CREATED, SEEN), (3, SEEN, BOOKED)]
    events = [(row.sequence, row.kind) for row in shop.book.all(LoggedEvent)]
    assert events == [(1, "payment.part_paid"), (2, "payment.part_paid"), (3, "payment.succeeded")]


def test_the_key_of_a_call_that_waits_for_its_issuer_is_good_for_that_request_alone() -> None:
    shop = Shop()
    payment = shop.payment(100)
    card = shop.card(100, connector="simulator")
    shop.spend(payment, spends(part(card), call_key="key one-request"))
    assert shop.spend(payment, spends(part(card), call_key="key one-request")).awaits_issuer()
    with pytest.raises(KeyReused):
        shop.spend(payment, spends(part(card, 50), final=False, call_key="key another-request"))


def test_a_payment_has_a_bounded_number_of_attempts() -> None:
    shop = Shop()
    payment = shop.payment(100_000)
    card = shop.card(100_000)
    for _ in range(MOST_ATTEMPTS):
        shop.spend(payment, spends(part(card, 1), final=False))
    with pytest.raises(NotInThatState):
        shop.spend(payment, spends(part(card, 1), final=False))
    shop.withdraw(payment)
    assert shop.balances(card) == [(100_000, 0)]
