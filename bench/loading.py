"""The fast loader: millions of payments as rows of their own lives, by COPY on PostgreSQL and in bulk on SQLite."""

import sqlite3
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from itertools import islice
from pathlib import Path
from typing import Any, Protocol, cast

import asyncpg

from bench.mirror.filling import pattern
from bench.mirror.recording import Life
from tillway.domain.events import LoggedEvent
from tillway.domain.ledger import Transfer
from tillway.domain.notices import Notice
from tillway.domain.orders import Order
from tillway.domain.payments import Attempt, Payment, Transition
from tillway.store.addresses import is_postgres
from tillway.store.rows import MAPPINGS
from tillway.store.sqlite import connect

KINDS: tuple[type[Any], ...] = (Order, Payment, Attempt, Transition, Transfer, LoggedEvent, Notice)
PIECE = 20_000

Fill = Mapping[str, object]
"""What is filled into the marks of one life."""


class Pile(Protocol):
    """Takes rows of a kind, as lines of values parted by tabs."""

    async def add(self, kind: type[Any], lines: list[str]) -> None:
        """Put them into the database."""
        ...


async def load(database: str, payments: Iterable[tuple[Life, Fill]]) -> None:
    """Put the rows of payments into a database, beside whatever uses it."""
    async with piles(database) as pile:
        await _add_all(pile, payments)


@asynccontextmanager
async def piles(database: str) -> AsyncGenerator[Pile]:
    """What takes rows for a database, beside whatever uses it."""
    if is_postgres(database):
        connection = cast("asyncpg.Connection", await asyncpg.connect(database))
        try:
            await connection.execute("SET synchronous_commit = off")
            yield _Copy(connection)
        finally:
            await connection.close()
        return
    with closing(connect(Path(database))) as file:
        file.execute("PRAGMA synchronous = OFF")
        yield _Bulk(file)


async def tidy(database: str) -> None:
    """Do now what the database would do in the background later, in the middle of a measurement."""
    if is_postgres(database):
        connection = cast("asyncpg.Connection", await asyncpg.connect(database))
        try:
            await connection.execute("VACUUM ANALYZE")
            await connection.execute("CHECKPOINT")
        finally:
            await connection.close()
        return
    with closing(connect(Path(database))) as file:
        file.execute("PRAGMA wal_checkpoint(TRUNCATE)")


async def _add_all(pile: Pile, payments: Iterable[tuple[Life, Fill]]) -> None:
    patterns: dict[int, Sequence[tuple[type[Any], str]]] = {}
    for piece in _pieces(payments):
        lines: dict[type[Any], list[str]] = {kind: [] for kind in KINDS}
        for life, fill in piece:
            found = patterns.get(id(life))
            if found is None:
                found = patterns[id(life)] = _patterns(life)
            for kind, line in found:
                lines[kind].append(line % fill)
        for kind, rows in lines.items():
            if rows:
                await pile.add(kind, rows)


def _patterns(life: Life) -> list[tuple[type[Any], str]]:
    unknown = life.rows.keys() - set(KINDS)
    if unknown:
        raise ValueError(f"the loader does not know {unknown}")
    return [
        (kind, pattern(MAPPINGS[kind].to_values(row), life.texts)) for kind in KINDS for row in life.rows.get(kind, ())
    ]


class _Copy:
    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection

    async def add(self, kind: type[Any], lines: list[str]) -> None:
        """COPY in text form, which needs no escaping here: `pattern` refuses what would."""
        mapping = MAPPINGS[kind]

        async def text() -> AsyncIterator[bytes]:
            yield ("\n".join(lines) + "\n").encode()

        await self._connection.copy_to_table(mapping.table.name, columns=mapping.columns, source=text())


class _Bulk:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    async def add(self, kind: type[Any], lines: list[str]) -> None:
        """One transaction; columns of numbers turn digits into numbers by themselves."""
        mapping = MAPPINGS[kind]
        names = ", ".join(f'"{column}"' for column in mapping.columns)
        places = ", ".join("?" * len(mapping.columns))
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.executemany(
            f"INSERT INTO {mapping.table.name} ({names}) VALUES ({places})", (line.split("\t") for line in lines)
        )
        self._connection.execute("COMMIT")


def _pieces(payments: Iterable[tuple[Life, Fill]]) -> Iterator[list[tuple[Life, Fill]]]:
    waiting = iter(payments)
    while piece := list(islice(waiting, PIECE)):
        yield piece
