"""All that is kept of one payment order, and what has to hold of it at every moment, however it came about."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from tillway.domain.book import Book
from tillway.domain.events import (
    LoggedEvent,
    OrderStatusChanged,
    PaymentBegun,
    PaymentConfirmed,
    PaymentExpired,
    PaymentFailed,
    PaymentSeen,
    PaymentSucceeded,
    PaymentWithdrawn,
)
from tillway.domain.hooks import HookType
from tillway.domain.ids import OrderId, PaymentId, is_outgoing
from tillway.domain.ledger import Transfer, TransferKind
from tillway.domain.notices import Notice
from tillway.domain.payment_orders import OrderStanding, OrderStatus, status_of, sum_of_paid
from tillway.domain.payments import PAYMENT, Attempt, AttemptState, Payment, PaymentState, Transition
from tillway.store.finding import find_order
from tillway.store.protocol import Store
from tillway.store.steps import Load, Program

A, P, K = AttemptState, PaymentState, TransferKind

TOLD = {
    PaymentSeen.kind: {P.SEEN},
    PaymentBegun.kind: {P.PROCESSING},
    PaymentConfirmed.kind: {P.CONFIRMED},
    PaymentSucceeded.kind: {P.BOOKED},
    PaymentFailed.kind: {P.FAILED},
    PaymentWithdrawn.kind: {P.WITHDRAWN},
    PaymentExpired.kind: {P.EXPIRED, P.PROCESSING_EXPIRED},
}
"""The states that each event tells of."""

MOVED = {
    A.PAID: (K.RECEIVE,),
    A.LATE: (K.RECEIVE_LATE,),
    A.RETURNED: (K.RECEIVE_LATE, K.RETURN_LATE),
}
"""What was moved for an attempt of a payment; for all other states nothing."""

PAID_OUT = {A.PAID: (K.PAY_OUT,), A.LATE: (K.PAY_OUT,)}
"""The same of a refund."""


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """The rows of one order; `statuses` are those its events tell of, `hooks` how many are told of each type."""

    standing: OrderStanding
    attempts: Sequence[Attempt]
    moves: Sequence[Transition]
    events: Sequence[LoggedEvent]
    statuses: Sequence[str]
    notices: Sequence[Notice]
    transfers: Sequence[Transfer]
    hooks: dict[HookType, int]

    @property
    def every(self) -> tuple[Payment, ...]:
        """Payments and refunds."""
        return (*self.standing.payments, *self.standing.refunds)

    def of(self, payment: PaymentId) -> list[Attempt]:
        """The attempts of one."""
        return [one for one in self.attempts if one.payment_id == payment]

    def check(self) -> None:
        """Fails unless everything that is kept of the order says the same."""
        self._check_terms()
        for payment in self.every:
            self._check_mirror(payment)
            self._check_money(payment)
            self._check_told(payment)
        self._check_order_told()

    def _check_terms(self) -> None:
        order, terms, payments = self.standing.order, self.standing.terms, list(self.standing.payments)
        assert (terms.amount, terms.currency) == (order.amount, order.currency)
        assert terms.status is status_of(terms.amount, sum_of_paid(payments))
        assert sum_of_paid(payments) <= terms.amount
        assert all(one.state is P.CONFIRMED or PAYMENT.is_final(one.state) for one in payments[:-1])

    def _check_mirror(self, payment: Payment) -> None:
        told = self.standing.instruction_of(payment.id)
        mirrored = (told.state, told.amount, told.currency, told.outgoing)
        assert mirrored == (payment.state, payment.amount, payment.currency, int(is_outgoing(payment.id)))
        states = self._states_of(payment)
        assert bool(told.finalized_at) == PAYMENT.is_final(payment.state)
        assert bool(told.confirmed_at) == bool({P.CONFIRMED, P.BOOKED} & set(states))
        assert bool(told.reason) == (payment.state is P.FAILED)
        assert not told.finalized_at or told.created_at <= told.finalized_at

    def _states_of(self, payment: Payment) -> list[PaymentState]:
        moves = sorted((one.number, one) for one in self.moves if one.subject == payment.id)
        states = [P.CREATED, *(P(one.target) for _, one in moves)]
        assert [P(one.source) for _, one in moves] == states[:-1]
        assert all(PAYMENT.may(before, after) for before, after in pairwise(states))
        assert states[-1] is payment.state
        return states

    def _check_money(self, payment: Payment) -> None:
        """It is booked once, whole, or not at all; and only one attempt is under way."""
        attempts = self.of(payment.id)
        paid = [one for one in attempts if one.state is A.PAID]
        booked = payment.state is P.BOOKED
        assert [one.amount for one in paid] == ([payment.amount] if booked else [])
        assert payment.paid == (payment.amount if booked else 0)
        assert sum(one.state is A.OPEN for one in attempts) <= 1
        assert [one.number for one in attempts] == list(range(1, payment.attempt_count + 1))
        of_state = PAID_OUT if is_outgoing(payment.id) else MOVED
        for attempt in attempts:
            own = [one for one in self.transfers if (one.payment_id, one.attempt) == (payment.id, attempt.number)]
            moved = [one for one in own if one.kind is not K.SETTLE]
            assert tuple(one.kind for one in moved) == of_state.get(attempt.state, ())
            assert {one.amount for one in moved} <= {attempt.amount}

    def _check_told(self, payment: Payment) -> None:
        """Each move is told once: by one event, and to every hook."""
        states = self._states_of(payment)[1:]
        events = [one for one in self.events if one.payment_id == payment.id and one.kind in TOLD]
        assert len(events) == len(states)
        assert all(state in TOLD[one.kind] for state, one in zip(states, events, strict=True))
        silent = self.standing.terms.is_silent
        times = 0 if silent else self.hooks.get(HookType.PAYMENT_STATUS_CHANGE, 0)
        told = self._told_by(event.id for event in events)
        assert told == [state for state in states for _ in range(times)]

    def _check_order_told(self) -> None:
        assert all(before != after for before, after in pairwise([OrderStatus.UNPAID, *self.statuses]))
        assert (self.statuses or [OrderStatus.UNPAID])[-1] == self.standing.terms.status
        events = [one.id for one in self.events if one.kind == OrderStatusChanged.kind]
        times = 0 if self.standing.terms.is_silent else self.hooks.get(HookType.ORDER_STATUS_CHANGE, 0)
        assert self._told_by(events) == [status for status in self.statuses for _ in range(times)]

    def _told_by(self, events: Iterable[str]) -> list[str]:
        """The statuses that the notices of these events tell, in the order of the events."""
        bodies: dict[str, list[str]] = {}
        for notice in self.notices:
            bodies.setdefault(notice.event_id, []).append(json.loads(notice.body)["data"]["status"])
        return [status for event in events for status in bodies.get(event, ())]


def facts_in(book: Book, standing: OrderStanding, hooks: dict[HookType, int]) -> OrderFacts:
    """What a book has of an order."""
    own = {one.id for one in (*standing.payments, *standing.refunds)}
    events = [one for one in book.all(LoggedEvent) if one.payment_id in own]
    return OrderFacts(
        standing,
        [one for one in book.all(Attempt) if one.payment_id in own],
        [one for one in book.all(Transition) if one.subject in own],
        events,
        [one.event.status for one in events if isinstance(one.event, OrderStatusChanged)],
        [one for one in book.all(Notice) if one.payment_id in own],
        [one for one in book.all(Transfer) if one.payment_id in own],
        hooks,
    )


async def facts_of(store: Store, order: OrderId, hooks: dict[HookType, int]) -> OrderFacts:
    """What a database has of an order."""
    return await store.read(_facts(order, hooks))


def _facts(order: OrderId, hooks: dict[HookType, int]) -> Program[OrderFacts]:
    standing = yield from find_order(order)
    assert standing is not None
    own = [one.id for one in (*standing.payments, *standing.refunds)]
    attempts: list[Attempt] = yield Load(Attempt, ("payment_id",), own)
    moves: list[Transition] = yield Load(Transition, ("subject",), own)
    events: list[LoggedEvent] = yield Load(LoggedEvent, ("payment_id",), own)
    notices: list[Notice] = yield Load(Notice, ("payment_id",), own)
    transfers: list[Transfer] = yield Load(Transfer, ("payment_id",), own)
    events.sort(key=lambda one: (one.at, one.sequence, one.id))
    statuses = [json.loads(str(one.event))["status"] for one in events if one.kind == OrderStatusChanged.kind]
    return OrderFacts(
        standing,
        sorted(attempts, key=lambda one: (one.payment_id, one.number)),
        moves,
        events,
        statuses,
        sorted(notices, key=lambda one: one.id),
        sorted(transfers, key=lambda one: one.id),
        hooks,
    )
