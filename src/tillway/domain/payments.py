"""The payment and its attempts, their states, and the moves between them."""

from dataclasses import replace
from enum import StrEnum

from tillway.domain.ids import PaymentId
from tillway.domain.machine import Machine
from tillway.domain.schedules import LOOK_UPS
from tillway.domain.values import value


class PaymentState(StrEnum):
    """Where a payment stands; each surface reads its own words off it."""

    CREATED = "CREATED"
    SEEN = "SEEN"
    PROCESSING = "PROCESSING"
    CONFIRMED = "CONFIRMED"
    BOOKED = "BOOKED"
    FAILED = "FAILED"
    WITHDRAWN = "WITHDRAWN"
    EXPIRED = "EXPIRED"
    PROCESSING_EXPIRED = "PROCESSING_EXPIRED"


_P = PaymentState

PAYMENT = Machine(
    "payment",
    {
        _P.CREATED: frozenset({_P.SEEN, _P.PROCESSING, _P.BOOKED, _P.WITHDRAWN, _P.EXPIRED}),
        _P.SEEN: frozenset({_P.PROCESSING, _P.BOOKED, _P.FAILED, _P.WITHDRAWN, _P.EXPIRED}),
        _P.PROCESSING: frozenset({_P.SEEN, _P.CONFIRMED, _P.BOOKED, _P.FAILED, _P.WITHDRAWN, _P.PROCESSING_EXPIRED}),
        _P.CONFIRMED: frozenset({_P.BOOKED, _P.FAILED}),
        _P.BOOKED: frozenset(),
        _P.FAILED: frozenset(),
        _P.WITHDRAWN: frozenset(),
        _P.EXPIRED: frozenset(),
        _P.PROCESSING_EXPIRED: frozenset(),
    },
)
"""PROCESSING → SEEN: the attempt was declined and the payer may try again."""

WAITING = frozenset({_P.CREATED, _P.SEEN})
"""The payer may still act."""

UNDER_WAY = frozenset({PaymentState.PROCESSING, PaymentState.CONFIRMED})
"""A far side has been asked, and may still say no."""

MOST_ATTEMPTS = 500
MOST_REFUNDS = 500
"""One payment has no more of either: every act on it loads them all."""

TAKEN = frozenset({"HELD", "PAID"})
"""Attempts in these states make up what a payment has been paid."""

UNRESOLVED = frozenset({"LATE", "OPEN", "REVERSING"})
"""Attempts in these states wait for the far side."""

BANK_METHOD = "bank"
"""The method of attempts that a bank account pays."""

GIFT_CARD_METHOD = "gift_card"
"""The method of attempts that a gift card pays; all others are paid at a far side that is not in our books."""


@value
class Payment:
    """An amount to be paid once, in minor units; `paid` is taken from the payer, `refunded` of it was given back.

    `version` counts the moves; times are microseconds UTC, 0 when it has not happened.
    """

    id: PaymentId
    amount: int
    currency: str
    state: PaymentState
    paid: int
    refunded: int
    attempt_count: int
    refund_count: int
    version: int
    created_at: int
    changed_at: int
    completed_at: int
    expires_at: int

    @property
    def due(self) -> int:
        """What is still to be paid, in minor units."""
        return self.amount - self.paid

    def is_open(self, now: int) -> bool:
        """Whether the payer may act at `now`; one that is overdue is closed even before the expiry worker says so."""
        return self.state in WAITING and now < self.expires_at

    def moved(
        self,
        state: PaymentState,
        now: int,
        *,
        paid: int | None = None,
        attempt_count: int | None = None,
        expires_at: int | None = None,
    ) -> "Payment":
        """The payment after a move (or, where the state stays, after a change) at `now`."""
        if state is not self.state:
            PAYMENT.advance(self.state, state)
        return Payment(
            self.id,
            self.amount,
            self.currency,
            state,
            self.paid if paid is None else paid,
            self.refunded,
            self.attempt_count if attempt_count is None else attempt_count,
            self.refund_count,
            self.version + 1,
            self.created_at,
            now,
            now if state is PaymentState.BOOKED and state is not self.state else self.completed_at,
            self.expires_at if expires_at is None else expires_at,
        )

    def for_amount(self, amount: int, now: int) -> "Payment":
        """The payment for another amount, in minor units."""
        return replace(self, amount=amount, version=self.version + 1, changed_at=now)

    def with_refund(self, refunded: int, refund_count: int, now: int) -> "Payment":
        """The payment after more, or less, of it was given back."""
        return Payment(
            self.id,
            self.amount,
            self.currency,
            self.state,
            self.paid,
            refunded,
            self.attempt_count,
            refund_count,
            self.version + 1,
            self.created_at,
            now,
            self.completed_at,
            self.expires_at,
        )


