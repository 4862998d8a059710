"""The store on one SQLite file: one thread writes, a few read, and what is answered is on disk."""

import asyncio
import fcntl
import json
import os
import sqlite3
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Executable, FromClause
from sqlalchemy.dialects.sqlite import dialect as sqlite_dialect
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler

from tillway.store.protocol import Conflict, TooLong, Unavailable
from tillway.store.rows import MAPPINGS
from tillway.store.statements import Bound, Search, compiled
from tillway.store.steps import Execute, Insert, Load, LoadAll, Program, Step, Update, Write

Result = TypeVar("Result")

READERS = 2
BUSY_SECONDS = 30
CACHE_KIBIBYTES = 16_384
"""Of each connection. With 64 MiB a process grew to that size as the file did, and was no faster: pages that are not
being changed are read through the file's mapping."""
_STEPS_BETWEEN_LOOKS = 20_000
"""Of SQLite's virtual machine, between two looks at the clock: a few hundred microseconds."""


class _Compiler(SQLiteCompiler):
    """Writes SQL as SQLAlchemy does, with the indexes that statements name."""

    def get_from_hint_text(self, table: FromClause, text: str | None) -> str | None:
        return text


_DIALECT = sqlite_dialect(paramstyle="qmark")
_DIALECT.statement_compiler = _Compiler


class FileTaken(Exception):
    """Another server has this SQLite file; use PostgreSQL for more than one process."""


class ServerLock:
    """Held by the one server of a SQLite file for as long as it lives; the operating system lets go if it is killed."""

    def __init__(self, database: Path) -> None:
        self._path = database.with_name(database.name + ".server")
        self._file = self._path.open("a")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self._file.close()
            raise FileTaken(f"{FileTaken.__doc__} ({database})") from error
        self._file.truncate(0)
        self._file.write(str(os.getpid()))
        self._file.flush()

    def release(self) -> None:
        """Let another server have the file."""
        self._file.close()


class SqliteStore:
    """One SQLite file in WAL mode with `synchronous=FULL`; commands of other processes may write beside it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writer = ThreadPoolExecutor(1, "sqlite-writer")
        self._readers = ThreadPoolExecutor(READERS, "sqlite-reader")
        self._connections = threading.local()
        self._opened: list[sqlite3.Connection] = []

    async def write(self, program: Program[Result]) -> Result:
        """Run a program that may change rows. Raises Conflict, Unavailable."""
        return await asyncio.get_running_loop().run_in_executor(self._writer, self._run, program, "BEGIN IMMEDIATE")

    async def read(self, program: Program[Result]) -> Result:
        """Run a program that only loads, on one unchanging view of the database."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._run, program, "BEGIN")

    async def search(self, program: Program[Result], seconds: int) -> Result:
        """As `read`, within so many seconds. Raises TooLong."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._run_within, program, seconds)

    async def fetch(self, statement: Search) -> list[Sequence[Any]]:
        """Run one search."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._search, statement)

    async def close(self) -> None:
        """Let go of every connection, after what is under way."""
        await asyncio.get_running_loop().run_in_executor(None, self._close)

    def _close(self) -> None:
        self._writer.shutdown()
        self._readers.shutdown()
        for connection in self._opened:
            connection.close()

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._connections, "connection", None)
        if connection is None:
            connection = connect(self._path)
            self._connections.connection = connection
            self._opened.append(connection)
        return connection

    def _search(self, statement: Search) -> list[Sequence[Any]]:
        return _execute(self._connection(), statement)

    def _run_within(self, program: Program[Result], seconds: int) -> Result:
        connection, ends = self._connection(), time.monotonic() + seconds
        connection.set_progress_handler(lambda: time.monotonic() > ends, _STEPS_BETWEEN_LOOKS)
        try:
            return self._run(program, "BEGIN")
        except Unavailable as error:
            if time.monotonic() > ends:
                raise TooLong from error
            raise
        finally:
            connection.set_progress_handler(None, 0)

    def _run(self, program: Program[Result], begin: str) -> Result:
        connection = self._connection()
        try:
            connection.execute(begin)
            try:
                result = _drive(connection, program)
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
        except sqlite3.IntegrityError as error:
            raise Conflict(str(error)) from error
        except sqlite3.OperationalError as error:
            raise Unavailable(str(error)) from error
        return result


