"""Attempts paid at a far side: whatever it says, whenever, however often, the books and the payment say the same."""

from collections.abc import Callable
from itertools import permutations

import pytest

from tests.domain.far import (
    DECLINED,
    PAID,
    PENDING,
    A,
    P,
    Scene,
    asked,
    declined,
    declined_and_asked_again,
    declined_and_expired,
    declined_and_paid_again,
    expired_while_asked,
    failed,
    paid,
    paid_late,
    returned,
    to_be_undone,
    undone,
    withdrawn_while_asked,
)
from tests.domain.shop import CURRENCY, Shop
from tillway.domain.events import (
    Event,
    LateMoneyReceived,
    LateMoneyReturned,
    PaymentDeclined,
    PaymentSucceeded,
)
from tillway.domain.outcomes import Declined, Outcome, Paid, Pending
from tillway.domain.payments import Transition
from tillway.domain.refusals import NotInThatState
from tillway.domain.schedules import DAY, LOOK_UPS

STAYS = ""
KEPT = (STAYS, STAYS, STAYS)

MOVES: dict[Callable[[], Scene], tuple[tuple[str, str, str], ...]] = {
    # What paid, pending and declined do, said of the attempt, of its reversal, and of its return.
    asked: (("BOOKED PAID", STAYS, "SEEN DECLINED"), KEPT, KEPT),
    paid: (KEPT, KEPT, KEPT),
    declined: (("SEEN LATE", STAYS, STAYS), KEPT, KEPT),
    failed: (("FAILED LATE", STAYS, STAYS), KEPT, KEPT),
    declined_and_expired: (("EXPIRED LATE", STAYS, STAYS), KEPT, KEPT),
    declined_and_paid_again: (("BOOKED LATE", STAYS, STAYS), KEPT, KEPT),
    declined_and_asked_again: (("PROCESSING LATE", STAYS, STAYS), KEPT, KEPT),
    withdrawn_while_asked: (("WITHDRAWN LATE", "WITHDRAWN REVERSING", "WITHDRAWN DECLINED"), KEPT, KEPT),
    expired_while_asked: (
        ("PROCESSING_EXPIRED LATE", "PROCESSING_EXPIRED REVERSING", "PROCESSING_EXPIRED DECLINED"),
        KEPT,
        KEPT,
    ),
    to_be_undone: (
        ("WITHDRAWN LATE", STAYS, "WITHDRAWN WITHDRAWN"),
        ("WITHDRAWN WITHDRAWN", STAYS, "WITHDRAWN LATE"),
        KEPT,
    ),
    undone: (("WITHDRAWN LATE", STAYS, STAYS), KEPT, KEPT),
    paid_late: (KEPT, KEPT, ("WITHDRAWN RETURNED", STAYS, STAYS)),
    returned: (KEPT, KEPT, KEPT),
}
SAID: tuple[Outcome, ...] = (PAID, PENDING, DECLINED)
RECORDS = (Shop.record, Shop.record_reversals, Shop.record_returns)
LATE_EVENTS: dict[str, type[Event]] = {"LATE": LateMoneyReceived, "RETURNED": LateMoneyReturned}


@pytest.mark.parametrize(
    ("begin", "record", "outcome", "expected"),
    [
        pytest.param(
            begin, record, outcome, expected, id=f"{begin.__name__}-{record.__name__}-{type(outcome).__name__}"
        )
        for begin, rows in MOVES.items()
        for record, row in zip(RECORDS, rows, strict=True)
        for outcome, expected in zip(SAID, row, strict=True)
    ],
)
def test_every_outcome_in_every_state_has_one_result(
    begin: Callable[[], Scene], record: Callable[..., object], outcome: Outcome, expected: str
) -> None:
    scene = begin()
    (payment, (attempt, *others)), told = scene.states, scene.told
    record(scene.shop, scene.payment, {1: outcome})
    wanted = expected.split() or [payment, attempt]
    assert scene.states == (wanted[0], [wanted[1], *others])
    scene.check_books()
    kind = LATE_EVENTS.get(wanted[1]) if expected else None
    assert [type(event) for event in scene.told[len(told) :] if isinstance(event, tuple(LATE_EVENTS.values()))] == (
        [kind] if kind else []
    )
    once = scene.states, scene.told, scene.shop.accounts()
    record(scene.shop, scene.payment, {1: outcome})
    if outcome is not PENDING:
        assert (scene.states, scene.told, scene.shop.accounts()) == once


def test_every_state_of_an_attempt_stands_in_the_table() -> None:
    assert {begin().states[1][0] for begin in MOVES} == set(A) - {A.HELD}


