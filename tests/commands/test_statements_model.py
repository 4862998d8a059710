"""Whatever orders are opened, banks say and statements tell, in any order, twice, or cut short: the books stay right.

The commands are the real ones, on both databases. A kill leaves an import where it stands, with some of its entries
booked and some not, and goes on with tools of a new process.
"""

import asyncio
import contextlib
from collections.abc import Coroutine, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from tests import gateway
from tests.bank_account import Account, bank_account, told
from tests.gateway import clock_of
from tillway.commands import banking, entries, expiry, orders, statements
from tillway.commands.outcomes import resolve_call
from tillway.connectors.protocol import Callback, CallbackRefused, Journey, Operation
from tillway.connectors.transfer import Files, Transfers
from tillway.domain.banks import Bank
from tillway.domain.ids import PaymentId
from tillway.domain.ordering import OrderChange
from tillway.domain.outcomes import Confirmed, Declined, Outcome, Paid, Pending
from tillway.domain.payments import PaymentState
from tillway.domain.reasons import Reason
from tillway.domain.refusals import Refusal
from tillway.domain.reviewing import Verb
from tillway.domain.schedules import DAY
from tillway.domain.statements import EntryState, EntryTold, Handling
from tillway.queries import ledger
from tillway.queries import statements as queries
from tillway.store.committer import Committer
from tillway.store.opening import open_store
from tillway.workers.resolve import Resolver

Answer = TypeVar("Answer")

STEPS = 25
EXAMPLES_PER_HUNDRED = 40
AMOUNTS = (10_00, 20_00, 25_00)
BANK = Bank("bank", "Bank", "SK", "", connector="bank")
JOURNEY = Journey("https://gateway.example/return", "https://gateway.example/bank")

WEIGHTS = {
    "open": 5,
    "go_to_the_bank": 4,
    "ask_the_bank": 4,
    "tell": 9,
    "tell_of_a_payment": 6,
    "tell_again": 4,
    "tell_and_be_killed": 3,
    "show_a_batch": 4,
    "decide": 5,
    "match": 3,
    "match_again": 2,
    "change_policy": 2,
    "refund": 4,
    "export": 3,
    "update": 2,
    "withdraw": 2,
    "wait": 2,
}
OUTCOMES: tuple[Outcome, ...] = (Pending(), Pending(), Paid(), Confirmed(), Declined(Reason.DECLINED))


@dataclass(slots=True)
class WaveringBank:
    """A bank that says whatever it is told to say next."""

    says: Outcome = field(default_factory=Pending)
    limit_seconds: float = 1.0

    async def begin(self, operation: Operation) -> Outcome:
        return self.says

    async def look_up(self, operation: Operation) -> Outcome:
        return self.says

    async def reverse(self, operation: Operation) -> Outcome:
        return self.says

    async def refund(self, operation: Operation, refunded_id: str) -> Outcome:
        return self.says

    def read_callback(self, headers: Mapping[str, str], body: bytes, now: int) -> tuple[Callback, ...]:
        raise CallbackRefused("it does not call")


class Chance(NamedTuple):
    """How one thing happens."""

    place: int
    other: int
    says: Outcome
    is_odd: bool


CHANCES = st.builds(Chance, st.integers(0, 40), st.integers(0, 40), st.sampled_from(OUTCOMES), st.booleans())


class World:
    """A gateway on a database, driven from ordinary functions by a loop of its own."""

    def __init__(self, database: str) -> None:
        self._runner = asyncio.Runner()
        self.bank = WaveringBank()
        tools = gateway.tools_on(open_store(database))
        connectors = {**tools.connectors, "bank": self.bank, "transfer": Transfers(), "file": Files()}
        self.account: Account = self.run(bank_account(replace(tools, connectors=connectors)))
        self.told: list[EntryTold] = []
        self.examples = 0

    def run(self, work: Coroutine[Any, Any, Answer]) -> Answer:
        """The answer of a command."""
        return self._runner.run(work)

    async def die_and_come_back(self) -> None:
        """End this process, as far as it is one, and begin another on the same store."""
        await self.account.tools.committer.close()
        tools = self.account.tools
        self.account.tools = replace(tools, committer=Committer(tools.store))

    async def close(self) -> None:
        """Let go of the database."""
        await self.account.tools.committer.close()
        await self.account.tools.store.close()


