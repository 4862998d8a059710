"""What the sandbox's helpers can make of a payment, in words, and what of it there is at the pretend acquirer."""

from typing import Literal

from tillway.domain.published import BEHAVIOURS, BY_CODE, Behaviour, PublishedNumber
from tillway.domain.reasons import Reason

Outcome = Literal[
    "paid",
    "declined",
    "failed",
    "pending",
    "processing",
    "processing_then_declined",
    "challenge",
    "challenge_failed",
    "challenge_abandoned",
    "challenge_then_declined",
    "told_twice",
    "told_out_of_order",
    "never_told",
    "paid_late",
    "refund_failed",
    "refund_pending",
]
"""`declined` leaves the payment open for another try, `failed` declines until it has failed, `pending` waits for a
settlement; all others are the published behaviours of test numbers."""

DeclineReason = Literal[
    "insufficient_funds",
    "expired_card",
    "lost_card",
    "stolen_card",
    "do_not_honour",
    "incorrect_cvc",
    "limit_exceeded",
    "suspected_fraud",
    "not_permitted",
]

USUAL_REASON: DeclineReason = "do_not_honour"

AWAY: frozenset[Outcome] = frozenset({"challenge_abandoned", "never_told"})
"""The payer closes the page, and does not come back."""


def code_of(outcome: Outcome, reason: DeclineReason | None) -> str:
    """The published behaviour that leads to an outcome."""
    return (reason or USUAL_REASON) if outcome in {"declined", "failed"} else outcome


def number_of(code: str) -> PublishedNumber:
    """The card that behaves so."""
    return BY_CODE[code]


def at_the_bank(code: str) -> Behaviour | Reason:
    """What a bank's customer can have come of it who chose the bank and not a card: a challenge is the bank's own."""
    match code:
        case "challenge_failed":
            return Reason.AUTHENTICATION_FAILED
        case "challenge_then_declined":
            return BEHAVIOURS[Reason.INSUFFICIENT_FUNDS]
        case _:
            return BEHAVIOURS[code]
