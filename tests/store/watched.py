"""Stores around a real one: they count transactions, hold them back, or fail them before they are durable."""

import asyncio
from collections.abc import Sequence
from typing import Any, TypeVar

from tests.gateway import START
from tillway.domain.book import Book, Needs
from tillway.domain.decision import Decide, Decision
from tillway.domain.guesses import Guesses
from tillway.store.protocol import Store, Unavailable
from tillway.store.statements import Search
from tillway.store.steps import Load, LoadAll, Program

Result = TypeVar("Result")
Row = TypeVar("Row")


class WatchedStore:
    """A real store whose transactions are counted, and wait while the gate is shut.

    `reached` is set once one has come to the gate. While `breaks_commits` is set, a transaction does all its work and
    is lost at the moment of its commit.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self.written = 0
        self.reached = asyncio.Event()
        self.gate = asyncio.Event()
        self.gate.set()
        self.breaks_commits = False

    async def write(self, program: Program[Result]) -> Result:
        """As the real store, when the gate is open."""
        self.reached.set()
        await self.gate.wait()
        result = await self._store.write(_lost_at_commit(program) if self.breaks_commits else program)
        self.written += 1
        return result

    async def read(self, program: Program[Result]) -> Result:
        """As the real store."""
        return await self._store.read(program)

    async def search(self, program: Program[Result], seconds: int) -> Result:
        """As the real store."""
        return await self._store.search(program, seconds)

    async def fetch(self, statement: Search) -> list[Sequence[Any]]:
        """As the real store."""
        return await self._store.fetch(statement)

    async def close(self) -> None:
        """As the real store."""
        await self._store.close()


def _lost_at_commit(program: Program[Result]) -> Program[Result]:
    yield from program
    raise Unavailable("the connection was lost at the commit")


def needs(*scopes: str) -> Needs:
    """The needs of a command on counters."""
    return Needs(guesses=scopes)


def count(*scopes: str) -> Decide[int]:
    """The smallest command there is: it adds one to counters, and answers what the first stands at."""

    def decide(book: Book) -> Decision[int]:
        added: list[Guesses] = []
        changed: list[Guesses] = []
        for scope in scopes:
            before = book.find(Guesses, scope)
            if before is None:
                added.append(Guesses(scope, START, 1))
            else:
                changed.append(Guesses(scope, START, before.count + 1))
        answer = next(row.count for row in (*added, *changed) if row.scope == scopes[0])
        return Decision(answer, tuple(added), tuple(changed))

    return decide


async def counted(store: Store, *scopes: str) -> dict[str, int]:
    """What counters stand at in the database."""
    return {row.scope: row.count for row in await store.read(_load(sorted(scopes)))}


def _load(scopes: list[str]) -> Program[list[Guesses]]:
    return (yield Load(Guesses, ("scope",), scopes))


def every(kind: type[Row]) -> Program[list[Row]]:
    """Every row of a kind."""
    return (yield LoadAll(kind))
