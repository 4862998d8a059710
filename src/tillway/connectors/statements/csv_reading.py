"""The reader of banks' CSV files: finds the profile whose header it is, then makes each row an entry."""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import BinaryIO

from tillway.connectors.statements import texts
from tillway.connectors.statements.accounts import iban_of, iban_of_domestic, iban_of_own
from tillway.connectors.statements.amounts import amount_of_entry, minor_units
from tillway.connectors.statements.balances import Tally
from tillway.connectors.statements.bounds import BoundedStream, counted
from tillway.connectors.statements.csv_profiles import PROFILES, Above, Column, CsvProfile, Sign
from tillway.connectors.statements.entries import StatementEntry, StatementHead, StatementItem, StatementUnreadable
from tillway.connectors.statements.symbols import symbol, symbols_in

_MOST_LINES_ABOVE = 40
_MOST_COLUMNS = 100
_MARK = "\ufeff"
"""What some programs write before the first letter of a file in UTF-8."""

_ZONE = re.compile(r"[+-][0-9]{2}:?[0-9]{2}\Z")


class _NotCsv(StatementUnreadable):
    """Rows that cannot be: while a profile is looked for, this only says that it is another."""


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A file whose header was found: where each column is, and what stands above it."""

    profile: CsvProfile
    encoding: str
    header_line: int
    needs: int
    width: int
    positions: dict[Column, int]
    above: dict[Above, str] = field(default_factory=dict[Above, str])


def read(stream: BinaryIO, account: str = "") -> Iterator[StatementItem]:
    """What a CSV file of a known profile says; it must be a file that can be read from its beginning again.

    Rows of one account and currency, as far as they follow one another, make a statement. `account` is the IBAN of the
    rows where the file does not tell it. Raises StatementUnreadable, which names the known profiles if no header fits.
    """
    return counted(_read(stream, account))


def profile_of(stream: BinaryIO) -> CsvProfile:
    """The profile whose header the file has; the stream ends where it was."""
    return _sheet_of(stream).profile


def _read(stream: BinaryIO, account: str) -> Iterator[StatementItem]:
    sheet = _sheet_of(stream)
    rows = _rows(BoundedStream(stream), sheet.encoding, sheet.profile.delimiter)
    tally: Tally | None = None
    for number, cells in rows:
        if number <= sheet.header_line or not any(cell.strip() for cell in cells):
            continue
        row = _Row(sheet, cells, number, account)
        if tally is None or (row.account, row.currency) != (tally.head.account_iban, tally.head.currency):
            if tally is not None:
                yield tally.end(tally.head.closing_balance, row.place)
            tally = Tally(_head_of(sheet, row))
            yield tally.head
        entry = row.entry()
        if entry is None:
            tally.skip()
        else:
            yield tally.take(entry)
    if tally is not None:
        yield tally.end(tally.head.closing_balance, "end of the file")


class _Row:
    """One row; its account and its currency say which statement it is of."""

    def __init__(self, sheet: _Sheet, cells: list[str], number: int, account: str) -> None:
        self.place = f"line {number}"
        self._sheet = sheet
        self._cells = cells
        if len(cells) < sheet.needs:
            raise StatementUnreadable("the row has fewer cells than the header", self.place)
        if any(cell.strip() for cell in cells[sheet.width :]):
            raise StatementUnreadable("the row has more cells than the header", self.place)
        self.currency = self._text(Column.CURRENCY).upper()
        told = self._text(Column.ACCOUNT) or sheet.above.get(Above.ACCOUNT, "") or account
        self.account = iban_of_own(told, self.currency)
        if not self.account:
            raise StatementUnreadable("it is not told which account the row is of, as a valid IBAN", self.place)

    def entry(self) -> StatementEntry | None:
        """The row as an entry; None if it moves nothing."""
        digits, is_negative = _unsigned(self._text(Column.AMOUNT), self._sheet.profile)
        amount = amount_of_entry(digits, self.currency, self.place)
        if amount == 0:
            return None
        booked_on = self._day(Column.BOOKED_ON)
        if booked_on is None:
            raise StatementUnreadable("the row has no date", self.place)
        end_to_end_id = texts.reference(self._text(Column.END_TO_END_ID), self.place)
        remittance = texts.remittance(self._text(Column.REMITTANCE))
        found = symbols_in(end_to_end_id, remittance)
        return StatementEntry(
            account_iban=self.account,
            currency=self.currency,
            amount=amount,
            is_credit=self._is_credit(is_negative),
            booked_on=booked_on,
            value_on=self._day(Column.VALUE_ON) or booked_on,
            bank_reference=texts.reference(self._text(Column.BANK_REFERENCE), self.place),
            end_to_end_id=end_to_end_id,
            variable_symbol=symbol(self._text(Column.VARIABLE_SYMBOL)) or found.variable,
            constant_symbol=symbol(self._text(Column.CONSTANT_SYMBOL), 4) or found.constant,
            specific_symbol=symbol(self._text(Column.SPECIFIC_SYMBOL)) or found.specific,
            remittance=remittance,
            reference=texts.reference(self._text(Column.REFERENCE), self.place),
            counterparty_name=texts.name(self._text(Column.NAME)),
            counterparty_iban=self._counterparty(),
            counterparty_bic=texts.bic(self._text(Column.COUNTERPARTY_BIC)),
        )

    def _is_credit(self, is_negative: bool) -> bool:
        profile = self._sheet.profile
        if profile.sign is Sign.OF_AMOUNT:
            return not is_negative
        word = self._text(Column.DIRECTION).casefold()
        if is_negative or word not in profile.credit_words | profile.debit_words:
            raise StatementUnreadable("the direction is told by a word, and the amount has no sign", self.place)
        return word in profile.credit_words

    def _counterparty(self) -> str:
        told = self._text(Column.COUNTERPARTY)
        number, _, bank = told.partition("/")
        bank = bank or self._text(Column.COUNTERPARTY_BANK)
        return iban_of(told) or iban_of_domestic(number, bank, self.account[:2])

    def _day(self, column: Column) -> date | None:
        told = self._text(column)
        return _day(told, self._sheet.profile, self.place) if told else None

    def _text(self, column: Column) -> str:
        position = self._sheet.positions.get(column)
        return texts.plain(self._cells[position]) if position is not None else ""


def _sheet_of(stream: BinaryIO) -> _Sheet:
    begin = stream.tell()
    try:
        for profile in PROFILES:
            sheet = _as(profile, stream)
            if sheet is not None:
                return sheet
    finally:
        stream.seek(begin)
    known = ", ".join(profile.name for profile in PROFILES)
    raise StatementUnreadable(f"no header of a known CSV profile ({known}) in the first {_MOST_LINES_ABOVE} lines")


def _as(profile: CsvProfile, stream: BinaryIO) -> _Sheet | None:
    """The file seen as one of this profile; None if it has not its header."""
    begin = stream.tell()
    try:
        encoding = texts.encoding_of(stream, profile.encodings)
    except StatementUnreadable:
        return None
    above: dict[Above, str] = {}
    try:
        for number, cells in _rows(BoundedStream(stream), encoding, profile.delimiter):
            if number > _MOST_LINES_ABOVE:
                break
            positions = _positions(profile, cells)
            if profile.needed <= positions.keys():
                return _Sheet(profile, encoding, number, max(positions.values()) + 1, len(cells), positions, above)
            if len(cells) >= 2 and (what := profile.above.get(_folded(cells[0]))):
                above.setdefault(what, texts.plain(cells[1]))
    except _NotCsv:
        return None
    finally:
        stream.seek(begin)
    return None


def _rows(stream: BoundedStream, encoding: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Each row and the number of its last line."""
    lines = (line.decode(encoding).removeprefix(_MARK) for line in stream.lines())
    rows = csv.reader(lines, delimiter=delimiter, strict=True)
    try:
        for cells in rows:
            if len(cells) > _MOST_COLUMNS:
                raise _NotCsv("the row has too many cells", f"line {rows.line_num}")
            yield rows.line_num, cells
    except csv.Error:
        raise _NotCsv("the row is not CSV", f"line {rows.line_num}") from None


