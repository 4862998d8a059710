"""The rules on what is keyed by payment, each as a search for what breaks it within one range of orders."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Select,
    SelectBase,
    and_,
    bindparam,
    case,
    func,
    or_,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from tillway.domain.payments import PAYMENT, TAKEN, AttemptState, PaymentState
from tillway.domain.proof import Rule
from tillway.domain.refunds import RefundState
from tillway.store import schema
from tillway.store.expressions import amount_if, finding, number, order_of, said, total, word

_BOOKED = PaymentState.BOOKED
_ENDED = (PaymentState.FAILED, PaymentState.WITHDRAWN, PaymentState.EXPIRED, PaymentState.PROCESSING_EXPIRED)


@dataclass(frozen=True, slots=True)
class Range:
    """Orders with all that hangs on them, from the value `start`; if it `ends`, up to the value `end`."""

    ends: bool

    def has(self, column: Column[Any]) -> ColumnElement[bool]:
        """Whether an id of an order, or of one of its payments, is within the range."""
        begun = column >= bindparam("start", "")
        return and_(begun, column < bindparam("end", "")) if self.ends else begun


def next_start() -> Select[Any]:
    """The order that begins the range after one of `length` orders from `start`."""
    identity = schema.orders.c.id
    length = bindparam("length", 0, type_=BigInteger)
    return select(identity).where(Range(ends=False).has(identity)).order_by(identity).offset(length).limit(1)


def payments_and_their_parts(within: Range) -> SelectBase:
    """What holds between a payment's row and the sums and counts of its attempts and refunds."""
    sums = _sums(within).subquery("sums")
    suspects = select(sums).where(or_(*(broken for _, broken, _ in _rules_of_sums(sums.c)))).cte("suspects")
    return union_all(
        *(
            select(*finding(rule, suspects.c.subject, detail)).where(broken)
            for rule, broken, detail in _rules_of_sums(suspects.c)
        )
    )


def _rules_of_sums(
    row: ReadOnlyColumnCollection[str, Any],
) -> Sequence[tuple[Rule, ColumnElement[bool], ColumnElement[str]]]:
    """Each rule, when it is broken, and how that is said."""
    known = row.payments == 1
    miscounted = or_(
        row.attempt_count != row.attempts,
        row.attempts != row.attempts_last,
        row.refund_count != row.refunds,
        row.refunds != row.refunds_last,
    )
    not_ended = or_(and_(row.state == _BOOKED, row.held != 0), and_(row.state.in_(_ENDED), row.paid != 0))
    given_back = (row.refunded, row.attempts_refunded, row.parts_standing)
    counts = (row.attempt_count, row.attempts, row.attempts_last, row.refund_count, row.refunds, row.refunds_last)
    return (
        (
            Rule.PAYMENT_ORPHAN,
            row.payments == 0,
            said("{} attempts and {} refunds of no payment", row.attempts, row.refunds),
        ),
        (
            Rule.PAYMENT_PAID,
            and_(known, row.paid != row.taken),
            said("paid {}, its attempts {}", row.paid, row.taken),
        ),
        (
            Rule.PAYMENT_REFUNDED,
            and_(known, or_(row.refunded != row.attempts_refunded, row.refunded != row.parts_standing)),
            said("refunded {}, its attempts {}, the parts of its refunds {}", *given_back),
        ),
        (
            Rule.PAYMENT_ENDED,
            and_(known, not_ended),
            said("{} with {} paid and {} held", row.state, row.paid, row.held),
        ),
        (
            Rule.PAYMENT_COUNTS,
            and_(known, miscounted),
            said("says {} attempts, has {} up to number {}; says {} refunds, has {} up to number {}", *counts),
        ),
    )


