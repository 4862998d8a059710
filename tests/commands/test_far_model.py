"""Whatever is done, told, lost, held up or killed around far sides, in any order: no payer pays twice, and all is told.

The commands are the real ones, on both databases. A kill leaves a command for ever at a call to a far side, which is
everywhere between what it has committed and what it would have recorded, and goes on with tools of a new process.
"""

import asyncio
import contextlib
import json
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import replace
from typing import Any, NamedTuple, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from tests import gateway
from tests.commands.far import FAR, ISSUER, Hold, Loses, Page, until_held, with_far_sides
from tests.far_side import Wish
from tests.gateway import clock_of
from tillway.commands import expiry, outcomes, payments, refunds
from tillway.commands.cards import IssuedCard
from tillway.connectors.protocol import Callback
from tillway.domain.events import LateMoneyReceived, LateMoneyReturned
from tillway.domain.payments import PAYMENT, TAKEN, Attempt, AttemptState, PaymentState
from tillway.domain.refunding import AskedBy, Giving
from tillway.domain.refunds import RefundState
from tillway.domain.refusals import Refusal
from tillway.domain.schedules import DAY, SECOND
from tillway.domain.standing import Standing
from tillway.queries import ledger
from tillway.queries import payments as queries
from tillway.store.committer import Committer
from tillway.store.opening import open_store
from tillway.workers.resolve import Resolver

Answer = TypeVar("Answer")
Work = Coroutine[Any, Any, object]

STEPS = 30
EXAMPLES_PER_HUNDRED = 60
AMOUNT = 100_00
MOST_DECLINES = 3
MOST_HELD = 3

WEIGHTS = {
    "tender": 8,
    "send_the_form_again": 3,
    "decide": 6,
    "call_back": 6,
    "call_back_with_old_news": 2,
    "come_back": 3,
    "resolve": 6,
    "give_up": 3,
    "withdraw": 2,
    "refund": 3,
    "wait": 4,
    "go_on": 6,
    "kill": 3,
}
ENDED = (PaymentState.FAILED, PaymentState.WITHDRAWN, PaymentState.EXPIRED, PaymentState.PROCESSING_EXPIRED)
A = AttemptState


class Chance(NamedTuple):
    """How one thing happens, and what goes wrong with it."""

    place: int
    wish: Wish
    agrees: bool
    loses: Loses
    is_held: bool
    is_before: bool


SMOOTHLY = Chance(0, Wish.TAKES, agrees=True, loses=Loses.NOTHING, is_held=False, is_before=False)
CHANCES = st.builds(
    Chance,
    st.integers(0, 50),
    st.sampled_from((Wish.WAITS, Wish.WAITS, Wish.TAKES, Wish.DECLINES)),
    st.sampled_from((True, True, False)),
    st.sampled_from((Loses.NOTHING, Loses.NOTHING, Loses.NOTHING, Loses.REQUESTS, Loses.ANSWERS)),
    st.sampled_from((False, False, True)),
    st.booleans(),
)


class World:
    """A gateway on a database and its far sides, driven from ordinary functions by a loop of its own."""

    def __init__(self, database: str) -> None:
        self._runner = asyncio.Runner()
        self.page: Page = self.run(self._open(database))
        self.cards: list[IssuedCard] = []

    def run(self, work: Coroutine[Any, Any, Answer]) -> Answer:
        """The answer of a command."""
        return self._runner.run(work)

    async def _open(self, database: str) -> Page:
        return await with_far_sides(gateway.tools_on(open_store(database)))

    async def begin(self) -> Standing:
        """A payment of one example, and cards for it."""
        tools = self.page.tools
        self.page.far.asked.clear()
        self.cards = [
            *await gateway.cards(tools, 60_00),
            *await gateway.cards(tools, 60_00, connector=ISSUER),
        ]
        return await self.page.open(AMOUNT, most_declines=MOST_DECLINES)

    async def die_and_come_back(self) -> None:
        """End this process, as far as it is one, and begin another on the same store."""
        await self.page.tools.committer.close()
        tools = replace(self.page.tools, committer=Committer(self.page.tools.store))
        self.page = replace(self.page, tools=tools)

    async def close(self) -> None:
        """Let go of the database."""
        await self.page.tools.committer.close()
        await self.page.tools.store.close()


