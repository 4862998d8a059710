"""The rules on transfers and on what they belong to, each as a search through all of them."""

from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    SelectBase,
    and_,
    case,
    false,
    func,
    not_,
    or_,
    select,
    union_all,
)
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from tillway.domain.ledger import OF_ENTRIES, TransferKind
from tillway.domain.payments import GIFT_CARD_METHOD, AttemptState
from tillway.domain.proof import Rule
from tillway.domain.refunds import RefundState
from tillway.store import schema
from tillway.store.expressions import amount_if, begins, finding, is_outgoing, number, order_of, said, total, word

WAYS = {
    TransferKind.ISSUE: (("issuer:", "card:"),),
    TransferKind.SPEND: (("card:", "payable:"),),
    TransferKind.HOLD: (("card:", "held:"),),
    TransferKind.CAPTURE: (("held:", "payable:"),),
    TransferKind.VOID: (("held:", "card:"),),
    TransferKind.REFUND: (("payable:", "card:"), ("transit:", "card:"), ("transit:", "receivable:")),
    TransferKind.REFUND_SENT: (("payable:", "transit:"),),
    TransferKind.REFUND_FAILED: (("transit:", "payable:"),),
    TransferKind.RECEIVE: (("receivable:", "payable:"),),
    TransferKind.RECEIVE_LATE: (("receivable:", "late:"),),
    TransferKind.RETURN_LATE: (("late:", "receivable:"),),
    TransferKind.PAY_OUT: (("payable:", "receivable:"),),
    TransferKind.STATEMENT_IN: (("account:", "unmatched:"),),
    TransferKind.STATEMENT_OUT: (("unmatched:", "account:"),),
    TransferKind.SETTLE: (("unmatched:", "receivable:"), ("receivable:", "unmatched:")),
    TransferKind.KEEP: (("unmatched:", "payable:"), ("payable:", "unmatched:")),
}
"""From which kind of account to which a transfer may go."""

_WITHIN_A_CARD = (TransferKind.HOLD, TransferKind.VOID)

_TRANSFERS, _ATTEMPTS, _PARTS = schema.transfers.c, schema.attempts.c, schema.refund_parts.c
_ORDERS = schema.orders.c


def transfers_alone() -> SelectBase:
    """What every transfer keeps by itself, and against the attempt and the order it belongs to."""
    row, attempt, order = _TRANSFERS, _ATTEMPTS, _ORDERS
    owned = schema.transfers.outerjoin(
        schema.attempts, and_(attempt.payment_id == row.payment_id, attempt.number == row.attempt)
    ).outerjoin(schema.orders, order.id == order_of(row.payment_id))
    issued = row.kind == TransferKind.ISSUE
    of_entry = row.kind.in_(sorted(OF_ENTRIES))
    orphaned = case(
        (issued, or_(row.payment_id != word(""), row.attempt != 0)),
        (of_entry, or_(row.attempt != 0, row.refund != 0)),
        else_=or_(attempt.payment_id.is_(None), order.id.is_(None)),
    )
    far_side = case((attempt.method != word(GIFT_CARD_METHOD), attempt.connector), else_=word(""))
    own = tuple(
        word(kind).concat(owner).concat(word(":")).concat(order.currency)
        for kind, owner in (
            ("card:", attempt.source),
            ("held:", attempt.source),
            ("payable:", order.merchant_id),
            ("transit:", order.merchant_id),
            ("late:", order.merchant_id),
            ("unmatched:", order.merchant_id),
            ("receivable:", far_side),
        )
    )
    foreign = and_(not_(issued), not_(of_entry), or_(row.source.not_in(own), row.target.not_in(own)))
    broken = (
        (Rule.TRANSFER_AMOUNT, row.amount <= 0),
        (Rule.TRANSFER_ACCOUNTS, row.source == row.target),
        (Rule.TRANSFER_CURRENCY, or_(*(_another_currency(side) for side in (row.source, row.target)))),
        (Rule.TRANSFER_KIND, not_(_fits_kind())),
        (Rule.TRANSFER_ORPHAN, orphaned),
        (Rule.TRANSFER_OWNER, foreign),
    )
    first = case(*((found, word(rule)) for rule, found in broken))
    detail = said(
        "{} of {} {} from {} to {}, {} attempt {}",
        row.kind,
        row.amount,
        row.currency,
        row.source,
        row.target,
        row.payment_id,
        row.attempt,
    )
    found = select(first.label("rule"), row.id.label("subject"), detail.label("detail")).select_from(owned).subquery()
    return select(found.c.rule, found.c.subject, found.c.detail).where(found.c.rule.is_not(None))


