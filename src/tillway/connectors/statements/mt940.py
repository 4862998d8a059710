"""The reader of MT940, SWIFT's customer statement: one field after another, each understood by the library mt-940.

The library holds all it reads, so it is handed one statement line at a time; it takes text for a file's name if there
is such a file, so it is never handed a text to look up; and it logs what it cannot read, so its log is closed.
"""

import logging
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, BinaryIO, Final

from mt940.models import Transactions
from mt940.options import Options

from tillway.connectors.statements import texts
from tillway.connectors.statements.accounts import iban_of_own
from tillway.connectors.statements.amounts import amount_of_entry, decimals_of, minor_units
from tillway.connectors.statements.balances import Tally
from tillway.connectors.statements.bounds import BoundedStream, counted
from tillway.connectors.statements.entries import StatementEntry, StatementHead, StatementItem, StatementUnreadable
from tillway.connectors.statements.mt940_details import Details, details_of

ENCODINGS: Final = ("utf-8", "cp1250", "latin-1")
"""Tried in this order: text of another encoding is seldom UTF-8, and anything is Latin-1."""

_FIELD = re.compile(r":([0-9]{2}[A-Z]?|NS):")
_BLOCK = re.compile(r"\{[1-5]:")
_UNDERSTOOD = frozenset({"20", "25", "28", "28C", "60F", "60M", "61", "62F", "62M", "86"})
_LONGEST_FIELD = 64 * 1024
_OPTIONS: Final = Options.all()

logging.getLogger("mt940").setLevel(logging.CRITICAL + 1)


@dataclass(frozen=True, slots=True)
class _Field:
    tag: str
    text: str
    line: int

    @property
    def place(self) -> str:
        return f"line {self.line}, field :{self.tag}:"


def read(stream: BinaryIO) -> Iterator[StatementItem]:
    """What a file of MT940 says; the file must be one that can be read from its beginning again.

    Raises StatementUnreadable, also for a statement without a closing balance, which is one that was cut short.
    """
    encoding = texts.encoding_of(stream, ENCODINGS)
    return counted(_statements(_fields(BoundedStream(stream), encoding)))


def _fields(stream: BoundedStream, encoding: str) -> Iterator[_Field]:
    """The fields with their lines joined; SWIFT's blocks around a message, and what is before it, are not read."""
    field: _Field | None = None
    lines: list[str] = []
    length = 0
    for number, line in enumerate(stream.lines(), 1):
        text = line.decode(encoding).rstrip("\r\n").lstrip("\ufeff")
        told = _FIELD.match(text)
        is_end = text in ("-", "-}") or _BLOCK.match(text) is not None
        if field is not None and (told or is_end):
            yield _Field(field.tag, "\n".join(lines), field.line)
            field = None
        if told:
            field, lines, length = _Field(told[1], "", number), [text[told.end() :]], 0
        elif field is not None:
            lines.append(text)
            length += len(text) + 1
            if length > _LONGEST_FIELD:
                raise StatementUnreadable("the field is too long", field.place)
    if field is not None:
        yield _Field(field.tag, "\n".join(lines), field.line)


def _statements(fields: Iterable[_Field]) -> Iterator[StatementItem]:
    statement: _Statement | None = None
    for field in fields:
        if field.tag == "20":
            if statement is not None:
                yield from statement.end(field.place)
            statement = _Statement()
        if statement is not None and field.tag in _UNDERSTOOD:
            yield from statement.take(field)
    if statement is None:
        raise StatementUnreadable("the file holds no statement, for it has no field :20:")
    yield from statement.end("end of the file")


