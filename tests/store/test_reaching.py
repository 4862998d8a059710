"""PostgreSQL on several hosts: a failover is found, and nothing is shown or answered that only one of them has."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import asyncpg
import pytest

from tests.postgresql import PostgresServer
from tests.standby import Pair, postgres_pair
from tests.store.watched import count, counted, needs
from tillway.store.addresses import each_host
from tillway.store.committer import Committer
from tillway.store.migrating import migrate
from tillway.store.opening import check_schema
from tillway.store.postgres import PostgresStore
from tillway.store.protocol import Unavailable
from tillway.store.reaching import Patience, reach

pytestmark = pytest.mark.anyio

WITHIN_SECONDS = 20
SOON_SECONDS = 0.3


@pytest.fixture
def pair() -> Iterator[Pair]:
    """A primary and its synchronous standby."""
    with postgres_pair() as started:
        started.primary.sql("CREATE DATABASE shop")
        yield started


@pytest.mark.parametrize(
    ("url", "each"),
    [
        ("postgresql:///shop", ["postgresql:///shop"]),
        ("postgresql://me:pw@db/shop?sslmode=require", ["postgresql://me:pw@db/shop?sslmode=require"]),
        (
            "postgresql://me:pw@db1,db2:5433/shop?target_session_attrs=read-write",
            [
                "postgresql://me:pw@db1/shop?target_session_attrs=read-write",
                "postgresql://me:pw@db2:5433/shop?target_session_attrs=read-write",
            ],
        ),
        ("postgres://[::1]:5432,[::2]/shop", ["postgres://[::1]:5432/shop", "postgres://[::2]/shop"]),
        ("postgresql:///shop?host=/a,/b", ["postgresql:///shop?host=/a", "postgresql:///shop?host=/b"]),
        (
            "postgresql://me@/shop?host=/a,db&port=1,2&user=me",
            ["postgresql://me@/shop?host=/a&port=1&user=me", "postgresql://me@/shop?host=db&port=2&user=me"],
        ),
        (
            "postgresql:///shop?host=/a,/b&port=5433",
            ["postgresql:///shop?host=/a&port=5433", "postgresql:///shop?host=/b&port=5433"],
        ),
    ],
)
def test_an_address_is_taken_apart_by_its_hosts(url: str, each: list[str]) -> None:
    assert each_host(url) == each


async def test_the_store_finds_the_standby_that_took_over_by_itself(pair: Pair) -> None:
    url = pair.url("shop")
    await migrate(url)
    store = PostgresStore(url)
    committer = Committer(store)
    assert await committer.run(needs("a"), count("a")) == 1
    for rewind in (True, False):
        before = (await counted(store, "a"))["a"]
        await asyncio.to_thread(pair.fail_over)
        begun = time.monotonic()
        assert await _until_served(committer) == before + 1
        assert await counted(store, "a") == {"a": before + 1}
        assert time.monotonic() - begun < WITHIN_SECONDS
        await asyncio.to_thread(pair.mend, rewind=rewind)
    await check_schema(url)
    await committer.close()
    await store.close()


async def test_a_host_that_hangs_keeps_nobody_from_the_one_that_took_over(pair: Pair) -> None:
    url = pair.url("shop")
    await migrate(url)
    hanging = pair.primary
    with hanging.frozen():
        await asyncio.to_thread(pair.take_over)
        begun = time.monotonic()
        store = PostgresStore(url)
        assert await counted(store, "a") == {}
        assert await Committer(store).run(needs("a"), count("a")) == 1
        assert time.monotonic() - begun < WITHIN_SECONDS
        await store.close()


async def test_an_old_primary_that_comes_back_is_not_taken_for_the_new_one(pair: Pair) -> None:
    url = pair.url("shop")
    await migrate(url)
    await asyncio.to_thread(pair.fail_over)
    old = pair.standby
    await asyncio.to_thread(old.start)
    for _ in range(5):
        connection = await reach(url)
        assert connection.get_settings().in_hot_standby == "off"
        assert await connection.fetchval("SHOW unix_socket_directories") == str(pair.primary.folder)
        await connection.close()


async def test_a_commit_that_the_standby_does_not_have_is_neither_answered_nor_shown(pair: Pair) -> None:
    alone = pair.primary.url("shop")
    await migrate(alone)
    connection = await reach(alone)
    looking = cast("asyncpg.Connection", await asyncpg.connect(alone))
    with pair.standby.frozen():
        patience = Patience(connection, SOON_SECONDS)
        with pytest.raises(asyncpg.ConnectionDoesNotExistError):
            await connection.execute("INSERT INTO guesses VALUES ('a', 0, 0)")
        patience.end()
        assert await looking.fetchval("SELECT count(*) FROM guesses") == 0
        with pytest.raises(Unavailable):
            await reach(alone)
        assert await looking.fetchval("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'") == 1
    async with asyncio.timeout(WITHIN_SECONDS):
        while await looking.fetchval("SELECT count(*) FROM guesses") == 0:
            pass
    await looking.close()


async def test_a_slow_step_that_follows_another_has_all_the_time_of_its_own(postgres_database: str) -> None:
    connection = await reach(postgres_database)
    patience = Patience(connection, 2 * SOON_SECONDS)
    for _ in range(4):
        patience.next_step()
        await connection.execute(f"SELECT pg_sleep({SOON_SECONDS})")
    patience.end()
    await connection.close()


async def test_a_standby_serves_only_who_asks_for_it(pair: Pair) -> None:
    await migrate(pair.url("shop"))
    standby = pair.standby.url("shop")
    while pair.standby.sql("SELECT 1 FROM pg_database WHERE datname = 'shop'") != "1":
        pass
    while pair.standby.sql("SELECT to_regclass('guesses')", "shop") != "guesses":
        pass
    with pytest.raises(Unavailable, match="read_write"):
        await reach(standby)
    store = PostgresStore(f"{standby}&target_session_attrs=any")
    assert await counted(store, "a") == {}
    with pytest.raises(Unavailable, match="ReadOnly"):
        await Committer(store).run(needs("a"), count("a"))
    await store.close()


async def test_why_each_host_is_away_is_told(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match=r"No such file.*; .*No such file"):
        await reach(f"postgresql://me@/shop?host={tmp_path}/one,{tmp_path}/two")


@pytest.mark.parametrize("url", ["postgresql://[/shop", "postgresql://db:port/shop", "postgresql:///shop?sslmode=no"])
async def test_what_is_no_address_is_unavailable(url: str) -> None:
    with pytest.raises(Unavailable):
        await reach(url)


async def test_an_ordinary_user_may_prove_a_connection(postgres: PostgresServer, postgres_database: str) -> None:
    postgres.sql("CREATE ROLE shopkeeper LOGIN")
    connection = await reach(postgres_database.replace("//postgres@", "//shopkeeper@"))
    await connection.close()
    postgres.sql("DROP ROLE shopkeeper")


async def _until_served(committer: Committer) -> int:
    async with asyncio.timeout(WITHIN_SECONDS):
        while True:
            try:
                return await committer.run(needs("a"), count("a"))
            except Unavailable:
                continue
