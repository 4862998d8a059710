"""What happened, as values: each is kept in the event log and may have to be told to someone."""

from dataclasses import dataclass
from typing import ClassVar

from tillway.domain.ids import ClientId, EventId, PaymentId


@dataclass(frozen=True, slots=True)
class CardPart:
    """What one gift card gave: the last five digits of its number and minor units."""

    last5: str
    deducted: int


@dataclass(frozen=True, slots=True)
class PaymentSucceeded:
    """A payment is complete: `paid` of `amount` minor units was taken."""

    kind: ClassVar[str] = "payment.succeeded"
    payment_id: PaymentId
    paid: int
    amount: int
    currency: str
    reference: str
    cards: tuple[CardPart, ...]


@dataclass(frozen=True, slots=True)
class PaymentPartPaid:
    """A part of a payment was reserved; more is due."""

    kind: ClassVar[str] = "payment.part_paid"
    payment_id: PaymentId
    paid: int
    amount: int
    currency: str


@dataclass(frozen=True, slots=True)
class PaymentWithdrawn:
    """A payment was given up before it was complete; `returned` minor units went back to the payer."""

    kind: ClassVar[str] = "payment.withdrawn"
    payment_id: PaymentId
    returned: int
    currency: str


@dataclass(frozen=True, slots=True)
class PaymentExpired:
    """A payment was not completed in time; `returned` minor units went back to the payer."""

    kind: ClassVar[str] = "payment.expired"
    payment_id: PaymentId
    returned: int
    currency: str


@dataclass(frozen=True, slots=True)
class PaymentDeclined:
    """The far side did not approve; nothing was taken and the payer may try again."""

    kind: ClassVar[str] = "payment.declined"
    payment_id: PaymentId
    reason: str


@dataclass(frozen=True, slots=True)
class RefundBooked:
    """`amount` minor units of a payment are back where they came from."""

    kind: ClassVar[str] = "refund.booked"
    payment_id: PaymentId
    refund_id: str
    amount: int
    currency: str


@dataclass(frozen=True, slots=True)
class RefundFailed:
    """The far side refused to take money back; it is the merchant's again."""

    kind: ClassVar[str] = "refund.failed"
    payment_id: PaymentId
    refund_id: str
    amount: int
    currency: str


Event = (
    PaymentSucceeded
    | PaymentPartPaid
    | PaymentWithdrawn
    | PaymentExpired
    | PaymentDeclined
    | RefundBooked
    | RefundFailed
)


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """An event as the log keeps it; `sequence` is the payment's version after it."""

    id: EventId
    kind: str
    client_id: ClientId
    payment_id: PaymentId
    sequence: int
    event: Event
    at: int
