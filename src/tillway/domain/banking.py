"""Paying by bank: the payer has chosen one, or gives up before anything was begun."""

from tillway.domain.book import Book
from tillway.domain.decision import Decision, Stamp
from tillway.domain.events import PaymentFailed
from tillway.domain.ids import PaymentId
from tillway.domain.moving import Movement
from tillway.domain.ownership import payment_in
from tillway.domain.payments import BANK_METHOD, MOST_ATTEMPTS, Attempt, AttemptState, PaymentState
from tillway.domain.reasons import Reason
from tillway.domain.refusals import NotInThatState
from tillway.domain.schedules import LOOK_UPS
from tillway.domain.standing import Standing
from tillway.domain.telling import Announcer
from tillway.domain.values import value


@value
class BankChoice:
    """The bank that is to pay, by which connector; `debtor_iban` and `bic` are empty where they are not known.

    `call_key` makes the choice happen once, however often its form arrives. `processed_by` is the last moment to hear
    what came of it (microseconds UTC).
    """

    bank_id: str
    bic: str
    connector: str
    debtor_iban: str
    call_key: str
    processed_by: int


def choose(
    book: Book, payment_id: PaymentId, bank_id: str, debtor_iban: str, stamp: Stamp, announce: Announcer
) -> Decision[Standing]:
    """Keep which bank is to pay, from which account, before it is asked; empty stays. Refuses: NotInThatState."""
    order, payment = payment_in(book, payment_id)
    if not payment.is_open(stamp.now):
        raise NotInThatState(payment.state)
    moving = Movement(book, order, stamp, announce)
    moving.instruct(payment.id, bank_id=bank_id, debtor_iban=debtor_iban)
    return Decision(Standing(order, payment, tuple(book.attempts_of(payment))), (), moving.followed())


def begin_at_bank(
    book: Book, payment_id: PaymentId, choice: BankChoice, stamp: Stamp, announce: Announcer
) -> Decision[Standing]:
    """Have the payment, or the refund, asked of a bank; the same choice twice is one. Refuses: NotInThatState."""
    order, payment = payment_in(book, payment_id)
    attempts = book.attempts_of(payment)
    if any(one.call_key == choice.call_key and one.state is AttemptState.OPEN for one in attempts):
        return Decision(Standing(order, payment, tuple(attempts)))
    if not payment.is_open(stamp.now) or payment.attempt_count >= MOST_ATTEMPTS:
        raise NotInThatState(payment.state)
    number = payment.attempt_count + 1
    attempt = Attempt(
        payment.id,
        number,
        choice.connector,
        BANK_METHOD,
        "",
        "",
        "",
        "",
        "",
        payment.due,
        0,
        AttemptState.OPEN,
        "",
        number,
        choice.call_key,
        1,
        0,
        stamp.now + LOOK_UPS.wait_after(1),
        stamp.now,
        0,
    )
    moving = Movement(book, order, stamp, announce)
    moving.instruct(payment.id, bank_id=choice.bank_id, debtor_bic=choice.bic, debtor_iban=choice.debtor_iban)
    moved = payment.moved(PaymentState.PROCESSING, stamp.now, attempt_count=number, expires_at=choice.processed_by)
    rows = moving.rows(payment, moved)
    standing = Standing(order, moved, (*attempts, attempt))
    return Decision(standing, (attempt, *rows), (moved, *moving.followed()))


def give_up(book: Book, payment_id: PaymentId, reason: Reason, stamp: Stamp, announce: Announcer) -> Decision[Standing]:
    """The payer leaves our page without having begun: the payment has failed. Refuses: NotInThatState."""
    order, payment = payment_in(book, payment_id)
    if payment.state is not PaymentState.SEEN or stamp.now >= payment.expires_at:
        raise NotInThatState(payment.state)
    moving = Movement(book, order, stamp, announce)
    moved = payment.moved(PaymentState.FAILED, stamp.now)
    rows = [*moving.rows(payment, moved, reason), *moving.tell(PaymentFailed(payment.id, reason), moved)]
    standing = Standing(order, moved, tuple(book.attempts_of(payment)))
    return Decision(standing, tuple(rows), (moved, *moving.followed()))


def await_transfer(
    book: Book, payment_id: PaymentId, until: int, stamp: Stamp, announce: Announcer
) -> Decision[Standing]:
    """The payer means to transfer the money alone: the payment waits for it longer. Refuses: NotInThatState."""
    order, payment = payment_in(book, payment_id)
    attempts = tuple(book.attempts_of(payment))
    if not payment.is_open(stamp.now):
        raise NotInThatState(payment.state)
    if until <= payment.expires_at:
        return Decision(Standing(order, payment, attempts))
    moved = payment.moved(payment.state, stamp.now, expires_at=until)
    moving = Movement(book, order, stamp, announce)
    return Decision(Standing(order, moved, attempts), tuple(moving.rows(payment, moved)), (moved, *moving.followed()))
