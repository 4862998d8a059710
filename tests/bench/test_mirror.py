"""What benchmarks take from the product's commands, scripts for pgbench and rows for the loader, against real books."""

from pathlib import Path

import pytest

from bench import history
from bench.mirror import pgbench
from bench.mirror.filling import expression, pattern
from bench.mirror.pgbench import TooFewPayments
from bench.mirror.recording import paid
from bench.proof import prove_books
from bench.report import Report
from bench.seeding import Shop, open_payments, seed, tools_of
from bench.stage import new_folder
from tests.postgresql import PostgresServer
from tillway.domain.events import LoggedEvent
from tillway.domain.orders import Order
from tillway.domain.payments import Attempt
from tillway.queries.payments import standing_of
from tillway.store.rows import MAPPINGS

pytestmark = pytest.mark.anyio

TIMES = 3
PAYMENTS = 200


async def _books(shop: Shop) -> str:
    report = Report()
    await prove_books("books", shop, report)
    (check,) = report.checks
    return check.found if not check.holds else ""


async def test_pgbench_leaves_the_same_books_as_the_gateway(
    postgres: PostgresServer, migrated_postgres_database: str, tmp_path: Path
) -> None:
    shop = await seed(migrated_postgres_database, new_folder(tmp_path, "data"), 1)
    await pgbench.add_cards(shop)
    scripts = await pgbench.write_scripts(shop, tmp_path)
    program = postgres.programs / "pgbench"
    begun = 0
    opening = ((scripts.create, True), (scripts.bank_order, True))
    for file, opens in (*opening, (scripts.perform, False), (scripts.perform_two, False)):
        if not opens:
            await pgbench.add_payments(shop, begun, TIMES)
        run = await pgbench.run(program, shop, file, begun, 10, ("-t", str(TIMES)))
        assert run.transactions == TIMES * 8
        begun += TIMES
    assert await _books(shop) == ""


async def test_pgbench_stops_where_there_is_no_payment_to_perform(
    postgres: PostgresServer, migrated_postgres_database: str, tmp_path: Path
) -> None:
    shop = await seed(migrated_postgres_database, new_folder(tmp_path, "data"), 1)
    await pgbench.add_cards(shop)
    scripts = await pgbench.write_scripts(shop, tmp_path)
    with pytest.raises(TooFewPayments):
        await pgbench.run(postgres.programs / "pgbench", shop, scripts.perform, 0, 10, ("-t", "1"))
    assert await _books(shop) == ""


async def test_a_loaded_past_has_books_that_are_right(database: str, tmp_path: Path) -> None:
    shop = await seed(database, new_folder(tmp_path, "data"), 3)
    assert await history.make(shop, PAYMENTS) == PAYMENTS * 9 // 10
    assert await _books(shop) == ""


async def test_a_loaded_payment_waits_like_one_that_was_created(database: str, tmp_path: Path) -> None:
    shop = await seed(database, new_folder(tmp_path, "data"), 1)
    (payment,) = await open_payments(shop, 1)
    async with tools_of(shop.settings) as tools:
        standing = await standing_of(tools.store, shop.client, payment)
    assert standing.payment.is_open(standing.payment.created_at)
    assert await _books(shop) == ""


async def test_a_recorded_row_names_what_differs_from_payment_to_payment(sqlite_database: str, tmp_path: Path) -> None:
    shop = await seed(sqlite_database, new_folder(tmp_path, "data"), 1)
    life = await paid(shop.client, 2)
    first, second = (pattern(MAPPINGS[Attempt].to_values(row), life.texts) for row in life.rows[Attempt])
    assert first.startswith("%(order)s001\t1\t\tgift_card\t\t%(card1)s\t%(mask1)s\t\t\t5\t")
    assert second.startswith("%(order)s001\t2\t\tgift_card\t\t%(card2)s\t%(mask2)s\t\t\t5\t")
    (event,) = (pattern(MAPPINGS[LoggedEvent].to_values(row), life.texts) for row in life.rows[LoggedEvent])
    assert '"payment_id":"%(order)s001"' in event
    (order,) = life.rows[Order]
    assert expression(order.id, life.texts, lambda name: f"<{name}>") == "(<order> || '000')"
