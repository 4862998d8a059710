"""Whatever is asked, lost, repeated, withdrawn or expired, in any order: our books and the far side end up the same."""

from collections.abc import Mapping
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tillway.domain import ledger, opening, refunding, settling, spending, withdrawal
from tillway.domain.book import Book
from tillway.domain.clients import Client, RecordState, Surface
from tillway.domain.decision import Decision, Stamp
from tillway.domain.events import Event
from tillway.domain.giftcards import CardState, GiftCard
from tillway.domain.ids import CardId, ClientId, IssuerId, MerchantId, uuid7
from tillway.domain.ledger import Transfer
from tillway.domain.opening import Opening
from tillway.domain.orders import Access
from tillway.domain.outcomes import Declined, Outcome, Paid, Pending
from tillway.domain.payments import PAYMENT, TAKEN, Attempt, AttemptState, Payment
from tillway.domain.refunds import RefundPart, RefundState
from tillway.domain.refusals import Refusal
from tillway.domain.schedules import DAY, SECOND
from tillway.domain.spending import Spend, Spends
from tillway.domain.telling import Audience

NOW = 1_767_225_600_000_000
BALANCE = 100
CLIENT = Client(
    ClientId("till"), MerchantId("shop"), Surface.GIFT_CARD, "Till", "NOK", "issuer", "", RecordState.ACTIVE, NOW
)
NUMBERS = {CardId(f"card{place}"): number for place, number in enumerate(("6061000000000000006",) * 4)}
REMOTE = {CardId("card0"), CardId("card1"), CardId("card2")}

MOSTLY = st.sampled_from((True, True, True, False))
SELDOM = st.sampled_from((False, False, False, True))
THREE_MOSTLY = st.lists(MOSTLY, min_size=3, max_size=3)
THREE_SELDOM = st.lists(SELDOM, min_size=3, max_size=3)


def announce(_: Event, __: Audience) -> tuple[()]:
    """Nobody is told."""
    return ()


class FarSide:
    """The issuer as it really is: what it took and gave back, whatever of that we have heard."""

    def __init__(self) -> None:
        self.taken: dict[str, int] = {}
        self.closed: set[str] = set()
        self.refunded: dict[str, Outcome] = {}

    def begin(self, attempt: Attempt, *, agrees: bool) -> Outcome:
        identity = attempt.operation_id
        if identity not in self.taken and identity not in self.closed:
            if agrees:
                self.taken[identity] = attempt.amount
            else:
                self.closed.add(identity)
        return self._standing(identity)

    def look_up(self, attempt: Attempt) -> Outcome:
        if attempt.operation_id not in self.taken:
            self.closed.add(attempt.operation_id)
        return self._standing(attempt.operation_id)

    def reverse(self, attempt: Attempt) -> Outcome:
        self.taken.pop(attempt.operation_id, None)
        self.closed.add(attempt.operation_id)
        return Paid()

    def refund(self, part: RefundPart, attempt: Attempt, *, agrees: bool) -> Outcome:
        if part.operation_id not in self.refunded:
            self.refunded[part.operation_id] = Paid() if agrees else Declined("issuer_declined")
            if agrees:
                self.taken[attempt.operation_id] -= part.amount
        return self.refunded[part.operation_id]

    def _standing(self, identity: str) -> Outcome:
        return Paid() if identity in self.taken else Declined("issuer_declined")


