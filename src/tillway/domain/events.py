"""What happened, as values: each is kept in the event log and may have to be told to someone."""

from typing import ClassVar

from tillway.domain.ids import ClientId, EventId, OrderId, PaymentId
from tillway.domain.values import value


@value
class CardPart:
    """What one gift card gave: the last five digits of its number and minor units."""

    last5: str
    deducted: int


@value
class PaymentSucceeded:
    """A payment is complete: `paid` of `amount` minor units was taken.

    `method` is what paid last, with its `scheme` where that is known.
    """

    kind: ClassVar[str] = "payment.succeeded"
    payment_id: PaymentId
    paid: int
    amount: int
    currency: str
    reference: str
    cards: tuple[CardPart, ...]
    method: str
    scheme: str


@value
class PaymentSeen:
    """The payer of a payment order has opened the page."""

    kind: ClassVar[str] = "payment.seen"
    payment_id: PaymentId


@value
class PaymentBegun:
    """The payer of a payment order is at the bank, or the bank works on it."""

    kind: ClassVar[str] = "payment.begun"
    payment_id: PaymentId


@value
class PaymentConfirmed:
    """The bank has promised a payment of `amount` minor units; it may rarely still fail."""

    kind: ClassVar[str] = "payment.confirmed"
    payment_id: PaymentId
    amount: int
    currency: str


@value
class OrderStatusChanged:
    """More, or less, of an order is paid: `status` as in `PaymentOrder`, `paid` minor units of `amount`."""

    kind: ClassVar[str] = "order.status_changed"
    order_id: OrderId
    status: str
    paid: int
    amount: int
    currency: str


@value
class PaymentPartPaid:
    """A part of a payment was reserved; more is due."""

    kind: ClassVar[str] = "payment.part_paid"
    payment_id: PaymentId
    paid: int
    amount: int
    currency: str


@value
class PaymentWithdrawn:
    """A payment was given up before it was complete; `returned` minor units went back to the payer."""

    kind: ClassVar[str] = "payment.withdrawn"
    payment_id: PaymentId
    returned: int
    currency: str


@value
class PaymentExpired:
    """A payment was not completed in time; `returned` minor units went back to the payer."""

    kind: ClassVar[str] = "payment.expired"
    payment_id: PaymentId
    returned: int
    currency: str


@value
class PaymentDeclined:
    """The far side did not approve; nothing was taken and the payer may try again."""

    kind: ClassVar[str] = "payment.declined"
    payment_id: PaymentId
    reason: str


@value
class PaymentFailed:
    """The payer was declined as often as may be: the payment is over; `reason` is of the last time."""

    kind: ClassVar[str] = "payment.failed"
    payment_id: PaymentId
    reason: str


@value
class LateMoneyReceived:
    """`amount` minor units came when nobody wanted them any more; they go back by themselves."""

    kind: ClassVar[str] = "payment.late_money_received"
    payment_id: PaymentId
    attempt: int
    amount: int
    currency: str


@value
class RefundPaidOutLate:
    """`amount` minor units of a payment order's refund that was over left all the same, and stay with who got them."""

    kind: ClassVar[str] = "refund.paid_out_late"
    payment_id: PaymentId
    attempt: int
    amount: int
    currency: str


@value
class LateMoneyReturned:
    """`amount` minor units that came too late are back with the payer."""

    kind: ClassVar[str] = "payment.late_money_returned"
    payment_id: PaymentId
    attempt: int
    amount: int
    currency: str


@value
class RefundBooked:
    """`amount` minor units of a payment are back where they came from."""

    kind: ClassVar[str] = "refund.booked"
    payment_id: PaymentId
    refund_id: str
    amount: int
    currency: str


@value
class RefundFailed:
    """The far side refused to take back `failed` of `amount` minor units; they are the merchant's again."""

    kind: ClassVar[str] = "refund.failed"
    payment_id: PaymentId
    refund_id: str
    amount: int
    failed: int
    currency: str
    reason: str


@value
class HookTested:
    """Someone had a hook tried out, by its number and type; it is about no payment."""

    kind: ClassVar[str] = "hook.tested"
    number: int
    type: str


Event = (
    PaymentSucceeded
    | PaymentPartPaid
    | PaymentSeen
    | PaymentBegun
    | PaymentConfirmed
    | OrderStatusChanged
    | PaymentWithdrawn
    | PaymentExpired
    | PaymentDeclined
    | PaymentFailed
    | LateMoneyReceived
    | LateMoneyReturned
    | RefundPaidOutLate
    | RefundBooked
    | RefundFailed
    | HookTested
)


@value
class LoggedEvent:
    """An event as the log keeps it; `sequence` is the payment's version after it.

    The test of a hook is about no payment: its `payment_id` is empty and its `sequence` 0.
    """

    id: EventId
    kind: str
    client_id: ClientId
    payment_id: PaymentId
    sequence: int
    event: Event
    at: int
