"""Payments by far sides and gift cards: all of a call or nothing, only so many declines, refunds in reverse order."""

from collections.abc import Callable
from itertools import permutations

import pytest

from tests.domain.far import (
    DECLINED,
    FAR,
    PAID,
    PAYABLE,
    TRANSIT,
    A,
    P,
    Scene,
    declined_and_paid_again,
    opened,
)
from tests.domain.shop import CURRENCY, PREFIX, Shop, part
from tillway.domain.events import (
    LateMoneyReceived,
    PaymentDeclined,
    PaymentExpired,
    PaymentFailed,
    PaymentSucceeded,
    PaymentWithdrawn,
    RefundBooked,
    RefundFailed,
)
from tillway.domain.ids import PaymentId
from tillway.domain.orders import Access
from tillway.domain.outcomes import Declined
from tillway.domain.reasons import Reason
from tillway.domain.refunds import RefundState
from tillway.domain.refusals import NothingLeftToRefund, NotInThatState
from tillway.domain.schedules import DAY
from tillway.domain.settling import GIVEN_UP
from tillway.domain.spending import Rest, Spends


def test_the_payer_is_turned_away_after_as_many_declines_as_the_order_allows() -> None:
    scene = opened(most_declines=3)
    for number in range(1, 4):
        scene.shop.tender(scene.payment)
        scene.shop.record(scene.payment, {number: Declined(f"reason {number}")})
    assert scene.states == (P.FAILED, [A.DECLINED] * 3)
    assert scene.told == [
        PaymentDeclined(scene.payment, "reason 1"),
        PaymentDeclined(scene.payment, "reason 2"),
        PaymentFailed(scene.payment, "reason 3"),
    ]
    with pytest.raises(NotInThatState):
        scene.shop.tender(scene.payment)


@pytest.mark.parametrize("reason", [GIVEN_UP, Reason.NEVER_RECEIVED])
def test_what_says_nothing_against_the_payer_does_not_count_as_a_decline(reason: str) -> None:
    scene = opened(most_declines=2)
    for number in range(1, 6):
        scene.shop.tender(scene.payment)
        scene.shop.record(scene.payment, {number: Declined(reason)})
    assert scene.states[0] is P.SEEN
    for number in range(6, 8):
        scene.shop.tender(scene.payment)
        scene.shop.record(scene.payment, {number: DECLINED})
    assert scene.states[0] is P.FAILED


def test_a_call_with_several_declines_counts_once() -> None:
    scene = opened(most_declines=2)
    issuer = scene.shop.card(30, connector="simulator")
    scene.shop.tender(scene.payment, part(issuer, 30))
    scene.shop.record(scene.payment, {1: DECLINED, 2: DECLINED})
    assert scene.states == (P.SEEN, [A.DECLINED, A.DECLINED])


def test_a_payment_that_fails_gives_back_what_was_held_of_earlier_calls() -> None:
    scene = opened(most_declines=1)
    own, issuers = scene.shop.card(20), scene.shop.card(30, connector="simulator")
    earlier = [part(own, 20), part(issuers, 30)]
    held = Spends(
        tuple(earlier), allow_partial=False, final=False, call_key="", prefixes=(PREFIX,), access=Access.WIDGET
    )
    scene.shop.spend(scene.payment, held)
    scene.shop.record(scene.payment, {2: PAID})
    assert scene.shop.balances(own, issuers) == [(0, 20), (0, 30)]
    scene.shop.tender(scene.payment)
    scene.shop.record(scene.payment, {3: DECLINED})
    assert scene.states == (P.FAILED, [A.WITHDRAWN, A.REVERSING, A.DECLINED])
    assert scene.shop.find(scene.payment).paid == 0
    scene.shop.record_reversals(scene.payment, {2: PAID})
    assert scene.shop.balances(own, issuers) == [(20, 0), (30, 0)]
    assert isinstance(scene.told[-1], PaymentFailed)


