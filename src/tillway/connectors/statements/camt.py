"""The reader of camt.053, the bank-to-customer statement of ISO 20022, in every version from .001.02 on."""

from collections.abc import Iterator
from datetime import date
from typing import BinaryIO

from tillway.connectors.statements.accounts import iban_of_own
from tillway.connectors.statements.amounts import minor_units
from tillway.connectors.statements.balances import Tally
from tillway.connectors.statements.bounds import MOST_DETAILS, BoundedStream, counted
from tillway.connectors.statements.camt_entries import (
    DETAILS,
    ENTRY,
    Detail,
    date_at,
    detail_of,
    entries_of,
    is_booked,
    is_credit,
)
from tillway.connectors.statements.entries import StatementHead, StatementItem, StatementUnreadable
from tillway.connectors.statements.picking import Part, Record, pick
from tillway.connectors.statements.texts import reference

_STATEMENT = Part(
    leaves=(
        "Id",
        "Acct/Id/IBAN",
        "Acct/Id/Othr/Id",
        "Acct/Ccy",
        "FrToDt/FrDtTm",
        "FrToDt/ToDtTm",
    ),
    parts={
        "Bal": Part(leaves=("Tp/CdOrPrtry/Cd", "Amt", "CdtDbtInd", "Dt/Dt", "Dt/DtTm")),
        "Ntry": Part(ENTRY, parts={"NtryDtls/TxDtls": Part(DETAILS)}),
    },
)
_OPENING = ("OPBD", "PRCD")
_CLOSING = "CLBD"


class _Statement:
    """One Stmt while it streams by: its balances until its head is told, then its entries."""

    def __init__(self, record: Record, number: int) -> None:
        self.record = record
        self.place = f"statement {number}"
        self.entries = 0
        self._balances: dict[str, tuple[int, date | None]] = {}
        self._tally: Tally | None = None
        self._details: list[Detail] = []

    def balance(self, record: Record) -> None:
        """Of several the first opening and the last closing balance count; they come before the entries."""
        if self._tally is not None:
            raise StatementUnreadable("a balance stands behind the entries", self.place)
        kind = record.first("Tp/CdOrPrtry/Cd")
        if kind not in (*_OPENING, _CLOSING) or (kind in self._balances and kind != _CLOSING):
            return
        if record.first("Amt@") != self._currency(record):
            raise StatementUnreadable("a balance is in another currency than its account", self.place)
        amount = minor_units(record.first("Amt"), record.first("Amt@"), self.place)
        signed = amount if is_credit(record, self.place) else -amount
        self._balances[kind] = signed, date_at(record, "Dt", self.place)

    def detail(self, record: Record) -> None:
        """Details come before the end of their entry."""
        if len(self._details) >= MOST_DETAILS:
            raise StatementUnreadable(f"an entry has more than {MOST_DETAILS} details", self.place)
        self._details.append(detail_of(record, f"{self.place}, entry {self.entries + 1}"))

    def entry(self, record: Record) -> Iterator[StatementItem]:
        """The head, if it was not told yet, and the entries that this one is."""
        if self._tally is None:
            yield self._begin(record)
        assert self._tally is not None
        self.entries += 1
        place = f"{self.place}, entry {self.entries}"
        details, self._details = self._details, []
        if not is_booked(record, place):
            self._tally.skip()
            return
        empty = True
        for entry in entries_of(record, details, self._tally.head, place):
            empty = False
            yield self._tally.take(entry)
        if empty:
            self._tally.skip()

    def end(self) -> Iterator[StatementItem]:
        """The head, if there were no entries, and the end."""
        if self._tally is None:
            yield self._begin(None)
        assert self._tally is not None
        yield self._tally.end(self._tally.head.closing_balance, self.place)

    def _begin(self, entry: Record | None) -> StatementHead:
        currency = self._currency(entry)
        account = self.record.first("Acct/Id/IBAN", "Acct/Id/Othr/Id")
        iban = iban_of_own(account, currency)
        if not iban:
            raise StatementUnreadable(
                "the account has no valid IBAN, and no domestic number that makes one", self.place
            )
        opening, opened_on = next((self._balances[kind] for kind in _OPENING if kind in self._balances), (None, None))
        closing, closed_on = self._balances.get(_CLOSING, (None, None))
        head = StatementHead(
            reference(self.record.first("Id"), self.place),
            iban,
            currency,
            opening,
            closing,
            date_at(self.record, "FrToDt/Fr", self.place) or opened_on,
            date_at(self.record, "FrToDt/To", self.place) or closed_on,
        )
        self._tally = Tally(head)
        return head

    def _currency(self, record: Record | None) -> str:
        """The account's; where it is not told (before .001.03 it need not be), that of the first amount."""
        told = self.record.first("Acct/Ccy")
        if not told and record is not None:
            told = record.first("Amt@")
            self.record.keep("Acct/Ccy", told)
        return told


def read(stream: BinaryIO) -> Iterator[StatementItem]:
    """What a file of camt.053 says. Raises StatementUnreadable, also for the other messages of ISO 20022."""
    return counted(_read(BoundedStream(stream)))


def _read(stream: BoundedStream) -> Iterator[StatementItem]:
    statement: _Statement | None = None
    number = 0
    for record in pick(stream, "camt.053", "BkToCstmrStmt", "Stmt", _STATEMENT):
        of = _statement_of(record)
        if statement is None or statement.record is not of:
            number += 1
            statement = _Statement(of, number)
        match record.name:
            case "Bal":
                statement.balance(record)
            case "TxDtls":
                statement.detail(record)
            case "Ntry":
                yield from statement.entry(record)
            case _:
                yield from statement.end()
    if number == 0:
        raise StatementUnreadable("the document holds no statement")


def _statement_of(record: Record) -> Record:
    while record.parent is not None:
        record = record.parent
    return record
