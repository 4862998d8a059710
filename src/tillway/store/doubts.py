"""The search for money in doubt: attempts and parts of refunds that a far side still has to answer for."""

from typing import Any

from sqlalchemy import Select, select, union_all

from tillway.domain.payments import UNRESOLVED
from tillway.domain.refunds import RefundState
from tillway.store import schema
from tillway.store.expressions import number

COLUMNS = ("payment_id", "attempt", "refund", "connector", "state", "amount", "currency", "since", "next_look_up_at")


def find_doubts(limit: int) -> Select[Any]:
    """Rows of COLUMNS, longest in doubt first; `refund` is 0 where the payment itself is, and a next look-up of 0 says
    that nobody asks any more.
    """
    attempts, parts = schema.attempts.c, schema.refund_parts.c
    refunds, payments = schema.refunds.c, schema.payments.c
    paying = select(
        attempts.payment_id,
        attempts.number.label("attempt"),
        number(0).label("refund"),
        attempts.connector,
        attempts.state,
        attempts.amount,
        payments.currency,
        attempts.created_at.label("since"),
        attempts.next_look_up_at,
    ).join_from(schema.attempts, schema.payments, payments.id == attempts.payment_id)
    refunding = (
        select(
            parts.payment_id,
            parts.attempt,
            parts.refund,
            parts.connector,
            parts.state,
            parts.amount,
            payments.currency,
            refunds.created_at,
            parts.next_look_up_at,
        )
        .join_from(schema.refund_parts, schema.payments, payments.id == parts.payment_id)
        .join(schema.refunds, (refunds.payment_id == parts.payment_id) & (refunds.number == parts.refund))
    )
    found = union_all(
        paying.where(attempts.state.in_(sorted(UNRESOLVED)), attempts.connector != ""),
        refunding.where(parts.state == RefundState.PROCESSING),
    ).subquery()
    columns = [found.c[name] for name in COLUMNS]
    return select(*columns).order_by(found.c.since, found.c.payment_id, found.c.attempt, found.c.refund).limit(limit)