def _positions(profile: CsvProfile, cells: list[str]) -> dict[Column, int]:
    """Where the columns are; of two with the same name the first counts."""
    names: dict[str, int] = {}
    for position, cell in enumerate(cells):
        names.setdefault(_folded(cell), position)
    found: dict[Column, int] = {}
    for column, spellings in profile.columns.items():
        position = next((names[told] for told in map(_folded, spellings) if told in names), None)
        if position is not None:
            found[column] = position
    return found


def _folded(name: str) -> str:
    return texts.plain(name).casefold()


def _head_of(sheet: _Sheet, row: _Row) -> StatementHead:
    above, profile = sheet.above, sheet.profile

    def balance(what: Above) -> int | None:
        if what not in above:
            return None
        digits, is_negative = _unsigned(above[what], profile)
        units = minor_units(digits, row.currency, "balance above the header")
        return -units if is_negative else units

    def day(what: Above) -> date | None:
        return _day(above[what], profile, "date above the header") if above.get(what) else None

    return StatementHead(
        texts.reference(above.get(Above.STATEMENT_ID, ""), "above the header"),
        row.account,
        row.currency,
        balance(Above.OPENING_BALANCE),
        balance(Above.CLOSING_BALANCE),
        day(Above.FROM_ON),
        day(Above.TO_ON),
    )


def _unsigned(text: str, profile: CsvProfile) -> tuple[str, bool]:
    """The amount with a decimal point and without sign, and whether it was negative."""
    told = text.replace("\N{MINUS SIGN}", "-")
    for group in profile.groups:
        told = told.replace(group, "")
    digits = told[1:] if told[:1] in ("+", "-") else told
    if profile.decimal_mark != ".":
        digits = "" if "." in digits else digits.replace(profile.decimal_mark, ".")
    return digits, told.startswith("-")


def _day(text: str, profile: CsvProfile, place: str) -> date:
    """A date, whose time zone, if one is told, is the bank's."""
    told = _ZONE.sub("", text) if "%d.%m" in profile.date_format else text
    try:
        return datetime.strptime(told.replace(" ", ""), profile.date_format).date()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        raise StatementUnreadable("a date is not a day of the calendar", place) from None
