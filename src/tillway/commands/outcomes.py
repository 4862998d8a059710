"""Settling what is in doubt: ask the connectors, with no transaction open, and record what they say.

Every step may be repeated and may be cut short: operations carry ids of ours that the far side knows them by, and what
is recorded is decided anew against the rows as they are then.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from tillway.commands.asking import Question, ask
from tillway.commands.tools import Tools
from tillway.connectors.protocol import Callback, CreditTransfer, Journey
from tillway.domain import refunding, settling
from tillway.domain.book import Book, Needs
from tillway.domain.decision import Decision
from tillway.domain.giftcards import GiftCard
from tillway.domain.ids import PaymentId, is_outgoing, is_uuid, order_of
from tillway.domain.outcomes import Declined, Outcome, Paid, Pending
from tillway.domain.ownership import payment_in
from tillway.domain.payment_orders import Instruction
from tillway.domain.payments import UNDER_WAY, Attempt, AttemptState, Payment
from tillway.domain.refunding import Returned
from tillway.domain.refunds import RefundPart, RefundState
from tillway.domain.standing import Standing
from tillway.store.finding import find_standing


async def resolve_call(
    tools: Tools, payment_id: PaymentId, *, may_begin: bool = True, journey: Journey | None = None
) -> Standing:
    """Ask the connectors of a payment's open attempts, in order, and record what they say.

    What was never asked for is begun, if the caller waits for it (`may_begin`), until one does not say yes; all else
    is looked up. A payment that has ended meanwhile only gives back. Refuses: PaymentUnknown.
    """
    payment, attempts = await _open_attempts(tools, payment_id)
    outcomes: dict[int, Outcome] = {}
    if payment.state in UNDER_WAY:
        for attempt, question in attempts:
            begins = may_begin and attempt.look_ups == 0
            outcome = await ask(
                tools,
                question,
                lambda connector, operation, begins=begins: (
                    connector.begin(operation) if begins else connector.look_up(operation)
                ),
                journey if begins else None,
            )
            outcomes[attempt.number] = outcome
            if begins and not isinstance(outcome, Paid):
                break
    return await _record(tools, payment_id, outcomes)


async def give_up(tools: Tools, payment_id: PaymentId) -> Standing:
    """Have the far side undo what the payer has begun, so that the payer may pay in another way.

    What the far side cannot undo stays open, and what it has taken is paid. Refuses: PaymentUnknown.
    """
    _, attempts = await _open_attempts(tools, payment_id)
    outcomes: dict[int, Outcome] = {}
    for attempt, question in attempts:
        if not attempt.is_far:
            continue
        undone = await ask(tools, question, lambda connector, operation: connector.reverse(operation))
        if isinstance(undone, Paid):
            outcomes[attempt.number] = Declined(settling.GIVEN_UP)
        elif isinstance(undone, Declined):
            looked_up = await ask(tools, question, lambda connector, operation: connector.look_up(operation))
            outcomes[attempt.number] = looked_up
    return await _record(tools, payment_id, outcomes)


async def hear(tools: Tools, connector: str, callback: Callback) -> None:
    """Record what a connector's far side told by itself; what is none of ours, or known already, changes nothing.

    Only what answers an open question is believed at once. Of an attempt that is over for us the far side is asked how
    it stands now, since what it tells may be old. "Not yet" tells nothing.
    """
    named = _OPERATION.fullmatch(callback.operation_id)
    if named is None or not is_uuid(named["payment"]) or isinstance(callback.outcome, Pending):
        return
    payment_id, number, refund = PaymentId(named["payment"]), int(named["attempt"]), int(named["refund"] or 0)
    standing = await tools.store.read(find_standing(payment_id))
    if standing is None or refund > standing.payment.refund_count:
        return
    attempt = next((one for one in standing.attempts if one.number == number and one.connector == connector), None)
    if attempt is None:
        return
    if refund:
        await resolve_refund(tools, payment_id, refund, {number: callback.outcome})
    elif named["late"]:
        await resolve_late(tools, payment_id)
    else:
        await _hear_of_attempt(tools, standing.payment, attempt, callback.outcome)


async def _hear_of_attempt(tools: Tools, payment: Payment, attempt: Attempt, told: Outcome) -> None:
    if attempt.state is AttemptState.OPEN:
        after = await _record(tools, payment.id, {attempt.number: told})
        if attempt.is_far and after.attempts[attempt.number - 1].state is AttemptState.OPEN:
            # The others of its call, all of them begun before it, have to say yes once more.
            await resolve_call(tools, payment.id, may_begin=False)
    elif attempt.is_far and attempt.state in settling.OVER:
        question = await _asked_of(tools, payment.id, attempt.number)
        stands = await ask(tools, question, lambda connector, operation: connector.look_up(operation))
        await _record(tools, payment.id, {attempt.number: stands})


_OPERATION = re.compile(
    r"(?P<payment>[0-9a-f-]{36})-(?P<attempt>[1-9][0-9]{0,3})(?:-r(?P<refund>[1-9][0-9]{0,3})|(?P<late>-late))?"
)
"""The ids that we give to operations: of an attempt, of a part of a refund, and of the return of late money."""


async def _record(tools: Tools, payment_id: PaymentId, outcomes: dict[int, Outcome]) -> Standing:
    stamp = tools.stamp()
    return await tools.committer.run(
        _needs(payment_id), lambda book: settling.record(book, payment_id, outcomes, stamp, tools.announce)
    )


async def resolve_reversals(tools: Tools, payment_id: PaymentId) -> Standing:
    """Have connectors undo what nobody wants any more, and record what they say. Refuses: PaymentUnknown."""
    outcomes: dict[int, Outcome] = {}
    for attempt, question in await _attempts_in(tools, payment_id, AttemptState.REVERSING):
        outcomes[attempt.number] = await ask(tools, question, lambda connector, operation: connector.reverse(operation))
    stamp = tools.stamp()
    return await tools.committer.run(
        _needs(payment_id), lambda book: settling.record_reversals(book, payment_id, outcomes, stamp, tools.announce)
    )


async def resolve_late(tools: Tools, payment_id: PaymentId) -> Standing:
    """Have connectors give back money that came too late, and record what they say. Refuses: PaymentUnknown.

    What a refund has paid out late is with the payer, and nobody is asked for it.
    """
    outcomes: dict[int, Outcome] = {}
    late = [] if is_outgoing(payment_id) else await _attempts_in(tools, payment_id, AttemptState.LATE)
    for attempt, question in late:
        returning = replace(question, id=f"{question.id}-late")
        outcomes[attempt.number] = await ask(
            tools,
            returning,
            lambda connector, operation, refunded_id=question.id: connector.refund(operation, refunded_id),
        )
    stamp = tools.stamp()
    return await tools.committer.run(
        _needs(payment_id), lambda book: settling.record_returns(book, payment_id, outcomes, stamp, tools.announce)
    )


async def resolve_refund(
    tools: Tools, payment_id: PaymentId, number: int, told: Mapping[int, Outcome] = MappingProxyType({})
) -> Returned:
    """Have connectors give back the open parts of a payment's refund `number`, and record what they say.

    Who has `told` already, by attempt number, is not asked. Refuses: PaymentUnknown.
    """
    outcomes: dict[int, Outcome] = dict(told)
    for part, question, refunded_id in await _open_parts(tools, payment_id, number):
        if part.attempt in told:
            continue
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


async def open_attempt(tools: Tools, payment_id: PaymentId) -> tuple[Attempt, Question] | None:
    """What of a payment is open at a far side, and how to ask about it. Refuses: PaymentUnknown."""
    _, attempts = await _open_attempts(tools, payment_id)
    return attempts[-1] if attempts else None


async def _open_attempts(tools: Tools, payment_id: PaymentId) -> tuple[Payment, list[tuple[Attempt, Question]]]:
    def look(book: Book) -> Decision[tuple[Payment, list[tuple[Attempt, Question]]]]:
        _, payment = payment_in(book, payment_id)
        return Decision((payment, _questions(book, payment, AttemptState.OPEN)))

    return await tools.committer.run(_needs(payment_id), look)


async def _asked_of(tools: Tools, payment_id: PaymentId, number: int) -> Question:
    """How to ask about one attempt, in whatever state it is."""

    def look(book: Book) -> Decision[Question]:
        _, payment = payment_in(book, payment_id)
        return Decision(_question(book, book.attempts_of(payment)[number - 1], payment.currency))

    return await tools.committer.run(_needs(payment_id), look)


async def _attempts_in(tools: Tools, payment_id: PaymentId, state: AttemptState) -> list[tuple[Attempt, Question]]:
    def look(book: Book) -> Decision[list[tuple[Attempt, Question]]]:
        _, payment = payment_in(book, payment_id)
        return Decision(_questions(book, payment, state))

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
                whole = _question(book, attempt, payment.currency)
                question = replace(whole, id=part.operation_id, amount=part.amount)
                asked.append((part, question, attempt.operation_id))
        return Decision(asked)

    return await tools.committer.run(_needs(payment_id), look)


def _questions(book: Book, payment: Payment, state: AttemptState) -> list[tuple[Attempt, Question]]:
    return [
        (attempt, _question(book, attempt, payment.currency))
        for attempt in book.attempts_of(payment)
        if attempt.state is state and attempt.connector
    ]


def _question(book: Book, attempt: Attempt, currency: str) -> Question:
    return Question(
        attempt.connector,
        attempt.operation_id,
        _sealed_of(book, attempt),
        attempt.amount,
        currency,
        attempt.method,
        attempt.reference,
        _transfer_of(book.find(Instruction, attempt.payment_id)),
    )


def _transfer_of(told: Instruction | None) -> CreditTransfer | None:
    """What the bank of a payment order is told."""
    if told is None:
        return None
    return CreditTransfer(
        told.bank_id,
        told.creditor_iban,
        told.creditor_name,
        told.creditor_bic,
        told.debtor_iban,
        told.variable_symbol,
        told.constant_symbol,
        told.specific_symbol,
        told.reference,
        told.message,
    )


def _sealed_of(book: Book, attempt: Attempt) -> str:
    """The sealed number of the gift card that an attempt charges; empty if it charges none."""
    if attempt.is_far:
        return ""
    card = book.find(GiftCard, attempt.source)
    if card is None:
        raise RuntimeError("a card of an attempt was not loaded")
    return card.sealed
