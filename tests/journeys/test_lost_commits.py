"""A connection to PostgreSQL that breaks at a commit: nobody is told that it went well, and asking again is right."""

import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from tests.clients.till import card
from tests.line import Cut, Line, line_to
from tests.postgresql import PostgresServer, database_name
from tests.server import serving
from tests.shop import Shop, open_shop
from tillway.store import schema

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("cut", list(Cut))]


@pytest.fixture(scope="module")
async def line(anyio_backend: str, postgres: PostgresServer) -> AsyncIterator[Line]:
    """A line to the server that can be cut."""
    with tempfile.TemporaryDirectory(prefix="tillway-line-") as folder:
        async with line_to(postgres.folder, Path(folder)) as opened:
            yield opened


@pytest.fixture(scope="module")
async def shop(line: Line, postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Shop]:
    """A shop on a gateway whose database is at the other end of the line."""
    url = postgres.create_database()
    beyond = f"postgresql://postgres@/{database_name(url)}?host={line.folder}"
    async with serving(tmp_path_factory.mktemp("lost"), beyond) as server, open_shop(server) as opened:
        yield opened
    postgres.drop_database(url)


async def test_a_payment_whose_commit_was_lost_is_not_answered_and_made_once(shop: Shop, line: Line, cut: Cut) -> None:
    key = f"receipt-{cut.value}"
    before = await _payments(shop)
    _cut(line, key, cut)
    lost = await shop.till.create(12.5, key=key)
    assert (lost.status, line.cuts) == (503, 1)
    assert int(lost.headers["Retry-After"]) > 0
    again = await shop.till.create(12.5, key=key)
    assert again.status == 200
    assert again.is_replayed is (cut is Cut.ANSWER)
    assert await _payments(shop) == before + 1
    assert (await shop.till.verify(again.body["paymentId"])).body["status"] == "created"


async def test_a_card_whose_charge_was_lost_at_the_commit_is_charged_once(shop: Shop, line: Line, cut: Cut) -> None:
    number = (await shop.card(100_00)).number
    payment = await shop.till.open(40)
    key = f"charge-{cut.value}"
    _cut(line, key, cut)
    lost = await shop.till.perform(payment, card(number), key=key)
    assert (lost.status, line.cuts) == (503, 1)
    again = await shop.till.perform(payment, card(number), key=key)
    assert (again.status, again.body["status"]) == (200, "completed")
    assert again.is_replayed is (cut is Cut.ANSWER)
    assert (await shop.books(number)).balance == 60_00


def _cut(line: Line, key: str, cut: Cut) -> None:
    line.cuts, line.cut, line.marker = 0, cut, key.encode()


async def _payments(shop: Shop) -> int:
    return (await shop.tools.store.fetch(select(func.count()).select_from(schema.payments)))[0][0]
