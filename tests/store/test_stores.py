"""What only one kind of database has to show: how its connections are set, and how it takes being cut off."""

import asyncio
import os
import sys
import tempfile
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy import text

from tests.line import line_to
from tests.postgresql import PostgresServer, database_name, postgres_server
from tests.store.watched import count, counted, needs
from tillway.store.committer import Committer
from tillway.store.postgres import PostgresStore
from tillway.store.protocol import Unavailable
from tillway.store.sqlite import FileTaken, ServerLock, SqliteStore
from tillway.store.statements import Search
from tillway.store.steps import Execute, Program

pytestmark = pytest.mark.anyio

_HOLDER = """
import sys, time
from pathlib import Path
from tillway.store.sqlite import ServerLock
lock = ServerLock(Path(sys.argv[1]))
print("held", flush=True)
time.sleep(600)
"""


def _ask(statement: str) -> Program[object]:
    rows = yield Execute(text(statement))
    return rows[0][0]


async def test_the_writer_of_a_file_waits_for_the_disk(sqlite_database: str) -> None:
    store = SqliteStore(Path(sqlite_database))
    assert await store.write(_ask("PRAGMA synchronous")) == 2
    assert await store.write(_ask("PRAGMA journal_mode")) == "wal"
    await store.close()


async def test_the_writer_of_postgresql_waits_for_the_disk(migrated_postgres_database: str) -> None:
    store = PostgresStore(migrated_postgres_database)
    assert await store.write(_ask("SHOW synchronous_commit")) == "on"
    await store.close()


@pytest.mark.parametrize("forbidden", ["enable_seqscan", "enable_hashjoin", "enable_mergejoin"])
async def test_the_writer_of_postgresql_keeps_plans_and_only_those_that_go_by_key(
    migrated_postgres_database: str, forbidden: str
) -> None:
    store = PostgresStore(migrated_postgres_database)
    assert await store.write(_ask("SHOW plan_cache_mode")) == "force_generic_plan"
    assert await store.write(_ask(f"SHOW {forbidden}")) == "off"
    assert await store.read(_ask(f"SHOW {forbidden}")) == "on"
    await store.close()


async def test_readers_cannot_write_to_postgresql(migrated_postgres_database: str) -> None:
    store = PostgresStore(migrated_postgres_database)
    with pytest.raises(Unavailable, match="ReadOnly"):
        await store.read(_ask("INSERT INTO guesses VALUES ('a', 0, 0) RETURNING scope"))
    await store.close()


async def test_a_connection_whose_reader_went_away_is_not_used_again(migrated_postgres_database: str) -> None:
    store = PostgresStore(migrated_postgres_database)
    answering = asyncio.Event()
    used: list[object] = []

    def program() -> Program[None]:
        rows = yield Execute(text("SELECT pg_backend_pid()"))
        used.append(rows[0][0])
        answering.set()
        yield Execute(text("SELECT pg_sleep(20)"))

    reading = asyncio.create_task(store.read(program()))
    await answering.wait()
    reading.cancel()
    await asyncio.wait((reading,))
    assert reading.cancelled()
    assert await store.read(_ask("SELECT pg_backend_pid()")) not in used
    await store.close()


async def test_a_connection_whose_search_was_given_up_is_not_used_again(migrated_postgres_database: str) -> None:
    store = PostgresStore(migrated_postgres_database)
    pid = text("SELECT pg_backend_pid()")
    used = await store.fetch(cast("Search", pid))
    searching = asyncio.create_task(store.fetch(cast("Search", text("SELECT pg_sleep(20)"))))
    under_way = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep%' AND pid <> pg_backend_pid()"
    while not await store.write(_ask(under_way)):
        pass
    searching.cancel()
    await asyncio.wait((searching,))
    assert searching.cancelled()
    assert await store.fetch(cast("Search", pid)) != used
    await store.close()


async def test_a_read_sees_one_moment_and_not_what_is_written_beside_it(sqlite_database: str) -> None:
    store = SqliteStore(Path(sqlite_database))
    committer = Committer(store)
    await committer.run(needs("a"), count("a"))
    loop = asyncio.get_running_loop()

    def program() -> Program[list[Any]]:
        before = yield Execute(text("SELECT count FROM guesses"))
        # A file's programs run in threads, so that this one may wait while another writes.
        asyncio.run_coroutine_threadsafe(committer.run(needs("a"), count("a")), loop).result(10)
        after = yield Execute(text("SELECT count FROM guesses"))
        return [before[0][0], after[0][0]]

    assert await store.read(program()) == [1, 1]
    assert await counted(store, "a") == {"a": 2}
    await committer.close()
    await store.close()