def _sums(within: Range) -> Select[Any]:
    payments, attempts, refunds = schema.payments.c, schema.attempts.c, schema.refunds.c
    parts = schema.refund_parts.c
    sides = {
        payments.id: {
            "payments": number(1),
            "state": payments.state,
            "paid": payments.paid,
            "refunded": payments.refunded,
            "attempt_count": payments.attempt_count,
            "refund_count": payments.refund_count,
        },
        attempts.payment_id: {
            "attempts": number(1),
            "attempts_last": attempts.number,
            "taken": amount_if(attempts.state.in_(TAKEN), attempts.amount),
            "held": amount_if(attempts.state == AttemptState.HELD, attempts.amount),
            "attempts_refunded": attempts.refunded,
        },
        refunds.payment_id: {"refunds": number(1), "refunds_last": refunds.number},
        parts.payment_id: {"parts_standing": amount_if(parts.state != RefundState.FAILED, parts.amount)},
    }
    names = [name for side in sides.values() for name in side]
    absent = {name: word("") if name == "state" else number(0) for name in names}
    rows = union_all(
        *(
            select(key.label("subject"), *(side.get(name, absent[name]).label(name) for name in names)).where(
                within.has(key)
            )
            for key, side in sides.items()
        )
    ).subquery()
    gathered = [
        (func.max if name in {"state", "attempts_last", "refunds_last"} else total)(rows.c[name]).label(name)
        for name in names
    ]
    return select(rows.c.subject, *gathered).group_by(rows.c.subject)


def attempts_and_their_refunds(within: Range) -> SelectBase:
    """Each attempt has given back what the parts of refunds took of it, and only what was paid gives anything back."""
    attempts, parts = schema.attempts.c, schema.refund_parts.c
    rows = union_all(
        select(
            attempts.payment_id,
            attempts.number.label("number"),
            attempts.refunded.label("refunded"),
            number(0).label("standing"),
            amount_if(attempts.state != AttemptState.PAID, attempts.refunded).label("of_unpaid"),
        ).where(within.has(attempts.payment_id)),
        select(
            parts.payment_id,
            parts.attempt,
            number(0),
            amount_if(parts.state != RefundState.FAILED, parts.amount),
            number(0),
        ).where(within.has(parts.payment_id)),
    ).subquery()
    of = (
        select(
            rows.c.payment_id,
            rows.c.number,
            *(total(rows.c[name]).label(name) for name in ("refunded", "standing", "of_unpaid")),
        )
        .group_by(rows.c.payment_id, rows.c.number)
        .subquery()
        .c
    )
    subject = said("{} attempt {}", of.payment_id, of.number)
    detail = said("refunded {}, parts of refunds {}, of it unpaid {}", of.refunded, of.standing, of.of_unpaid)
    return select(*finding(Rule.PAYMENT_REFUNDED, subject, detail)).where(
        or_(of.refunded != of.standing, of.of_unpaid != 0)
    )


def refunds_and_their_parts(within: Range) -> SelectBase:
    """What holds between a refund and its parts."""
    refunds, parts = schema.refunds.c, schema.refund_parts.c
    is_processing = total(amount_if(parts.state == RefundState.PROCESSING, number(1))) > 0
    has_failed = total(amount_if(parts.state == RefundState.FAILED, number(1))) > 0
    state = case(
        (is_processing, word(RefundState.PROCESSING)),
        (has_failed, word(RefundState.FAILED)),
        else_=word(RefundState.BOOKED),
    )
    of = (
        select(parts.payment_id, parts.refund, total(parts.amount).label("amount"), state.label("state"))
        .where(within.has(parts.payment_id))
        .group_by(parts.payment_id, parts.refund)
        .subquery("sums")
    )
    both = schema.refunds.outerjoin(of, and_(of.c.payment_id == refunds.payment_id, of.c.refund == refunds.number))
    detail = said("{} of {}, its parts {} of {}", refunds.state, refunds.amount, of.c.state, of.c.amount)
    return (
        select(*finding(Rule.REFUND_PARTS, said("{} refund {}", refunds.payment_id, refunds.number), detail))
        .select_from(both)
        .where(
            within.has(refunds.payment_id),
            or_(of.c.amount.is_(None), refunds.amount != of.c.amount, refunds.state != of.c.state),
        )
    )


def parts_and_their_owners(within: Range) -> SelectBase:
    """Every part of a refund has its refund and its attempt."""
    parts, refunds, attempts = schema.refund_parts.c, schema.refunds.c, schema.attempts.c
    owned = schema.refund_parts.outerjoin(
        schema.refunds, and_(refunds.payment_id == parts.payment_id, refunds.number == parts.refund)
    ).outerjoin(schema.attempts, and_(attempts.payment_id == parts.payment_id, attempts.number == parts.attempt))
    subject = said("{} refund {} attempt {}", parts.payment_id, parts.refund, parts.attempt)
    return (
        select(*finding(Rule.PAYMENT_ORPHAN, subject, word("a part of a refund without its refund or its attempt")))
        .select_from(owned)
        .where(within.has(parts.payment_id), or_(refunds.payment_id.is_(None), attempts.payment_id.is_(None)))
    )


