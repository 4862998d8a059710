"""Whatever is done with cards and payments, in whatever order: the gateway and a plain model of it agree."""

import asyncio
from collections.abc import Coroutine, Iterator
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from tests import gateway
from tests.commands.model import AGREES, OURS, SILENT_PAID, ModelCard, ModelPayment
from tests.gateway import clock_of
from tests.issuer import RememberingIssuer
from tillway.commands import cards, expiry, giftcards, outcomes
from tillway.commands.giftcards import CardPart
from tillway.commands.tools import Tools
from tillway.connectors.simulator import FAILING, SILENT_AND_NEVER_RECEIVED, SILENT_BUT_PAID
from tillway.domain.clients import Client
from tillway.domain.giftcards import CardState, GiftCard
from tillway.domain.ids import CardId, PaymentId
from tillway.domain.payments import TAKEN, Attempt, Payment, PaymentState
from tillway.domain.refusals import IssuerFailed, IssuerSilent, KeyReused, Refusal
from tillway.domain.replays import Replay
from tillway.domain.schedules import DAY, HOUR
from tillway.domain.standing import Standing
from tillway.queries import ledger
from tillway.queries import payments as queries
from tillway.store.committer import Recall
from tillway.store.opening import open_store
from tillway.store.steps import Load, Program

Answer = TypeVar("Answer")
Call = tuple[str, list[CardPart], bool, bool, Recall[Standing]]

STEPS = 40
EXAMPLES_PER_HUNDRED = 30

STATES = {
    PaymentState.CREATED: "open",
    PaymentState.SEEN: "open",
    PaymentState.BOOKED: "complete",
    PaymentState.WITHDRAWN: "withdrawn",
    PaymentState.EXPIRED: "expired",
}
MARKERS = {
    OURS: "",
    AGREES: "00",
    SILENT_PAID: SILENT_BUT_PAID,
    "fails": FAILING,
    "silent, never received": SILENT_AND_NEVER_RECEIVED,
}
KINDS = [OURS, OURS, AGREES, *MARKERS]
AMOUNTS = st.sampled_from([5_00, 10_00, 20_00, 50_00])
ASKED = st.sampled_from([0, 0, 0, 1, 2_00, 2_00, 5_00, 10_00])
MOSTLY = st.sampled_from([True, True, True, True, False])


class Counter:
    """A gateway on a database, driven from ordinary functions by a loop of its own."""

    def __init__(self, database: str) -> None:
        self._runner = asyncio.Runner()
        self.keys = 0
        self.issuer = RememberingIssuer(gateway.ANSWER_SECONDS)
        self.tools: Tools = self.run(self._open(database))
        self.caller: Client = self.run(gateway.client(self.tools))

    def run(self, work: Coroutine[Any, Any, Answer]) -> Answer:
        """The answer of a command."""
        return self._runner.run(work)

    async def _open(self, database: str) -> Tools:
        return gateway.tools_on(open_store(database), asked=self.issuer)

    def close(self) -> None:
        """Let go of the database."""
        self.run(self.tools.committer.close())
        self.run(self.tools.store.close())
        self._runner.close()


