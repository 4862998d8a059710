"""Fixtures every test may ask for: a PostgreSQL server, a database in it, a browser and a page."""

from collections.abc import AsyncIterator, Iterator

import pytest
from hypothesis import settings
from playwright.async_api import Browser, Page

from tests.browser import chromium
from tests.postgresql import PostgresServer, postgres_server

# No deadline for one example: on a shared machine a slow moment is not a failure.
settings.register_profile("tillway", deadline=None, print_blob=True)
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
