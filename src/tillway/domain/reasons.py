"""Why far sides say no, in words of ours: they stand on attempts, and pages and postbacks read their texts off."""

from enum import StrEnum


class Reason(StrEnum):
    """A connector maps what its far side says to one of these; what it does not know is DECLINED.

    The first group is about the payer's card or account, the second about the payer's proof of being the payer
    (3-D Secure, a bank's login), the third about how it went (TAKEN: too late to be
    undone), the fourth about refunds, the last about payment orders (LEFT_THE_PAGE: the payer gave up on our page;
    AML_BLOCKED: stopped by the bank's check against money laundering).
    """

    INSUFFICIENT_FUNDS = "insufficient_funds"
    LIMIT_EXCEEDED = "limit_exceeded"
    EXPIRED_CARD = "expired_card"
    INCORRECT_CVC = "incorrect_cvc"
    INVALID_NUMBER = "invalid_number"
    LOST_CARD = "lost_card"
    STOLEN_CARD = "stolen_card"
    SUSPECTED_FRAUD = "suspected_fraud"
    NOT_PERMITTED = "not_permitted"
    DO_NOT_HONOUR = "do_not_honour"
    DECLINED = "declined"

    AUTHENTICATION_FAILED = "authentication_failed"
    AUTHENTICATION_ABANDONED = "authentication_abandoned"

    PAYER_CANCELLED = "payer_cancelled"
    PAYER_TOO_SLOW = "payer_too_slow"
    CANCELLED = "cancelled"
    NEVER_RECEIVED = "never_received"
    TAKEN = "taken"
    FAILED = "failed"

    REFUND_REFUSED = "refund_refused"

    LEFT_THE_PAGE = "left_the_page"
    BANK_NOT_FOUND = "bank_not_found"
    TRANSFER_REQUESTED = "transfer_requested"
    AML_BLOCKED = "aml_blocked"
    PAID_OUT_LATE = "paid_out_late"


WORDS = frozenset(reason.value for reason in Reason)


def reason_of(word: object) -> Reason:
    """The reason that a far side names in our own words; DECLINED for every other word."""
    return Reason(word) if isinstance(word, str) and word in WORDS else Reason.DECLINED