def _another_currency(account: Column[Any]) -> ColumnElement[bool]:
    start = func.length(account) - func.length(_TRANSFERS.currency)
    return func.substr(account, start) != word(":").concat(_TRANSFERS.currency)


def _fits_kind() -> ColumnElement[bool]:
    row = _TRANSFERS
    fits: ColumnElement[bool] = false()
    for kind, ways in WAYS.items():
        for source, target in ways:
            way = and_(row.kind == kind, begins(row.source, source), begins(row.target, target))
            if kind in _WITHIN_A_CARD:
                same = func.substr(row.source, number(len(source) + 1)) == func.substr(
                    row.target, number(len(target) + 1)
                )
                way = and_(way, same)
            fits = or_(fits, way)
    return fits


def attempts_and_their_transfers() -> SelectBase:
    """What an attempt has moved fits its state and its amount."""
    of = _sums_of_attempts()
    fits = case((of.far == number(1), _far_fits(of)), else_=_card_fits(of))
    sums = (of.hold, of.capture, of.void, of.spend, of.receive, of.receive_late, of.return_late, of.pay_out)
    detail = said(
        "{} of {}, held {}, captured {}, given back {}, spent {}, received {}, late {}, returned {}, paid out {}",
        of.state,
        of.amount,
        *sums,
    )
    subject = said("{} attempt {}", of.payment_id, of.number)
    return select(*finding(Rule.ATTEMPT_TRANSFERS, subject, detail)).where(of.state != word(""), not_(fits))


_MOVES = (
    TransferKind.HOLD,
    TransferKind.CAPTURE,
    TransferKind.VOID,
    TransferKind.SPEND,
    TransferKind.RECEIVE,
    TransferKind.RECEIVE_LATE,
    TransferKind.RETURN_LATE,
    TransferKind.PAY_OUT,
)


def _sums_of_attempts() -> ReadOnlyColumnCollection[str, Any]:
    """Every attempt with what was moved for it, by kind."""
    names = [kind.value for kind in _MOVES]
    is_far = amount_if(_ATTEMPTS.method != word(GIFT_CARD_METHOD), number(1))
    rows = union_all(
        select(
            _TRANSFERS.payment_id.label("payment_id"),
            _TRANSFERS.attempt.label("number"),
            word("").label("state"),
            number(0).label("amount"),
            number(0).label("far"),
            *(amount_if(_TRANSFERS.kind == kind, _TRANSFERS.amount).label(kind.value) for kind in _MOVES),
        ).where(_TRANSFERS.kind.in_(_MOVES)),
        select(
            _ATTEMPTS.payment_id,
            _ATTEMPTS.number,
            _ATTEMPTS.state,
            _ATTEMPTS.amount,
            is_far,
            *(number(0) for _ in _MOVES),
        ),
    ).subquery()
    return (
        select(
            rows.c.payment_id,
            rows.c.number,
            func.max(rows.c.state).label("state"),
            func.max(rows.c.amount).label("amount"),
            func.max(rows.c.far).label("far"),
            *(total(rows.c[name]).label(name) for name in names),
        )
        .group_by(rows.c.payment_id, rows.c.number)
        .subquery()
        .c
    )


def _card_fits(of: ReadOnlyColumnCollection[str, Any]) -> ColumnElement[bool]:
    hold, capture, void, spend = of.hold, of.capture, of.void, of.spend
    nothing_far = and_(of.receive == 0, of.receive_late == 0, of.return_late == 0, of.pay_out == 0)
    held = and_(hold == of.amount, capture == 0, void == 0, spend == 0)
    taken = and_(
        void == 0,
        or_(and_(spend == of.amount, hold == 0, capture == 0), and_(hold == of.amount, capture == hold, spend == 0)),
    )
    returned = and_(capture == 0, spend == 0, void == hold, hold.in_((number(0), of.amount)))
    fits = case(
        (of.state.in_((AttemptState.OPEN, AttemptState.REVERSING, AttemptState.HELD)), held),
        (of.state == AttemptState.PAID, taken),
        (of.state.in_((AttemptState.DECLINED, AttemptState.WITHDRAWN)), returned),
        else_=false(),
    )
    return and_(nothing_far, fits)


