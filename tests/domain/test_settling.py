"""Recording what connectors say: in any order, any number of times, at any moment, with the same result."""

from itertools import permutations
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.shop import CALLER, Shop, part, spends
from tillway.domain.events import LoggedEvent, PaymentDeclined, PaymentSucceeded, RefundBooked, RefundFailed
from tillway.domain.giftcards import GiftCard
from tillway.domain.ids import PaymentId
from tillway.domain.ledger import TransferKind, merchant_payable, refunds_in_transit
from tillway.domain.outcomes import Declined, Outcome, Paid, Pending
from tillway.domain.payments import AttemptState, PaymentState
from tillway.domain.refunds import RefundState
from tillway.domain.refusals import NotInThatState
from tillway.domain.schedules import DAY, LOOK_UPS, SECOND

PAID, PENDING, DECLINED = Paid(), Pending(), Declined("issuer_failure")
OUTCOMES: tuple[Outcome, ...] = (PAID, PENDING, DECLINED)
A = AttemptState


class Scene(NamedTuple):
    """A payment of 100 that waits for the issuer of its middle card: 30, 50 through a connector, 20."""

    shop: Shop
    payment: PaymentId
    cards: list[GiftCard]

    @property
    def states(self) -> list[AttemptState]:
        """Where its attempts stand."""
        shop = self.shop
        return [attempt.state for attempt in shop.book.attempts_of(shop.find(self.payment))]

    @property
    def balances(self) -> list[tuple[int, int]]:
        """What its cards have, and what of it is reserved."""
        return self.shop.balances(*self.cards)


WHOLE = [(100, 0)] * 3
RESERVED = [(70, 30), (50, 50), (80, 20)]


def _waiting(*, final: bool = True) -> Scene:
    shop = Shop()
    cards = [shop.card(100), shop.card(100, connector="simulator"), shop.card(100)]
    payment = shop.payment(100 if final else 200)
    parts = [part(card, amount) for card, amount in zip(cards, (30, 50, 20), strict=True)]
    standing = shop.spend(payment, spends(*parts, final=final))
    assert standing.payment.state is PaymentState.PROCESSING
    scene = Scene(shop, payment, cards)
    assert scene.states == [A.OPEN] * 3
    assert scene.balances == RESERVED
    return scene


def test_a_yes_takes_the_whole_call() -> None:
    scene = _waiting()
    standing = scene.shop.record(scene.payment, {2: PAID})
    assert (standing.payment.state, standing.payment.paid) == (PaymentState.BOOKED, 100)
    assert scene.states == [A.PAID] * 3
    assert scene.balances == [(70, 0), (50, 0), (80, 0)]
    event = scene.shop.book.all(LoggedEvent)[-1].event
    assert isinstance(event, PaymentSucceeded)
    assert [one.deducted for one in event.cards] == [30, 50, 20]


def test_a_yes_to_a_part_payment_holds_it() -> None:
    scene = _waiting(final=False)
    standing = scene.shop.record(scene.payment, {2: PAID})
    assert (standing.payment.state, standing.payment.paid) == (PaymentState.SEEN, 100)
    assert scene.states == [A.HELD] * 3
    assert scene.balances == RESERVED


def test_a_no_gives_the_whole_call_back_and_the_payer_may_try_again() -> None:
    scene = _waiting()
    standing = scene.shop.record(scene.payment, {2: DECLINED})
    assert (standing.payment.state, standing.payment.paid) == (PaymentState.SEEN, 0)
    assert scene.states == [A.WITHDRAWN, A.DECLINED, A.WITHDRAWN]
    assert scene.balances == WHOLE
    assert scene.shop.book.all(LoggedEvent)[-1].event == PaymentDeclined(scene.payment, "issuer_failure")
    scene.shop.spend(scene.payment, spends(part(scene.cards[0])))
    assert scene.balances == [(0, 0), (100, 0), (100, 0)]


