"""Identifiers: time-ordered UUIDs (RFC 9562, version 7) as text, and how those of one order hang together."""

from typing import NewType

OrderId = NewType("OrderId", str)
PaymentId = NewType("PaymentId", str)
RefundId = NewType("RefundId", str)
CardId = NewType("CardId", str)
"""Keyed hash of a gift card's number, 32 hexadecimal digits."""
IssuerId = NewType("IssuerId", str)
MerchantId = NewType("MerchantId", str)
ClientId = NewType("ClientId", str)
EventId = NewType("EventId", str)
NoticeId = NewType("NoticeId", str)

MOST_PAYMENTS_OF_AN_ORDER = 0x7FF
MOST_REFUNDS_OF_AN_ORDER = 0x7FF
_REFUNDS_AFTER = 0x800
_REFUND_DIGITS = frozenset("89abcdef")

_VARIANT = "89ab"


def uuid7(milliseconds: int, randomness: bytes) -> str:
    """A version 7 UUID of a moment (milliseconds since 1970, UTC) and ten random bytes."""
    time = f"{milliseconds:012x}"
    noise = randomness.hex()
    variant = _VARIANT[randomness[9] & 3]
    return f"{time[:8]}-{time[8:]}-7{noise[:3]}-{variant}{noise[3:6]}-{noise[6:18]}"


def first_of(milliseconds: int) -> str:
    """The smallest version 7 UUID of a moment: where a time range of ids begins."""
    time = f"{milliseconds:012x}"
    return f"{time[:8]}-{time[8:]}-7000-8000-000000000000"


def milliseconds_of(identity: str) -> int:
    """When a version 7 UUID was made: milliseconds since 1970, UTC."""
    return int(identity[:8] + identity[9:13], 16)


def order_id(unique: str) -> OrderId:
    """The order id made from a fresh UUID: its last twelve bits are zero, and number its payments.

    An order and its payments then lie beside each other in every index, and no index from payment to order is needed.
    """
    return OrderId(unique[:33] + "000")


def payment_id(order: OrderId, number: int) -> PaymentId:
    """The id of an order's payment number `number`, counted from 1."""
    if not 1 <= number <= MOST_PAYMENTS_OF_AN_ORDER:
        raise ValueError(f"an order cannot have a payment number {number}")
    return PaymentId(f"{order[:33]}{number:03x}")


def refund_payment_id(order: OrderId, number: int) -> PaymentId:
    """The id of an order's refund number `number`, counted from 1: a payment the other way, behind all its payments."""
    if not 1 <= number <= MOST_REFUNDS_OF_AN_ORDER:
        raise ValueError(f"an order cannot have a refund number {number}")
    return PaymentId(f"{order[:33]}{_REFUNDS_AFTER + number:03x}")


def is_outgoing(payment: PaymentId) -> bool:
    """Whether a payment is an order's refund: the merchant pays, and the payer is paid."""
    return payment[33] in _REFUND_DIGITS


def number_in_order(payment: PaymentId) -> int:
    """Which of its order's payments, or refunds, a payment is, counted from 1."""
    return int(payment[33:], 16) & _REFUNDS_AFTER - 1


def order_of(payment: PaymentId) -> OrderId:
    """The order that a payment belongs to."""
    return OrderId(payment[:33] + "000")


def is_uuid(text: str) -> bool:
    """Whether `text` is written as we write ids: lower-case, with hyphens."""
    return (
        len(text) == 36
        and text[8] == text[13] == text[18] == text[23] == "-"
        and all(digit in "0123456789abcdef" for digit in text.replace("-", "", 4))
        and text.count("-") == 4
    )
