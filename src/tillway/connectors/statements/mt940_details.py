"""What field :86: of MT940 says of an entry, in the conventions of German, Czech and Slovak banks.

Structured (German DFÜ agreement, and Czech and Slovak banks after it): "166?00…?20…?29…?30bank?31account?32name?33…"
with SVWZ+, EREF+ and KREF+ in ?20 to ?29. Slashed (SWIFT's own): "/EREF/…/REMI/…/NAME/…/IBAN/…". Anything else is
remittance text.
"""

import re
from dataclasses import dataclass
from typing import Any

from tillway.connectors.statements import texts
from tillway.connectors.statements.accounts import iban_of, iban_of_domestic
from tillway.connectors.statements.symbols import Symbols, symbols_in

_SLASHED = re.compile(r"/(EREF|REMI|NAME|IBAN|BIC|RTRN|PREF|CSID|MARF|TRTP|ORDP|BENM|ISDT|PURP|ADDR|ID)/")
_SUB_FIELD = re.compile(r"\?(2[0-9]|6[0-3])([^?]*)")
_FULL_SUB_FIELD = 27
_WITHIN_PURPOSE = re.compile(r"(?:SVWZ|EREF|KREF|MREF|CRED)\+")


@dataclass(frozen=True, slots=True)
class Details:
    """What is known of a payment beyond its amount and its dates; empty where nothing is told."""

    end_to_end_id: str
    symbols: Symbols
    remittance: str
    reference: str
    name: str
    iban: str
    bic: str


def details_of(data: dict[str, Any], written: str, country: str, place: str) -> Details:
    """Read from what the library made of :61: and :86:, and from :86: as it was `written`.

    `country` is the one of the account, where domestic numbers of counterparties are taken to be. The symbols may also
    stand in the references.
    """
    customer_reference = texts.reference(_first_line(data.get("customer_reference")), place)
    if "transaction_details" in data or not written:
        told = _slashed(written, place)
    else:
        told = _structured(data, written, country, place)
    symbols = symbols_in(told.end_to_end_id, customer_reference, _purpose(written) or written)
    end_to_end_id = told.end_to_end_id or ("" if _is_only_symbols(customer_reference, symbols) else customer_reference)
    return Details(end_to_end_id, symbols, told.remittance, told.reference, told.name, told.iban, told.bic)


def _structured(data: dict[str, Any], written: str, country: str, place: str) -> Details:
    """The library understands the keywords in the purpose; without any, the purpose is text (see `_purpose`)."""
    bank, account = _text(data, "applicant_bin"), _text(data, "applicant_iban")
    iban = iban_of(account) or iban_of(_text(data, "gvc_applicant_iban")) or iban_of_domestic(account, bank, country)
    if not iban and "/" in account:
        number, _, code = account.partition("/")
        iban = iban_of_domestic(number, code, country)
    is_keyed = data.get("end_to_end_reference") or _WITHIN_PURPOSE.search(written)
    remittance = texts.remittance(_text(data, "purpose")) if is_keyed else texts.remittance(_purpose(written))
    return Details(
        texts.reference(_text(data, "end_to_end_reference"), place),
        Symbols(),
        remittance or texts.remittance(_text(data, "posting_text")),
        _creditor_reference(remittance),
        texts.name(_text(data, "applicant_name")),
        iban,
        texts.bic(bank) or texts.bic(_text(data, "gvc_applicant_bin")),
    )


def _slashed(written: str, place: str) -> Details:
    joined = _joined(written)
    pieces = _SLASHED.split(joined)
    told = dict(zip(reversed(pieces[1::2]), reversed(pieces[2::2]), strict=True))
    if not told:
        return Details("", Symbols(), texts.remittance(written), _creditor_reference(texts.plain(written)), "", "", "")
    remittance = texts.remittance(told.get("REMI", "").removeprefix("USTD//"), pieces[0])
    return Details(
        texts.reference(told.get("EREF", ""), place),
        Symbols(),
        remittance,
        _creditor_reference(remittance),
        texts.name(told.get("NAME", "")),
        iban_of(told.get("IBAN", "")),
        texts.bic(told.get("BIC", "")),
    )


def _purpose(written: str) -> str:
    """Sub-fields ?20 to ?29 and ?60 to ?63; one that is full, 27 characters, goes on in the next in mid-word."""
    text = ""
    was_full = True
    for _, part in _SUB_FIELD.findall(_joined(written)):
        text += part if was_full else f" {part}"
        was_full = len(part) == _FULL_SUB_FIELD
    return text


def _joined(written: str) -> str:
    return "".join(written.splitlines())


def _text(data: dict[str, Any], key: str) -> str:
    told = data.get(key)
    return _WITHIN_PURPOSE.sub(" ", told) if isinstance(told, str) else ""


def _first_line(told: object) -> str:
    return told.partition("\n")[0] if isinstance(told, str) else ""


def _is_only_symbols(reference: str, symbols: Symbols) -> bool:
    """Whether a customer reference is nothing but a number that is known as a symbol already."""
    return reference in (symbols.variable, symbols.specific, symbols.constant)


def _creditor_reference(remittance: str) -> str:
    """An ISO 11649 reference that is all there is, with valid check digits."""
    compact = remittance.replace(" ", "").upper()
    if not re.fullmatch(r"RF[0-9]{2}[A-Z0-9]{1,21}", compact):
        return ""
    digits = "".join(str(int(letter, 36)) for letter in compact[4:] + compact[:4])
    return compact if int(digits) % 97 == 1 else ""
