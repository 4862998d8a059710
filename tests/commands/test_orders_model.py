"""Whatever clients, payers and banks do with a payment order, lost, held or killed: booked once, told once, agreeing.

The commands are the real ones, on both databases. A kill leaves a command for ever at a call to the bank, which is
everywhere between what it has committed and what it would have recorded, and goes on with tools of a new process.
"""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, NamedTuple, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from tests.bank_account import PAYER, instructed
from tests.commands.far import JOURNEY, Hold, Loses, until_held
from tests.commands.order_world import HOOKS, World
from tests.far_side import Wish
from tests.gateway import clock_of
from tests.order_facts import OrderFacts, facts_of
from tillway.commands import banking, expiry, orders, outcomes, payments
from tillway.commands.tools import Tools
from tillway.connectors.protocol import Callback
from tillway.domain.banks import Bank
from tillway.domain.ids import OrderId, PaymentId, is_outgoing
from tillway.domain.order_refunds import RefundAsked
from tillway.domain.ordering import OrderChange
from tillway.domain.payment_orders import NO_LONGER_COUNTS, most_refunded
from tillway.domain.payments import PAYMENT, AttemptState
from tillway.domain.reasons import Reason
from tillway.domain.refusals import Refusal
from tillway.domain.schedules import DAY, SECOND
from tillway.queries import ledger
from tillway.workers.expire import Expirer
from tillway.workers.resolve import Resolver

Answer = TypeVar("Answer")
Work = Coroutine[Any, Any, object]
A = AttemptState

STEPS = 30
EXAMPLES_PER_HUNDRED = 50
AMOUNT = 100_00
AMOUNTS = (60_00, 100_00, 150_00, 200_00)
MOST_HELD = 3
BANK = Bank("bank", "Bank", "SK", "", connector="bank")

WEIGHTS = {
    "begin": 9,
    "send_the_form_again": 3,
    "see": 2,
    "decide": 7,
    "promise": 4,
    "break_its_word": 2,
    "call_back": 6,
    "call_back_with_old_news": 3,
    "come_back": 3,
    "resolve": 5,
    "refund": 6,
    "refund_again": 2,
    "update": 4,
    "withdraw": 1,
    "leave": 1,
    "transfer_alone": 1,
    "wait": 3,
    "go_on": 6,
    "kill": 3,
}


class Chance(NamedTuple):
    """How one thing happens, and what goes wrong with it."""

    place: int
    other: int
    wish: Wish
    agrees: bool
    loses: Loses
    is_held: bool
    is_before: bool


SMOOTHLY = Chance(0, 0, Wish.TAKES, agrees=True, loses=Loses.NOTHING, is_held=False, is_before=False)
CHANCES = st.builds(
    Chance,
    st.integers(0, 50),
    st.integers(0, 50),
    st.sampled_from((Wish.WAITS, Wish.WAITS, Wish.TAKES, Wish.DECLINES)),
    st.sampled_from((True, True, True, False)),
    st.sampled_from((Loses.NOTHING, Loses.NOTHING, Loses.NOTHING, Loses.REQUESTS, Loses.ANSWERS)),
    st.sampled_from((False, False, True)),
    st.booleans(),
)


