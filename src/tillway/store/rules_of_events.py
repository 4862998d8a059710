"""The rules on what is kept of what happened (transitions, events, notices), each as a search through all of it."""

from sqlalchemy import SelectBase, and_, func, or_, select, union_all

from tillway.domain.events import PaymentSucceeded
from tillway.domain.payments import PaymentState
from tillway.domain.proof import Rule
from tillway.domain.refunds import RefundState
from tillway.store import schema
from tillway.store.expressions import finding, number, said, total, word


def moves_and_their_owners() -> SelectBase:
    """A transition that is no payment's is a refund's, and led to its state."""
    transitions, payments, refunds = schema.transitions.c, schema.payments.c, schema.refunds.c
    moves = schema.transitions.outerjoin(schema.payments, payments.id == transitions.subject)
    rows = union_all(
        select(
            transitions.subject.label("subject"),
            number(1).label("moves"),
            number(0).label("refunds"),
            transitions.source.concat(word(" ")).concat(transitions.target).label("move"),
            word("").label("state"),
        )
        .select_from(moves)
        .where(payments.id.is_(None)),
        select(refunds.id, number(0), number(1), word(""), refunds.state),
    ).subquery()
    of = (
        select(
            rows.c.subject,
            total(rows.c.moves).label("moves"),
            total(rows.c.refunds).label("refunds"),
            func.max(rows.c.move).label("move"),
            func.max(rows.c.state).label("state"),
        )
        .group_by(rows.c.subject)
        .subquery()
        .c
    )
    led_to = word(f"{RefundState.PROCESSING} ").concat(of.state)
    astray = and_(of.moves > 0, or_(of.moves > 1, of.move != led_to))
    detail = said("{} refunds {}, {} transitions {}", of.refunds, of.state, of.moves, of.move)
    return select(*finding(Rule.TRANSITION_ORPHAN, of.subject, detail)).where(or_(of.refunds != 1, astray))


def payments_and_their_success() -> SelectBase:
    """Each booked payment, and no other, has one event that says so."""
    events, payments = schema.events.c, schema.payments.c
    rows = union_all(
        select(events.payment_id.label("subject"), number(1).label("events"), number(0).label("booked")).where(
            events.kind == PaymentSucceeded.kind
        ),
        select(payments.id, number(0), number(1)).where(payments.state == PaymentState.BOOKED),
    ).subquery()
    of = (
        select(rows.c.subject, total(rows.c.events).label("events"), total(rows.c.booked).label("booked"))
        .group_by(rows.c.subject)
        .subquery()
        .c
    )
    detail = said("{} payments are booked, {} events say so", of.booked, of.events)
    return select(*finding(Rule.SUCCESS_LOGGED, of.subject, detail)).where(or_(of.events != 1, of.booked != 1))


def notices_and_their_events() -> SelectBase:
    """Every notice tells of an event that is there."""
    notices, events = schema.notices.c, schema.events.c
    told = schema.notices.outerjoin(schema.events, events.id == notices.event_id)
    detail = said("event {}", notices.event_id)
    return select(*finding(Rule.NOTICE_EVENT, notices.id, detail)).select_from(told).where(events.id.is_(None))


RULES = (
    moves_and_their_owners,
    payments_and_their_success,
    notices_and_their_events,
)
