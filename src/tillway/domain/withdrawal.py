"""The ends of a payment that is not completed: withdrawn by the merchant or the payer, or expired."""

from tillway.domain.book import Book
from tillway.domain.clients import Client
from tillway.domain.decision import Decision, Row, Stamp
from tillway.domain.events import PaymentExpired, PaymentWithdrawn
from tillway.domain.ids import PaymentId
from tillway.domain.moving import Movement
from tillway.domain.orders import Order
from tillway.domain.ownership import payment_in, payment_of
from tillway.domain.payments import PAYMENT, WAITING, AttemptState, Payment, PaymentState
from tillway.domain.refusals import NotInThatState
from tillway.domain.settling import release
from tillway.domain.standing import Standing
from tillway.domain.telling import Announcer


def withdraw(
    book: Book, caller: Client, payment_id: PaymentId, stamp: Stamp, announce: Announcer
) -> Decision[Standing]:
    """Give up a payment that is not complete; every card gets its money back.

    One that waits for an issuer ends too: what the issuer took comes back as soon as it answers.
    """
    order, payment = payment_of(book, caller, payment_id)
    overdue = payment.state in WAITING and stamp.now >= payment.expires_at
    if overdue or not PAYMENT.may(payment.state, PaymentState.WITHDRAWN):
        raise NotInThatState(payment.state)
    return end(book, order, payment, PaymentState.WITHDRAWN, stamp, announce)


def expire(book: Book, payment_id: PaymentId, stamp: Stamp, announce: Announcer) -> Decision[Standing]:
    """End a payment whose time is over; one that is complete, is promised, or has time left stays as it is."""
    order, payment = payment_in(book, payment_id)
    target = PaymentState.EXPIRED if payment.state in WAITING else PaymentState.PROCESSING_EXPIRED
    if stamp.now < payment.expires_at or not PAYMENT.may(payment.state, target):
        return Decision(Standing(order, payment, tuple(book.attempts_of(payment))))
    return end(book, order, payment, target, stamp, announce)


def see(book: Book, payment_id: PaymentId, stamp: Stamp, announce: Announcer) -> Decision[Standing]:
    """The payer has opened the page."""
    order, payment = payment_in(book, payment_id)
    attempts = tuple(book.attempts_of(payment))
    if payment.state is not PaymentState.CREATED or not payment.is_open(stamp.now):
        return Decision(Standing(order, payment, attempts))
    moved = payment.moved(PaymentState.SEEN, stamp.now)
    moving = Movement(book, order, stamp, announce)
    rows = moving.rows(payment, moved)
    return Decision(Standing(order, moved, attempts), tuple(rows), (moved, *moving.followed()))


def end(
    book: Book, order: Order, payment: Payment, target: PaymentState, stamp: Stamp, announce: Announcer
) -> Decision[Standing]:
    """A payment that ends without being paid, in the state `target`: what it has reserved goes back."""
    attempts = book.attempts_of(payment)
    moving = Movement(book, order, stamp, announce)
    released = release(payment, attempts, moving)
    moved = payment.moved(target, stamp.now, paid=0)
    rows: list[Row] = moving.rows(payment, moved)
    returned = sum(attempt.amount for attempt in released if attempt.state is AttemptState.WITHDRAWN)
    kind = PaymentWithdrawn if target is PaymentState.WITHDRAWN else PaymentExpired
    event = kind(payment.id, returned, payment.currency)
    rows += moving.tell(event, moved)
    final = {attempt.number: attempt for attempt in (*attempts, *released)}
    return Decision(Standing(order, moved, tuple(final.values())), tuple(rows), (moved, *released, *moving.followed()))
