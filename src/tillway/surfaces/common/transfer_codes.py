"""Texts of the QR codes by which a payer's banking app fills in a bank transfer: EPC, PAY by square and SPAYD.

What identifies the payment, that is account, amount, symbols and reference, is written whole or the code is not written
at all. Only free texts are cut: the recipient's name, and the message.
"""

import lzma
import re
import unicodedata
import zlib
from base64 import b32hexencode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from urllib.parse import quote

from schwifty import IBAN
from schwifty.exceptions import SchwiftyException

from tillway.domain.money import exponent
from tillway.surfaces.common.amounts import major
from tillway.surfaces.common.barcodes import qr_svg

_EPC_LARGEST = 99_999_999_999
_EPC_LONGEST_NAME = 70
_EPC_LONGEST_TEXT = 140
_EPC_MOST_BYTES = 331
# Two bytes for each letter, as every European one takes at most: then symbols and reference always have room.
_EPC_MOST_NAME_BYTES = 140

_SQUARE_PAYMENT_ORDER = "1"
_SQUARE_LONGEST_NAME = 70
_SQUARE_LONGEST_NOTE = 140
# Four halves of a byte: PAY by square, version 1.2.0 of the standard, document type and reserved.
_SQUARE_HEADER = bytes((0x02, 0x00))
_SQUARE_LZMA = [{"id": lzma.FILTER_LZMA1, "lc": 3, "lp": 0, "pb": 2, "dict_size": 128 * 1024}]

_SPAYD_LONGEST_AMOUNT = 10
_SPAYD_MOST_DECIMALS = 2
_SPAYD_LONGEST_NAME = 35
_SPAYD_LONGEST_MESSAGE = 60
# What can be seen of ASCII but "*", which ends a field, "%", which begins a byte, and "+", which some take for a space.
_SPAYD_PLAIN = " !\"#$&'(),-./:;<=>?@[\\]^_`{|}~"

_CREDITOR_REFERENCE = re.compile(r"RF[0-9]{2}[0-9A-Z]{1,21}")


class CodeKind(StrEnum):
    """Whose standard a code follows: the European Payments Council's, the Slovak or the Czech banks'."""

    EPC = "epc"
    PAY_BY_SQUARE = "pay-by-square"
    SPAYD = "spayd"


@dataclass(frozen=True, slots=True)
class TransferDetails:
    """What a payer would type into a transfer: `amount` in minor units, account and bank code without spaces.

    The symbols are digits kept as text, at most 10 (constant: 4); the reference has at most 35 characters, all ASCII.
    What there is none of is empty.
    """

    amount: int
    currency: str
    iban: str
    bic: str
    name: str
    variable_symbol: str
    constant_symbol: str
    specific_symbol: str
    reference: str
    message: str


@dataclass(frozen=True, slots=True)
class TransferCode:
    """The text of a QR code, and its kind."""

    kind: CodeKind
    text: str


def codes_for(details: TransferDetails, due_on: date | None = None) -> tuple[TransferCode, ...]:
    """The codes that fit a transfer: one for every format that its account and currency are at home in.

    EPC for euro within SEPA, PAY by square for euro to a Slovak account, SPAYD for crowns or a Czech account. A format
    that has no room for the amount, or needs a name where there is none, is left out.
    """
    return tuple(_codes_for(details, due_on))


def code_svg(code: TransferCode, label: str) -> str:
    """A code drawn as inline SVG, with the error correction its standard asks for; `label` as in `qr_svg`."""
    return qr_svg(code.text, label, exactly_m=code.kind is CodeKind.EPC)


def epc(details: TransferDetails) -> str:
    """The transfer by the European Payments Council's guidelines EPC069-12, version 002 in UTF-8.

    A creditor reference (ISO 11649) is written as one and leaves no room for a message. Otherwise symbols or reference
    begin the remittance information, the symbols as Slovak banks write them ("/VS123/SS456/KS0308").

    Raises ValueError unless it is 0.01 to 999999999.99 EUR to somebody who has a name.
    """
    name = _cut_bytes(_cut(_plain(details.name), _EPC_LONGEST_NAME), _EPC_MOST_NAME_BYTES)
    if not name or not _fits_epc(details):
        raise ValueError("EPC codes are for euro, up to 999999999.99, to a named account")
    creditor_reference = _creditor_reference(details)
    lines = ["BCD", "002", "1", "SCT", details.bic, name, details.iban, f"EUR{_fixed(details)}", "", creditor_reference]
    if not creditor_reference:
        text = " ".join(part for part in (_symbols(details), details.reference, _plain(details.message)) if part)
        room = _EPC_MOST_BYTES - len("\n".join([*lines, ""]).encode())
        lines.append(_cut_bytes(_cut(text, _EPC_LONGEST_TEXT), room))
    return "\n".join(lines).rstrip("\n")


