"""Whatever clients, payers and banks do with a payment order, in any order: it is booked once, and all of it agrees."""

from collections.abc import Callable
from typing import NamedTuple, cast

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.bank_books import BankBooks
from tests.domain.order_shop import FAR, LATE, PAYABLE, PAYER, OrderShop
from tests.far_side import Wish
from tillway.domain.ids import OrderId, PaymentId, is_outgoing
from tillway.domain.outcomes import Outcome, Paid, Pending
from tillway.domain.payment_orders import NO_LONGER_COUNTS, most_refunded
from tillway.domain.payments import PAYMENT, Attempt, AttemptState, Payment, PaymentState
from tillway.domain.refusals import Refusal
from tillway.domain.schedules import DAY

A, P = AttemptState, PaymentState

WEIGHTS = {
    "begin": 9,
    "ask": 4,
    "decide": 8,
    "tell": 8,
    "record_delayed": 5,
    "record_again": 4,
    "see": 3,
    "refund": 5,
    "refund_again": 1,
    "update": 4,
    "change_limit": 2,
    "withdraw": 1,
    "withdraw_refund": 1,
    "give_up": 1,
    "await_transfer": 1,
    "transfer": 1,
    "wait": 4,
    "turn_to_what_has_ended": 3,
    "reverse": 3,
    "return_late_money": 2,
    "break_its_word": 3,
}
AMOUNTS = (50, 80, 100, 150, 200)
LIMITS = (0, 33_33, 50_00, 100_00, 150_00)


class Chance(NamedTuple):
    """How one thing happens."""

    place: int
    other: int
    agrees: bool
    lost: bool
    at_once: bool


SMOOTHLY = Chance(0, 0, agrees=True, lost=False, at_once=True)
CHANCES = st.builds(
    Chance,
    st.integers(0, 50),
    st.integers(0, 50),
    st.sampled_from((True, True, True, False)),
    st.sampled_from((False, False, False, True)),
    st.booleans(),
)


