"""The quick form of what is measured of payment orders: opening them, and searching among those of a past."""

from pathlib import Path

import pytest

from bench import gateway, orders_search
from bench.contenders import Served, Tally
from bench.load import burst, order_requests
from bench.orders import log_in, shop_of
from bench.proof import prove_answers, prove_books
from bench.report import Report
from bench.seeding import seed
from bench.speed import Effort
from bench.stage import new_folder

pytestmark = pytest.mark.anyio

COUNT = 2_000


async def test_every_order_that_the_load_opens_is_answered_with_success(database: str, tmp_path: Path) -> None:
    shop = await seed(database, new_folder(tmp_path, "data"), 1)
    report = Report()
    async with gateway.serve(shop.settings) as served:
        under_load = await shop_of(Served(shop, served, Tally(), float))
        access = await log_in(served.url, under_load.caller)
        requests = [order_requests.create(access, f"order-{number:03}") for number in range(5)]
        assert len({len(request) for request in requests}) == 1
        assert {answer.status for answer in await burst.drive(served.url, requests)} == {200}
        under_load.served.tally.created = len(requests)
    await prove_answers("orders", under_load.served, report)
    await prove_books("orders", shop, report)
    assert report.is_right, report.text()


async def test_every_kind_of_search_is_answered_among_few_and_many(
    sqlite_database: str, migrated_postgres_database: str, tmp_path: Path
) -> None:
    few = await orders_search.fill(sqlite_database, new_folder(tmp_path, "few"), COUNT // 4)
    many = await orders_search.fill(migrated_postgres_database, new_folder(tmp_path, "many"), COUNT)
    report = Report()
    await orders_search.compare("all", (few, many), (COUNT // 4, COUNT), float, Effort(rounds=1, seconds=1), report)
    assert {row.section for row in report.rows} == {"searches, all", *(f"{kind}, all" for kind in orders_search.KINDS)}