class FarSidesMachine(RuleBasedStateMachine):
    """One payment of one example; a database serves many examples."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world
        self.opened: Standing = world.run(world.begin())
        self.id = self.opened.payment.id
        self.forms: list[Callable[[], Work]] = []
        self.held: list[tuple[asyncio.Task[object], Hold]] = []
        self.news: list[Callback] = []

    @property
    def page(self) -> Page:
        return self.world.page

    @rule(name=st.sampled_from([name for name, weight in WEIGHTS.items() for _ in range(weight)]), chance=CHANCES)
    def act(self, name: str, chance: Chance) -> None:
        """One thing happens; by one rule with weights, so that most examples get past their first attempt."""
        self._set(chance)
        getattr(self, f"_{name}")(chance)
        self._set(SMOOTHLY)

    def _set(self, chance: Chance) -> None:
        issuers_wish = Wish.TAKES if chance.agrees else Wish.DECLINES
        for side, wish in ((self.page.far, chance.wish), (self.page.issuer, issuers_wish)):
            side.wish, side.agrees, side.loses, side.hold = wish, chance.agrees, chance.loses, None

    def _do(self, work: Work, chance: Chance) -> None:
        """Carry work out, or have it stand still at its first call to the far side."""
        hold = Hold(chance.is_before) if chance.is_held and len(self.held) < MOST_HELD else None
        self.page.far.hold = hold
        if (task := self.world.run(self._begin(work, hold))) is not None and hold is not None:
            self.held.append((task, hold))

    async def _begin(self, work: Work, hold: Hold | None) -> asyncio.Task[object] | None:
        task = asyncio.ensure_future(work)
        if hold is not None and await until_held(task, hold):
            return task
        with contextlib.suppress(Refusal):
            await task
        return None

    def _tender(self, chance: Chance) -> None:
        own, issued = self.world.cards
        used = [card for card, is_used in ((own, chance.place % 4 == 1), (issued, chance.place % 3 == 1)) if is_used]
        key, opened, page = f"form {len(self.forms)} of {self.id}", self.opened, self.page
        parts = [gateway.part(card, 30_00) for card in used]
        self.forms.append(lambda: page.tender(opened, *parts, key=key, tools=self.page.tools))
        self._do(self.forms[-1](), chance)

    def _send_the_form_again(self, chance: Chance) -> None:
        if self.forms:
            self._do(self.forms[chance.place % len(self.forms)](), chance)

    def _decide(self, chance: Chance) -> None:
        """The payer on the far side's page agrees, or not."""
        if waiting := self._own(self.page.far.books.waiting()):
            self.page.far.books.settle(waiting[chance.place % len(waiting)], agrees=chance.agrees)

    def _own(self, identities: list[str]) -> list[str]:
        return [identity for identity in identities if identity.startswith(self.id)]

    def _call_back(self, chance: Chance) -> None:
        """The far side tells what it knows of any operation: at once, or only when that is old."""
        if known := self._own(list(self.page.far.books.operations)):
            identity = known[chance.place % len(known)]
            self.news.append(Callback(identity, self.page.far.books.told(identity)))
            if chance.agrees:
                self._do(outcomes.hear(self.page.tools, FAR, self.news[-1]), chance)

    def _call_back_with_old_news(self, chance: Chance) -> None:
        """Something that was told before, or only now arrives."""
        if self.news:
            told = self.news[chance.place % len(self.news)]
            self._do(outcomes.hear(self.page.tools, FAR, told), chance)

    def _come_back(self, chance: Chance) -> None:
        """The payer's browser returns."""
        self._do(outcomes.resolve_call(self.page.tools, self.id, may_begin=False), chance)

    def _resolve(self, chance: Chance) -> None:
        self._do(Resolver(self.page.tools).turn(), chance)

    def _give_up(self, chance: Chance) -> None:
        self._do(outcomes.give_up(self.page.tools, self.id), chance)

    def _withdraw(self, chance: Chance) -> None:
        self._do(payments.withdraw(self.page.tools, self.page.client, self.id), chance)

    def _refund(self, chance: Chance) -> None:
        asked = Giving(chance.place * 1_00, asked_by=AskedBy.CALL if chance.agrees else AskedBy.RESOLVER)
        self._do(refunds.refund(self.page.tools, self.page.client, self.id, asked), chance)

    def _wait(self, chance: Chance) -> None:
        """Time passes, and the worker looks for what has expired."""
        clock_of(self.page.tools).advance((11, 60, 3600, 30_000)[chance.place % 4])
        self._do(expiry.expire(self.page.tools, self.id), chance)

    def _go_on(self, chance: Chance) -> None:
        """A far side that was slow answers at last."""
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

    def _standing(self) -> Standing:
        return self.world.run(queries.standing(self.page.tools.store, self.id))

    @invariant()
    def nothing_is_taken_twice(self) -> None:
        """What the books say of the payment holds together, whatever is still in doubt."""
        standing = self._standing()
        payment, attempts = standing.payment, standing.attempts
        assert payment.paid == sum(one.amount for one in attempts if one.state in TAKEN) <= AMOUNT
        assert (payment.state is PaymentState.BOOKED) == (payment.paid == AMOUNT)
        known = self.page.far.books.operations
        for attempt in attempts:
            if attempt.is_far and attempt.state in {A.PAID, A.LATE, A.RETURNED}:
                assert known[attempt.operation_id].amount == AMOUNT - sum(
                    one.amount for one in attempts if one.call == attempt.call and not one.is_far
                )

    def teardown(self) -> None:
        """At last everybody answers: nothing is in doubt, all was told once, and both sides' books agree."""
        self._kill(SMOOTHLY)
        clock_of(self.page.tools).advance(2 * DAY / SECOND)
        self.world.run(self._settle())
        standing = self._standing()
        attempts = standing.attempts
        assert PAYMENT.is_final(standing.payment.state)
        assert not [one for one in attempts if one.state in {A.OPEN, A.REVERSING, A.HELD}]
        for side, is_far in ((self.page.far, True), (self.page.issuer, False)):
            kept = {one.operation_id: _kept(one) for one in attempts if one.connector and one.is_far is is_far}
            has = side.books.has()
            assert {identity: has[identity] for identity in self._own(list(has))} == {
                identity: amount for identity, amount in kept.items() if amount
            }
        self._is_told(standing)
        verdict = self.world.run(ledger.verify(self.page.tools.store))
        assert verdict.is_sound, verdict.violations

    async def _settle(self) -> None:
        await expiry.expire(self.page.tools, self.id)
        for _ in range(3):
            while await Resolver(self.page.tools).turn():
                pass
            clock_of(self.page.tools).advance(DAY / SECOND)

    def _is_told(self, standing: Standing) -> None:
        """One postback of the end of the payment and of each refund, and an event for all money that came late."""
        told = [json.loads(notice.body) for notice in self.world.run(self.page.notices_of(self.id))]
        ends = [one["isSuccess"] for one in told if "refundReference" not in one]
        assert ends == [standing.payment.state is PaymentState.BOOKED]
        given = self.world.run(queries.refunds(self.page.tools.store, self.id))
        assert {one["refundReference"]: one["isSuccess"] for one in told if "refundReference" in one} == {
            one.id: one.state is RefundState.BOOKED for one in given
        }
        assert len(told) == 1 + len(given)
        events = self.world.run(self.page.events_of(self.id))
        late = [one.number for one in standing.attempts if one.state in {A.LATE, A.RETURNED}]
        back = [one.number for one in standing.attempts if one.state is A.RETURNED]
        assert sorted(members["attempt"] for kind, members in events if kind == LateMoneyReceived.kind) == late
        assert sorted(members["attempt"] for kind, members in events if kind == LateMoneyReturned.kind) == back


def _kept(attempt: Attempt) -> int:
    """What the far side should still have of it."""
    return attempt.amount - attempt.refunded if attempt.state in {A.PAID, A.LATE} else 0


@pytest.fixture
def world(database: str) -> Iterator[World]:
    """A gateway on a fresh database of each kind."""
    made = World(database)
    yield made
    made.run(made.close())


def test_no_payer_pays_twice_and_everything_is_told_whatever_happens(world: World) -> None:
    class Machine(FarSidesMachine):
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