async def test_a_connection_lost_between_transactions_is_made_anew(
    postgres: PostgresServer, migrated_postgres_database: str
) -> None:
    store = PostgresStore(migrated_postgres_database)
    committer = Committer(store)
    await committer.run(needs("a"), count("a"))
    _cut_off(postgres, migrated_postgres_database)
    try:
        await committer.run(needs("a"), count("a"))
    except Unavailable:
        await committer.run(needs("a"), count("a"))
    assert await counted(store, "a") == {"a": 2}
    await committer.close()
    await store.close()


async def test_a_connection_lost_within_a_transaction_leaves_nothing_of_it(
    postgres: PostgresServer, migrated_postgres_database: str
) -> None:
    store = PostgresStore(migrated_postgres_database)
    committer = Committer(store)

    def program() -> Program[None]:
        yield Execute(text("INSERT INTO guesses VALUES ('lost', 0, 0) RETURNING scope"))
        yield Execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    with pytest.raises(Unavailable):
        await store.write(program())
    assert await counted(store, "lost") == {}
    assert await committer.run(needs("a"), count("a")) == 1
    await committer.close()
    await store.close()


async def test_a_connection_that_was_told_of_its_end_is_used_no_more(
    postgres: PostgresServer, migrated_postgres_database: str
) -> None:
    with tempfile.TemporaryDirectory(prefix="tillway-line-") as folder:
        async with line_to(postgres.folder, Path(folder)) as line:
            store = PostgresStore(migrated_postgres_database.replace(str(postgres.folder), folder))
            committer = Committer(store)
            assert await committer.run(needs("a"), count("a")) == 1
            assert await counted(store, "a") == {"a": 1}
            line.say_goodbye()
            # Long enough for the word to arrive on both connections.
            aside = PostgresStore(migrated_postgres_database)
            await counted(aside, "a")
            await aside.close()
            with pytest.raises(Unavailable):
                await committer.run(needs("a"), count("a"))
            assert await committer.run(needs("a"), count("a")) == 2
            assert await counted(store, "a") == {"a": 2}
            await committer.close()
            await store.close()


async def test_a_database_that_dies_within_a_transaction_is_unavailable_until_it_is_back() -> None:
    with postgres_server() as dying:
        store = PostgresStore(dying.create_database())

        def program(*, survives: bool = True) -> Program[int]:
            found = yield Execute(text("SELECT 1"))
            if not survives:
                dying.crash()
            yield Execute(text("SELECT 1"))
            return found[0][0]

        for survives in (False, True, True, True):
            with pytest.raises(Unavailable):
                await store.write(program(survives=survives))
        dying.start()
        assert await store.write(program()) == 1
        await store.close()


async def test_a_transaction_that_is_cancelled_holds_nothing(migrated_postgres_database: str) -> None:
    store = PostgresStore(migrated_postgres_database)
    committer = Committer(store)
    await committer.run(needs("a"), count("a"))
    locked = asyncio.Event()

    def program() -> Program[None]:
        yield Execute(text("SELECT scope FROM guesses FOR UPDATE"))
        locked.set()
        yield Execute(text("SELECT pg_sleep(600)"))

    writing = asyncio.create_task(store.write(program()))
    await locked.wait()
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    async with asyncio.timeout(10):
        assert await committer.run(needs("a"), count("a")) == 2
    await committer.close()
    await store.close()


def _cut_off(postgres: PostgresServer, database: str) -> None:
    postgres.sql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database_name(database)}'")


async def test_a_second_server_of_a_file_is_refused_until_the_first_is_killed(sqlite_database: str) -> None:
    path = Path(sqlite_database)
    holder = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _HOLDER, sqlite_database, stdout=asyncio.subprocess.PIPE
    )
    assert holder.stdout is not None
    assert await holder.stdout.readline() == b"held\n"
    with pytest.raises(FileTaken, match="Another server has this SQLite file"):
        ServerLock(path)
    assert _holder_of(path) == holder.pid
    holder.kill()
    await holder.wait()
    lock = ServerLock(path)
    with pytest.raises(FileTaken):
        ServerLock(path)
    assert _holder_of(path) == os.getpid()
    lock.release()
    ServerLock(path).release()


async def test_a_command_may_write_beside_the_server_of_a_file(sqlite_database: str) -> None:
    path = Path(sqlite_database)
    lock = ServerLock(path)
    store = SqliteStore(path)
    committer = Committer(store)
    assert await committer.run(needs("a"), count("a")) == 1
    await committer.close()
    await store.close()
    lock.release()


def _holder_of(path: Path) -> int:
    return int(path.with_name(f"{path.name}.server").read_text())
