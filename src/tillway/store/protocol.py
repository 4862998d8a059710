"""What every database offers: programs run as one transaction, and searches."""

from collections.abc import Sequence
from typing import Any, Protocol, TypeVar

from tillway.store.statements import Search
from tillway.store.steps import Program

Result = TypeVar("Result")


class Conflict(Exception):
    """The database refused a transaction that may pass when run again or in part: a key was taken, a row changed."""


class Unavailable(Exception):
    """The database cannot be reached; whether a transaction under way was kept is not known."""


class TooLong(Exception):
    """A search was given up, since it took longer than it may."""


class Store(Protocol):
    """A database. Each program is one transaction: all of it is durable when `write` returns, or none of it ever is."""

    async def write(self, program: Program[Result]) -> Result:
        """Run a program that may change rows. Raises Conflict, Unavailable."""
        ...

    async def read(self, program: Program[Result]) -> Result:
        """Run a program that only loads, on one unchanging view of the database."""
        ...

    async def search(self, program: Program[Result], seconds: int) -> Result:
        """As `read`, for programs that find rows by more than keys, each step within so many seconds.

        The database has no choice between ways to the rows: indexes are used wherever one serves. Raises TooLong.
        """
        ...

    async def fetch(self, statement: Search) -> list[Sequence[Any]]:
        """Run one search."""
        ...

    async def close(self) -> None:
        """Let go of every connection, after what is under way."""
        ...
