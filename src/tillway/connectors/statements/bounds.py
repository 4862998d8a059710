"""How much a statement may hold, and the stream that ends the reading of one that holds more."""

from collections.abc import Iterable, Iterator
from typing import BinaryIO

from tillway.connectors.statements.entries import StatementEntry, StatementItem, StatementUnreadable

MOST_BYTES = 256 * 1024 * 1024
MOST_ENTRIES = 1_000_000
MOST_DETAILS = 100_000
"""Of one entry that stands for a batch."""

LONGEST_LINE = 16 * 1024
LONGEST_TEXT = 4_000
"""Of one element, in characters; ISO 20022 allows at most 500."""

LONGEST_REMITTANCE = 10 * 140
LONGEST_NAME = 140
LONGEST_REFERENCE = 140


class BoundedStream:
    """A file that can be read once from where it stands, and not further than `most` bytes."""

    def __init__(self, stream: BinaryIO, most: int | None = None) -> None:
        self._stream = stream
        self._most = MOST_BYTES if most is None else most
        self._left = self._most

    def read(self, size: int) -> bytes:
        """The next bytes, at most `size`; empty at the end."""
        return self._spend(self._stream.read(size))

    def lines(self) -> Iterator[bytes]:
        """The lines, each with its end; refuses one that is longer than any bank writes."""
        number = 0
        while line := self._spend(self._stream.readline(LONGEST_LINE + 1)):
            number += 1
            if len(line) > LONGEST_LINE:
                raise StatementUnreadable("the line is too long", f"line {number}")
            if b"\0" in line:
                raise StatementUnreadable("the line holds a NUL byte", f"line {number}")
            yield line

    def _spend(self, data: bytes) -> bytes:
        self._left -= len(data)
        if self._left < 0:
            raise StatementUnreadable(f"the file is larger than {self._most} bytes")
        return data


def counted(items: Iterable[StatementItem]) -> Iterator[StatementItem]:
    """The same items, no more than `MOST_ENTRIES` entries among them."""
    entries = 0
    for item in items:
        if isinstance(item, StatementEntry):
            entries += 1
            if entries > MOST_ENTRIES:
                raise StatementUnreadable(f"the file holds more than {MOST_ENTRIES} entries")
        yield item