class MoneyInDoubt(RuleBasedStateMachine):
    """One payment, four cards of which three belong to a far side, and messages that come late, twice or never."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.acts = 0
        self.far = FarSide()
        self.book = Book()
        self.heard: list[Mapping[int, Outcome]] = []
        self.reversals_heard: list[Mapping[int, Outcome]] = []
        self.refunds_heard: list[tuple[int, Mapping[int, Outcome]]] = []
        for card in NUMBERS:
            connector = "far" if card in REMOTE else ""
            self.book.load(
                GiftCard,
                [
                    GiftCard(
                        card, IssuerId("issuer"), "00000", "sealed", "digest", connector, "NOK", BALANCE, 0,
                        CardState.ACTIVE, NOW, NOW + 365 * DAY,
                    )
                ],
            )  # fmt: skip
        asked = Opening(250, Access.API, "", "", "", "", "{}", NOW + DAY)
        self.id = self.apply(opening.open_payment(CLIENT, asked, self.stamp())).payment.id

    def stamp(self) -> Stamp:
        self.acts += 1
        return Stamp(self.now, uuid7(self.now // 1000, self.acts.to_bytes(10, "big")[::-1]))

    def apply(self, decision: Decision[Any]) -> Any:
        self.book.apply(decision)
        return decision.answer

    @property
    def payment(self) -> Payment:
        found = self.book.find(Payment, self.id)
        assert found is not None
        return found

    def attempts(self, state: AttemptState) -> list[Attempt]:
        found = self.book.attempts_of(self.payment)
        return [attempt for attempt in found if attempt.state is state and attempt.connector]

    def open_parts(self) -> list[tuple[int, RefundPart, Attempt]]:
        attempts = {attempt.number: attempt for attempt in self.book.attempts_of(self.payment)}
        return [
            (given.number, part, attempts[part.attempt])
            for given in self.book.refunds_of(self.payment)
            for part in self.book.parts_of(given, self.payment)
            if part.state is RefundState.PROCESSING
        ]

    @initialize(booked=st.booleans(), agree=THREE_MOSTLY, lost=THREE_SELDOM, at_once=MOSTLY)
    def begin_with(self, agree: list[bool], lost: list[bool], *, booked: bool, at_once: bool) -> None:
        """Half of the stories begin with a payment that is complete, the others with one that may be in doubt."""
        self.pay(sorted(REMOTE), final=True)
        if booked:
            self.begin([True] * 3, [False] * 3, at_once=True)
        else:
            self.begin(agree, lost, at_once=at_once)

    @rule(cards=st.lists(st.sampled_from(sorted(NUMBERS)), min_size=1, max_size=3, unique=True), final=st.booleans())
    def pay(self, cards: list[CardId], *, final: bool) -> None:
        spends = Spends(
            tuple(Spend(NUMBERS[card], card, min(60, self.payment.due or 1), "") for card in cards),
            allow_partial=True,
            final=final,
            call_key="",
            prefixes=("606100",),
        )
        try:
            self.apply(spending.spend(self.book, CLIENT, self.id, spends, self.stamp(), announce))
        except Refusal:
            return

    @rule(agree=THREE_MOSTLY, lost=THREE_SELDOM, at_once=MOSTLY)
    def begin(self, agree: list[bool], lost: list[bool], *, at_once: bool) -> None:
        """As a caller's request: in order, until one does not say yes. Answers may be lost, or recorded only later."""
        outcomes: dict[int, Outcome] = {}
        for attempt, agrees, is_lost in zip(self.attempts(AttemptState.OPEN), agree, lost, strict=False):
            outcome = self.far.begin(attempt, agrees=agrees)
            outcomes[attempt.number] = Pending() if is_lost else outcome
            if not isinstance(outcomes[attempt.number], Paid):
                break
        if outcomes:
            self.heard.append(outcomes)
        if at_once:
            self.hear(outcomes)

    @rule(lost=THREE_SELDOM)
    def look_up(self, lost: list[bool]) -> None:
        asked = zip(self.attempts(AttemptState.OPEN), lost, strict=False)
        if said := {one.number: Pending() if gone else self.far.look_up(one) for one, gone in asked}:
            self.heard.append(said)

    @rule(lost=SELDOM)
    def reverse(self, *, lost: bool) -> None:
        said = {attempt.number: self.far.reverse(attempt) for attempt in self.attempts(AttemptState.REVERSING)}
        if said:
            self.reversals_heard.append(dict.fromkeys(said, Pending()) if lost else said)

    @rule(agrees=MOSTLY, lost=SELDOM)
    def send_refunds(self, *, agrees: bool, lost: bool) -> None:
        for number, part, attempt in self.open_parts():
            outcome = self.far.refund(part, attempt, agrees=agrees)
            self.refunds_heard.append((number, {part.attempt: Pending() if lost else outcome}))

    @precondition(lambda self: self.heard)
    @rule(place=st.integers(0, 50))
    def record(self, place: int) -> None:
        """Any of what was ever heard, however old, and any number of times."""
        self.hear(self.heard[place % len(self.heard)])

    def hear(self, outcomes: Mapping[int, Outcome]) -> None:
        self.apply(settling.record(self.book, self.id, outcomes, self.stamp(), announce))

    @precondition(lambda self: self.reversals_heard)
    @rule(place=st.integers(0, 50))
    def record_reversals(self, place: int) -> None:
        outcomes = self.reversals_heard[place % len(self.reversals_heard)]
        self.apply(settling.record_reversals(self.book, self.id, outcomes, self.stamp(), announce))

    @precondition(lambda self: self.refunds_heard)
    @rule(place=st.integers(0, 50))
    def record_refund(self, place: int) -> None:
        number, outcomes = self.refunds_heard[place % len(self.refunds_heard)]
        self.apply(refunding.record_refund(self.book, self.id, number, outcomes, self.stamp(), announce))

    @rule(amount=st.integers(0, 90))
    def refund(self, amount: int) -> None:
        try:
            self.apply(refunding.refund(self.book, CLIENT, self.id, refunding.Giving(amount), self.stamp(), announce))
        except Refusal:
            return

    @rule(wanted=SELDOM)
    def withdraw(self, *, wanted: bool) -> None:
        if not wanted:
            return
        try:
            self.apply(withdrawal.withdraw(self.book, CLIENT, self.id, self.stamp(), announce))
        except Refusal:
            return

    @rule(seconds=st.sampled_from([1, 60, 3600, 40_000]))
    def wait(self, seconds: int) -> None:
        self.now += seconds * SECOND
        self.apply(withdrawal.expire(self.book, self.id, self.stamp(), announce))

    @invariant()
    def cards_equal_their_transfers(self) -> None:
        balances: dict[str, int] = {}
        for transfer in self.book.all(Transfer):
            balances[transfer.source] = balances.get(transfer.source, 0) - transfer.amount
            balances[transfer.target] = balances.get(transfer.target, 0) + transfer.amount
        for card in self.book.all(GiftCard):
            assert card.balance == BALANCE + balances.get(ledger.card(card.id, "NOK"), 0) >= 0
            assert card.held == balances.get(ledger.card_held(card.id, "NOK"), 0) >= 0

    @invariant()
    def what_is_paid_is_what_was_taken(self) -> None:
        attempts = self.book.attempts_of(self.payment)
        assert self.payment.paid == sum(one.amount for one in attempts if one.state in TAKEN) <= self.payment.amount
        assert self.payment.refunded == sum(attempt.refunded for attempt in attempts) <= self.payment.paid

    def teardown(self) -> None:
        """At last everything is answered: then nothing is in doubt, and the far side has what our books say."""
        self.now += 2 * DAY
        self.apply(withdrawal.expire(self.book, self.id, self.stamp(), announce))
        for _ in range(3):
            self.hear({attempt.number: self.far.look_up(attempt) for attempt in self.attempts(AttemptState.OPEN)})
            said = {attempt.number: self.far.reverse(attempt) for attempt in self.attempts(AttemptState.REVERSING)}
            self.apply(settling.record_reversals(self.book, self.id, said, self.stamp(), announce))
            for number, part, attempt in self.open_parts():
                given = {part.attempt: self.far.refund(part, attempt, agrees=True)}
                self.apply(refunding.record_refund(self.book, self.id, number, given, self.stamp(), announce))
        assert PAYMENT.is_final(self.payment.state)
        remote = [attempt for attempt in self.book.attempts_of(self.payment) if attempt.connector]
        left = {one.operation_id: one.amount - one.refunded for one in remote if one.state is AttemptState.PAID}
        assert self.far.taken == left
        assert all(card.held == 0 for card in self.book.all(GiftCard))
        self.cards_equal_their_transfers()
        self.what_is_paid_is_what_was_taken()


TestMoneyInDoubt = MoneyInDoubt.TestCase
TestMoneyInDoubt.settings = settings(max_examples=300, stateful_step_count=30)
