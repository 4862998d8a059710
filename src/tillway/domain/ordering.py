"""Acts on payment orders: opening one, changing its amount or its refund limit, giving it up."""

from dataclasses import replace

from tillway.domain.banks import Directory
from tillway.domain.book import Book
from tillway.domain.clients import Client
from tillway.domain.decision import Decision, Stamp
from tillway.domain.events import PaymentWithdrawn
from tillway.domain.ids import MOST_PAYMENTS_OF_AN_ORDER, OrderId, PaymentId, order_id, order_of, payment_id
from tillway.domain.moving import Movement
from tillway.domain.orders import Access, Order
from tillway.domain.payment_orders import Instruction, OrderStanding, OrderStatus, PaymentOrder, sum_of_paid
from tillway.domain.payments import PAYMENT, WAITING, Payment, PaymentState
from tillway.domain.refusals import (
    AccountNotAllowed,
    AmountBelowPaid,
    BankUnknown,
    InstructionDiffers,
    InstructionProcessed,
    OrderNotUpdatable,
    OrderNotWithdrawable,
    OrderUnknown,
    RefundUnknown,
    ReturnUrlNotAllowed,
)
from tillway.domain.returning import may_return
from tillway.domain.telling import Announcer
from tillway.domain.values import value
from tillway.domain.withdrawal import end


@value
class Instructed:
    """What the payer's or the payee's bank is to be told, as in `Instruction`."""

    instruction_id: str
    creditor_iban: str
    creditor_name: str
    creditor_bic: str
    bank_id: str
    debtor_iban: str
    variable_symbol: str
    constant_symbol: str
    specific_symbol: str
    reference: str
    message: str
    return_url: str
    language: str
    hook_data: str
    cause: str = ""


@value
class OrderAsked:
    """What a client asks to be paid: as in `Order` and `PaymentOrder`; `expires_at` is the last moment to begin."""

    amount: int
    currency: str
    instructed: Instructed
    email: str
    country: str
    external_id: str
    refund_limit: int
    is_external: int
    is_silent: int
    fingerprint: str
    expires_at: int


@value
class OrderChange:
    """What of an order is to be different; None stays. `expires_at` is for the payment that is added, if one is."""

    amount: int | None
    refund_limit: int | None
    expires_at: int


def open_order(
    book: Book, caller: Client, asked: OrderAsked, banks: Directory, stamp: Stamp
) -> Decision[OrderStanding]:
    """An order with one payment, or the one that this client has opened with the same words before.

    Refuses: AccountNotAllowed, BankUnknown, ReturnUrlNotAllowed, InstructionProcessed, InstructionDiffers.
    """
    instructed = asked.instructed
    if not caller.may_be_paid_at(instructed.creditor_iban):
        raise AccountNotAllowed
    check_bank(banks, instructed.bank_id)
    if not may_return(caller, instructed.return_url):
        raise ReturnUrlNotAllowed
    known = book.instruction_named((caller.id, 0, instructed.instruction_id)) if instructed.instruction_id else None
    if known is not None:
        return Decision(_opened_before(book, known, asked.fingerprint))
    order = Order(
        order_id(stamp.unique),
        0,
        caller.merchant_id,
        caller.id,
        caller.surface,
        Access.BANK,
        asked.amount,
        asked.currency,
        instructed.reference,
        instructed.return_url,
        "",
        instructed.language,
        "{}",
        "",
        asked.country,
        asked.email,
        1,
        1,
        stamp.now,
    )
    terms = PaymentOrder(
        order.id,
        caller.id,
        OrderStatus.UNPAID,
        asked.amount,
        asked.currency,
        asked.external_id,
        asked.refund_limit,
        0,
        asked.is_external,
        asked.is_silent,
        asked.fingerprint,
        stamp.now,
    )
    payment = fresh_payment(payment_id(order.id, 1), asked.amount, asked.currency, asked.expires_at, stamp.now)
    instruction = instruct(caller, payment, instructed, outgoing=0)
    standing = OrderStanding(order, terms, (payment,), (), (instruction,))
    return Decision(standing, (order, terms, payment, instruction))


def check_bank(banks: Directory, bank_id: str) -> None:
    """A bank that was named has to be there. Refuses: BankUnknown."""
    if bank_id and banks.find(bank_id) is None:
        raise BankUnknown


def _opened_before(book: Book, known: Instruction, fingerprint: str) -> OrderStanding:
    standing = standing_in(book, order_of(known.payment_id))
    if PAYMENT.is_final(known.state):
        raise InstructionProcessed
    if standing.terms.fingerprint != fingerprint:
        raise InstructionDiffers
    return standing


def fresh_payment(identity: PaymentId, amount: int, currency: str, expires_at: int, now: int) -> Payment:
    """A payment that waits for its payer."""
    return Payment(identity, amount, currency, PaymentState.CREATED, 0, 0, 0, 0, 0, now, now, 0, expires_at)


def instruct(caller: Client, payment: Payment, asked: Instructed, *, outgoing: int) -> Instruction:
    """The instruction of a payment, or of a refund, that is just made."""
    return Instruction(
        payment.id,
        caller.id,
        outgoing,
        payment.state,
        payment.amount,
        payment.currency,
        asked.instruction_id,
        asked.creditor_iban,
        asked.creditor_name,
        asked.creditor_bic,
        asked.bank_id,
        asked.debtor_iban,
        "",
        asked.variable_symbol,
        asked.constant_symbol,
        asked.specific_symbol,
        asked.reference,
        asked.message,
        asked.return_url,
        asked.language,
        asked.cause,
        asked.hook_data,
        "",
        payment.created_at,
        0,
        0,
    )