class OrdersInDoubt(RuleBasedStateMachine):
    """One order, its payments and refunds, and a bank whose messages come late, twice, out of order or never."""

    def __init__(self) -> None:
        super().__init__()
        self.shop, self.bank = OrderShop(), BankBooks()
        self.id: OrderId = self.shop.open(100, limit=0).order.id
        self.heard: list[Callable[[], object]] = []
        self.delayed: list[Callable[[], object]] = []

    @initialize(is_paid=st.booleans())
    def may_be_paid(self, is_paid: bool) -> None:
        """In half of all examples it is about refunds from the beginning."""
        if is_paid:
            payment = self.shop.standing(self.id).payments[0].id
            self.shop.begin(payment, debtor_iban=PAYER)
            self._ask(Chance(1, 2, agrees=True, lost=False, at_once=True))
            for place in range(3):
                self._refund(Chance(place, place, agrees=True, lost=False, at_once=True))

    @property
    def every(self) -> list[Payment]:
        standing = self.shop.standing(self.id)
        return [*standing.payments, *standing.refunds]

    def one(self, chance: Chance) -> PaymentId:
        """Some payment or refund, mostly the newest payment."""
        every = self.every
        return every[chance.place % len(every)].id if chance.other % 3 else self.shop.standing(self.id).payments[-1].id

    def attempts(self, *states: AttemptState) -> list[Attempt]:
        return [one for each in self.every for one in self.shop.attempts(each.id) if one.state in states]

    def try_to(self, act: Callable[[], object]) -> None:
        try:
            act()
        except Refusal:
            return

    def hear(self, attempt: Attempt, outcome: Outcome, chance: Chance) -> None:
        """What the bank said may be recorded at once, later, again, or never."""
        self.heard.append(lambda: self.shop.record(attempt.payment_id, outcome))
        if chance.at_once:
            self.heard[-1]()
        else:
            self.delayed.append(self.heard[-1])

    @rule(name=st.sampled_from([name for name, weight in WEIGHTS.items() for _ in range(weight)]), chance=CHANCES)
    def act(self, name: str, chance: Chance) -> None:
        """One thing happens."""
        self.shop.now += 1_000_000
        getattr(self, f"_{name}")(chance)

    def _see(self, chance: Chance) -> None:
        self.shop.see(self.one(chance))

    def _begin(self, chance: Chance) -> None:
        """The payer chooses the bank, which is asked; or the same form arrives again."""
        payment = self.one(chance)
        self.try_to(lambda: self.shop.begin(payment, f"form {chance.other % 2}", PAYER if chance.agrees else ""))
        if chance.place % 4:
            self._ask(chance)

    def _ask(self, chance: Chance) -> None:
        for attempt in self.attempts(A.OPEN):
            wish = (Wish.WAITS, Wish.WAITS, Wish.TAKES, Wish.DECLINES)[chance.other % 4]
            said = self.bank.begin(attempt.operation_id, attempt.amount, wish)
            self.hear(attempt, Pending() if chance.lost else said, chance)

    def _decide(self, chance: Chance) -> None:
        """The payer agrees, or not; the bank promises, books, or breaks its promise."""
        if waiting := self.bank.waiting():
            identity = waiting[chance.place % len(waiting)]
            if chance.other % 2:
                self.bank.promise(identity)
            else:
                self.bank.settle(identity, agrees=chance.agrees)

    def _tell(self, chance: Chance) -> None:
        """The bank tells what it knows of anything."""
        if known := [one for one in self.attempts(*A) if one.operation_id in self.bank.operations]:
            attempt = known[chance.place % len(known)]
            self.hear(attempt, self.bank.told(attempt.operation_id), chance)

    def _record_delayed(self, chance: Chance) -> None:
        if self.delayed:
            self.delayed.pop(chance.place % len(self.delayed))()

    def _record_again(self, chance: Chance) -> None:
        """Any of what was ever heard, and any number of times."""
        if self.heard:
            self.heard[chance.place % len(self.heard)]()

    def _refund(self, chance: Chance) -> None:
        """A refund within the limit, or not; whatever is let through keeps it."""
        before = self.shop.standing(self.id)
        amount = (1, 10, 33, 34, 50, 100)[chance.place % 6]
        cause, iban = f"cause {chance.other}", PAYER if chance.agrees else ""
        self.try_to(lambda: self.shop.refund(self.id, amount, creditor_iban=iban, cause=cause))
        after = self.shop.standing(self.id)
        if len(after.refunds) > len(before.refunds):
            most = most_refunded(after.terms.amount, after.terms.refund_limit)
            counted = sum(one.amount for one in after.refunds if one.state not in NO_LONGER_COUNTS)
            assert most is None or counted <= most
            assert any(one.attempt_count for one in after.payments)

    def _refund_again(self, chance: Chance) -> None:
        """The same named refund is one, as long as it is open."""

        def act() -> object:
            return self.shop.refund(self.id, 5, "named", creditor_iban=PAYER)

        self.try_to(act)
        named = [one for one in self.shop.standing(self.id).instructions if one.instruction_id == "named"]
        assert len(named) <= 1

    def _update(self, chance: Chance) -> None:
        self.try_to(lambda: self.shop.update(self.id, AMOUNTS[chance.place % len(AMOUNTS)]))

    def _change_limit(self, chance: Chance) -> None:
        self.shop.update(self.id, limit=LIMITS[chance.place % len(LIMITS)])

    def _withdraw(self, _: Chance) -> None:
        self.try_to(lambda: self.shop.withdraw(self.id))

    def _withdraw_refund(self, chance: Chance) -> None:
        if refunds := self.shop.standing(self.id).refunds:
            refund = refunds[chance.place % len(refunds)].id
            self.try_to(lambda: self.shop.withdraw_refund(refund))

    def _give_up(self, chance: Chance) -> None:
        self.try_to(lambda: self.shop.give_up(self.one(chance)))

    def _await_transfer(self, chance: Chance) -> None:
        self.try_to(lambda: self.shop.await_transfer(self.one(chance)))

    def _transfer(self, chance: Chance) -> None:
        payment = self.one(chance)
        self.try_to(lambda: self.shop.transferred(payment, self.shop.find(payment).amount))

    def _wait(self, chance: Chance) -> None:
        self.shop.now += (DAY // 2 if chance.lost else 60_000_000) * (1 + chance.place)
        for payment in self.every:
            self.shop.expire(payment.id)

    def _turn_to_what_has_ended(self, _: Chance) -> None:
        """What the resolver does first for a payment that is over: it asks nobody, and records that."""
        for payment in self.every:
            if PAYMENT.is_final(payment.state):
                self.shop.record(payment.id, None)

    def _reverse(self, chance: Chance) -> None:
        for attempt in self.attempts(A.REVERSING):
            said = self.bank.reverse(attempt.operation_id)
            self.shop.record_reversal(attempt.payment_id, Pending() if chance.lost else said)

    def _return_late_money(self, chance: Chance) -> None:
        for attempt in self.attempts(A.LATE):
            identity, said = attempt.operation_id, cast("Outcome", Paid())
            if not is_outgoing(attempt.payment_id):
                said = self.bank.refund(f"{identity}-late", identity, attempt.amount, agrees=chance.agrees)
            self.shop.record_return(attempt.payment_id, said)

    def _break_its_word(self, chance: Chance) -> None:
        """What it has declined, the bank books all the same."""
        if closed := [one for one in self.attempts(*A) if one.operation_id in self.bank.closed()]:
            attempt = closed[chance.place % len(closed)]
            self.bank.break_its_word(attempt.operation_id, attempt.amount)

    @invariant()
    def all_that_is_kept_of_the_order_agrees(self) -> None:
        self.shop.facts(self.id).check()
        signs = {True: -1, False: 1}
        paid, late = 0, 0
        for one in self.attempts(A.PAID, A.LATE):
            outgoing = is_outgoing(one.payment_id)
            if one.state is A.LATE and not outgoing:
                late += one.amount
            else:
                paid += signs[outgoing] * one.amount
        accounts = self.shop.accounts()
        assert (accounts[PAYABLE], accounts[LATE]) == (paid, late)

    def teardown(self) -> None:
        """At last everything is answered: nothing is in doubt, and the bank has done what our books say."""
        for identity in self.bank.waiting():
            self.bank.settle(identity, agrees=True)
        self.shop.now += 20 * DAY
        for _ in range(3):
            self._ask(SMOOTHLY)
            for attempt in self.attempts(*A):
                if attempt.operation_id in self.bank.operations:
                    self.shop.record(attempt.payment_id, self.bank.told(attempt.operation_id))
            for payment in self.every:
                self.shop.expire(payment.id)
            self._turn_to_what_has_ended(SMOOTHLY)
            self._reverse(SMOOTHLY)
        assert all(PAYMENT.is_final(payment.state) for payment in self.every)
        assert not self.attempts(A.OPEN, A.REVERSING, A.HELD)
        there = self.bank.has()
        ours = {one.operation_id: one.amount for one in self.attempts(A.PAID, A.LATE) if one.connector == "bank"}
        assert there == ours
        asked = sum(-amount if is_outgoing(PaymentId(one[:36])) else amount for one, amount in there.items())
        assert self.shop.accounts()[FAR] == -asked
        self.all_that_is_kept_of_the_order_agrees()


TestOrdersInDoubt = OrdersInDoubt.TestCase
TestOrdersInDoubt.settings = settings(max_examples=150, stateful_step_count=40)