def _far_fits(of: ReadOnlyColumnCollection[str, Any]) -> ColumnElement[bool]:
    received, late, returned = of.receive, of.receive_late, of.return_late
    nothing_of_cards = and_(of.hold == 0, of.capture == 0, of.void == 0, of.spend == 0)
    untouched = (AttemptState.OPEN, AttemptState.REVERSING, AttemptState.DECLINED, AttemptState.WITHDRAWN)
    incoming = case(
        (of.state.in_(untouched), and_(received == 0, late == 0, returned == 0)),
        (of.state == AttemptState.PAID, and_(received == of.amount, late == 0, returned == 0)),
        (of.state == AttemptState.LATE, and_(received == 0, late == of.amount, returned == 0)),
        (of.state == AttemptState.RETURNED, and_(received == 0, late == of.amount, returned == late)),
        else_=false(),
    )
    outgoing = case(
        (of.state.in_(untouched), of.pay_out == 0),
        (of.state.in_((AttemptState.PAID, AttemptState.LATE)), of.pay_out == of.amount),
        else_=false(),
    )
    fits = case(
        (is_outgoing(of.payment_id), and_(outgoing, received == 0, late == 0, returned == 0)),
        else_=and_(incoming, of.pay_out == 0),
    )
    return and_(nothing_of_cards, fits)


def refunds_and_their_transfers() -> SelectBase:
    """What a part of a refund has moved fits its state and its amount."""
    moves = {
        "returned": TransferKind.REFUND,
        "sent": TransferKind.REFUND_SENT,
        "failed": TransferKind.REFUND_FAILED,
    }
    rows = union_all(
        select(
            _TRANSFERS.payment_id.label("payment_id"),
            _TRANSFERS.refund.label("refund"),
            _TRANSFERS.attempt.label("attempt"),
            word("").label("state"),
            word("").label("connector"),
            number(0).label("amount"),
            *(amount_if(_TRANSFERS.kind == kind, _TRANSFERS.amount).label(name) for name, kind in moves.items()),
            amount_if(begins(_TRANSFERS.source, "transit:"), _TRANSFERS.amount).label("through_transit"),
        ).where(or_(_TRANSFERS.kind.in_(moves.values()), _TRANSFERS.refund != 0)),
        select(
            _PARTS.payment_id,
            _PARTS.refund,
            _PARTS.attempt,
            _PARTS.state,
            _PARTS.connector,
            _PARTS.amount,
            *(number(0) for _ in moves),
            number(0),
        ),
    ).subquery()
    of = (
        select(
            rows.c.payment_id,
            rows.c.refund,
            rows.c.attempt,
            *(func.max(rows.c[name]).label(name) for name in ("state", "connector", "amount")),
            *(total(rows.c[name]).label(name) for name in (*moves, "through_transit")),
        )
        .group_by(rows.c.payment_id, rows.c.refund, rows.c.attempt)
        .subquery()
        .c
    )
    returned, sent, failed = (of[name] for name in moves)
    direct = and_(returned == of.amount, sent == 0, failed == 0, of.through_transit == 0)
    confirmed = and_(sent == of.amount, returned == of.amount, failed == 0, of.through_transit == of.amount)
    fits = case(
        (of.state == RefundState.PROCESSING, and_(sent == of.amount, returned == 0, failed == 0)),
        (of.state == RefundState.FAILED, and_(sent == of.amount, returned == 0, failed == of.amount)),
        (and_(of.state == RefundState.BOOKED, of.connector == word("")), direct),
        (of.state == RefundState.BOOKED, confirmed),
        else_=false(),
    )
    detail = said("{} of {}, sent {}, returned {}, failed {}", of.state, of.amount, sent, returned, failed)
    subject = said("{} refund {} attempt {}", of.payment_id, of.refund, of.attempt)
    return select(*finding(Rule.REFUND_TRANSFERS, subject, detail)).where(not_(fits))


RULES = (
    transfers_alone,
    attempts_and_their_transfers,
    refunds_and_their_transfers,
)
