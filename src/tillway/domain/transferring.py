"""Plain transfers: money that a payer, or a merchant, has sent by themselves, as a statement shows it."""

from dataclasses import replace

from tillway.domain.book import Book
from tillway.domain.completing import finish
from tillway.domain.decision import Decision, Stamp
from tillway.domain.ids import PaymentId
from tillway.domain.moving import Movement
from tillway.domain.ownership import payment_in
from tillway.domain.payments import BANK_METHOD, MOST_ATTEMPTS, WAITING, Attempt, AttemptState
from tillway.domain.refusals import NotInThatState
from tillway.domain.standing import Standing
from tillway.domain.telling import Announcer

TRANSFER = "transfer"
"""The connector of attempts that nobody was asked for: the money was simply there."""


def receive_transfer(
    book: Book, payment_id: PaymentId, amount: int, debtor_iban: str, stamp: Stamp, announce: Announcer
) -> Decision[Standing]:
    """Book a payment that waits for its payer, or a refund, for what came of it (minor units): it asks for no more.

    Refuses: PaymentUnknown, NotInThatState.
    """
    order, payment = payment_in(book, payment_id)
    if payment.state not in WAITING or payment.attempt_count >= MOST_ATTEMPTS:
        raise NotInThatState(payment.state)
    number, now = payment.attempt_count + 1, stamp.now
    attempt = Attempt(
        payment.id,
        number,
        TRANSFER,
        BANK_METHOD,
        "",
        "",
        "",
        "",
        "",
        amount,
        0,
        AttemptState.PAID,
        "",
        number,
        "",
        1,
        0,
        0,
        now,
        now,
    )
    moving = Movement(book, order, stamp, announce)
    moving.receive(attempt)
    moving.instruct(payment.id, debtor_iban=debtor_iban)
    asked = payment if amount == payment.amount else replace(payment, amount=amount)
    return finish(asked, number, book.attempts_of(payment), (attempt,), amount, completes=True, moving=moving)
