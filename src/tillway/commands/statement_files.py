"""Files of statements: what comes of taking one in, and the port to whoever can read them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from tillway.commands.tools import Tools
from tillway.domain.ids import ClientId, MerchantId
from tillway.domain.statements import Statement


class FileRefused(Exception):
    """A file of which nothing was booked, with the reason; one that cannot be read, with the place in it if known."""

    def __init__(self, reason: str, place: str = "", *, is_unreadable: bool = False) -> None:
        super().__init__(f"{place}: {reason}" if place else reason)
        self.reason = reason
        self.place = place
        self.is_unreadable = is_unreadable


@dataclass(frozen=True, slots=True)
class Paid:
    """Who is paid at an account, and which clients name it."""

    merchant: MerchantId
    clients: tuple[ClientId, ...]


Owners = Callable[[str], Paid]
"""Finds who is paid at an account (IBAN). Raises FileRefused where nobody is, or several are."""


@dataclass(slots=True)
class Counts:
    """What became of entries that were taken in: how many were new, and how they stand by now."""

    entries: int = 0
    fresh: int = 0
    matched: int = 0
    review: int = 0
    unmatched: int = 0
    returning: int = 0


@dataclass(frozen=True, slots=True)
class StatementTaken:
    """A statement that was read to its end, and what became of its entries."""

    statement: Statement
    counts: Counts


class TakesFilesIn(Protocol):
    """Whoever reads files of statements and has them booked."""

    async def __call__(
        self,
        tools: Tools,
        file: BinaryIO,
        merchant: MerchantId | None,
        account: str,
        each: Callable[[StatementTaken], None],
    ) -> None:
        """Take in a file of one merchant's, or of whoever is paid at its account; `each` is told of every statement.

        `account` is that of a CSV file that does not tell it. Raises FileRefused before anything of it is booked.
        """
        ...
