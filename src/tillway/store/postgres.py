"""The store on PostgreSQL: one connection writes, a pool reads, and a lost server is found again."""

import asyncio
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any, TypeVar, cast

import asyncpg
from asyncpg.pool import PoolConnectionProxy
from sqlalchemy import Executable
from sqlalchemy.dialects.postgresql.asyncpg import dialect as asyncpg_dialect

from tillway.store.postgres_statements import load_all_sql, load_sql, write_sql
from tillway.store.protocol import Conflict, TooLong, Unavailable
from tillway.store.reaching import CONNECT_SECONDS, Patience, reach
from tillway.store.rows import MAPPINGS
from tillway.store.statements import Bound, Search, compiled
from tillway.store.steps import Execute, Load, LoadAll, Program, Step, Write

Result = TypeVar("Result")
_Connection = asyncpg.Connection | PoolConnectionProxy

READERS = 7
STATEMENT_SECONDS = 30
_SETTINGS = {"application_name": "tillway", "synchronous_commit": "on", "jit": "off"}
_BY_KEY = {
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
}
"""The writer finds all rows by key, whatever the size of a table: PostgreSQL plans once, and not anew for every batch,
which costs it as much as a small batch itself."""
_SEARCHING = {
    "plan_cache_mode": "force_custom_plan",
    "enable_seqscan": "off",
    "enable_bitmapscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "max_parallel_workers_per_gather": "0",
}
_BEGIN_SEARCH = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" + "".join(
    f"; SET LOCAL {name} = {setting}" for name, setting in _SEARCHING.items()
)
_DIALECT = asyncpg_dialect()
_CONFLICTS = (
    asyncpg.IntegrityConstraintViolationError,
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
)
_LOST = (
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.InsufficientResourcesError,
)


class PostgresStore:
    """One PostgreSQL database, on one host or on several of which one takes writes."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._readers: asyncpg.Pool | None = None
        self._opening = asyncio.Lock()
        self._writer: asyncpg.Connection | None = None
        self._writing = asyncio.Lock()

    async def write(self, program: Program[Result]) -> Result:
        """Run a program that may change rows. Raises Conflict, Unavailable."""
        with _translated():
            async with self._writing:
                writer = await self._ready_writer()
                patience = Patience(writer, STATEMENT_SECONDS)
                try:
                    return await _run(writer, _step_by_step(program, patience), "BEGIN")
                except asyncio.CancelledError:
                    _part_from(writer)
                    raise
                except _LOST:
                    await self._distrust_readers()
                    raise
                finally:
                    patience.end()

    async def read(self, program: Program[Result]) -> Result:
        """Run a program that only loads, on one unchanging view of the database."""
        async with self._reader() as connection:
            return await _run(connection, program, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")

    async def search(self, program: Program[Result], seconds: int) -> Result:
        """As `read`, within so many seconds a step and through indexes only. Raises TooLong."""
        async with self._reader() as connection:
            try:
                return await _run(connection, program, f"{_BEGIN_SEARCH}; SET LOCAL statement_timeout = '{seconds}s'")
            except asyncpg.QueryCanceledError as error:
                raise TooLong from error

    async def fetch(self, statement: Search) -> list[Sequence[Any]]:
        """Run one search."""
        async with self._reader() as connection:
            return await _execute(connection, statement)

    async def close(self) -> None:
        """Let go of every connection, after what is under way."""
        async with self._writing:
            if self._writer is not None:
                await self._writer.close()
        if self._readers is not None:
            await self._readers.close()

    async def _ready_writer(self) -> asyncpg.Connection:
        """The connection that writes: not taken from a pool, which costs as much as a round trip."""
        writer = self._writer
        if writer is not None and not writer.is_closed() and writer.is_in_transaction():
            writer.terminate()
        if writer is None or writer.is_closed():
            settings = {**_SETTINGS, **_BY_KEY}
            writer = self._writer = await reach(self._url, server_settings=settings)
        return writer

    @asynccontextmanager
    async def _reader(self) -> AsyncGenerator[PoolConnectionProxy]:
        with _translated():
            pool = self._readers or await self._open()
            connection: PoolConnectionProxy
            async with pool.acquire(timeout=CONNECT_SECONDS) as connection:  # pyright: ignore[reportUnknownVariableType]
                try:
                    yield connection
                except asyncio.CancelledError:
                    _part_from(connection)  # pyright: ignore[reportUnknownArgumentType]
                    raise
                except _LOST:
                    await self._distrust_readers()
                    raise

    async def _distrust_readers(self) -> None:
        """What one connection has found, the others need not find out too: each is made anew when it is next used."""
        if self._readers is not None:
            await self._readers.expire_connections()

    async def _open(self) -> asyncpg.Pool:
        async with self._opening:
            if self._readers is None:
                self._readers = await asyncpg.create_pool(
                    self._url,
                    min_size=0,
                    max_size=READERS,
                    command_timeout=STATEMENT_SECONDS,
                    connect=reach,
                    reset=_keep,
                    server_settings=_SETTINGS,
                )
            return self._readers


@contextmanager
def _translated() -> Generator[None]:
    """Raises Conflict or Unavailable for what PostgreSQL says in the block."""
    try:
        yield
    except _CONFLICTS as error:
        raise Conflict(_reason(error)) from None
    except _LOST as error:
        raise Unavailable(_reason(error)) from error


def _reason(error: BaseException) -> str:
    """What happened, without the row that PostgreSQL quotes in its details."""
    words = (type(error).__name__, getattr(error, "constraint_name", None) or getattr(error, "column_name", None))
    return " ".join(word for word in words if word)


def _part_from(connection: _Connection) -> None:
    """Whoever waited went away: what the driver then asks the server to stop may by then be the next one's doing."""
    if not connection.is_closed():
        connection.terminate()


