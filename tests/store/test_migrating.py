"""Migrations: they lead to the schema that the program describes, once, wholly or not at all."""

import asyncio
import re
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any, cast

import asyncpg
import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.schema import CreateIndex, CreateTable

from tillway.store.addresses import is_postgres
from tillway.store.migrating import migrate
from tillway.store.opening import check_schema
from tillway.store.revisions import SCRIPTS, SchemaOutdated, newest_revision, revision_of
from tillway.store.schema import metadata

pytestmark = pytest.mark.anyio

_CHECK = re.compile(r"CONSTRAINT (\w+) CHECK \((.*?)\)(?=,| ?\))")
_OF_POSTGRES = """
    SELECT 'column', table_name, column_name, ordinal_position || data_type, is_nullable, coalesce(column_default, '')
    FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'alembic_version'
    UNION ALL SELECT 'index', tablename, indexname, indexdef, '', ''
    FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'alembic_version'
    UNION ALL SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid), '', ''
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text <> 'alembic_version'
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database of each kind with nothing in it."""
    return str(tmp_path / "empty.db") if request.param == "sqlite" else request.getfixturevalue("postgres_database")


def _checks() -> list[CheckConstraint]:
    return [one for table in metadata.sorted_tables for one in table.constraints if isinstance(one, CheckConstraint)]


def _statements(dialect: Dialect) -> Iterable[str]:
    for table in metadata.sorted_tables:
        yield str(CreateTable(table).compile(dialect=dialect))
        for index in table.indexes:
            yield str(CreateIndex(index).compile(dialect=dialect))


def _described_in_sqlite(path: Path) -> set[tuple[Any, ...]]:
    """Columns, indexes and checks of a file, in words that do not depend on how they were laid out."""
    connection = sqlite3.connect(path)
    found: set[tuple[Any, ...]] = set()
    for kind, name, table, sql in connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master"):
        if table == "alembic_version":
            continue
        words = " ".join((sql or "").replace('"', "").split())
        if kind == "index":
            found.add(("index", table, name, words))
        else:
            found |= {("column", table, *row[:6]) for row in connection.execute(f"PRAGMA table_info({name})")}
            found |= {
                ("check", table, *each) for each in re.findall(r"CONSTRAINT (\w+) CHECK \((.*?)\)(?=,| ?\))", words)
            }
    connection.close()
    return found


async def _run_in_postgres(url: str, *statements: str) -> list[tuple[Any, ...]]:
    """What the last of the statements finds."""
    connection = cast("asyncpg.Connection", await asyncpg.connect(url))
    rows: list[Any] = []
    for statement in statements:
        rows = cast("list[Any]", await connection.fetch(statement))
    await connection.close()
    return [tuple(row) for row in rows]


def test_migrations_lead_to_the_described_schema_on_sqlite(migrated_sqlite: Path, tmp_path: Path) -> None:
    described = tmp_path / "described.db"
    connection = sqlite3.connect(described)
    for statement in _statements(sqlite.dialect()):
        connection.execute(statement)
    connection.close()
    found = _described_in_sqlite(migrated_sqlite)
    assert found == _described_in_sqlite(described)
    assert len([row for row in found if row[0] == "check"]) == len(_checks())


async def test_migrations_lead_to_the_described_schema_on_postgresql(
    postgres_database: str, migrated_postgres_database: str
) -> None:
    await _run_in_postgres(postgres_database, *_statements(postgresql.dialect()))
    found = await _run_in_postgres(migrated_postgres_database, _OF_POSTGRES)
    assert set(found) == set(await _run_in_postgres(postgres_database, _OF_POSTGRES))


async def test_an_empty_database_is_migrated_and_says_so(empty_database: str) -> None:
    assert await revision_of(empty_database) == ""
    with pytest.raises(SchemaOutdated):
        await check_schema(empty_database)
    assert await migrate(empty_database) == ""
    assert await revision_of(empty_database) == newest_revision()
    await check_schema(empty_database)


def test_the_newest_revision_is_the_one_that_alembic_ends_at() -> None:
    assert newest_revision() == ScriptDirectory(str(SCRIPTS)).get_current_head()


async def test_migrating_again_is_harmless(database: str) -> None:
    assert await migrate(database) == newest_revision()
    assert await revision_of(database) == newest_revision()


async def test_of_two_that_migrate_at_once_one_does_it(empty_database: str) -> None:
    def migrate_in_a_loop_of_its_own() -> str:
        return asyncio.run(migrate(empty_database))

    both = (asyncio.to_thread(migrate_in_a_loop_of_its_own) for _ in range(2))
    assert sorted(await asyncio.gather(*both)) == ["", newest_revision()]


async def test_a_migration_that_fails_half_way_leaves_nothing(empty_database: str) -> None:
    in_the_way = "CREATE TABLE tries (mine TEXT)"
    if is_postgres(empty_database):
        await _run_in_postgres(empty_database, in_the_way)
        with pytest.raises(asyncpg.DuplicateTableError):
            await migrate(empty_database)
        tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        assert await _run_in_postgres(empty_database, tables) == [("tries",)]
    else:
        file = sqlite3.connect(empty_database)
        file.execute(in_the_way)
        with pytest.raises(Exception, match="table tries already exists"):
            await migrate(empty_database)
        assert file.execute("SELECT name FROM sqlite_master").fetchall() == [("tries",)]
        file.close()
    assert await revision_of(empty_database) == ""