def standing_in(book: Book, identity: OrderId) -> OrderStanding:
    """An order with all that hangs on it. Refuses: OrderUnknown."""
    order, terms = book.find(Order, identity), book.find(PaymentOrder, identity)
    if order is None or terms is None:
        raise OrderUnknown
    payments, outgoing = tuple(book.payments_of(order)), tuple(book.outgoing_of(terms))
    found = [book.find(Instruction, payment.id) for payment in (*payments, *outgoing)]
    return OrderStanding(order, terms, payments, outgoing, tuple(one for one in found if one is not None))


def standing_of(book: Book, caller: Client, identity: OrderId) -> OrderStanding:
    """An order of the caller's; another client's is unknown. Refuses: OrderUnknown."""
    standing = standing_in(book, identity)
    if standing.order.client_id != caller.id:
        raise OrderUnknown
    return standing


def update_order(
    book: Book, caller: Client, identity: OrderId, change: OrderChange, stamp: Stamp, announce: Announcer
) -> Decision[OrderStanding]:
    """Change the amount, by the payment that nobody has seen yet or by a further one, and the refund limit.

    Refuses: OrderUnknown, OrderNotUpdatable, AmountBelowPaid.
    """
    before = standing_of(book, caller, identity)
    terms = before.terms
    if change.refund_limit is not None:
        terms = replace(terms, refund_limit=change.refund_limit)
    if change.amount is None or (change.amount == terms.amount and not _is_short(before)):
        return Decision(replace(before, terms=terms), (), () if terms is before.terms else (terms,))
    _check_updatable(before, change.amount)
    left = change.amount - sum_of_paid(list(before.payments))
    order = replace(before.order, amount=change.amount)
    moving = Movement(book, order, stamp, announce)
    terms = moving.retermed(replace(terms, amount=change.amount))
    last = before.processable()
    moved = last
    if last.state is PaymentState.CREATED:
        moved = last.for_amount(left, stamp.now) if left else last.moved(PaymentState.WITHDRAWN, stamp.now)
    rows = moving.rows(last, moved)
    if moved.state is PaymentState.WITHDRAWN and moved is not last:
        rows += moving.tell(PaymentWithdrawn(moved.id, 0, moved.currency), moved)
    after = replace(before, order=order, terms=terms, payments=(*before.payments[:-1], moved))
    if not _wants_further(after, left):
        return Decision(after, tuple(rows), (order, *(() if moved is last else (moved,)), *moving.followed()))
    further = _further(after, left, change.expires_at, stamp.now)
    added = (further.processable(), further.instructions[-1])
    return Decision(further, (*added, *rows), (further.order, *moving.followed()))


def _is_short(before: OrderStanding) -> bool:
    """Whether the last payment came in part, so that a further one is wanted for the rest of the same amount."""
    last = before.processable()
    return last.state is PaymentState.BOOKED and sum_of_paid(list(before.payments)) < before.terms.amount


def _check_updatable(before: OrderStanding, amount: int) -> None:
    paid = sum_of_paid(list(before.payments))
    if amount < paid:
        raise AmountBelowPaid
    full = before.order.payment_count >= MOST_PAYMENTS_OF_AN_ORDER and _wants_further(before, amount - paid)
    if full or not before.can_be_updated():
        raise OrderNotUpdatable


def _wants_further(standing: OrderStanding, left: int) -> bool:
    """Whether what is left to pay (minor units) needs a payment of its own: none waits that it could be asked by."""
    return left > 0 and standing.processable().state is not PaymentState.CREATED


def _further(before: OrderStanding, left: int, expires_at: int, now: int) -> OrderStanding:
    """The order with one more payment, told to the bank in the words of the first; its name stays the first one's."""
    number = before.order.payment_count + 1
    order = replace(before.order, payment_count=number)
    payment = fresh_payment(payment_id(order.id, number), left, order.currency, expires_at, now)
    instruction = replace(
        before.instruction_of(before.payments[0].id),
        payment_id=payment.id,
        state=payment.state,
        amount=left,
        instruction_id="",
        reason="",
        created_at=now,
        confirmed_at=0,
        finalized_at=0,
    )
    payments, instructions = (*before.payments, payment), (*before.instructions, instruction)
    return replace(before, order=order, payments=payments, instructions=instructions)


def withdraw_order(
    book: Book, caller: Client, identity: OrderId, stamp: Stamp, announce: Announcer
) -> Decision[OrderStanding]:
    """Give an order up that nobody has begun to pay. Refuses: OrderUnknown, OrderNotWithdrawable."""
    before = standing_of(book, caller, identity)
    if not before.can_be_withdrawn():
        raise OrderNotWithdrawable
    waiting = before.payments[-1]
    ended = end(book, before.order, waiting, PaymentState.WITHDRAWN, stamp, announce)
    payments = (*before.payments[:-1], ended.answer.payment)
    return Decision(replace(before, payments=payments), ended.added, ended.changed)


def withdraw_refund(
    book: Book, caller: Client, refund: PaymentId, stamp: Stamp, announce: Announcer
) -> Decision[OrderStanding]:
    """Give a refund up that nobody has begun to authorise.

    Refuses: OrderUnknown, RefundUnknown, OrderNotWithdrawable.
    """
    before = standing_of(book, caller, order_of(refund))
    waiting = next((one for one in before.refunds if one.id == refund), None)
    if waiting is None:
        raise RefundUnknown
    if waiting.state not in WAITING:
        raise OrderNotWithdrawable
    ended = end(book, before.order, waiting, PaymentState.WITHDRAWN, stamp, announce)
    refunds = tuple(ended.answer.payment if one.id == refund else one for one in before.refunds)
    return Decision(replace(before, refunds=refunds), ended.added, ended.changed)
