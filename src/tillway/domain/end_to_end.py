"""End-to-end ids (ISO 20022): how a payment, a refund or a return is found again in a statement."""

import re

from tillway.domain.ids import PaymentId, is_uuid
from tillway.domain.statements import EntryId

_PAYMENT = re.compile(r"([0-9a-f]{32})[0-9]{0,3}")
_RETURN = re.compile(r"R([0-9A-F]{32})")
_LONGEST = 48


def payment_name(payment: PaymentId) -> str:
    """What a payment or a refund is called at banks: its id without hyphens, since at most 35 characters may be."""
    return payment.replace("-", "")


def return_name(entry: EntryId) -> str:
    """What the return of an entry is called at banks."""
    return f"R{entry.upper()}"


def payment_named(text: str) -> PaymentId | None:
    """The payment or refund that an end-to-end id names, with or without the number of an attempt behind it."""
    told = _PAYMENT.fullmatch(text[:_LONGEST].replace("-", "").lower())
    if told is None:
        return None
    plain = told[1]
    identity = f"{plain[:8]}-{plain[8:12]}-{plain[12:16]}-{plain[16:20]}-{plain[20:]}"
    return PaymentId(identity) if is_uuid(identity) else None


def return_named(text: str) -> EntryId | None:
    """The entry whose return an end-to-end id names."""
    told = _RETURN.fullmatch(text[:_LONGEST].strip().upper())
    return EntryId(told[1].lower()) if told else None
