"""The gift-card API as its clients meet it: over a socket, from the real product, on both databases."""

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.clients.till import Till
from tests.postgresql import PostgresServer
from tests.server import Server, serving
from tests.shop import Shop, open_shop


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def server_database(request: pytest.FixtureRequest) -> Iterator[str]:
    """The database of the server under test, empty: a file in its folder, or an address."""
    if request.param == "sqlite":
        yield ""
        return
    postgres: PostgresServer = request.getfixturevalue("postgres")
    url = postgres.create_database()
    yield url
    postgres.drop_database(url)


@pytest.fixture(scope="session")
async def server(
    anyio_backend: str, server_database: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Server]:
    """One sandbox for all tests of a run on one database: every test brings payments and cards of its own."""
    async with serving(tmp_path_factory.mktemp("server"), server_database) as started:
        yield started


@pytest.fixture(scope="session")
async def shop(server: Server) -> AsyncIterator[Shop]:
    """A shop on the server."""
    async with open_shop(server) as opened:
        yield opened


@pytest.fixture(scope="session")
def till(shop: Shop) -> Till:
    """The shop's own till."""
    return shop.till
