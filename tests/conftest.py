"""Fixtures every test may ask for: both databases, a store and tools on them, a browser and a page."""

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import cast

import asyncpg
import pytest
from hypothesis import settings
from playwright.async_api import Browser, Page

from tests.browser import chromium
from tests.gateway import clock_of, tools_on
from tests.postgresql import PostgresServer, database_name, postgres_server
from tillway.commands.tools import Tools
from tillway.queries import ledger
from tillway.store.migrating import migrate
from tillway.store.opening import open_store
from tillway.store.protocol import Store
from tillway.store.schema import metadata

# No deadline for one example: on a shared machine a slow moment is not a failure.
settings.register_profile("tillway", deadline=None, print_blob=True)
# For an hour by hand: `make test ARGS="--hypothesis-profile=thorough tests/commands"`.
settings.register_profile("thorough", settings.get_profile("tillway"), max_examples=5000)
settings.load_profile("tillway")


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Asynchronous tests run on asyncio, as the gateway does."""
    return "asyncio"


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """One server for the whole run."""
    with postgres_server() as server:
        yield server


@pytest.fixture
def postgres_database(postgres: PostgresServer) -> Iterator[str]:
    """The address of a fresh, empty database."""
    url = postgres.create_database()
    yield url
    postgres.drop_database(url)


@pytest.fixture(scope="session")
async def migrated_sqlite(anyio_backend: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the newest schema and nothing in it, to be copied."""
    path = tmp_path_factory.mktemp("migrated") / "tillway.db"
    await migrate(str(path))
    return path


@pytest.fixture(scope="session")
async def migrated_postgres(anyio_backend: str, postgres: PostgresServer) -> str:
    """The name of a PostgreSQL database with the newest schema and nothing in it, to be copied."""
    url = postgres.create_database()
    await migrate(url)
    return database_name(url)


@pytest.fixture
def sqlite_database(migrated_sqlite: Path, tmp_path: Path) -> str:
    """The path of a fresh SQLite file with the newest schema."""
    return str(shutil.copy(migrated_sqlite, tmp_path / "tillway.db"))


@pytest.fixture(scope="session")
def shared_postgres(postgres: PostgresServer, migrated_postgres: str) -> str:
    """The address of the one PostgreSQL database that tests use in turn: making one for each takes half a second."""
    return postgres.create_database(migrated_postgres)


@pytest.fixture
async def migrated_postgres_database(anyio_backend: str, shared_postgres: str) -> AsyncIterator[str]:
    """The address of a PostgreSQL database with the newest schema and nothing in it."""
    yield shared_postgres
    await _empty(shared_postgres)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    """A fresh database of each kind with the newest schema: a path or an address, as `--database` takes it."""
    kind = "sqlite_database" if request.param == "sqlite" else "migrated_postgres_database"
    return request.getfixturevalue(kind)


@pytest.fixture
async def store(anyio_backend: str, database: str) -> AsyncIterator[Store]:
    """A store on a fresh database."""
    opened = open_store(database)
    yield opened
    await opened.close()


@pytest.fixture
async def tools(anyio_backend: str, store: Store) -> AsyncIterator[Tools]:
    """What commands work with, on a fresh database, with a clock that only moves when told.

    Whatever a test did, the books must be sound at its end.
    """
    made = tools_on(store)
    yield made
    await made.committer.close()
    verdict = await ledger.verify(store)
    assert verdict.is_sound, verdict.violations


@pytest.fixture
async def second(anyio_backend: str, database: str, tools: Tools) -> AsyncIterator[Tools]:
    """The tools of a second process on the same database, with the same clock."""
    store = open_store(database)
    made = tools_on(store, clock_of(tools))
    yield made
    await made.committer.close()
    await store.close()


@pytest.fixture(scope="session")
async def browser(anyio_backend: str) -> AsyncIterator[Browser]:
    """One Chromium for the whole run."""
    async with chromium() as started:
        yield started


@pytest.fixture
async def page(browser: Browser) -> AsyncIterator[Page]:
    """A blank page with nothing remembered: no cookies, no storage."""
    context = await browser.new_context()
    yield await context.new_page()
    await context.close()


async def _empty(url: str) -> None:
    """Take every row out of a database of ours, ending whatever is still connected to it."""
    connection = cast("asyncpg.Connection", await asyncpg.connect(url))
    await connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    filled = [
        table.name
        for table in metadata.sorted_tables
        if await connection.fetchval(f"SELECT EXISTS (SELECT FROM {table.name})")
    ]
    if filled:
        await connection.execute(f"TRUNCATE {', '.join(filled)}")
    await connection.close()
