"""Opening a database by its address."""

from pathlib import Path

from tillway.store.addresses import is_postgres
from tillway.store.postgres import PostgresStore
from tillway.store.protocol import Store
from tillway.store.revisions import SchemaOutdated, newest_revision, revision_of
from tillway.store.sqlite import SqliteStore


def open_store(database: str) -> Store:
    """The store at a `postgresql://` address or in a SQLite file; it connects when it is first used."""
    return PostgresStore(database) if is_postgres(database) else SqliteStore(Path(database))


async def check_schema(database: str) -> None:
    """Raises SchemaOutdated unless the database has the schema of this version."""
    if await revision_of(database) != newest_revision():
        raise SchemaOutdated(SchemaOutdated.__doc__)