class OrdersMachine(RuleBasedStateMachine):
    """One order of one example; a database serves many examples."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world
        self.id: OrderId = world.run(world.account.order(AMOUNT)).order.id
        self.forms: list[Callable[[], Work]] = []
        self.held: list[tuple[asyncio.Task[object], Hold]] = []
        self.news: list[Callback] = []

    @property
    def tools(self) -> Tools:
        return self.world.tools

    @property
    def facts(self) -> OrderFacts:
        return self.world.run(facts_of(self.tools.store, self.id, HOOKS))

    @rule(name=st.sampled_from([name for name, weight in WEIGHTS.items() for _ in range(weight)]), chance=CHANCES)
    def act(self, name: str, chance: Chance) -> None:
        """One thing happens; by one rule with weights, so that most examples get past their first payment."""
        clock_of(self.tools).advance(0.001)
        self._set(chance)
        getattr(self, f"_{name}")(chance)
        self._set(SMOOTHLY)

    def _set(self, chance: Chance) -> None:
        bank = self.world.bank
        bank.wish, bank.agrees, bank.loses, bank.hold = chance.wish, False, chance.loses, None

    def _do(self, work: Work, chance: Chance) -> None:
        """Carry work out, or have it stand still at its first call to the bank."""
        hold = Hold(chance.is_before) if chance.is_held and len(self.held) < MOST_HELD else None
        self.world.bank.hold = hold
        if (task := self.world.run(self._begin_work(work, hold))) is not None and hold is not None:
            self.held.append((task, hold))

    async def _begin_work(self, work: Work, hold: Hold | None) -> asyncio.Task[object] | None:
        task = asyncio.ensure_future(work)
        if hold is not None and await until_held(task, hold):
            return task
        with contextlib.suppress(Refusal):
            await task
        return None

    def _one(self, chance: Chance) -> PaymentId:
        """Some payment or refund."""
        every = self.facts.every
        return every[chance.place % len(every)].id

    def _see(self, chance: Chance) -> None:
        self._do(payments.see(self.tools, self._one(chance)), chance)

    def _begin(self, chance: Chance) -> None:
        """The payer chooses the bank."""
        payment, iban, form = self._one(chance), PAYER if chance.agrees else "", f"form {len(self.forms)}"
        self.forms.append(lambda: banking.begin(self.tools, payment, BANK, iban, form, JOURNEY))
        self._do(self.forms[-1](), chance)

    def _send_the_form_again(self, chance: Chance) -> None:
        if self.forms:
            self._do(self.forms[chance.place % len(self.forms)](), chance)

    def _own(self, identities: list[str]) -> list[str]:
        return [identity for identity in identities if identity[:33] == self.id[:33]]

    def _decide(self, chance: Chance) -> None:
        """The payer at the bank agrees, or not; a promise that the bank gave is kept, or not."""
        if waiting := self._own(self.world.books.waiting()):
            self.world.books.settle(waiting[chance.place % len(waiting)], agrees=chance.agrees)

    def _promise(self, chance: Chance) -> None:
        if waiting := self._own(self.world.books.waiting()):
            self.world.books.promise(waiting[chance.place % len(waiting)])

    def _break_its_word(self, chance: Chance) -> None:
        """What it has declined, the bank books all the same."""
        if closed := self._own(self.world.books.closed()):
            identity = closed[chance.place % len(closed)]
            attempts = {one.operation_id: one.amount for one in self.facts.attempts}
            self.world.books.break_its_word(identity, attempts[identity])

    def _call_back(self, chance: Chance) -> None:
        """The bank tells what it knows of anything: at once, or only when that is old."""
        if known := self._own(list(self.world.books.operations)):
            identity = known[chance.place % len(known)]
            self.news.append(Callback(identity, self.world.books.told(identity)))
            if chance.agrees:
                self._do(outcomes.hear(self.tools, "bank", self.news[-1]), chance)

    def _call_back_with_old_news(self, chance: Chance) -> None:
        if self.news:
            told = self.news[chance.place % len(self.news)]
            self._do(outcomes.hear(self.tools, "bank", told), chance)

    def _come_back(self, chance: Chance) -> None:
        """The payer's browser returns."""
        self._do(outcomes.resolve_call(self.tools, self._one(chance), may_begin=False), chance)

    def _resolve(self, chance: Chance) -> None:
        self._do(Resolver(self.tools).turn(), chance)

    def _refund(self, chance: Chance) -> None:
        """Whatever is let through keeps the limit."""
        known = len(self.facts.standing.refunds)
        amount = (1_00, 33_33, 50_00, 100_00)[chance.place % 4]
        self._do(self._refunding(amount, cause=f"cause {chance.other}"), chance)
        after = self.facts.standing
        if len(after.refunds) > known:
            counted = sum(one.amount for one in after.refunds if one.state not in NO_LONGER_COUNTS)
            most = most_refunded(after.terms.amount, after.terms.refund_limit)
            assert most is None or counted <= most

    def _refund_again(self, chance: Chance) -> None:
        """However often the same is asked for under one name, it is one refund."""
        self._do(self._refunding(5_00, name=f"named {self.id}"), chance)
        assert sum(one.instruction_id != "" for one in self.facts.standing.instructions if one.outgoing) <= 1

    def _refunding(self, amount: int, *, name: str = "", cause: str = "") -> Work:
        told = instructed(name, creditor_iban=PAYER, creditor_name="Payer", return_url="", cause=cause)
        asked = RefundAsked(amount, "EUR", told, self.tools.now() + DAY)
        return orders.open_refund(self.tools, self.world.account.client, self.id, asked)

    def _update(self, chance: Chance) -> None:
        limit = (None, 0, 50_00, 100_00)[chance.other % 4]
        change = OrderChange(AMOUNTS[chance.place % len(AMOUNTS)], limit, self.tools.now() + DAY)
        self._do(orders.update_order(self.tools, self.world.account.client, self.id, change), chance)

    def _withdraw(self, chance: Chance) -> None:
        one = self._one(chance)
        client = self.world.account.client
        work = (
            orders.withdraw_refund(self.tools, client, one)
            if is_outgoing(one)
            else orders.withdraw_order(self.tools, client, self.id)
        )
        self._do(work, chance)

    def _leave(self, chance: Chance) -> None:
        self._do(banking.give_up(self.tools, self._one(chance), Reason.LEFT_THE_PAGE), chance)

    def _transfer_alone(self, chance: Chance) -> None:
        self._do(banking.await_transfer(self.tools, self._one(chance)), chance)

    def _wait(self, chance: Chance) -> None:
        """Time passes, and the worker looks for what has expired."""
        clock_of(self.tools).advance((11, 3600, 90_000, 450_000)[chance.place % 4])
        for one in self.facts.every:
            self._do(expiry.expire(self.tools, one.id), chance)

    def _go_on(self, chance: Chance) -> None:
        """A bank that was slow answers at last."""
        if self.held:
            task, hold = self.held.pop(chance.place % len(self.held))
            self.world.run(self._finish(task, hold))

    async def _finish(self, task: asyncio.Task[object], hold: Hold) -> None:
        hold.over.set()
        with contextlib.suppress(Refusal):
            await task

    def _kill(self, _: Chance) -> None:
        """Nothing that was under way is ever gone on with, in this process."""
        self.world.run(self._kill_all())

    async def _kill_all(self) -> None:
        for task, _ in self.held:
            task.cancel()
        if self.held:
            await asyncio.wait([task for task, _ in self.held])
        self.held.clear()
        await self.world.die_and_come_back()

    @invariant()
    def all_that_is_kept_of_the_order_agrees(self) -> None:
        self.facts.check()

    def teardown(self) -> None:
        """At last all is answered and told: nothing is in doubt, both sides' books agree, and every rule holds."""
        self._kill(SMOOTHLY)
        for identity in self._own(self.world.books.waiting()):
            self.world.books.settle(identity, agrees=True)
        self.world.run(self._settle())
        facts = self.facts
        facts.check()
        assert all(PAYMENT.is_final(one.state) for one in facts.every)
        assert not [one for one in facts.attempts if one.state in {A.OPEN, A.REVERSING, A.HELD}]
        there = self.world.books.has()
        kept = {one.operation_id: one.amount for one in facts.attempts if one.state in {A.PAID, A.LATE}}
        assert {identity: there[identity] for identity in self._own(list(there))} == kept
        verdict = self.world.run(ledger.verify(self.tools.store))
        assert verdict.is_sound, verdict.violations

    async def _settle(self) -> None:
        for identity in self._own(list(self.world.books.operations)):
            await outcomes.hear(self.tools, "bank", Callback(identity, self.world.books.told(identity)))
        for _ in range(9):
            clock_of(self.tools).advance(DAY / SECOND)
            await Expirer(self.tools).turn()
            while await Resolver(self.tools).turn():
                pass


@pytest.fixture
def world(database: str) -> Iterator[World]:
    """A gateway on a fresh database of each kind."""
    made = World(database)
    yield made
    made.run(made.close())


def test_an_order_is_booked_once_and_all_of_it_agrees_whatever_happens(world: World) -> None:
    class Machine(OrdersMachine):
        def __init__(self) -> None:
            super().__init__(world)

    examples = settings().max_examples * EXAMPLES_PER_HUNDRED // 100
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=STEPS,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )
