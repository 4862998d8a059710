"""Every cell of the tables of `tests/order_rules.py`, on both databases: acts through the commands, and what follows.

Of each act the tables say what it changes; that everything else stays, and that hooks are told of each change once, is
held for every cell alike.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace

import pytest

from tests.bank_account import PAYER, SHOP, Account, bank_account, instructed, told
from tests.gateway import clock_of
from tests.order_facts import OrderFacts, facts_of
from tests.order_rules import PAYMENTS, REFUNDS, STATES
from tillway.commands import banking, expiry, hooks, orders, outcomes, payments
from tillway.commands.tools import Tools
from tillway.connectors.protocol import Callback, CallbackRefused, Journey, Operation
from tillway.domain.banks import Bank
from tillway.domain.hooking import HookAsked
from tillway.domain.hooks import HookType
from tillway.domain.ids import OrderId, PaymentId, is_outgoing
from tillway.domain.order_refunds import RefundAsked
from tillway.domain.ordering import OrderAsked, OrderChange
from tillway.domain.outcomes import Confirmed, Declined, Outcome, Paid, Pending
from tillway.domain.payments import AttemptState, PaymentState
from tillway.domain.reasons import Reason
from tillway.domain.refusals import Refusal
from tillway.domain.schedules import DAY, SECOND
from tillway.surfaces.order_api.errors import TABLE

pytestmark = pytest.mark.anyio

P = PaymentState
BANK = Bank("bank", "Bank", "SK", "", connector="bank")
JOURNEY = Journey("https://gateway.example/return", "https://gateway.example/bank")
HOOKS = {HookType.PAYMENT_STATUS_CHANGE: 2, HookType.ORDER_STATUS_CHANGE: 1}
EVERYTHING = 100_00


@dataclass(slots=True)
class SayingBank:
    """A bank that says of everything what it is told to say."""

    says: Outcome = field(default_factory=Pending)
    limit_seconds: float = 1.0

    async def begin(self, operation: Operation) -> Outcome:
        return self.says

    async def look_up(self, operation: Operation) -> Outcome:
        return self.says

    async def reverse(self, operation: Operation) -> Outcome:
        return Declined(Reason.TAKEN)

    async def refund(self, operation: Operation, refunded_id: str) -> Outcome:
        return Declined(Reason.REFUND_REFUSED)

    def read_callback(self, headers: Mapping[str, str], body: bytes, now: int) -> tuple[Callback, ...]:
        raise CallbackRefused("it does not call")


@dataclass(slots=True)
class Case:
    """An order, and the payment or refund of it that acts are tried on; `name` is the client's name for the payment."""

    account: Account
    bank: SayingBank
    order: OrderId
    tried: PaymentId
    name: str

    @property
    def tools(self) -> Tools:
        return self.account.tools

    async def facts(self) -> OrderFacts:
        return await facts_of(self.tools.store, self.order, HOOKS)

    async def bring_to(self, state: PaymentState) -> None:
        """Have it come to a status in the ordinary way."""
        said: dict[PaymentState, Outcome] = {
            P.PROCESSING: Pending(),
            P.CONFIRMED: Confirmed(),
            P.BOOKED: Paid(debtor_iban="" if is_outgoing(self.tried) else PAYER),
            P.FAILED: Declined(Reason.DECLINED),
            P.PROCESSING_EXPIRED: Pending(),
        }
        if state is not P.CREATED:
            await payments.see(self.tools, self.tried)
        if state in said:
            self.bank.says = said[state]
            await self.choose("first")
        if state is P.WITHDRAWN:
            await self.withdraw()
        if state in {P.EXPIRED, P.PROCESSING_EXPIRED}:
            await self.pass_time()

    async def choose(self, form: str) -> None:
        await banking.begin(self.tools, self.tried, BANK, "", form, JOURNEY)

    async def choose_another(self) -> None:
        self.bank.says = Pending()
        await self.choose("second")

    async def choose_again(self) -> None:
        """The form comes twice; if it was never sent before, it has come once."""
        self.bank.says = {P.CONFIRMED: Confirmed()}.get(await self.state(), Pending())
        await self.choose("first")

    async def state(self) -> PaymentState:
        return next(one.state for one in (await self.facts()).every if one.id == self.tried)

    async def update(self, amount: int) -> None:
        change = OrderChange(amount, None, self.tools.now() + DAY)
        await orders.update_order(self.tools, self.account.client, self.order, change)

    async def change_limit(self) -> None:
        change = OrderChange(None, 1_00, self.tools.now() + DAY)
        changed = await orders.update_order(self.tools, self.account.client, self.order, change)
        assert changed.terms.refund_limit == 1_00
        assert (await self.account.standing(self.order)).terms.refund_limit == 1_00

    async def withdraw(self) -> None:
        if is_outgoing(self.tried):
            await orders.withdraw_refund(self.tools, self.account.client, self.tried)
        else:
            await orders.withdraw_order(self.tools, self.account.client, self.order)

    async def refund(self, amount: int, cause: str) -> None:
        asked = instructed(creditor_iban=PAYER, creditor_name="Payer", return_url="", cause=cause)
        wanted = RefundAsked(amount, "EUR", asked, self.tools.now() + DAY)
        await orders.open_refund(self.tools, self.account.client, self.order, wanted)

    async def create(self, fingerprint: str) -> None:
        again = await orders.open_order(self.tools, self.account.client, asked_for(self.tools, self.name, fingerprint))
        assert again.order.id == self.order

    async def leave(self) -> None:
        await banking.give_up(self.tools, self.tried, Reason.LEFT_THE_PAGE)

    async def transfer_alone(self) -> None:
        after = await banking.await_transfer(self.tools, self.tried)
        assert after.payment.expires_at == self.tools.now() + 5 * DAY

    async def pass_time(self) -> None:
        clock_of(self.tools).advance(6 * DAY / SECOND)
        await expiry.expire(self.tools, self.tried)

    async def hear(self, outcome: Outcome) -> None:
        """The bank tells by itself, and is asked; each of it twice."""
        self.bank.says = outcome
        for _ in range(2):
            await outcomes.hear(self.tools, "bank", Callback(f"{self.tried}-1", outcome))
            await outcomes.resolve_call(self.tools, self.tried, may_begin=False)

    async def show(self) -> None:
        """The account's statement shows an entry that names the payment or refund."""
        named = self.tried.replace("-", "")
        await self.account.tell(
            told(
                EVERYTHING,
                end_to_end_id=named,
                is_credit=int(not is_outgoing(self.tried)),
                remittance=f"entry {named}",
            )
        )


Act = Callable[[Case], Awaitable[object]]

ACTS: Mapping[str, Act] = {
    "update: a lower amount": lambda case: case.update(60_00),
    "update: a higher amount": lambda case: case.update(150_00),
    "update: the same amount": lambda case: case.update(EVERYTHING),
    "update: the refund limit": Case.change_limit,
    "withdraw the order": Case.withdraw,
    "withdraw the refund": Case.withdraw,
    "refund": lambda case: case.refund(10_00, ""),
    "another refund of everything": lambda case: case.refund(EVERYTHING, "another"),
    "the very same refund": lambda case: case.refund(EVERYTHING, ""),
    "create again, same words": lambda case: case.create("asked"),
    "create again, other words": lambda case: case.create("other"),
    "the page is opened": lambda case: payments.see(case.tools, case.tried),
    "a bank is chosen": Case.choose_another,
    "the same choice again": Case.choose_again,
    "the payer gives up": Case.leave,
    "the payer will transfer alone": Case.transfer_alone,
    "the time is over": Case.pass_time,
    "the bank has not decided": lambda case: case.hear(Pending()),
    "the bank promises": lambda case: case.hear(Confirmed()),
    "the bank declines": lambda case: case.hear(Declined(Reason.DECLINED)),
    "the bank has booked": lambda case: case.hear(Paid()),
    "a statement shows the money": Case.show,
}


