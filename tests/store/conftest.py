"""Fixtures of the store's tests."""

import shutil
from collections.abc import Generator

import pytest

from tests.postgresql import PostgresServer


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def books_database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Generator[str]:
    """A database of each kind for the whole module."""
    if request.param == "sqlite":
        yield str(shutil.copy(request.getfixturevalue("migrated_sqlite"), tmp_path_factory.mktemp("books")))
        return
    postgres: PostgresServer = request.getfixturevalue("postgres")
    database = postgres.create_database(request.getfixturevalue("migrated_postgres"))
    yield database
    postgres.drop_database(database)