class GiftCardMachine(RuleBasedStateMachine):
    """Cards and payments of one example; a database serves many examples, each with cards of its own."""

    def __init__(self, counter: Counter) -> None:
        super().__init__()
        self.counter = counter
        self.tools = counter.tools
        self.cards: list[ModelCard] = []
        self.payments: list[ModelPayment] = []
        self.calls: list[Call] = []

    @initialize(kinds=st.permutations(KINDS), balances=st.lists(AMOUNTS, min_size=len(KINDS), max_size=len(KINDS)))
    def begin(self, kinds: list[str], balances: list[int]) -> None:
        """An example without cards and payments would show nothing."""
        for kind, balance in zip(kinds, balances, strict=True):
            self.issue(balance, 3, kind)
            self.open(balance, 24)

    @rule(balance=AMOUNTS, days=st.integers(1, 4), kind=st.sampled_from(KINDS))
    def issue(self, balance: int, days: int, kind: str) -> None:
        """A new card, which is ours alone or whose issuer has to agree."""
        expires_at = self.tools.now() + days * DAY
        connector = "" if kind == OURS else "simulator"
        made = gateway.cards(self.tools, balance, expires_at=expires_at, connector=connector, marker=MARKERS[kind])
        (issued,) = self.counter.run(made)
        self.cards.append(ModelCard(issued, kind, balance, expires_at))

    @rule(amount=AMOUNTS, hours=st.integers(1, 48))
    def open(self, amount: int, hours: int) -> None:
        """A new payment."""
        asked = gateway.opening(amount, expires_at=self.tools.now() + hours * HOUR)
        standing = self.counter.run(gateway.payment(self.tools, self.counter.caller, amount, asked))
        self.payments.append(ModelPayment(standing.payment.id, amount, asked.expires_at))

    @rule(data=st.data(), allow_partial=st.booleans())
    def pay(self, data: st.DataObject, allow_partial: bool) -> None:
        """Complete a payment."""
        self._perform(data, allow_partial=allow_partial, final=True)

    @rule(data=st.data(), allow_partial=st.booleans())
    def pay_a_part(self, data: st.DataObject, allow_partial: bool) -> None:
        """Pay some of a payment, or all."""
        self._perform(data, allow_partial=allow_partial, final=False)

    def _perform(self, data: st.DataObject, *, allow_partial: bool, final: bool) -> None:
        """Under a fresh idempotency key."""
        payment = self._payment(data, "open")
        asked = data.draw(st.lists(st.tuples(self._card(data), ASKED), min_size=1, max_size=3))
        self.counter.keys += 1
        parts = [CardPart(card.issued.number, "", amount) for card, amount in asked]
        recall = gateway.recall(self.counter.caller, f"key {self.counter.keys}")
        call: Call = (payment.id, parts, allow_partial, final, recall)
        expected = payment.perform(asked, self.tools.now(), allow_partial=allow_partial, final=final)
        refused = self._refusal_of(self._call(call))
        if refused is IssuerSilent:
            assert any(card.kind.startswith("silent") for card, _ in asked)
            self.counter.run(outcomes.resolve_call(self.tools, PaymentId(payment.id), may_begin=False))
            refused = expected if expected in {None, IssuerFailed} else IssuerSilent
        if refused is IssuerFailed:
            self._reverse(payment)
        assert refused is expected
        self.calls.append(call)

    @rule(data=st.data())
    def repeat(self, data: st.DataObject) -> None:
        """The same call again under its key, if it was not refused: it is answered as before."""
        if not self.calls:
            return
        call = data.draw(st.sampled_from(self.calls))
        kept = self.counter.run(queries.replay(self.tools.store, self.counter.caller, call[-1].key))
        if kept is not None:
            assert self.counter.run(self._call(call)) == kept
            other = (*call[:-1], gateway.recall(self.counter.caller, call[-1].key, "else"))
            assert self._refusal_of(self._call(other)) is KeyReused

    @rule(data=st.data())
    def withdraw(self, data: st.DataObject) -> None:
        """Give a payment up."""
        payment = self._payment(data, "open", has_parts=True)
        refused = self._refusal_of(gateway.withdraw(self.tools, self.counter.caller, payment.id))
        self._reverse(payment)
        assert refused is payment.withdraw(self.tools.now())

    @rule(data=st.data(), amount=ASKED)
    def refund(self, data: st.DataObject, amount: int) -> None:
        """Give money of a complete payment back."""
        payment = self._payment(data, "complete")
        refused = self._refusal_of(gateway.refund(self.tools, self.counter.caller, payment.id, amount))
        assert refused is payment.refund(amount)

    @rule(hours=st.integers(1, 12))
    def wait(self, hours: int) -> None:
        """Let time pass."""
        clock_of(self.tools).advance(hours * 3600)

    @rule(data=st.data())
    def expire(self, data: st.DataObject) -> None:
        """What the expiry worker does, for any payment at any time."""
        payment = self._payment(data, "open", has_parts=True)
        self.counter.run(expiry.expire(self.tools, PaymentId(payment.id)))
        self._reverse(payment)
        payment.expire(self.tools.now())

    @rule(data=st.data())
    def block_or_activate(self, data: st.DataObject) -> None:
        """Block a card, or let a blocked one be used again."""
        card = data.draw(st.sampled_from(self.cards))
        card.is_active = not card.is_active
        state = CardState.ACTIVE if card.is_active else CardState.BLOCKED
        self.counter.run(cards.set_state(self.tools, card.issued.card.id, state))

    @rule(data=st.data(), days=st.integers(0, 3))
    def extend(self, data: st.DataObject, days: int) -> None:
        """Give a card another expiry."""
        card = data.draw(st.sampled_from(self.cards))
        card.expires_at = self.tools.now() + days * DAY
        self.counter.run(cards.extend(self.tools, CardId(card.issued.card.id), card.expires_at))

    @invariant()
    def cards_and_payments_are_where_the_model_says(self) -> None:
        """Balances, reserves, states and sums agree."""
        cards, payments, _ = self._rows()
        assert [(card.balance, card.held) for card in cards] == [(card.balance, card.held) for card in self.cards]
        found = [(STATES[one.state], one.paid, one.refunded) for one in payments]
        assert found == [(one.state, one.paid, one.refunded) for one in self.payments]

    @invariant()
    def the_issuer_has_what_our_books_say(self) -> None:
        """Every attempt's money is there that is taken here, and no other: nothing is in doubt when all is resolved."""
        _, _, attempts = self._rows()
        ours = {
            attempt.operation_id: attempt.amount - attempt.refunded
            for attempt in attempts
            if attempt.connector and attempt.state in TAKEN and attempt.refunded < attempt.amount
        }
        assert {key: amount for key, amount in self.counter.issuer.has().items() if key[:36] in self._ids()} == ours

    def _ids(self) -> list[str]:
        return sorted(payment.id for payment in self.payments)

    def _rows(self) -> tuple[list[GiftCard], list[Payment], list[Attempt]]:
        def load() -> Program[tuple[list[GiftCard], list[Payment], list[Attempt]]]:
            cards = yield Load(GiftCard, ("id",), sorted(card.issued.card.id for card in self.cards))
            payments = yield Load(Payment, ("id",), self._ids())
            attempts = yield Load(Attempt, ("payment_id",), self._ids())
            by_card = {card.id: card for card in cards}
            by_payment = {payment.id: payment for payment in payments}
            return (
                [by_card[card.issued.card.id] for card in self.cards],
                [by_payment[payment.id] for payment in self.payments],
                attempts,
            )

        return self.counter.run(self.tools.store.read(load()))

    def teardown(self) -> None:
        """The books are sound."""
        verdict = self.counter.run(ledger.verify(self.tools.store))
        assert verdict.is_sound, verdict.violations

    def _payment(self, data: st.DataObject, state: str, *, has_parts: bool = False) -> ModelPayment:
        """A payment in that state, mostly; chosen at random hardly any call would succeed."""
        fitting = [one for one in self.payments if one.state == state and (one.parts or not has_parts)]
        return data.draw(st.sampled_from(fitting if fitting and data.draw(MOSTLY) else self.payments))

    def _card(self, data: st.DataObject) -> st.SearchStrategy[ModelCard]:
        """Cards that can be used, mostly."""
        now = self.tools.now()
        usable = [card for card in self.cards if card.is_active and card.balance and now < card.expires_at]
        return st.sampled_from(usable if usable and data.draw(MOSTLY) else self.cards)

    def _call(self, call: Call) -> Coroutine[Any, Any, Standing | Replay]:
        payment, parts, allow_partial, final, recall = call
        return giftcards.perform(
            self.tools,
            self.counter.caller,
            payment,
            parts,
            gateway.PREFIXES,
            allow_partial=allow_partial,
            final=final,
            recall=recall,
        )

    def _reverse(self, payment: ModelPayment) -> None:
        """What the resolver does for what nobody wants any more."""
        self.counter.run(outcomes.resolve_reversals(self.tools, PaymentId(payment.id)))

    def _refusal_of(self, work: Coroutine[Any, Any, object]) -> type[Refusal] | None:
        try:
            self.counter.run(work)
        except Refusal as refusal:
            return type(refusal)
        return None


@pytest.fixture
def counter(database: str) -> Iterator[Counter]:
    """A gateway on a fresh database of each kind."""
    made = Counter(database)
    yield made
    made.close()


def test_cards_and_payments_are_always_where_the_model_says(counter: Counter) -> None:
    class Machine(GiftCardMachine):
        def __init__(self) -> None:
            super().__init__(counter)

    examples = settings().max_examples * EXAMPLES_PER_HUNDRED // 100
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=STEPS,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
        ),
    )