def orders_and_their_payments(within: Range) -> SelectBase:
    """What holds between an order and its payments, among which are the refunds of a payment order."""
    orders, payments, terms = schema.orders.c, schema.payments.c, schema.payment_orders.c
    rows = union_all(
        select(
            orders.id.label("subject"),
            number(1).label("orders"),
            orders.payment_count.label("expected"),
            number(0).label("payments"),
            orders.currency.label("currency"),
        ).where(within.has(orders.id)),
        select(terms.order_id, number(0), terms.refund_count, number(0), terms.currency).where(
            within.has(terms.order_id)
        ),
        select(order_of(payments.id), number(0), number(0), number(1), payments.currency).where(
            within.has(payments.id)
        ),
    ).subquery()
    of = (
        select(
            rows.c.subject,
            total(rows.c.orders).label("orders"),
            total(rows.c.expected).label("expected"),
            total(rows.c.payments).label("payments"),
            func.min(rows.c.currency).label("one"),
            func.max(rows.c.currency).label("other"),
        )
        .group_by(rows.c.subject)
        .subquery()
        .c
    )
    found = (of.orders, of.expected, of.payments, of.one, of.other)
    detail = said("{} order for {} payments, {} payments, in {} and {}", *found)
    return select(*finding(Rule.ORDER_PAYMENTS, of.subject, detail)).where(
        or_(of.orders != 1, of.expected != of.payments, of.one != of.other)
    )


def orders_and_their_owners(within: Range) -> SelectBase:
    """Every order's client is there, and its merchant's."""
    orders, clients = schema.orders.c, schema.clients.c
    owned = schema.orders.outerjoin(
        schema.clients, and_(clients.id == orders.client_id, clients.merchant_id == orders.merchant_id)
    )
    detail = said("client {} of merchant {}", orders.client_id, orders.merchant_id)
    return (
        select(*finding(Rule.ORDER_OWNER, orders.id, detail))
        .select_from(owned)
        .where(within.has(orders.id), clients.id.is_(None))
    )


def payments_and_their_moves(within: Range) -> SelectBase:
    """A payment's moves begin where the one before ended, the machine has them, and the last led to its state.

    The row of the payment stands behind its transitions like one more move, which begins in its state.
    """
    payments, transitions = schema.payments.c, schema.transitions.c
    columns = (transitions.subject, transitions.number, transitions.source, transitions.target, number(0).label("last"))
    rows = union_all(
        select(*columns)
        .join(schema.payments, payments.id == transitions.subject)
        .where(within.has(transitions.subject)),
        select(payments.id, payments.version, payments.state, word(""), number(1)).where(within.has(payments.id)),
    ).subquery()
    before = func.lag(rows.c.target, 1, word(PaymentState.CREATED)).over(
        partition_by=rows.c.subject, order_by=(rows.c.last, rows.c.number)
    )
    move = select(*rows.c, before.label("before")).subquery().c
    allowed = [(source.value, target.value) for source, targets in PAYMENT.moves.items() for target in targets]
    unknown = and_(move.last == 0, tuple_(move.source, move.target).not_in(allowed))
    rule = case((move.last == 1, word(Rule.PAYMENT_STATE)), else_=word(Rule.TRANSITION_CHAIN))
    detail = case(
        (move.last == 1, said("{}, its transitions led to {}", move.source, move.before)),
        else_=said("{} to {} after {}", move.source, move.target, move.before),
    )
    return select(rule.label("rule"), move.subject, detail.label("detail")).where(
        or_(move.source != move.before, unknown)
    )


RULES = (
    payments_and_their_parts,
    attempts_and_their_refunds,
    refunds_and_their_parts,
    parts_and_their_owners,
    orders_and_their_payments,
    orders_and_their_owners,
    payments_and_their_moves,
)
