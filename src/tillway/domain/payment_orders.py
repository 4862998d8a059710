"""The payment order: what an order of the payment orders API is beyond an order, and what banks are told of it."""

from enum import StrEnum

from tillway.domain.ids import ClientId, OrderId, PaymentId
from tillway.domain.orders import Order
from tillway.domain.payments import WAITING, Payment, PaymentState
from tillway.domain.values import value


class OrderStatus(StrEnum):
    """How much of an order is paid; read off its payments, never set."""

    UNPAID = "UNPAID"
    PARTIALLY_PAID = "PARTIALLY_PAID"
    PAID = "PAID"


COUNTS_AS_PAID = frozenset({PaymentState.CONFIRMED, PaymentState.BOOKED})
"""Payments and refunds in these states count: the bank has promised the money, or moved it."""

NO_LONGER_COUNTS = frozenset({PaymentState.FAILED, PaymentState.WITHDRAWN, PaymentState.EXPIRED})
"""Refunds in these states leave the limit to others. One that nobody told the end of still counts."""

WHOLE_PERCENT = 100
"""Refund limits are kept in hundredths of a percent."""


@value
class PaymentOrder:
    """Terms of an order that its client may change, and how it stands; one for every order of that API.

    `status`, `amount` and `currency` are those of the order, kept here to be searched. `refund_limit` bounds what is
    given back, in hundredths of a percent of the amount (0: no limit). `refund_count` counts its refunds. `is_external`
    (0 or 1) says that payers find the details elsewhere, so that only a transfer is waited for; `is_silent` (0 or 1)
    that no hook is told anything. `fingerprint` is a hash of what was asked.
    """

    order_id: OrderId
    client_id: ClientId
    status: OrderStatus
    amount: int
    currency: str
    external_id: str
    refund_limit: int
    refund_count: int
    is_external: int
    is_silent: int
    fingerprint: str
    created_at: int


@value
class Instruction:
    """What the bank of whoever pays is told (ISO 20022, credit transfer), one for every payment and refund.

    The creditor gets the money, the debtor gives it; of a payment the merchant is the creditor, of a refund the debtor.
    `outgoing` is 1 for a refund. `instruction_id` is the client's own name for it, the symbols are digits kept as text.
    `state` and `amount` are those of the payment, kept here to be searched; `reason` is why it failed, `cause` why a
    client refunds. `hook_data` is a JSON object as text. Texts are empty, and times 0, where there is nothing.
    """

    payment_id: PaymentId
    client_id: ClientId
    outgoing: int
    state: PaymentState
    amount: int
    currency: str
    instruction_id: str
    creditor_iban: str
    creditor_name: str
    creditor_bic: str
    bank_id: str
    debtor_iban: str
    debtor_bic: str
    variable_symbol: str
    constant_symbol: str
    specific_symbol: str
    reference: str
    message: str
    return_url: str
    language: str
    cause: str
    hook_data: str
    reason: str
    created_at: int
    confirmed_at: int
    finalized_at: int


@value
class OrderStanding:
    """A payment order with all that hangs on it: payments and refunds first to last, and what each bank is told."""

    order: Order
    terms: PaymentOrder
    payments: tuple[Payment, ...]
    refunds: tuple[Payment, ...]
    instructions: tuple[Instruction, ...]

    def instruction_of(self, payment: PaymentId) -> Instruction:
        """What the bank is told of a payment or a refund."""
        return next(one for one in self.instructions if one.payment_id == payment)

    def can_be_withdrawn(self) -> bool:
        """Whether nobody has begun to pay, or has ended a payment."""
        return all(payment.state in WAITING for payment in self.payments)

    def can_be_updated(self) -> bool:
        """Whether the amount may change: nobody is looking at a payment, or authorising it."""
        return all(payment.state not in _LOOKED_AT for payment in self.payments)

    def processable(self) -> Payment:
        """The payment that a payer is to be sent to: the last one, which alone may still be open."""
        return self.payments[-1]


_LOOKED_AT = frozenset({PaymentState.SEEN, PaymentState.PROCESSING})


def status_of(amount: int, paid: int) -> OrderStatus:
    """The status of an order of which so much is paid, in minor units."""
    if paid == 0:
        return OrderStatus.UNPAID
    return OrderStatus.PAID if paid >= amount else OrderStatus.PARTIALLY_PAID


def sum_of_paid(payments: list[Payment]) -> int:
    """What of an order is paid: all its payments that count as paid, whole (minor units)."""
    return sum(payment.amount for payment in payments if payment.state in COUNTS_AS_PAID)


def most_refunded(amount: int, refund_limit: int) -> int | None:
    """How much of an order may be given back, in minor units, rounded down; None: any amount."""
    return amount * refund_limit // (WHOLE_PERCENT * 100) if refund_limit else None