@value
class Transition:
    """One move of one machine, kept for ever. `subject` is a payment or refund id; `number` counts its moves from 1."""

    subject: str
    number: int
    source: str
    target: str
    at: int


class AttemptState(StrEnum):
    """What is known of one try to take money.

    OPEN: sent, or about to be sent, to a connector; not yet a plain yes or no. HELD: reserved until the payment
    completes. PAID: taken. DECLINED: the far side said no. REVERSING: nobody wants it any more, and the far side has to
    undo it, whatever it did. WITHDRAWN: undone. LATE: the far side took money that nobody wants any more; it is in the
    books and on its way back. RETURNED: it is back.
    """

    OPEN = "OPEN"
    REVERSING = "REVERSING"
    HELD = "HELD"
    PAID = "PAID"
    DECLINED = "DECLINED"
    WITHDRAWN = "WITHDRAWN"
    LATE = "LATE"
    RETURNED = "RETURNED"


_A = AttemptState

ATTEMPT = Machine(
    "attempt",
    {
        _A.OPEN: frozenset({_A.HELD, _A.PAID, _A.DECLINED, _A.REVERSING, _A.WITHDRAWN, _A.LATE}),
        _A.REVERSING: frozenset({_A.WITHDRAWN, _A.LATE}),
        _A.HELD: frozenset({_A.REVERSING, _A.PAID, _A.WITHDRAWN}),
        _A.PAID: frozenset(),
        _A.DECLINED: frozenset({_A.LATE}),
        _A.WITHDRAWN: frozenset({_A.LATE}),
        _A.LATE: frozenset({_A.RETURNED}),
        _A.RETURNED: frozenset(),
    },
)
"""DECLINED or WITHDRAWN → LATE: a far side that said no has taken the money all the same."""


@value
class Attempt:
    """One try to take `amount` minor units from one source.

    `connector` is empty when our own books decide alone. `method` is how the payer pays and `scheme`, once known, the
    brand; `source` is the gift card's id, empty for every other method, and `mask` what may be shown of what is
    charged. `reference` is the far side's own name for it, `step_url` where the payer has to go next, both empty until
    known. `call` is the number of the first attempt of the same call: all of a call are taken or
    none. `call_key` is the caller's idempotency key and, after a space, the request's fingerprint, so that a call cut
    short is taken up again by its retry. `completes` says that the payment is complete once this call is
    taken, even if less than its amount is paid.
    """

    payment_id: PaymentId
    number: int
    connector: str
    method: str
    scheme: str
    source: str
    mask: str
    reference: str
    step_url: str
    amount: int
    refunded: int
    state: AttemptState
    reason: str
    call: int
    call_key: str
    completes: int
    look_ups: int
    next_look_up_at: int
    created_at: int
    settled_at: int

    @property
    def operation_id(self) -> str:
        """The idempotency key under which the far side knows this attempt."""
        return f"{self.payment_id}-{self.number}"

    def settled(self, state: AttemptState, now: int, reason: str = "") -> "Attempt":
        """The attempt once more is known; one that the far side still has to act on is looked at again at once."""
        ATTEMPT.advance(self.state, state)
        final = state not in UNRESOLVED
        return replace(
            self,
            state=state,
            reason=reason or self.reason,
            look_ups=self.look_ups if final else 0,
            next_look_up_at=0 if final else now,
            settled_at=now if final else 0,
        )

    @property
    def is_far(self) -> bool:
        """Whether the money comes from a far side, and not from a gift card in our books."""
        return self.method != GIFT_CARD_METHOD

    def described(self, scheme: str, mask: str, reference: str, step_url: str) -> "Attempt":
        """The attempt with what the far side told of it; what it did not tell (empty) stays."""
        return replace(
            self,
            scheme=scheme or self.scheme,
            mask=mask or self.mask,
            reference=reference or self.reference,
            step_url=step_url or self.step_url,
        )

    def unanswered(self, now: int) -> "Attempt":
        """The attempt after it was asked about at `now` without a plain answer; look-ups end when their schedule does.

        Asking before the next look-up is due, as a payer does who comes back again and again, does not put it off.
        """
        if self.look_ups and now < self.next_look_up_at:
            return self
        tries = self.look_ups + 1
        next_look_up_at = 0 if LOOK_UPS.is_over(tries) else now + LOOK_UPS.wait_after(tries)
        return replace(self, look_ups=tries, next_look_up_at=next_look_up_at)