def test_no_plain_answer_changes_no_money_and_is_asked_for_later() -> None:
    scene = _waiting()
    for number in range(1, 4):
        standing = scene.shop.record(scene.payment, {2: PENDING})
        attempt = standing.attempts[1]
        assert (attempt.look_ups, attempt.next_look_up_at) == (number, scene.shop.now + LOOK_UPS.wait_after(number))
        assert scene.states == [A.OPEN] * 3
        assert scene.balances == RESERVED
        scene.shop.now = attempt.next_look_up_at


def test_asking_out_of_turn_does_not_put_the_next_look_up_off() -> None:
    scene = _waiting()
    due = scene.shop.record(scene.payment, {2: PENDING}).attempts[1].next_look_up_at
    for _ in range(10):
        scene.shop.now += SECOND // 2
        attempt = scene.shop.record(scene.payment, {2: PENDING}).attempts[1]
        assert (attempt.look_ups, attempt.next_look_up_at) == (1, due)


def test_while_the_issuer_is_asked_nothing_else_can_be_paid() -> None:
    scene = _waiting()
    with pytest.raises(NotInThatState):
        scene.shop.spend(scene.payment, spends(part(scene.cards[0])))


def test_of_two_issuers_one_no_has_the_other_give_back() -> None:
    for numbers in permutations((1, 2)):
        shop = Shop()
        cards = [shop.card(100, connector="simulator") for _ in range(2)]
        payment = shop.payment(100)
        shop.spend(payment, spends(part(cards[0], 40), part(cards[1])))
        yes, no = numbers
        standing = shop.record(payment, {yes: PAID, no: DECLINED})
        assert standing.payment.state is PaymentState.SEEN
        assert standing.attempts[yes - 1].state is A.REVERSING
        assert standing.attempts[no - 1].state is A.DECLINED
        assert shop.now_of(cards[no - 1]).held == 0
        assert shop.now_of(cards[yes - 1]).held > 0
        shop.record_reversals(payment, {yes: PENDING})
        assert shop.now_of(cards[yes - 1]).held > 0
        shop.record_reversals(payment, {yes: PAID})
        assert shop.balances(*cards) == [(100, 0)] * 2


@pytest.mark.parametrize("outcome", OUTCOMES, ids=lambda outcome: type(outcome).__name__)
@pytest.mark.parametrize("end", ["withdraw", "expire"])
def test_an_answer_that_comes_after_the_end_gives_the_money_back(end: str, outcome: Outcome) -> None:
    scene = _waiting()
    if end == "withdraw":
        scene.shop.withdraw(scene.payment)
    else:
        scene.shop.now += DAY
        assert scene.shop.expire(scene.payment).payment.state is PaymentState.PROCESSING_EXPIRED
    assert scene.states == [A.WITHDRAWN, A.OPEN, A.WITHDRAWN]
    assert scene.balances == [(100, 0), (50, 50), (100, 0)]
    scene.shop.record(scene.payment, {2: outcome})
    if outcome != DECLINED:
        assert scene.states[1] is A.REVERSING
        scene.shop.record_reversals(scene.payment, {2: PAID})
    assert scene.balances == WHOLE
    assert scene.shop.find(scene.payment).paid == 0


@pytest.mark.parametrize("end", ["withdraw", "expire"])
def test_what_an_issuer_holds_of_a_part_payment_is_reversed_there_when_the_payment_ends(end: str) -> None:
    scene = _waiting(final=False)
    scene.shop.record(scene.payment, {2: PAID})
    if end == "withdraw":
        scene.shop.withdraw(scene.payment)
    else:
        scene.shop.now += DAY
        scene.shop.expire(scene.payment)
    assert scene.states == [A.WITHDRAWN, A.REVERSING, A.WITHDRAWN]
    assert scene.balances == [(100, 0), (50, 50), (100, 0)]
    scene.shop.record_reversals(scene.payment, {2: PENDING})
    assert scene.states[1] is A.REVERSING
    scene.shop.record_reversals(scene.payment, {2: PAID})
    assert scene.states[1] is A.WITHDRAWN
    assert scene.balances == WHOLE


