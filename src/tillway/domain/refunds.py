"""The refund: money of a payment that goes back to where it came from."""

from enum import StrEnum

from tillway.domain.ids import PaymentId, RefundId
from tillway.domain.machine import Machine
from tillway.domain.values import value


class RefundState(StrEnum):
    """PROCESSING while the far side has not told; BOOKED when the money is back; FAILED when it will not be."""

    PROCESSING = "PROCESSING"
    BOOKED = "BOOKED"
    FAILED = "FAILED"


REFUND = Machine(
    "refund",
    {
        RefundState.PROCESSING: frozenset({RefundState.BOOKED, RefundState.FAILED}),
        RefundState.BOOKED: frozenset(),
        RefundState.FAILED: frozenset(),
    },
)


@value
class Refund:
    """Number `number` of a payment's refunds; `amount` in minor units.

    `webhook_url` is told of its end; empty: the order's is.
    """

    payment_id: PaymentId
    number: int
    id: RefundId
    amount: int
    reference: str
    webhook_url: str
    state: RefundState
    created_at: int
    settled_at: int


@value
class RefundPart:
    """What of a refund goes back to the source of one attempt.

    `connector` is empty when our own books decide alone.
    """

    payment_id: PaymentId
    refund: int
    attempt: int
    connector: str
    amount: int
    state: RefundState
    look_ups: int
    next_look_up_at: int

    @property
    def operation_id(self) -> str:
        """The idempotency key under which the far side knows this part."""
        return f"{self.payment_id}-{self.attempt}-r{self.refund}"
