"""Opening a database by its address."""

from pathlib import Path

from tillway.store.addresses import is_postgres
from tillway.store.migrating import SchemaOutdated, newest_revision, revision_of
from tillway.store.postgres import PostgresStore
from tillway.store.protocol import Store
from tillway.store.sqlite import SqliteStore


async def open_store(database: str) -> Store:
    """The store at a `postgresql://` address or in a SQLite file. Raises SchemaOutdated."""
    if await revision_of(database) != newest_revision():
        raise SchemaOutdated(SchemaOutdated.__doc__)
    if is_postgres(database):
        return PostgresStore(database)
    return SqliteStore(Path(database))