def asked_for(tools: Tools, name: str, fingerprint: str = "asked") -> OrderAsked:
    words = instructed(name, variable_symbol=name.removeprefix("order "))
    return OrderAsked(EVERYTHING, "EUR", words, "", "", "", 100_00, 0, 0, fingerprint, tools.now() + DAY)


@dataclass(slots=True)
class Desk:
    """Makes cases, all on one database."""

    account: Account
    bank: SayingBank
    made: int = 0

    async def case(self) -> Case:
        self.made += 1
        name = f"order {self.made}"
        tools = self.account.tools
        opened = await orders.open_order(tools, self.account.client, asked_for(tools, name))
        return Case(self.account, self.bank, opened.order.id, opened.payments[0].id, name)

    async def refund(self) -> Case:
        """A refund of everything, of an order that was booked."""
        case = await self.case()
        await case.bring_to(P.BOOKED)
        await case.refund(EVERYTHING, "")
        refund = (await self.account.standing(case.order)).refunds[0].id
        return replace(case, tried=refund)


@pytest.fixture
async def desk(tools: Tools) -> Desk:
    bank = SayingBank()
    account = await bank_account(replace(tools, connectors={**tools.connectors, "bank": bank}))
    kinds = [kind for kind, count in HOOKS.items() for _ in range(count)]
    for number, kind in enumerate(kinds):
        await hooks.add(tools, account.client.id, HookAsked(kind, f"{SHOP}hooks/{number}"), sandbox=False)
    return Desk(account, bank)


@pytest.mark.parametrize("state", STATES)
async def test_acts_do_to_a_payment_what_the_table_says(desk: Desk, state: PaymentState) -> None:
    found: dict[str, str] = {}
    for act in PAYMENTS:
        case = await desk.case()
        await case.bring_to(state)
        found[act] = await try_one(case, act)
    assert found == {act: cells[state] for act, cells in PAYMENTS.items()}


@pytest.mark.parametrize("state", STATES)
async def test_acts_do_to_a_refund_what_the_table_says(desk: Desk, state: PaymentState) -> None:
    found: dict[str, str] = {}
    for act in REFUNDS:
        case = await desk.refund()
        await case.bring_to(state)
        found[act] = await try_one(case, act)
    assert found == {act: cells[state] for act, cells in REFUNDS.items()}


async def try_one(case: Case, act: str) -> str:
    """What an act came to, in the words of the tables; all that is kept must agree before and after."""
    before = await case.facts()
    before.check()
    clock_of(case.tools).advance(1)
    try:
        await ACTS[act](case)
    except Refusal as refusal:
        after = await case.facts()
        assert (after.standing, after.events, after.notices) == (before.standing, before.events, before.notices)
        return f"!{TABLE[type(refusal)][1]}"
    after = await case.facts()
    after.check()
    return described(case, before, after)


def described(case: Case, before: OrderFacts, after: OrderFacts) -> str:
    """What is different, in the words of the tables."""
    words: list[str] = []
    earlier = {one.id: one for one in before.every}
    for one in after.every:
        known = earlier.get(one.id)
        if known is None:
            words.append("+refund" if is_outgoing(one.id) else f"+{one.state}")
        elif known.state is not one.state:
            assert one.id == case.tried
            words.append(one.state)
        elif known.amount != one.amount:
            words.append("amount")
    was, now = ([one.state for one in facts.of(case.tried)] for facts in (before, after))
    if AttemptState.LATE in now and AttemptState.LATE not in was:
        words.append("paid out" if is_outgoing(case.tried) else "late")
    if after.standing.terms.status is not before.standing.terms.status:
        words.append(after.standing.terms.status)
    return " ".join(words) or "·"


def test_the_tables_speak_of_every_act() -> None:
    assert ACTS.keys() == PAYMENTS.keys() | REFUNDS.keys()
