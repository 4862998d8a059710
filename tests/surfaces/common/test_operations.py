"""Those who run the gateway learn whether it is alive and ready, and why not."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest
from prometheus_client import CollectorRegistry
from starlette.routing import Router

from tests.surfaces.common.serving import serving
from tillway.surfaces.common.metrics import RequestMetrics
from tillway.surfaces.common.operations import operations

pytestmark = pytest.mark.anyio


class Database:
    """A pretended database that can be well, ill, broken or silent."""

    def __init__(self) -> None:
        self.state: str | Exception | float | None = None

    async def check(self) -> str | None:
        if isinstance(self.state, Exception):
            raise self.state
        if isinstance(self.state, str):
            return self.state
        await asyncio.sleep(self.state or 0)
        return None


@pytest.fixture
def database() -> Database:
    return Database()


@pytest.fixture
async def url(database: Database) -> AsyncIterator[str]:
    registry, metrics = CollectorRegistry(), RequestMetrics()
    registry.register(metrics)
    metrics.answered("orchard", "GET", "/a", 200, 0.1)
    async with serving(Router(routes=operations({"database": database.check}, registry))) as address:
        yield address


async def ready(url: str) -> tuple[int, object]:
    async with aiohttp.ClientSession() as session, session.get(f"{url}/readyz") as answer:
        return answer.status, await answer.json()


async def test_it_is_ready_when_every_check_passes(url: str) -> None:
    assert await ready(url) == (200, {"status": "ready"})


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        ("cannot be written to", "cannot be written to"),
        (ConnectionError("secret address"), "ConnectionError"),
        (60.0, "no answer within 2 seconds"),
    ],
)
async def test_it_says_why_it_is_not_ready(url: str, database: Database, state: str | float, reason: str) -> None:
    database.state = state
    assert await ready(url) == (503, {"status": "not ready", "reasons": {"database": reason}})
    async with aiohttp.ClientSession() as session, session.get(f"{url}/healthz") as answer:
        assert (answer.status, await answer.json()) == (200, {"status": "alive"})


async def test_it_tells_what_it_has_counted(url: str) -> None:
    async with aiohttp.ClientSession() as session, session.get(f"{url}/metrics") as answer:
        assert answer.content_type == "text/plain"
        assert 'route="/a"' in await answer.text()
