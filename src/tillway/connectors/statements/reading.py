"""The one way in to statements: what format a file has is seen from what is in it, never from its name."""

import re
import shutil
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, cast

from tillway.connectors.statements import camt, csv_reading, mt940
from tillway.connectors.statements.bounds import BoundedStream
from tillway.connectors.statements.entries import StatementItem, StatementUnreadable

_LOOKED_AT = 4 * 1024
_IN_MEMORY = 1024 * 1024
_BLOCK = 64 * 1024
_MARKS_OF_XML = (b"<", b"\xfe\xff", b"\xff\xfe")
_MT940 = re.compile(rb"(?:\A|[\r\n]):20:")


class StatementFormat(StrEnum):
    """The formats that are read."""

    CAMT_053 = "camt.053"
    MT940 = "MT940"
    CSV = "CSV"


@dataclass(frozen=True, slots=True)
class OpenStatement:
    """An open file of statements, to be read as often as wanted; `account` is the one given to `open_statement`."""

    format: StatementFormat
    stream: BinaryIO
    account: str = ""

    def __iter__(self) -> Iterator[StatementItem]:
        """Head, entries and end of each statement. Raises StatementUnreadable where it cannot go on."""
        self.stream.seek(0)
        match self.format:
            case StatementFormat.CAMT_053:
                return camt.read(self.stream)
            case StatementFormat.MT940:
                return mt940.read(self.stream)
            case StatementFormat.CSV:
                return csv_reading.read(self.stream, self.account)

    def check(self) -> None:
        """Reads it to its end and keeps nothing. Raises StatementUnreadable for the first thing that is wrong."""
        for _ in self:
            pass


@contextmanager
def open_statement(source: Path | BinaryIO, account: str = "") -> Generator[OpenStatement]:
    """A file, or a stream such as an upload, opened as the format that its content shows.

    `account` is the IBAN of the entries of a CSV file that does not tell it. A stream that cannot go back is first
    copied to a temporary file. Raises StatementUnreadable for a file that is empty or too large.
    """
    if isinstance(source, Path):
        with source.open("rb") as stream:
            yield _opened(stream, account)
    elif source.seekable():
        yield _opened(source, account)
    else:
        with SpooledTemporaryFile(max_size=_IN_MEMORY) as kept:
            shutil.copyfileobj(cast("BinaryIO", BoundedStream(source)), kept, _BLOCK)
            kept.seek(0)
            yield _opened(cast("BinaryIO", kept), account)


def _opened(stream: BinaryIO, account: str) -> OpenStatement:
    stream.seek(0)
    begin = stream.read(_LOOKED_AT)
    stream.seek(0)
    if not begin.strip():
        raise StatementUnreadable("the file is empty")
    return OpenStatement(_format_of(begin.removeprefix(b"\xef\xbb\xbf").lstrip()), stream, account)


def _format_of(begin: bytes) -> StatementFormat:
    if begin.startswith(_MARKS_OF_XML):
        return StatementFormat.CAMT_053
    return StatementFormat.MT940 if _MT940.search(begin) else StatementFormat.CSV
