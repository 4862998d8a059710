"""Giving money of a payment order back: a payment the other way, which someone of the merchant's has to authorise."""

from dataclasses import replace

from tillway.domain.banks import Directory
from tillway.domain.book import Book
from tillway.domain.clients import Client, Grant
from tillway.domain.decision import Decision, Stamp
from tillway.domain.ids import MOST_REFUNDS_OF_AN_ORDER, OrderId, order_of, refund_payment_id
from tillway.domain.ordering import Instructed, check_bank, fresh_payment, instruct, standing_in, standing_of
from tillway.domain.payment_orders import NO_LONGER_COUNTS, Instruction, OrderStanding, most_refunded, sum_of_paid
from tillway.domain.payments import PAYMENT, Payment, PaymentState
from tillway.domain.refusals import (
    CreditorMissing,
    CurrencyDiffers,
    InstructionDiffers,
    InstructionProcessed,
    RefundAboveLimit,
    RefundDuplicated,
    RefundNotPossible,
    ReturnUrlNotAllowed,
)
from tillway.domain.returning import may_return
from tillway.domain.values import value


@value
class RefundAsked:
    """What a client asks to give back; an empty `creditor_iban` is whoever paid, an empty return address is none."""

    amount: int
    currency: str
    instructed: Instructed
    expires_at: int


@value
class RefundStanding:
    """A refund, what its bank is told, and its order."""

    refund: Payment
    instruction: Instruction
    order: OrderStanding


def open_refund(
    book: Book, caller: Client, identity: OrderId, asked: RefundAsked, banks: Directory, stamp: Stamp
) -> Decision[RefundStanding]:
    """A refund that waits to be authorised, or the one that this client has opened with the same words before.

    Refuses: BankUnknown, ReturnUrlNotAllowed, OrderUnknown, CurrencyDiffers, InstructionProcessed, InstructionDiffers,
    RefundNotPossible, CreditorMissing, RefundDuplicated, RefundAboveLimit.
    """
    check_bank(banks, asked.instructed.bank_id)
    if asked.instructed.return_url and not may_return(caller, asked.instructed.return_url):
        raise ReturnUrlNotAllowed
    standing = standing_of(book, caller, identity)
    if asked.currency != standing.order.currency:
        raise CurrencyDiffers
    name = asked.instructed.instruction_id
    known = book.instruction_named((caller.id, 1, name)) if name else None
    if known is not None:
        return Decision(_opened_before(book, known, identity, asked))
    if not any(_has_begun(payment) for payment in standing.payments):
        raise RefundNotPossible
    instructed = _completed(standing, asked.instructed)
    _check_new(standing, asked, instructed)
    _check_limit(caller, standing, asked.amount)
    number = standing.terms.refund_count + 1
    if number > MOST_REFUNDS_OF_AN_ORDER:
        raise RefundNotPossible
    refund = fresh_payment(
        refund_payment_id(identity, number), asked.amount, asked.currency, asked.expires_at, stamp.now
    )
    instruction = instruct(caller, refund, instructed, outgoing=1)
    terms = replace(standing.terms, refund_count=number)
    order = replace(
        standing,
        terms=terms,
        refunds=(*standing.refunds, refund),
        instructions=(*standing.instructions, instruction),
    )
    return Decision(RefundStanding(refund, instruction, order), (refund, instruction), (terms,))


def _has_begun(payment: Payment) -> bool:
    return payment.attempt_count > 0 or payment.state is PaymentState.BOOKED


def _opened_before(book: Book, known: Instruction, identity: OrderId, asked: RefundAsked) -> RefundStanding:
    if PAYMENT.is_final(known.state):
        raise InstructionProcessed
    order = standing_in(book, order_of(known.payment_id))
    # Who paid may be known better by now; whoever left the recipient to us means the same as then.
    wanted = replace(asked.instructed, creditor_iban=asked.instructed.creditor_iban or known.creditor_iban)
    said = (identity, asked.amount, asked.currency, *_words(wanted))
    if said != (order.order.id, known.amount, known.currency, *_words(known)):
        raise InstructionDiffers
    refund = next(one for one in order.refunds if one.id == known.payment_id)
    return RefundStanding(refund, known, order)


def _words(said: Instructed | Instruction) -> tuple[str, ...]:
    return (
        said.creditor_iban,
        said.creditor_name,
        said.variable_symbol,
        said.constant_symbol,
        said.specific_symbol,
        said.reference,
        said.message,
        said.return_url,
        said.cause,
        said.hook_data,
    )


def _completed(standing: OrderStanding, asked: Instructed) -> Instructed:
    """The instruction with sender and recipient swapped where nothing else was said. Refuses: CreditorMissing."""
    begun = [one for one in standing.payments if _has_begun(one)]
    paid = standing.instruction_of((begun or list(standing.payments))[-1].id)
    iban = asked.creditor_iban or paid.debtor_iban
    if not iban:
        raise CreditorMissing
    debtor = asked.debtor_iban or paid.creditor_iban
    return replace(asked, creditor_iban=iban, debtor_iban=debtor)


def _check_new(standing: OrderStanding, asked: RefundAsked, instructed: Instructed) -> None:
    for refund in standing.refunds:
        same = (refund.amount, *_names(standing.instruction_of(refund.id)))
        if refund.state not in NO_LONGER_COUNTS and same == (asked.amount, *_names(instructed)):
            raise RefundDuplicated


def _names(said: Instructed | Instruction) -> tuple[str, ...]:
    """What tells refunds of the same amount apart: whom they go to, and what the client calls them."""
    return (
        said.creditor_iban,
        said.instruction_id,
        said.reference,
        said.variable_symbol,
        said.constant_symbol,
        said.specific_symbol,
        said.cause,
    )


def _check_limit(caller: Client, standing: OrderStanding, amount: int) -> None:
    given = sum(refund.amount for refund in standing.refunds if refund.state not in NO_LONGER_COUNTS) + amount
    most = most_refunded(standing.terms.amount, standing.terms.refund_limit)
    if most is not None and given > most:
        raise RefundAboveLimit
    if caller.has(Grant.REFUNDS_CAPPED_AT_PAID) and given > sum_of_paid(list(standing.payments)):
        raise RefundAboveLimit