async def _keep(_: PoolConnectionProxy) -> None:
    """Nothing of ours outlives a transaction, so a connection needs no reset when it goes back."""


async def _run(connection: _Connection, program: Program[Result], begin: str) -> Result:
    try:
        return await _drive(connection, program, begin)
    except asyncpg.QueryCanceledError:
        await connection.execute("ROLLBACK")
        raise
    except _LOST:
        if not connection.is_closed():
            connection.terminate()
        raise
    except Exception:
        if connection.is_in_transaction() and not connection.is_closed():
            await connection.execute("ROLLBACK")
        raise


def _step_by_step(program: Program[Result], patience: Patience) -> Program[Result]:
    try:
        step = next(program)
        while True:
            patience.next_step()
            step = program.send((yield step))
    except StopIteration as stop:
        patience.next_step()
        return stop.value


async def _drive(connection: _Connection, program: Program[Result], begin: str) -> Result:
    """Run a program as one transaction. One that is a single Write needs no BEGIN and COMMIT: it is one statement."""
    held: Write | None = None
    begun = False
    try:
        step = next(program)
        while True:
            if not begun and held is None and isinstance(step, Write):
                held = step
                step = program.send([])
                continue
            if not begun:
                await connection.execute(begin)
                begun = True
            if held is not None:
                await _take(connection, held)
                held = None
            step = program.send(await _take(connection, step))
    except StopIteration as stop:
        if held is not None:
            await _take(connection, held)
        if begun:
            await connection.execute("COMMIT")
        return stop.value


async def _take(connection: _Connection, step: Step) -> list[Any]:
    match step:
        case Load():
            columns = _columns(step.keys, len(step.columns))
            rows = await _fetch(connection, load_sql(step.kind, step.columns, step.lock, step.given), columns)
            return list(map(MAPPINGS[step.kind].from_values, rows))
        case LoadAll():
            rows = await _fetch(connection, load_all_sql(step.kind, step.lock))
            return list(map(MAPPINGS[step.kind].from_values, rows))
        case Write():
            kinds = tuple((type(change), change.kind) for change in step.changes)
            rows = [list(map(MAPPINGS[change.kind].to_values, change.rows)) for change in step.changes]
            await connection.execute(write_sql(kinds), *rows)
        case Execute():
            return await _execute(connection, step.statement, step.seconds or None)
    return []


def _columns(keys: Sequence[Any], width: int) -> list[Sequence[Any]]:
    return [keys] if width == 1 else list(zip(*keys, strict=True))


async def _execute(
    connection: _Connection, statement: Executable | Bound, seconds: int | None = None
) -> list[Sequence[Any]]:
    sql, values = compiled(statement, _DIALECT)
    return list(map(tuple, await _fetch(connection, sql, values, seconds)))


async def _fetch(
    connection: _Connection, sql: str, values: Sequence[Any] = (), seconds: int | None = None
) -> list[Sequence[Any]]:
    return cast("list[Sequence[Any]]", await connection.fetch(sql, *values, timeout=seconds))
