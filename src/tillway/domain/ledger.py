"""The double-entry ledger: a transfer takes an amount from one account and gives it to another."""

from enum import StrEnum

from tillway.domain.ids import CardId, IssuerId, MerchantId
from tillway.domain.values import value


class TransferKind(StrEnum):
    """Why money moved."""

    ISSUE = "issue"
    SPEND = "spend"
    HOLD = "hold"
    CAPTURE = "capture"
    VOID = "void"
    REFUND = "refund"
    REFUND_SENT = "refund_sent"
    REFUND_FAILED = "refund_failed"
    RECEIVE = "receive"
    RECEIVE_LATE = "receive_late"
    RETURN_LATE = "return_late"
    PAY_OUT = "pay_out"
    STATEMENT_IN = "statement_in"
    STATEMENT_OUT = "statement_out"
    SETTLE = "settle"
    KEEP = "keep"


OF_ENTRIES = frozenset({TransferKind.STATEMENT_IN, TransferKind.STATEMENT_OUT, TransferKind.KEEP})
"""Transfers of these kinds belong to a bank entry, and to no attempt."""


@value
class Transfer:
    """`amount` minor units (more than zero) from `source` to `target`; never changed, never deleted.

    `payment_id`, `attempt` and `refund` say what it belongs to; empty and 0 when to nothing. What belongs to a bank
    entry has the entry's id in the place of a payment's.
    """

    id: str
    kind: TransferKind
    amount: int
    currency: str
    source: str
    target: str
    payment_id: str
    attempt: int
    refund: int
    at: int


def issuer_liability(issuer: IssuerId, currency: str) -> str:
    """What the issuer has promised to holders of its cards: minus all that was ever issued."""
    return f"issuer:{issuer}:{currency}"


def card(card_id: CardId, currency: str) -> str:
    """What a gift card's holder can spend."""
    return f"card:{card_id}:{currency}"


def card_held(card_id: CardId, currency: str) -> str:
    """What is reserved of a gift card for payments that are not complete."""
    return f"held:{card_id}:{currency}"


def merchant_payable(merchant: MerchantId, currency: str) -> str:
    """What is owed to the merchant."""
    return f"payable:{merchant}:{currency}"


def refunds_in_transit(merchant: MerchantId, currency: str) -> str:
    """What the merchant gave back and the far side has not confirmed."""
    return f"transit:{merchant}:{currency}"


def receivable(connector: str, currency: str) -> str:
    """What a far side has taken from payers for us and still has to pay out, with a minus."""
    return f"receivable:{connector}:{currency}"


def late_money(merchant: MerchantId, currency: str) -> str:
    """What payers paid a merchant when nobody wanted it any more, and have to get back."""
    return f"late:{merchant}:{currency}"


def bank_account(iban: str, currency: str) -> str:
    """What is in a merchant's bank account by its statements, since the first that was read, with a minus."""
    return f"account:{iban}:{currency}"


def unmatched_money(merchant: MerchantId, currency: str) -> str:
    """What statements have shown, and belongs to no payment yet."""
    return f"unmatched:{merchant}:{currency}"