class TestAGiftCardForPart:
    """A gift card pays 30 of 100 and a far side the rest: both, or neither."""

    def _begun(self, connector: str = "") -> tuple[Scene, Callable[[], tuple[int, int]]]:
        scene = opened()
        card = scene.shop.card(50, connector=connector)
        standing = scene.shop.tender(scene.payment, part(card, 30))
        assert [(one.method, one.amount, one.state) for one in standing.attempts] == [
            ("gift_card", 30, A.OPEN),
            ("card", 70, A.OPEN),
        ]
        return scene, lambda: scene.shop.balances(card)[0]

    def test_is_held_while_the_far_side_is_asked_and_taken_with_its_yes(self) -> None:
        scene, money = self._begun()
        assert money() == (20, 30)
        scene.shop.record(scene.payment, {2: PAID})
        assert (money(), scene.states) == ((20, 0), (P.BOOKED, [A.PAID, A.PAID]))
        (event,) = scene.told
        assert isinstance(event, PaymentSucceeded)
        assert ([card.deducted for card in event.cards], event.paid, event.method) == ([30], 100, "card")
        scene.check_books()

    def test_is_given_back_at_once_when_the_far_side_declines(self) -> None:
        scene, money = self._begun()
        scene.shop.record(scene.payment, {2: DECLINED})
        assert (money(), scene.states) == ((50, 0), (P.SEEN, [A.WITHDRAWN, A.DECLINED]))
        scene.check_books()

    @pytest.mark.parametrize("end", [Shop.withdraw, Shop.expire], ids=["withdrawn", "expired"])
    def test_is_given_back_when_the_payment_ends_and_the_rest_when_it_comes_after_all(
        self, end: Callable[[Shop, PaymentId], object]
    ) -> None:
        scene, money = self._begun()
        scene.shop.now += DAY if end is Shop.expire else 0
        end(scene.shop, scene.payment)
        assert (money(), scene.states[1]) == ((50, 0), [A.WITHDRAWN, A.OPEN])
        scene.shop.record(scene.payment, {2: PAID})
        assert scene.states[1] == [A.WITHDRAWN, A.LATE]
        scene.check_books()
        ended, late = scene.told
        assert ended == (PaymentExpired if end is Shop.expire else PaymentWithdrawn)(scene.payment, 30, CURRENCY)
        assert late == LateMoneyReceived(scene.payment, 2, 70, CURRENCY)

    def test_needs_the_yes_of_its_issuer_too(self) -> None:
        for first, second in permutations((1, 2)):
            scene, money = self._begun("simulator")
            scene.shop.record(scene.payment, {first: PAID})
            assert (money(), scene.states) == ((20, 30), (P.PROCESSING, [A.OPEN, A.OPEN]))
            scene.shop.record(scene.payment, {first: PAID, second: PAID})
            assert (money(), scene.states) == ((20, 0), (P.BOOKED, [A.PAID, A.PAID]))
            scene.check_books()

    def test_is_reversed_at_its_issuer_when_the_far_side_declines(self) -> None:
        scene, money = self._begun("simulator")
        scene.shop.record(scene.payment, {1: PAID, 2: DECLINED})
        assert (money(), scene.states) == ((20, 30), (P.SEEN, [A.REVERSING, A.DECLINED]))
        scene.shop.record_reversals(scene.payment, {1: PAID})
        assert (money(), scene.states[1]) == ((50, 0), [A.WITHDRAWN, A.DECLINED])

    def test_declined_by_its_issuer_sends_back_what_the_far_side_took(self) -> None:
        scene, money = self._begun("simulator")
        scene.shop.record(scene.payment, {1: DECLINED, 2: PAID})
        assert (money(), scene.states) == ((50, 0), (P.SEEN, [A.DECLINED, A.LATE]))
        assert scene.told == [
            PaymentDeclined(scene.payment, "insufficient_funds"),
            LateMoneyReceived(scene.payment, 2, 70, CURRENCY),
        ]
        scene.check_books()
        scene.shop.record_returns(scene.payment, {2: PAID})
        scene.check_books()

    def test_declined_by_its_issuer_has_the_far_side_undo_what_is_not_known(self) -> None:
        scene, _ = self._begun("simulator")
        scene.shop.record(scene.payment, {1: DECLINED})
        assert scene.states == (P.SEEN, [A.DECLINED, A.REVERSING])

    def test_is_all_there_is_when_it_covers_the_amount(self) -> None:
        scene = opened()
        card = scene.shop.card(150)
        standing = scene.shop.tender(scene.payment, part(card, 100))
        assert (standing.payment.state, len(standing.attempts)) == (P.BOOKED, 1)