class StatementsMachine(RuleBasedStateMachine):
    """A few orders of one example; a database serves many examples, whose entries all stay."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world
        self.account = world.account
        self.account.orders.clear()
        self.batches: list[tuple[str, int]] = []
        self.began_at = len(world.told)
        world.examples += 1
        self.symbols = [f"{prefix}{world.examples}" for prefix in ("1000", "2000", "0030")]

    @rule(name=st.sampled_from([name for name, weight in WEIGHTS.items() for _ in range(weight)]), chance=CHANCES)
    def act(self, name: str, chance: Chance) -> None:
        """One thing happens."""
        self.world.bank.says = chance.says
        with contextlib.suppress(Refusal):
            self.world.run(getattr(self, f"_{name}")(chance))

    async def _open(self, chance: Chance) -> None:
        symbol = self.symbols[chance.other % 3]
        await self.account.order(AMOUNTS[chance.place % len(AMOUNTS)], variable_symbol=symbol)

    async def _payment(self, chance: Chance) -> PaymentId | None:
        """A payment or a refund of an order of this example."""
        known = self.account.orders
        if not known:
            return None
        order = await self.account.standing(known[chance.place % len(known)])
        every = [*order.payments, *order.refunds]
        return every[chance.other % len(every)].id

    async def _go_to_the_bank(self, chance: Chance) -> None:
        payment = await self._payment(chance)
        if payment is not None:
            await banking.begin(self.account.tools, payment, BANK, "", f"form {chance.place}", JOURNEY)

    async def _ask_the_bank(self, chance: Chance) -> None:
        clock_of(self.account.tools).advance(30)
        payment = await self._payment(chance)
        if chance.is_odd or payment is None:
            await Resolver(self.account.tools).turn()
        else:
            await resolve_call(self.account.tools, payment, may_begin=False)

    def _fresh(self, amount: int, **said: object) -> EntryTold:
        entry = told(amount, remittance=f"entry no{len(self.world.told)}", **said)
        self.world.told.append(entry)
        return entry

    async def _tell(self, chance: Chance) -> None:
        """Money with a symbol that some payment may have, more or less than is asked for."""
        amount = (*AMOUNTS, 5_00, 30_00)[chance.place % 5]
        symbol = (*self.symbols, "")[chance.other % 4]
        iban = {"counterparty_iban": ""} if chance.place % 7 == 0 else {}
        reversal = int(chance.place % 11 == 0)
        await self.account.tell(
            self._fresh(amount, variable_symbol=symbol, is_credit=int(not reversal), is_reversal=reversal, **iban)
        )

    async def _tell_of_a_payment(self, chance: Chance) -> None:
        """A payment or a refund as its bank names it, for the amount it has, or another."""
        payment = await self._payment(chance)
        if payment is None:
            return
        order = await self.account.standing(self.account.orders[chance.place % len(self.account.orders)])
        instruction = order.instruction_of(payment)
        amount = instruction.amount + (0 if chance.is_odd else (chance.place % 3) * 1_00)
        named = payment.replace("-", "") + ("1" if chance.other % 2 else "")
        await self.account.tell(
            self._fresh(amount, end_to_end_id=named, is_credit=1 - instruction.outgoing, bank_reference="")
        )

    async def _tell_again(self, chance: Chance) -> None:
        known = self.world.told[self.began_at :]
        start = chance.place % (len(known) + 1)
        await self.account.tell(*known[start:], *known[:start])

    async def _tell_and_be_killed(self, chance: Chance) -> None:
        several = [
            self._fresh(AMOUNTS[0], variable_symbol=self.symbols[number % 3]) for number in range(chance.other % 9)
        ]
        task = asyncio.ensure_future(self.account.tell(*several))
        for _ in range(chance.place * 3):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait((task,))
        await self.world.die_and_come_back()

    async def _export(self, chance: Chance) -> None:
        batch = await self.account.export()
        if batch is not None:
            self.batches += [(line.end_to_end_id, line.amount) for line in batch.lines]

    async def _show_a_batch(self, chance: Chance) -> None:
        """A bank shows a line of a file: as it is, twice, or with another amount."""
        if self.batches:
            name, amount = self.batches[chance.place % len(self.batches)]
            extra = 1_00 if chance.place % 5 == 0 else 0
            await self.account.tell(self._fresh(amount + extra, end_to_end_id=name, is_credit=0))

    async def _decide(self, chance: Chance) -> None:
        waiting = await queries.waiting(self.account.tools.store, self.account.client.merchant_id, 100)
        if waiting:
            verb = list(Verb)[chance.other % len(Verb)]
            await entries.decide(self.account.tools, waiting[chance.place % len(waiting)].id, verb)

    async def _match(self, chance: Chance) -> None:
        waiting = await queries.waiting(self.account.tools.store, self.account.client.merchant_id, 100)
        payment = await self._payment(chance)
        if waiting and payment is not None:
            await entries.match_payment(self.account.tools, waiting[chance.place % len(waiting)].id, payment)

    async def _match_again(self, chance: Chance) -> None:
        found = await queries.unmatched(self.account.tools.store, self.account.client.merchant_id, 20)
        await statements.match_again(self.account.tools, (self.account.client.id,), found)

    async def _change_policy(self, chance: Chance) -> None:
        words = list(Handling)
        await self.account.handles(words[chance.place % 3], words[chance.other % 3], words[(chance.place // 3) % 3])

    async def _refund(self, chance: Chance) -> None:
        if known := self.account.orders:
            order = known[chance.place % len(known)]
            await self.account.refund(order, 1_00 * (1 + chance.other % 5), f"cause {chance.other}")

    async def _update(self, chance: Chance) -> None:
        if known := self.account.orders:
            change = OrderChange(AMOUNTS[chance.other % 3], None, self.account.tools.now() + DAY)
            order = known[chance.place % len(known)]
            await orders.update_order(self.account.tools, self.account.client, order, change)

    async def _withdraw(self, chance: Chance) -> None:
        if known := self.account.orders:
            order = known[chance.place % len(known)]
            await orders.withdraw_order(self.account.tools, self.account.client, order)

    async def _wait(self, chance: Chance) -> None:
        clock_of(self.account.tools).advance((60, 2 * 86_400, 6 * 86_400)[chance.place % 3])
        payment = await self._payment(chance)
        if payment is not None:
            await expiry.expire(self.account.tools, payment)

    def teardown(self) -> None:
        """Everything is told once more; then the account has come to what was told, each once, and every rule holds."""
        self.world.run(self._finish())

    async def _finish(self) -> None:
        store = self.account.tools.store
        await self.account.tell(*self.world.told[self.began_at :])
        (found,) = await ledger.balances(store, "account:") or (None,)
        expected = sum(one.amount if one.is_credit else -one.amount for one in self.world.told)
        assert -expected == (found.minor if found is not None else 0)
        for order in self.account.orders:
            standing = await self.account.standing(order)
            for payment in standing.payments:
                booked = payment.state is PaymentState.BOOKED
                assert payment.paid == (payment.amount if booked else 0)
        verdict = await ledger.verify(store)
        assert verdict.is_sound, verdict.violations
        assert all(
            one.state in {EntryState.REVIEW, EntryState.UNMATCHED}
            for one in await queries.waiting(store, self.account.client.merchant_id, 1000)
        )


@pytest.fixture
def world(database: str) -> Iterator[World]:
    """A gateway on a fresh database of each kind."""
    made = World(database)
    yield made
    made.run(made.close())


def test_the_books_stay_right_whatever_statements_tell(world: World) -> None:
    class Machine(StatementsMachine):
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