def pay_by_square(details: TransferDetails, due_on: date | None = None) -> str:
    """The transfer by the Slovak Banking Association's standard PAY by square, version 1.2.0.

    One payment order to one account. Without `due_on` the payer's bank pays at once.

    Raises ValueError for one to nobody, of nothing, or in a currency without a minor unit.
    """
    name = _cut(_plain(details.name), _SQUARE_LONGEST_NAME)
    if details.amount <= 0 or not name:
        raise ValueError("PAY by square is for an amount to a named account")
    order = (
        _SQUARE_PAYMENT_ORDER,
        str(major(details.amount, details.currency)),
        details.currency,
        f"{due_on:%Y%m%d}" if due_on else "",
        details.variable_symbol,
        details.constant_symbol,
        details.specific_symbol,
        details.reference,
        _cut(_plain(details.message), _SQUARE_LONGEST_NOTE),
    )
    accounts = ("1", details.iban, details.bic)
    neither_standing_nor_debit = ("0", "0")
    beneficiary = (name, "", "")
    return _squared("\t".join(("", "1", *order, *accounts, *neither_standing_nor_debit, *beneficiary)))


def spayd(details: TransferDetails) -> str:
    """The transfer as a Short Payment Descriptor 1.0, which Czech banks call QR Platba.

    It is all ASCII: other letters are percent-encoded as UTF-8. A reference begins the message.

    Raises ValueError for an amount beyond 9999999.99, of nothing, or with more than two decimals.
    """
    if not _fits_spayd(details):
        raise ValueError("SPAYD is for amounts up to 9999999.99")
    message = " ".join(part for part in (details.reference, _plain(details.message)) if part)
    fields = (
        ("ACC", f"{details.iban}+{details.bic}" if details.bic else details.iban),
        ("AM", _fixed(details)),
        ("CC", details.currency),
        ("RN", _escaped(_cut(_plain(details.name), _SPAYD_LONGEST_NAME))),
        ("X-VS", details.variable_symbol),
        ("X-SS", details.specific_symbol),
        ("X-KS", details.constant_symbol),
        ("MSG", _escaped(_cut(message, _SPAYD_LONGEST_MESSAGE))),
    )
    return "*".join(("SPD", "1.0", *(f"{key}:{text}" for key, text in fields if text)))


def _codes_for(details: TransferDetails, due_on: date | None) -> Iterator[TransferCode]:
    country = details.iban[:2]
    has_name = _plain(details.name) != ""
    if has_name and _fits_epc(details) and _is_in_sepa(details.iban):
        yield TransferCode(CodeKind.EPC, epc(details))
    if has_name and details.amount > 0 and country == "SK" and details.currency == "EUR":
        yield TransferCode(CodeKind.PAY_BY_SQUARE, pay_by_square(details, due_on))
    if (country == "CZ" or details.currency == "CZK") and _fits_spayd(details):
        yield TransferCode(CodeKind.SPAYD, spayd(details))


def _is_in_sepa(iban: str) -> bool:
    try:
        return IBAN(iban, allow_invalid=True).in_sepa_zone
    except SchwiftyException:
        return False


def _fits_epc(details: TransferDetails) -> bool:
    return details.currency == "EUR" and 0 < details.amount <= _EPC_LARGEST


def _fits_spayd(details: TransferDetails) -> bool:
    has_cents = exponent(details.currency) <= _SPAYD_MOST_DECIMALS
    return details.amount > 0 and has_cents and len(_fixed(details)) <= _SPAYD_LONGEST_AMOUNT


def _fixed(details: TransferDetails) -> str:
    """The amount in major units with all the decimals of its currency."""
    return f"{Decimal(details.amount).scaleb(-exponent(details.currency)):f}"


def _symbols(details: TransferDetails) -> str:
    """The symbols that there are. An empty one is left out: the first digit of a message could be taken for it."""
    told = (("VS", details.variable_symbol), ("SS", details.specific_symbol), ("KS", details.constant_symbol))
    return "".join(f"/{key}{digits}" for key, digits in told if digits)


def _creditor_reference(details: TransferDetails) -> str:
    """The reference without spaces, if it is one of ISO 11649 and all that identifies the payment; else nothing."""
    compact = details.reference.replace(" ", "").upper()
    if _symbols(details) or not _CREDITOR_REFERENCE.fullmatch(compact):
        return ""
    digits = "".join(str(int(letter, 36)) for letter in compact[4:] + compact[:4])
    return compact if int(digits) % 97 == 1 else ""


def _squared(fields: str) -> str:
    """Fields with their checksum, compressed without the header of LZMA, in the alphabet of small QR codes."""
    content = fields.encode()
    checked = zlib.crc32(content).to_bytes(4, "little") + content
    compressed = lzma.compress(checked, lzma.FORMAT_RAW, filters=_SQUARE_LZMA)
    whole = _SQUARE_HEADER + len(checked).to_bytes(2, "little") + compressed
    return b32hexencode(whole).decode().rstrip("=")


def _escaped(text: str) -> str:
    return quote(text, safe=_SPAYD_PLAIN)


def _plain(text: str) -> str:
    """A text on one line, letters composed: whatever cannot be seen is a space, since it could end a field."""
    composed = unicodedata.normalize("NFC", text)
    return " ".join("".join(letter if letter.isprintable() else " " for letter in composed).split())


def _cut(text: str, longest: int) -> str:
    return text[:longest].rstrip()


def _cut_bytes(text: str, most: int) -> str:
    """The beginning of a text that takes so many bytes of UTF-8, its last letter whole."""
    return text.encode()[:most].decode(errors="ignore").rstrip()