def connect(path: Path) -> sqlite3.Connection:
    """A connection as the store uses it, with transactions begun by hand."""
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute(f"PRAGMA cache_size = -{CACHE_KIBIBYTES}")
    connection.execute("PRAGMA mmap_size = 268435456")
    connection.execute("PRAGMA temp_store = FILE")
    return connection


def _drive(connection: sqlite3.Connection, program: Program[Result]) -> Result:
    try:
        step = next(program)
        while True:
            step = program.send(_take(connection, step))
    except StopIteration as stop:
        return stop.value


def _take(connection: sqlite3.Connection, step: Step) -> list[Any]:
    match step:
        case Load():
            rows = connection.execute(load_sql(step.kind, step.columns, step.given), (json.dumps(step.keys),))
            return list(map(MAPPINGS[step.kind].from_values, rows))
        case LoadAll():
            rows = connection.execute(_load_all_sql(step.kind))
            return list(map(MAPPINGS[step.kind].from_values, rows))
        case Write():
            for change in step.changes:
                _write(connection, change)
        case Execute():
            return _execute(connection, step.statement)
    return []


def _write(connection: sqlite3.Connection, change: Insert | Update) -> None:
    mapping = MAPPINGS[change.kind]
    if isinstance(change, Insert):
        connection.executemany(_insert_sql(change.kind), map(mapping.to_values, change.rows))
    else:
        connection.executemany(_update_sql(change.kind), map(mapping.key_and_mutable, change.rows))


def _execute(connection: sqlite3.Connection, statement: Executable | Bound) -> list[Sequence[Any]]:
    sql, values = compiled(statement, _DIALECT)
    return connection.execute(sql, values).fetchall()


@cache
def load_sql(kind: type[Any], columns: tuple[str, ...], given: str) -> str:
    """The statement of a Load."""
    mapping = MAPPINGS[kind]
    wanted = ", ".join(f'"{column}"' for column in mapping.columns)
    if len(columns) == 1:
        among = f'"{columns[0]}" IN (SELECT value FROM json_each(?))'
    elif not given:
        names = ", ".join(f'"{column}"' for column in columns)
        parts = ", ".join(f"json_extract(value, '$[{place}]')" for place in range(len(columns)))
        among = f"({names}) IN (SELECT {parts} FROM json_each(?))"
    else:
        return _load_given_sql(kind, columns, given)
    return f"SELECT {wanted} FROM {mapping.table.name} WHERE {among}"


def _load_given_sql(kind: type[Any], columns: tuple[str, ...], given: str) -> str:
    """By an index of some rows only, SQLite looks all columns up in a join alone: else it reads all of the first."""
    mapping = MAPPINGS[kind]
    wanted = ", ".join(f'kept."{column}"' for column in mapping.columns)
    equal = " AND ".join(
        f"kept.\"{column}\" = json_extract(sought.value, '$[{place}]')" for place, column in enumerate(columns)
    )
    return (
        f"SELECT {wanted} FROM json_each(?) AS sought CROSS JOIN {mapping.table.name} AS kept "
        f"WHERE {equal} AND kept.\"{given}\" <> ''"
    )


@cache
def _load_all_sql(kind: type[Any]) -> str:
    mapping = MAPPINGS[kind]
    wanted = ", ".join(f'"{column}"' for column in mapping.columns)
    return f"SELECT {wanted} FROM {mapping.table.name} ORDER BY {', '.join(mapping.key)}"


@cache
def _insert_sql(kind: type[Any]) -> str:
    mapping = MAPPINGS[kind]
    names = ", ".join(f'"{column}"' for column in mapping.columns)
    places = ", ".join("?" for _ in mapping.columns)
    return f"INSERT INTO {mapping.table.name} ({names}) VALUES ({places})"


@cache
def _update_sql(kind: type[Any]) -> str:
    mapping = MAPPINGS[kind]
    changes = ", ".join(f'"{column}" = ?' for column in mapping.mutable)
    keys = " AND ".join(f'"{column}" = ?' for column in mapping.key)
    return f"UPDATE {mapping.table.name} SET {changes} WHERE {keys}"