def test_a_payment_is_told_of_with_the_method_and_what_the_far_side_told_of_it() -> None:
    scene = asked()
    scene.shop.record(scene.payment, {1: Pending("pi_1", "https://bank.example/step")})
    (attempt,) = scene.shop.attempts(scene.payment)
    assert (attempt.reference, attempt.step_url) == ("pi_1", "https://bank.example/step")
    scene.shop.record(scene.payment, {1: Paid("", "Visa", "4242")})
    (attempt,) = scene.shop.attempts(scene.payment)
    assert (attempt.reference, attempt.scheme, attempt.mask) == ("pi_1", "Visa", "4242")
    assert scene.told == [
        PaymentSucceeded(scene.payment, 100, 100, CURRENCY, "receipt 1", (), method="card", scheme="Visa")
    ]


def test_while_a_far_side_is_asked_nothing_else_can_be_paid() -> None:
    scene = asked()
    for _ in range(2):
        with pytest.raises(NotInThatState):
            scene.shop.tender(scene.payment)
    assert len(scene.shop.attempts(scene.payment)) == 1


def test_late_money_does_not_complete_a_booked_payment_anew() -> None:
    scene = declined_and_paid_again()
    completed_at = scene.shop.find(scene.payment).completed_at
    scene.shop.now += DAY
    scene.shop.record(scene.payment, {1: PAID})
    payment = scene.shop.find(scene.payment)
    assert (payment.completed_at, payment.changed_at, payment.paid) == (completed_at, scene.shop.now, 100)


def test_late_money_that_the_far_side_will_not_take_back_stays_in_the_books_with_its_reason() -> None:
    scene = paid_late()
    scene.shop.record_returns(scene.payment, {1: Declined("refused")})
    (attempt,) = scene.shop.attempts(scene.payment)
    assert (attempt.state, attempt.reason, attempt.next_look_up_at) == (A.LATE, "refused", 0)
    scene.check_books()


def test_late_money_is_returned_at_once_and_tried_for_as_long_as_anything_however_old_its_attempt() -> None:
    scene = withdrawn_while_asked()
    scene.shop.now += LOOK_UPS.ends_after
    scene.shop.record(scene.payment, {1: PAID})
    assert scene.shop.attempts(scene.payment)[0].next_look_up_at == scene.shop.now
    scene.shop.record_returns(scene.payment, {1: PENDING})
    assert scene.shop.attempts(scene.payment)[0].next_look_up_at == scene.shop.now + LOOK_UPS.wait_after(1)


@pytest.mark.parametrize("order", set(permutations(["1 declined", "1 pending", "2 paid", "2 paid", "2 pending"])))
def test_messages_repeated_and_out_of_order_leave_the_same_books(order: tuple[str, ...]) -> None:
    scene = declined_and_asked_again()
    words: dict[str, Outcome] = {"paid": PAID, "pending": PENDING, "declined": DECLINED}
    for message in order:
        number, word = message.split()
        scene.shop.record(scene.payment, {int(number): words[word]})
    assert scene.states == (P.BOOKED, [A.DECLINED, A.PAID])
    assert [type(event) for event in scene.told] == [PaymentDeclined, PaymentSucceeded]
    scene.check_books()


def test_two_late_payments_told_at_once_are_two_events_with_growing_numbers() -> None:
    scene = declined_and_asked_again()
    scene.shop.record(scene.payment, {2: DECLINED})
    scene.shop.record(scene.payment, {1: PAID, 2: PAID})
    assert scene.states == (P.SEEN, [A.LATE, A.LATE])
    assert scene.told[2:] == [LateMoneyReceived(scene.payment, number, 100, CURRENCY) for number in (1, 2)]
    scene.check_books()
    scene.shop.record_returns(scene.payment, {1: PAID, 2: PAID})
    assert scene.told[4:] == [LateMoneyReturned(scene.payment, number, 100, CURRENCY) for number in (1, 2)]
    scene.check_books()
    moves = [one.number for one in scene.shop.book.all(Transition)]
    assert moves == sorted(set(moves))


def test_late_money_told_with_an_answer_is_recorded_first_and_the_answer_when_it_is_told_again() -> None:
    scene = declined_and_asked_again()
    both: dict[int, Outcome] = {1: PAID, 2: PAID}
    scene.shop.record(scene.payment, both)
    assert scene.states == (P.PROCESSING, [A.LATE, A.OPEN])
    scene.shop.record(scene.payment, both)
    assert scene.states == (P.BOOKED, [A.LATE, A.PAID])
    scene.check_books()
