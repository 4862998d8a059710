"""Whatever far sides do and tell, in any order: no payer pays twice, and both sides' books end up the same."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tests.domain.shop import CURRENCY, Shop, part
from tests.far_side import FarBooks, Wish
from tillway.domain.events import (
    Event,
    LateMoneyReceived,
    LateMoneyReturned,
    PaymentExpired,
    PaymentFailed,
    PaymentSucceeded,
    PaymentWithdrawn,
)
from tillway.domain.ids import PaymentId
from tillway.domain.ledger import receivable
from tillway.domain.orders import Access
from tillway.domain.outcomes import Declined, Outcome, Paid, Pending
from tillway.domain.payments import PAYMENT, TAKEN, Attempt, AttemptState, PaymentState
from tillway.domain.refunds import RefundPart, RefundState
from tillway.domain.refusals import Refusal
from tillway.domain.schedules import DAY, SECOND
from tillway.domain.settling import GIVEN_UP

AMOUNT = 100
MOST_DECLINES = 3
MOSTLY = st.sampled_from((True, True, True, False))
SELDOM = st.sampled_from((False, False, False, True))
WISHES = st.sampled_from((Wish.WAITS, Wish.WAITS, Wish.TAKES, Wish.DECLINES))
PLACE = st.integers(0, 50)

ENDS: dict[PaymentState, type[Event]] = {
    PaymentState.BOOKED: PaymentSucceeded,
    PaymentState.FAILED: PaymentFailed,
    PaymentState.WITHDRAWN: PaymentWithdrawn,
    PaymentState.EXPIRED: PaymentExpired,
    PaymentState.PROCESSING_EXPIRED: PaymentExpired,
}
A = AttemptState

WEIGHTS = {
    "tender": 7,
    "begin": 5,
    "decide": 5,
    "call_back": 5,
    "look_up": 2,
    "give_up": 3,
    "turn_to_what_has_ended": 2,
    "reverse": 2,
    "return_late_money": 2,
    "refund": 2,
    "send_refunds": 2,
    "record_delayed": 5,
    "record_again": 3,
    "withdraw": 1,
    "wait": 1,
    "break_its_word": 1,
}


class Chance(NamedTuple):
    """How one thing happens."""

    place: int
    wish: Wish
    agrees: bool
    lost: bool
    at_once: bool


GOING_WELL = Chance(0, Wish.TAKES, agrees=True, lost=False, at_once=True)


class FarMoneyInDoubt(RuleBasedStateMachine):
    """One payment, a card of ours, a card of an issuer and a far side, whose messages come late, twice or never."""

    def __init__(self) -> None:
        super().__init__()
        self.shop = Shop()
        self.own = self.shop.card(60)
        self.issued = self.shop.card(60, connector="issuer")
        self.far, self.issuer = FarBooks(), FarBooks(undoes=True)
        self.id: PaymentId = self.shop.payment(AMOUNT, Access.WIDGET, MOST_DECLINES)
        self.heard: list[Callable[[], object]] = []
        self.delayed: list[Callable[[], object]] = []

    def attempts(self, *states: AttemptState) -> list[Attempt]:
        return [one for one in self.shop.attempts(self.id) if one.state in states and one.connector]

    def books_of(self, attempt: Attempt) -> FarBooks:
        return self.far if attempt.is_far else self.issuer

    def hear(self, record: Callable[..., object], outcomes: Mapping[int, Outcome], chance: Chance) -> None:
        """What was told may be recorded at once, later, again, or never."""
        if outcomes:
            self.heard.append(lambda: record(self.shop, self.id, dict(outcomes)))
            if chance.at_once:
                self.heard[-1]()
            else:
                self.delayed.append(self.heard[-1])

    @rule(
        name=st.sampled_from([name for name, weight in WEIGHTS.items() for _ in range(weight)]),
        chance=st.builds(Chance, PLACE, WISHES, MOSTLY, SELDOM, st.booleans()),
    )
    def act(self, name: str, chance: Chance) -> None:
        """One thing happens; by one rule with weights, so that most examples get past their first attempt."""
        getattr(self, f"_{name}")(chance)

    def _tender(self, chance: Chance) -> None:
        cards = ((self.own, chance.place % 4 == 1), (self.issued, chance.place % 3 == 1))
        try:
            self.shop.tender(self.id, *(part(card, 30) for card, used in cards if used))
        except Refusal:
            return

    def _begin(self, chance: Chance) -> None:
        """As the page's request does: one after another, until one does not say yes."""
        outcomes: dict[int, Outcome] = {}
        for attempt in self.attempts(A.OPEN):
            wish = chance.wish if attempt.is_far else Wish.TAKES if chance.agrees else Wish.DECLINES
            said = self.books_of(attempt).begin(attempt.operation_id, attempt.amount, wish)
            outcomes[attempt.number] = Pending() if chance.lost else said
            if not isinstance(outcomes[attempt.number], Paid):
                break
        self.hear(Shop.record, outcomes, chance)

    def _decide(self, chance: Chance) -> None:
        """The payer on the far side's page agrees, or not."""
        if waiting := self.far.waiting():
            self.far.settle(waiting[chance.place % len(waiting)], agrees=chance.agrees)

    def _break_its_word(self, chance: Chance) -> None:
        """What it has declined, the far side takes all the same."""
        if closed := [one for one in self.attempts(*A) if one.operation_id in self.far.closed()]:
            attempt = closed[chance.place % len(closed)]
            self.far.break_its_word(attempt.operation_id, attempt.amount)

    def _call_back(self, chance: Chance) -> None:
        """The far side tells what it knows of any operation."""
        if known := [one for one in self.attempts(*A) if one.operation_id in self.far.operations]:
            attempt = known[chance.place % len(known)]
            self.hear(Shop.record, {attempt.number: self.far.told(attempt.operation_id)}, chance)

    def _look_up(self, chance: Chance) -> None:
        said = {one.number: self.books_of(one).look_up(one.operation_id) for one in self.attempts(A.OPEN)}
        self.hear(Shop.record, said, chance)

    def _give_up(self, chance: Chance) -> None:
        """The payer turns to another method."""
        said: dict[int, Outcome] = {}
        for attempt in self.attempts(A.OPEN):
            if attempt.is_far:
                is_undone = isinstance(self.far.reverse(attempt.operation_id), Paid)
                said[attempt.number] = Declined(GIVEN_UP) if is_undone else self.far.told(attempt.operation_id)
        self.hear(Shop.record, said, chance)

    def _turn_to_what_has_ended(self, chance: Chance) -> None:
        """What the resolver does first for a payment that is over: it asks nobody, and records that."""
        if PAYMENT.is_final(self.shop.find(self.id).state):
            self.hear(Shop.record, {0: Pending()}, chance)

    def _reverse(self, chance: Chance) -> None:
        said = {one.number: self.books_of(one).reverse(one.operation_id) for one in self.attempts(A.REVERSING)}
        self.hear(Shop.record_reversals, dict.fromkeys(said, Pending()) if chance.lost else said, chance)

    def _return_late_money(self, chance: Chance) -> None:
        said: dict[int, Outcome] = {}
        for attempt in self.attempts(A.LATE):
            identity = attempt.operation_id
            said[attempt.number] = self.far.refund(f"{identity}-late", identity, attempt.amount, agrees=chance.agrees)
        self.hear(Shop.record_returns, dict.fromkeys(said, Pending()) if chance.lost else said, chance)

    def _refund(self, chance: Chance) -> None:
        try:
            self.shop.refund(self.id, chance.place)
        except Refusal:
            return

    def _send_refunds(self, chance: Chance) -> None:
        for number, given, attempt in self.open_parts():
            books = self.books_of(attempt)
            said = books.refund(given.operation_id, attempt.operation_id, given.amount, agrees=chance.agrees)

            def record(shop: Shop, payment: PaymentId, outcomes: Any, number: int = number) -> object:
                return shop.record_refund(payment, number, outcomes)

            self.hear(record, {given.attempt: Pending() if chance.lost else said}, chance)

    def open_parts(self) -> list[tuple[int, RefundPart, Attempt]]:
        payment, attempts = self.shop.find(self.id), self.shop.attempts(self.id)
        return [
            (given.number, part, attempts[part.attempt - 1])
            for given in self.shop.book.refunds_of(payment)
            for part in self.shop.book.parts_of(given, payment)
            if part.state is RefundState.PROCESSING
        ]

    def _record_delayed(self, chance: Chance) -> None:
        """What was told a while ago is recorded only now, in any order."""
        if self.delayed:
            self.delayed.pop(chance.place % len(self.delayed))()

    def _record_again(self, chance: Chance) -> None:
        """Any of what was ever heard, and any number of times."""
        if self.heard:
            self.heard[chance.place % len(self.heard)]()

    def _withdraw(self, _: Chance) -> None:
        try:
            self.shop.withdraw(self.id)
        except Refusal:
            return

    def _wait(self, chance: Chance) -> None:
        self.shop.now += (40_000 if chance.lost else 60 * chance.place) * SECOND
        self.shop.expire(self.id)

    @invariant()
    def nothing_is_taken_twice(self) -> None:
        payment, attempts = self.shop.find(self.id), self.shop.attempts(self.id)
        assert payment.paid == sum(one.amount for one in attempts if one.state in TAKEN) <= AMOUNT
        assert payment.refunded == sum(one.refunded for one in attempts) <= payment.paid
        assert (payment.state is PaymentState.BOOKED) == (payment.paid == AMOUNT)
        books = sum(one.amount for one in attempts if one.is_far and one.state in {A.PAID, A.LATE})
        handed_back = books + self.shop.accounts()[receivable("far", CURRENCY)]
        assert 0 <= handed_back <= payment.refunded

    @invariant()
    def what_happened_is_told_once(self) -> None:
        payment, attempts = self.shop.find(self.id), self.shop.attempts(self.id)
        logged = self.shop.events(self.id)
        numbers = [one.sequence for one in logged]
        assert numbers == sorted(set(numbers))
        ends = [type(one.event) for one in logged if type(one.event) in ENDS.values()]
        assert ends == ([ENDS[payment.state]] if payment.state in ENDS else [])
        for kind, states in ((LateMoneyReceived, {A.LATE, A.RETURNED}), (LateMoneyReturned, {A.RETURNED})):
            told = [one.event.attempt for one in logged if isinstance(one.event, kind)]
            assert sorted(told) == [one.number for one in attempts if one.state in states]

    def teardown(self) -> None:
        """At last everything is answered: then nothing is in doubt, and far sides have what our books say."""
        self.shop.now += 2 * DAY
        self.shop.expire(self.id)
        for _ in range(3):
            self.shop.record(self.id, {})
            known = [one for one in self.attempts(*A) if one.operation_id in self.far.operations]
            self.shop.record(self.id, {one.number: self.far.told(one.operation_id) for one in known})
            self._reverse(GOING_WELL)
            self._return_late_money(GOING_WELL)
            self._send_refunds(GOING_WELL)
        payment, attempts = self.shop.find(self.id), self.shop.attempts(self.id)
        assert PAYMENT.is_final(payment.state)
        assert not [one for one in attempts if one.state in {A.OPEN, A.REVERSING, A.HELD}]
        assert not self.open_parts()
        for books, is_far in ((self.far, True), (self.issuer, False)):
            remote = [one for one in attempts if one.connector and one.is_far is is_far]
            kept = {one.operation_id: one.amount - one.refunded for one in remote if one.state in {A.PAID, A.LATE}}
            assert books.has() == {identity: amount for identity, amount in kept.items() if amount}
        assert all(held == 0 for _, held in self.shop.balances(self.own, self.issued))
        self.nothing_is_taken_twice()
        self.what_happened_is_told_once()


TestFarMoneyInDoubt = FarMoneyInDoubt.TestCase
TestFarMoneyInDoubt.settings = settings(max_examples=500, stateful_step_count=40)