class _Statement:
    """One statement while it streams by: fields of its head, then pairs of :61: and :86:, then its closing balance."""

    def __init__(self) -> None:
        self._library = Transactions(options=_OPTIONS)
        self._tally: Tally | None = None
        self._line: _Field | None = None
        self._details: _Field | None = None
        self._closing: int | None = None

    def take(self, field: _Field) -> Iterator[StatementItem]:
        """What is known once this field is."""
        match field.tag:
            case "86" if self._line is not None and self._details is None:
                self._details = field
            case "86":
                pass  # behind the closing balance it tells of the statement, and of no entry
            case "61":
                yield from self._entry()
                self._tally_of(field)
                if self._closing is not None:
                    raise StatementUnreadable("an entry stands behind the closing balance", field.place)
                self._line = field
            case "60F" | "60M":
                yield self._begin(field)
            case "62F" | "62M":
                yield from self._entry()
                self._closing = self._balance(field, self._tally_of(field).head.currency)
            case _:
                self._understand(field)

    def end(self, place: str) -> Iterator[StatementItem]:
        """The statement's end, where the next one begins or the file ends."""
        yield from self._entry()
        if self._tally is None or self._closing is None:
            raise StatementUnreadable("the statement ends without its closing balance", place)
        yield self._tally.end(self._closing, place)

    def _begin(self, field: _Field) -> StatementHead:
        if self._tally is not None:
            raise StatementUnreadable("the statement has a second opening balance", field.place)
        currency = field.text[7:10]
        opening = self._balance(field, currency)
        data = self._library.data
        iban = iban_of_own(str(data.get("account_identification") or ""), currency)
        if not iban:
            raise StatementUnreadable(
                "field :25: has no valid IBAN, and no domestic number that makes one", field.place
            )
        known_as = [data.get(key) for key in ("transaction_reference", "statement_number", "sequence_number")]
        identity = "/".join(str(told) for told in known_as if told)
        opened_on = self._day(data[_balance_of(field)].date, field)
        head = StatementHead(texts.reference(identity, field.place), iban, currency, opening, None, opened_on)
        self._tally = Tally(head)
        return head

    def _balance(self, field: _Field, currency: str) -> int:
        decimals_of(currency, field.place)
        self._understand(field)
        balance = self._library.data[_balance_of(field)]
        if balance.amount.currency != currency:
            raise StatementUnreadable("the closing balance is in another currency than the opening one", field.place)
        amount: Decimal = balance.amount.amount
        units = minor_units(f"{abs(amount):f}", currency, field.place)
        return -units if amount < 0 else units

    def _entry(self) -> Iterator[StatementItem]:
        """The entry of the :61: that was taken last, now that its :86: has come or has not."""
        field, details = self._line, self._details
        self._line = self._details = None
        if field is None:
            return
        tally = self._tally_of(field)
        self._understand(field)
        if details is not None:
            self._understand(details)
        entry = self._entry_of(self._library.transactions[-1].data, details.text if details else "", field, tally.head)
        self._library.transactions.clear()
        if entry is None:
            tally.skip()
        else:
            yield tally.take(entry)

    def _entry_of(
        self, data: dict[str, Any], written: str, field: _Field, head: StatementHead
    ) -> StatementEntry | None:
        signed: Decimal = data["amount"].amount
        amount = amount_of_entry(f"{abs(signed):f}", head.currency, field.place)
        if amount == 0:
            return None
        value_on = self._day(data["date"], field)
        told: Details = details_of(data, written, head.account_iban[:2], field.place)
        return StatementEntry(
            account_iban=head.account_iban,
            currency=head.currency,
            amount=amount,
            is_credit=signed > 0,
            booked_on=self._day(data.get("entry_date") or data["date"], field),
            value_on=value_on,
            bank_reference=texts.reference(data.get("bank_reference") or "", field.place),
            end_to_end_id=told.end_to_end_id,
            variable_symbol=told.symbols.variable,
            constant_symbol=told.symbols.constant,
            specific_symbol=told.symbols.specific,
            remittance=told.remittance,
            reference=told.reference,
            counterparty_name=told.name,
            counterparty_iban=told.iban,
            counterparty_bic=told.bic,
            is_reversal=str(data["status"]).upper().startswith("R"),
        )

    def _understand(self, field: _Field) -> None:
        """The library reads one field, into `data` or into the last of `transactions`."""
        try:
            self._library.parse(f":{field.tag}:{field.text}")
        except (ArithmeticError, LookupError, RuntimeError, TypeError, ValueError):
            raise StatementUnreadable("the field is not as SWIFT says", field.place) from None

    def _tally_of(self, field: _Field) -> Tally:
        if self._tally is None:
            raise StatementUnreadable("the field stands before the opening balance", field.place)
        return self._tally

    @staticmethod
    def _day(told: date, field: _Field) -> date:
        """A plain date: the library's own kind equals it, but is another class."""
        try:
            return date(told.year, told.month, told.day)
        except ValueError:
            raise StatementUnreadable("a date is not a day of the calendar", field.place) from None


def _balance_of(field: _Field) -> str:
    """Where the library keeps the balance of a field."""
    kind = "final" if field.tag.endswith("F") else "intermediate"
    return f"{kind}_opening_balance" if field.tag.startswith("60") else f"{kind}_closing_balance"
