"""Settling what is in doubt: ask the connectors, with no transaction open, and record what they say.

Every step may be repeated and may be cut short: operations carry ids of ours that the far side knows them by, and what
is recorded is decided anew against the rows as they are then.
"""

from tillway.commands.asking import Question, ask
from tillway.commands.tools import Tools
from tillway.domain import refunding, settling
from tillway.domain.book import Book, Needs
from tillway.domain.decision import Decision
from tillway.domain.giftcards import GiftCard
from tillway.domain.ids import PaymentId, order_of
from tillway.domain.outcomes import Outcome, Paid
from tillway.domain.ownership import payment_in
from tillway.domain.payments import Attempt, AttemptState, Payment, PaymentState
from tillway.domain.refunding import Returned
from tillway.domain.refunds import RefundPart, RefundState
from tillway.domain.standing import Standing


async def resolve_call(tools: Tools, payment_id: PaymentId, *, may_begin: bool = True) -> Standing:
    """Ask the connectors of a payment's open attempts, in order, and record what they say.

    What was never asked for is begun, if the caller waits for it (`may_begin`), until one does not say yes; all else
    is looked up. A payment that has ended meanwhile only gives back. Refuses: PaymentUnknown.
    """
    payment, attempts = await _open_attempts(tools, payment_id)
    outcomes: dict[int, Outcome] = {}
    if payment.state is PaymentState.PROCESSING:
        for attempt, question in attempts:
            begins = may_begin and attempt.look_ups == 0
            outcome = await ask(
                tools,
                question,
                lambda connector, operation, begins=begins: (
                    connector.begin(operation) if begins else connector.look_up(operation)
                ),
            )
            outcomes[attempt.number] = outcome
            if begins and not isinstance(outcome, Paid):
                break
    stamp = tools.stamp()
    return await tools.committer.run(
        _needs(payment_id), lambda book: settling.record(book, payment_id, outcomes, stamp, tools.announce)
    )


async def resolve_reversals(tools: Tools, payment_id: PaymentId) -> Standing:
    """Have connectors undo what nobody wants any more, and record what they say. Refuses: PaymentUnknown."""
    outcomes: dict[int, Outcome] = {}
    for attempt, question in await _unwanted_attempts(tools, payment_id):
        outcomes[attempt.number] = await ask(tools, question, lambda connector, operation: connector.reverse(operation))
    stamp = tools.stamp()
    return await tools.committer.run(
        _needs(payment_id), lambda book: settling.record_reversals(book, payment_id, outcomes, stamp)
    )


async def resolve_refund(tools: Tools, payment_id: PaymentId, number: int) -> Returned:
    """Have connectors give back the open parts of a payment's refund `number`, and record what they say.

    Refuses: PaymentUnknown.
    """
    outcomes: dict[int, Outcome] = {}
    for part, question, refunded_id in await _open_parts(tools, payment_id, number):
        outcomes[part.attempt] = await ask(
            tools,
            question,
            lambda connector, operation, refunded_id=refunded_id: connector.refund(operation, refunded_id),
        )
    stamp = tools.stamp()
    return await tools.committer.run(
        _needs(payment_id),
        lambda book: refunding.record_refund(book, payment_id, number, outcomes, stamp, tools.announce),
    )


def _needs(payment_id: PaymentId) -> Needs:
    return Needs(orders=(order_of(payment_id),))


async def _open_attempts(tools: Tools, payment_id: PaymentId) -> tuple[Payment, list[tuple[Attempt, Question]]]:
    def look(book: Book) -> Decision[tuple[Payment, list[tuple[Attempt, Question]]]]:
        _, payment = payment_in(book, payment_id)
        return Decision((payment, _questions(book, payment, AttemptState.OPEN)))

    return await tools.committer.run(_needs(payment_id), look)


async def _unwanted_attempts(tools: Tools, payment_id: PaymentId) -> list[tuple[Attempt, Question]]:
    def look(book: Book) -> Decision[list[tuple[Attempt, Question]]]:
        _, payment = payment_in(book, payment_id)
        return Decision(_questions(book, payment, AttemptState.REVERSING))

    return await tools.committer.run(_needs(payment_id), look)


async def _open_parts(tools: Tools, payment_id: PaymentId, number: int) -> list[tuple[RefundPart, Question, str]]:
    def look(book: Book) -> Decision[list[tuple[RefundPart, Question, str]]]:
        _, payment = payment_in(book, payment_id)
        attempts = {attempt.number: attempt for attempt in book.attempts_of(payment)}
        parts = book.parts_of(book.refunds_of(payment)[number - 1], payment)
        asked: list[tuple[RefundPart, Question, str]] = []
        for part in parts:
            if part.state is RefundState.PROCESSING:
                attempt = attempts[part.attempt]
                card = _card_of(book, attempt)
                question = Question(part.connector, part.operation_id, card, part.amount)
                asked.append((part, question, attempt.operation_id))
        return Decision(asked)

    return await tools.committer.run(_needs(payment_id), look)


def _questions(book: Book, payment: Payment, state: AttemptState) -> list[tuple[Attempt, Question]]:
    return [
        (attempt, Question(attempt.connector, attempt.operation_id, _card_of(book, attempt), attempt.amount))
        for attempt in book.attempts_of(payment)
        if attempt.state is state and attempt.connector
    ]


def _card_of(book: Book, attempt: Attempt) -> GiftCard:
    card = book.find(GiftCard, attempt.source)
    if card is None:
        raise RuntimeError("a card of an attempt was not loaded")
    return card
