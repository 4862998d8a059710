"""Entries of camt.053: who paid, for what, and how a batch of several payments is told apart."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from tillway.connectors.statements import texts
from tillway.connectors.statements.accounts import iban_of
from tillway.connectors.statements.amounts import amount_of_entry
from tillway.connectors.statements.entries import StatementEntry, StatementHead, StatementUnreadable
from tillway.connectors.statements.picking import Record
from tillway.connectors.statements.symbols import Symbols, is_symbol, symbols_in

ENTRY = (
    "NtryRef",
    "Amt",
    "CdtDbtInd",
    "RvslInd",
    "Sts",
    "Sts/Cd",
    "BookgDt/Dt",
    "BookgDt/DtTm",
    "ValDt/Dt",
    "ValDt/DtTm",
    "AcctSvcrRef",
    "AddtlNtryInf",
)
"""What is read of an Ntry: until .001.07 the status is the text of Sts, since then of Sts/Cd."""

DETAILS = (
    "Refs/AcctSvcrRef",
    "Refs/EndToEndId",
    "Amt",
    "AmtDtls/TxAmt/Amt",
    "CdtDbtInd",
    *(f"RltdPties/{party}/{path}" for party in ("Dbtr", "Cdtr") for path in ("Nm", "Pty/Nm")),
    *(f"RltdPties/{party}Acct/Id/{path}" for party in ("Dbtr", "Cdtr") for path in ("IBAN", "Othr/Id")),
    *(f"RltdAgts/{party}Agt/FinInstnId/{path}" for party in ("Dbtr", "Cdtr") for path in ("BIC", "BICFI")),
    "RmtInf/Ustrd",
    "RmtInf/Strd/CdtrRefInf/Ref",
    "RmtInf/Strd/AddtlRmtInf",
    "AddtlTxInf",
)
"""What is read of a TxDtls: a party's name is Nm or, since .001.08, Pty/Nm; its bank's BIC is BIC or BICFI."""

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?![0-9])")


@dataclass(frozen=True, slots=True)
class _Party:
    name: str = ""
    iban: str = ""
    bic: str = ""


_NOBODY = _Party()
_NO_SYMBOLS = Symbols()


@dataclass(frozen=True, slots=True)
class Detail:
    """One payment within an entry; `amount` is a decimal as text, empty where none is told."""

    amount: str = ""
    currency: str = ""
    is_credit: bool | None = None
    bank_reference: str = ""
    end_to_end_id: str = ""
    symbols: Symbols = _NO_SYMBOLS
    remittance: str = ""
    reference: str = ""
    debtor: _Party = _NOBODY
    creditor: _Party = _NOBODY


def is_booked(entry: Record, place: str) -> bool:
    """Whether the entry is BOOK; the other statuses (PDNG, INFO, FUTR) have moved nothing."""
    status = entry.first("Sts/Cd", "Sts")
    if not status:
        raise StatementUnreadable("the entry has no status", place)
    return status == "BOOK"


def is_credit(record: Record, place: str) -> bool:
    """The direction that CdtDbtInd tells."""
    told = record.first("CdtDbtInd")
    if told not in ("CRDT", "DBIT"):
        raise StatementUnreadable("it is not told whether an amount is CRDT or DBIT", place)
    return told == "CRDT"


def date_at(record: Record, path: str, place: str) -> date | None:
    """The day at a path that holds a date, or a time whose day it is where the bank is; None if there is none."""
    told = record.first(f"{path}/Dt", f"{path}/DtTm", f"{path}DtTm")
    if not told:
        return None
    try:
        return date.fromisoformat(told[:10]) if _DATE.match(told) else _no_date(place)
    except ValueError:
        _no_date(place)


def detail_of(record: Record, place: str) -> Detail:
    """What a TxDtls says."""
    amount = "Amt" if record.first("Amt") else "AmtDtls/TxAmt/Amt"
    unstructured = record.all("RmtInf/Ustrd")
    structured = record.all("RmtInf/Strd/CdtrRefInf/Ref")
    free = record.all("RmtInf/Strd/AddtlRmtInf", "AddtlTxInf")
    end_to_end_id = texts.reference(record.first("Refs/EndToEndId"), place)
    return Detail(
        record.first(amount),
        record.first(f"{amount}@"),
        is_credit(record, place) if record.first("CdtDbtInd") else None,
        texts.reference(record.first("Refs/AcctSvcrRef"), place),
        end_to_end_id,
        symbols_in(end_to_end_id, *structured, *unstructured, *free),
        texts.remittance(*(unstructured or free)),
        texts.reference(next((told for told in structured if not is_symbol(told)), ""), place),
        _party(record, "Dbtr"),
        _party(record, "Cdtr"),
    )


def entries_of(record: Record, details: list[Detail], head: StatementHead, place: str) -> Iterator[StatementEntry]:
    """The entry, or one for each of its details if there are several whose amounts make the entry's.

    Otherwise nobody knows which detail the money belongs to: then it is one entry, without what only details tell.
    An entry of nothing is none.
    """
    currency = record.first("Amt@")
    if currency != head.currency:
        raise StatementUnreadable("the entry is in another currency than its account", place)
    amount = amount_of_entry(record.first("Amt"), currency, place)
    whole = _Whole(record, head, amount, place)
    if amount == 0:
        return
    if len(details) > 1:
        amounts = [_signed(detail, whole, place) for detail in details]
        if all(amounts) and sum(each or 0 for each in amounts) == (amount if whole.is_credit else -amount):
            yield from whole.split(details, [each or 0 for each in amounts])
            return
    yield whole.entry(details[0] if len(details) == 1 else Detail())


class _Whole:
    """What an Ntry says for all of its details."""

    def __init__(self, record: Record, head: StatementHead, amount: int, place: str) -> None:
        self.head = head
        self.amount = amount
        self.is_credit = is_credit(record, place)
        self.is_reversal = record.first("RvslInd") in ("true", "1")
        booked, valued = date_at(record, "BookgDt", place), date_at(record, "ValDt", place)
        if booked is None and valued is None:
            raise StatementUnreadable("the entry has no date", place)
        self.booked_on, self.value_on = booked or valued, valued or booked
        self.bank_reference = texts.reference(record.first("AcctSvcrRef", "NtryRef"), place)
        self.told = record.first("AddtlNtryInf")
        self.symbols = symbols_in(self.told)

    def split(self, details: list[Detail], amounts: list[int]) -> Iterator[StatementEntry]:
        """One entry for each detail, each with a reference of its own."""
        references = [detail.bank_reference or self.bank_reference for detail in details]
        uses = Counter(references)
        for number, (detail, amount, told) in enumerate(zip(details, amounts, references, strict=True), 1):
            own = f"{told}/{number}" if told and uses[told] > 1 else told
            yield self.entry(detail, abs(amount), is_credit=amount > 0, bank_reference=own)

    def entry(
        self, detail: Detail, amount: int = 0, *, is_credit: bool | None = None, bank_reference: str = ""
    ) -> StatementEntry:
        """The entry of a detail; of the whole amount if none is given."""
        gets = self.is_credit if is_credit is None else is_credit
        party = self._counterparty(detail, gets)
        assert self.booked_on is not None
        assert self.value_on is not None
        return StatementEntry(
            account_iban=self.head.account_iban,
            currency=self.head.currency,
            amount=amount or self.amount,
            is_credit=gets,
            booked_on=self.booked_on,
            value_on=self.value_on,
            bank_reference=bank_reference or detail.bank_reference or self.bank_reference,
            end_to_end_id=detail.end_to_end_id,
            variable_symbol=detail.symbols.variable or self.symbols.variable,
            constant_symbol=detail.symbols.constant or self.symbols.constant,
            specific_symbol=detail.symbols.specific or self.symbols.specific,
            remittance=detail.remittance or texts.remittance(self.told),
            reference=detail.reference,
            counterparty_name=party.name,
            counterparty_iban=party.iban,
            counterparty_bic=party.bic,
            is_reversal=self.is_reversal,
        )

    def _counterparty(self, detail: Detail, gets: bool) -> _Party:
        """The debtor of what the account got, the creditor of what it gave; a reversal names them as it did before."""
        first, other = detail.debtor, detail.creditor
        if gets == self.is_reversal:
            first, other = other, first
        return other if first.iban == self.head.account_iban else first


def _party(record: Record, role: str) -> _Party:
    return _Party(
        texts.name(record.first(f"RltdPties/{role}/Pty/Nm", f"RltdPties/{role}/Nm")),
        iban_of(record.first(f"RltdPties/{role}Acct/Id/IBAN", f"RltdPties/{role}Acct/Id/Othr/Id")),
        texts.bic(record.first(f"RltdAgts/{role}Agt/FinInstnId/BICFI", f"RltdAgts/{role}Agt/FinInstnId/BIC")),
    )


def _signed(detail: Detail, whole: _Whole, place: str) -> int | None:
    """A detail's amount, negative if the account gave it; None if it is not told in the account's currency."""
    if not detail.amount or detail.currency != whole.head.currency:
        return None
    amount = amount_of_entry(detail.amount, detail.currency, place)
    gets = whole.is_credit if detail.is_credit is None else detail.is_credit
    return amount if gets else -amount


def _no_date(place: str) -> date:
    raise StatementUnreadable("a date is not a day of the calendar", place) from None