@given(st.lists(st.sampled_from(OUTCOMES), min_size=1, max_size=5))
def test_only_the_first_plain_answer_counts(said: list[Outcome]) -> None:
    scene = _waiting()
    plain = next((outcome for outcome in said if outcome != PENDING), None)
    for outcome in said:
        scene.shop.record(scene.payment, {2: outcome})
    expected: dict[Outcome | None, A] = {PAID: A.PAID, DECLINED: A.DECLINED, None: A.OPEN}
    assert scene.states[1] is expected[plain]
    ends: dict[Outcome | None, list[tuple[int, int]]] = {
        PAID: [(70, 0), (50, 0), (80, 0)],
        DECLINED: WHOLE,
        None: RESERVED,
    }
    assert scene.balances == ends[plain]


def _refunding(*, both: bool) -> tuple[Shop, PaymentId, list[GiftCard]]:
    """A refund of 80: 50 through a connector and 30 more, through the other card's connector too if `both`."""
    shop = Shop()
    cards = [shop.card(100, connector="simulator" if both else ""), shop.card(50, connector="simulator")]
    payment = shop.payment(100)
    shop.spend(payment, spends(part(cards[0], 50), part(cards[1])))
    shop.record(payment, {1: PAID, 2: PAID} if both else {2: PAID})
    returned = shop.refund(payment, 80)
    assert returned.refund.state is RefundState.PROCESSING
    return shop, payment, cards


def test_a_refund_through_a_connector_is_in_transit_until_it_is_confirmed() -> None:
    shop, payment, cards = _refunding(both=False)
    transit = refunds_in_transit(CALLER.merchant_id, "NOK")
    assert shop.balances(*cards) == [(80, 0), (0, 0)]
    assert shop.accounts()[transit] == 50
    assert shop.record_refund(payment, 1, {2: PENDING}).refund.state is RefundState.PROCESSING
    returned = shop.record_refund(payment, 1, {2: PAID})
    assert (returned.refund.state, returned.refund.settled_at) == (RefundState.BOOKED, shop.now)
    assert shop.balances(*cards) == [(80, 0), (50, 0)]
    assert shop.accounts()[transit] == 0
    assert isinstance(shop.book.all(LoggedEvent)[-1].event, RefundBooked)


def test_a_refund_that_the_issuer_refuses_is_the_merchants_again_and_may_be_tried_again() -> None:
    shop, payment, cards = _refunding(both=False)
    returned = shop.record_refund(payment, 1, {2: DECLINED})
    assert returned.refund.state is RefundState.FAILED
    assert shop.find(payment).refunded == 30
    assert shop.accounts()[merchant_payable(CALLER.merchant_id, "NOK")] == 70
    assert shop.accounts()[refunds_in_transit(CALLER.merchant_id, "NOK")] == 0
    assert isinstance(shop.book.all(LoggedEvent)[-1].event, RefundFailed)
    again = shop.refund(payment)
    assert [(one.attempt, one.amount) for one in again.parts] == [(2, 50), (1, 20)]
    shop.record_refund(payment, 2, {2: PAID})
    assert shop.balances(*cards) == [(100, 0), (50, 0)]


@given(st.lists(st.tuples(st.sampled_from((1, 2)), st.sampled_from(OUTCOMES)), max_size=6))
def test_a_refunds_answers_may_come_in_any_order_and_again(said: list[tuple[int, Outcome]]) -> None:
    shop, payment, _ = _refunding(both=True)
    first: dict[int, Outcome] = {}
    for number, outcome in said:
        returned = shop.record_refund(payment, 1, {number: outcome})
        if outcome != PENDING:
            first.setdefault(number, outcome)
        ended = len(first) == 2
        assert (returned.refund.state is not RefundState.PROCESSING) is ended
    amounts = {1: 30, 2: 50}
    failed = sum(amounts[number] for number, outcome in first.items() if outcome == DECLINED)
    assert shop.find(payment).refunded == 80 - failed
    assert sum(shop.moved(TransferKind.REFUND_FAILED)) == failed
    assert sum(shop.moved(TransferKind.REFUND)) == sum(amounts[n] for n, outcome in first.items() if outcome == PAID)
