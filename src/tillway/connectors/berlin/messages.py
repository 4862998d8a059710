"""What we write to banks: the payment as the standard has it, and the header fields that tell of the payer."""

import unicodedata
import uuid
from typing import Any, Final

import msgspec

from tillway.connectors.protocol import CreditTransfer, Journey, Operation
from tillway.domain.money import exponent

LONGEST_REMITTANCE: Final = 140
LONGEST_NAME: Final = 70
LONGEST_END_TO_END: Final = 35
LONGEST_HEADER: Final = 1_000

_OURS: Final = uuid.UUID("5c1f6f5e-0f5b-5d6c-9d54-2f7d1f6f4a10")
"""The name space of our request ids (RFC 9562, version 5)."""

_OUR_ADDRESS: Final = "127.0.0.1"

_TAKEN: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/-?:().,'+ ")
"""The characters that every bank takes."""

_LETTERS: Final = str.maketrans(
    {"ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ø": "o", "Ø": "O", "ß": "ss", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE"}
    | {"&": "+", "_": "-", "\N{EN DASH}": "-", "\N{EM DASH}": "-"}
)
"""What Unicode does not take apart into a letter and its mark, or what has a likeness among the taken."""


def request_id(operation_id: str, act: str) -> str:
    """The id of the request for an act of an operation, the same whenever it is made: banks do it once."""
    return str(uuid.uuid5(_OURS, f"{operation_id} {act}"))


def fresh_request_id() -> str:
    """The id of a request that only reads, or that may be made any number of times."""
    return str(uuid.uuid4())


def payment(operation: Operation, transfer: CreditTransfer) -> bytes:
    """The body that initiates a payment: the same bytes for the same operation, whenever it is asked."""
    members: dict[str, Any] = {
        "endToEndIdentification": end_to_end_id(operation.id),
        "instructedAmount": {
            "currency": operation.currency,
            "amount": amount_text(operation.amount, operation.currency),
        },
        "creditorAccount": {"iban": transfer.creditor_iban},
        "creditorName": _in_sepa(transfer.creditor_name, LONGEST_NAME) or "NOTPROVIDED",
    }
    if transfer.debtor_iban:
        members["debtorAccount"] = {"iban": transfer.debtor_iban}
    if transfer.creditor_bic:
        members["creditorAgent"] = transfer.creditor_bic
    if remittance := remittance_of(transfer):
        members["remittanceInformationUnstructured"] = remittance
    return msgspec.json.encode(members)


def journey_headers(journey: Journey | None, home: str) -> dict[str, str]:
    """What a bank is told of the payer, and of where the payer comes back to; what is not known is left out.

    The standard wants an address in any case: `home` is where payers go who are not waited for anywhere, and without
    the payer's IP address it is said that the request is our own.
    """
    known = journey or Journey("", "")
    back = known.return_url or home
    told = {
        "PSU-IP-Address": known.address or _OUR_ADDRESS,
        "PSU-User-Agent": known.agent,
        "PSU-Accept-Language": known.language,
        "TPP-Redirect-URI": back,
        "TPP-Nok-Redirect-URI": back,
        "TPP-Redirect-Preferred": "true",
    }
    return {name: text for name, text in told.items() if text and _may_be_sent(text)}


def amount_text(minor: int, currency: str) -> str:
    """An amount of minor units as the standard writes it: with a point, and as many decimals as ISO 4217 says."""
    decimals = exponent(currency)
    if decimals == 0:
        return str(minor)
    whole, part = divmod(minor, 10**decimals)
    return f"{whole}.{part:0{decimals}d}"


def end_to_end_id(operation_id: str) -> str:
    """What goes with the money through all banks: the payment's id in 32 hexadecimal digits.

    An attempt's own number is not in it, since a statement tells of payments.
    """
    payment_id, _, attempt = operation_id.rpartition("-")
    named = payment_id if attempt.isdigit() and payment_id.count("-") >= 4 else operation_id
    return named.replace("-", "")[:LONGEST_END_TO_END]


def remittance_of(transfer: CreditTransfer) -> str:
    """What the creditor is told: the symbols as `/VS…/SS…/KS…`, or the reference; then the message, if it has room."""
    symbols = (
        ("VS", transfer.variable_symbol),
        ("SS", transfer.specific_symbol),
        ("KS", transfer.constant_symbol),
    )
    named = "".join(f"/{name}{digits}" for name, digits in symbols if digits)
    return _in_sepa(" ".join(filter(None, (named or transfer.reference, transfer.message))), LONGEST_REMITTANCE)


def _in_sepa(text: str, most: int) -> str:
    """A text in the letters that every bank takes, with single spaces, cut to its bound."""
    latin = unicodedata.normalize("NFKD", text[: 4 * most].translate(_LETTERS))
    latin = "".join(letter for letter in latin if not unicodedata.combining(letter))
    kept = "".join(letter if letter in _TAKEN else " " for letter in latin)
    return " ".join(kept.split())[:most].rstrip()


def _may_be_sent(text: str) -> bool:
    return len(text) <= LONGEST_HEADER and text.isascii() and text.isprintable()
