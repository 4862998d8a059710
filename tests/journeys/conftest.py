"""Whole journeys through the real product, on both databases; time may pass in it, and it may be killed."""

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.postgresql import PostgresServer
from tests.server import Server, serving
from tests.shop import Shop, open_shop


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def server_database(request: pytest.FixtureRequest) -> Iterator[str]:
    """The database of the server, empty: a file in its folder, or an address."""
    if request.param == "sqlite":
        yield ""
        return
    postgres: PostgresServer = request.getfixturevalue("postgres")
    url = postgres.create_database()
    yield url
    postgres.drop_database(url)


@pytest.fixture(scope="module")
async def server(
    anyio_backend: str, server_database: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Server]:
    """A sandbox of the module's own."""
    async with serving(tmp_path_factory.mktemp("journey"), server_database) as started:
        yield started


@pytest.fixture(scope="module")
async def shop(server: Server) -> AsyncIterator[Shop]:
    """A shop on it."""
    async with open_shop(server) as opened:
        yield opened
