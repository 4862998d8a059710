"""Which schema a database has, and which one this version of the program needs."""

import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import cast

import asyncpg

from tillway.store.addresses import is_postgres
from tillway.store.protocol import Unavailable
from tillway.store.reaching import reach
from tillway.store.sqlite import connect

SCRIPTS = Path(__file__).with_name("migrations")
"""Alembic's migrations; the name of each begins with its revision, and later ones come later."""

_REVISION = "SELECT version_num FROM alembic_version"


class SchemaOutdated(Exception):
    """The database does not have the schema of this version; run `tillway migrate`."""


def newest_revision() -> str:
    """The revision that this version of the program needs. Alembic, which takes 0.1 s to load, would say the same."""
    return max(script.name.partition("_")[0] for script in (SCRIPTS / "versions").glob("[0-9]*.py"))


async def revision_of(database: str) -> str:
    """The revision a database has, or an empty text. Raises Unavailable."""
    if not is_postgres(database):
        return _revision_of_file(Path(database))
    connection = await reach(database)
    try:
        return await postgres_revision(connection)
    finally:
        await connection.close()


async def postgres_revision(connection: asyncpg.Connection) -> str:
    """The revision at the other end of a connection, or an empty text."""
    if await connection.fetchval("SELECT to_regclass('alembic_version')") is None:
        return ""
    revision = cast("str | None", await connection.fetchval(_REVISION))
    return revision or ""


def sqlite_revision(connection: sqlite3.Connection) -> str:
    """The revision of an open file, or an empty text."""
    if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone() is None:
        return ""
    row = connection.execute(_REVISION).fetchone()
    return row[0] if row else ""


@contextmanager
def opened(path: Path) -> Generator[sqlite3.Connection]:
    """A connection to a SQLite file, made if it is missing. Raises Unavailable."""
    try:
        with closing(connect(path)) as connection:
            yield connection
    except sqlite3.Error as error:
        raise Unavailable(str(error)) from error


def _revision_of_file(path: Path) -> str:
    if not path.exists():
        return ""
    with opened(path) as connection:
        return sqlite_revision(connection)
