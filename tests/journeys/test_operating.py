"""Starting and stopping: what a server refuses to start on, and what production does not have."""

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from tests import gateway
from tests.clients.till import Till
from tests.server import Server, ServerEnded, beside, serving

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def production(anyio_backend: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Till]:
    """A till at a production gateway."""
    async with (
        serving(tmp_path_factory.mktemp("production"), sandbox=False) as server,
        beside(server) as tools,
        aiohttp.ClientSession() as session,
    ):
        made = await gateway.credentials(tools, vendors=(), hosts=("shop.example",))
        yield Till(session, server.url, made.client.id, made.secret)


async def test_a_second_server_on_one_sqlite_file_is_refused_and_the_first_goes_on(tmp_path: Path) -> None:
    async with serving(tmp_path) as first:
        second_folder = tmp_path / "second"
        second_folder.mkdir()
        second = Server(second_folder, first.database)
        with pytest.raises(ServerEnded, match="Another server has this SQLite file"):
            await second.start()
        assert "Traceback" not in second.said()
        await first.wait_until_ready()


@pytest.mark.parametrize("url", ["http://shop.example/hooks", "http://127.0.0.1:9/hooks", "ftp://shop.example/"])
async def test_production_tells_only_https_receivers(production: Till, url: str) -> None:
    assert (await production.create(250, webhookUrl=url)).error == 950


async def test_production_takes_payments(production: Till) -> None:
    created = await production.create(250, webhookUrl="https://shop.example/hooks", returnUrl="https://shop.example/")
    assert created.status == 200
    assert (await production.verify(created.body["paymentId"])).body["status"] == "created"


@pytest.mark.parametrize("path", ["/sandbox/v1/clock/advance", "/card-gen", "/sandbox/v1"])
async def test_production_has_no_sandbox(production: Till, path: str) -> None:
    assert [(await production.call(method, path, {"seconds": 60})).status for method in ("GET", "POST")] == [404, 404]
