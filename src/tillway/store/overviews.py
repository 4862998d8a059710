"""Reading a payment with all that its client may ask of it, for many payments at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, Select, Text, bindparam, func, select

from tillway.domain.ids import PaymentId, first_of, order_of
from tillway.domain.orders import Order
from tillway.domain.payments import PAYMENT, Attempt, Payment, Transition
from tillway.domain.refunds import Refund
from tillway.domain.standing import Standing
from tillway.store import schema
from tillway.store.statements import Bound
from tillway.store.steps import Execute, Load, Program


@dataclass(frozen=True, slots=True)
class Overview:
    """How a payment stands, its refunds first to last, and when its client was last told of its end.

    `told_at` is microseconds UTC, 0 while nothing was told.
    """

    standing: Standing
    refunds: tuple[Refund, ...]
    told_at: int


def find_overviews(ids: Sequence[PaymentId]) -> Program[dict[PaymentId, Overview]]:
    """Those of the payments that exist, by id; `ids` in ascending order."""
    payments: list[Payment] = yield Load(Payment, ("id",), ids)
    orders: list[Order] = yield Load(Order, ("id",), sorted({order_of(payment.id) for payment in payments}))
    attempts: dict[PaymentId, list[Attempt]] = {}
    for attempt in (yield from _of(Attempt, [payment.id for payment in payments if payment.attempt_count])):
        attempts.setdefault(attempt.payment_id, []).append(attempt)
    refunds: dict[PaymentId, list[Refund]] = {}
    for refund in (yield from _of(Refund, [payment.id for payment in payments if payment.refund_count])):
        refunds.setdefault(refund.payment_id, []).append(refund)
    told = yield from _last_tries([payment.id for payment in payments if not PAYMENT.moves[payment.state]])
    order_by_id = {order.id: order for order in orders}
    return {
        payment.id: Overview(
            Standing(
                order_by_id[order_of(payment.id)],
                payment,
                tuple(sorted(attempts.get(payment.id, ()), key=lambda attempt: attempt.number)),
            ),
            tuple(sorted(refunds.get(payment.id, ()), key=lambda refund: refund.number)),
            told.get(payment.id, 0),
        )
        for payment in payments
    }


def _of(kind: type[Any], ids: Sequence[PaymentId]) -> Program[list[Any]]:
    """The rows of a kind that belong to payments."""
    return (yield Load(kind, ("payment_id",), ids)) if ids else []


def _last_tries(ended: Sequence[PaymentId]) -> Program[dict[PaymentId, int]]:
    """When the receiver of each payment that has ended was last tried.

    A notice has the time of its event in its id, and a payment's last move is that event: so the few notices of that
    millisecond are looked at, and no index from payments to notices is needed.
    """
    if not ended:
        return {}
    moves: list[Transition] = yield Load(Transition, ("subject",), ended)
    last: dict[str, int] = {}
    for move in moves:
        last[move.subject] = max(move.at, last.get(move.subject, 0))
    told: dict[PaymentId, int] = {}
    for payment_id in ended:
        moment = last.get(payment_id, 0) // 1000
        values = {"payment": payment_id, "begin": first_of(moment), "end": first_of(moment + 1)}
        found = yield Execute(Bound(_last_try(), values))
        told[payment_id] = found[0][0] or 0
    return told


@cache
def _last_try() -> Select[Any]:
    notices, tries = schema.notices, schema.tries
    begin, end, payment = (bindparam(name, type_=Text, required=False) for name in ("begin", "end", "payment"))
    return (
        select(func.max(tries.c.at, type_=BigInteger))
        .select_from(notices.join(tries, tries.c.notice_id == notices.c.id))
        .where(notices.c.id >= begin, notices.c.id < end, notices.c.payment_id == payment)
    )