def test_a_call_with_a_rest_completes_even_if_nobody_said_that_it_is_final() -> None:
    scene = opened()
    card = scene.shop.card(30)
    asked = Spends(
        (part(card, 30),),
        allow_partial=False,
        final=False,
        call_key="",
        prefixes=(PREFIX,),
        access=Access.WIDGET,
        rest=Rest("card", "far"),
    )
    scene.shop.spend(scene.payment, asked)
    scene.shop.record(scene.payment, {2: PAID})
    assert scene.states == (P.BOOKED, [A.PAID, A.PAID])


class TestRefunds:
    """Of 100, the first 30 paid by a gift card of ours and 70 at a far side."""

    def _paid(self) -> tuple[Scene, Callable[[], tuple[int, int]]]:
        scene = opened()
        card = scene.shop.card(30)
        scene.shop.tender(scene.payment, part(card, 30))
        scene.shop.record(scene.payment, {2: PAID})
        return scene, lambda: scene.shop.balances(card)[0]

    def test_go_to_the_tender_used_last_first(self) -> None:
        scene, money = self._paid()
        given = scene.shop.refund(scene.payment, 50)
        assert [(one.attempt, one.amount, one.state) for one in given.parts] == [(2, 50, RefundState.PROCESSING)]
        given = scene.shop.refund(scene.payment)
        assert [(one.attempt, one.amount, one.state) for one in given.parts] == [
            (2, 20, RefundState.PROCESSING),
            (1, 30, RefundState.BOOKED),
        ]
        assert money() == (30, 0)
        with pytest.raises(NothingLeftToRefund):
            scene.shop.refund(scene.payment)

    def test_are_booked_once_the_far_side_has_given_its_part(self) -> None:
        scene, _ = self._paid()
        scene.shop.refund(scene.payment)
        assert scene.shop.accounts()[TRANSIT] == 70
        given = scene.shop.record_refund(scene.payment, 1, {2: PAID})
        assert given.refund.state is RefundState.BOOKED
        accounts = scene.shop.accounts()
        assert (accounts[TRANSIT], accounts[FAR], accounts[PAYABLE]) == (0, 0, 0)
        assert scene.told[1:] == [RefundBooked(scene.payment, given.refund.id, 100, CURRENCY)]

    def test_fail_in_part_and_what_failed_is_the_merchants_and_may_be_tried_again(self) -> None:
        scene, money = self._paid()
        given = scene.shop.refund(scene.payment)
        after = scene.shop.record_refund(scene.payment, 1, {2: Declined("refused")})
        assert (after.refund.state, money()) == (RefundState.FAILED, (30, 0))
        assert scene.told[1:] == [RefundFailed(scene.payment, given.refund.id, 100, 70, CURRENCY, "refused")]
        accounts = scene.shop.accounts()
        assert (accounts[TRANSIT], accounts[FAR], accounts[PAYABLE]) == (0, -70, 70)
        again = scene.shop.refund(scene.payment)
        assert [(one.attempt, one.amount) for one in again.parts] == [(2, 70)]
        scene.shop.record_refund(scene.payment, 2, {2: PAID})
        assert scene.shop.find(scene.payment).refunded == 100
        assert [logged.sequence for logged in scene.shop.events(scene.payment)] == sorted(
            {logged.sequence for logged in scene.shop.events(scene.payment)}
        )

    def test_do_not_touch_money_that_came_late(self) -> None:
        scene = declined_and_paid_again()
        scene.shop.record(scene.payment, {1: PAID})
        given = scene.shop.refund(scene.payment)
        assert [(one.attempt, one.amount) for one in given.parts] == [(2, 100)]
        scene.shop.record_refund(scene.payment, 1, {2: PAID})
        scene.shop.record_returns(scene.payment, {1: PAID})
        assert set(scene.shop.accounts().values()) == {0}
