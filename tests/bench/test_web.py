"""The quick form of what is measured of web payments: every section runs, and its proof holds."""

import asyncio
import shutil
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from bench import gateway, web
from bench.contenders import Plain, Served, Tally
from bench.load import burst, web_requests
from bench.load.wrk import WrongAnswers
from bench.mirror import pgbench
from bench.proof import prove_answers, prove_books
from bench.report import Report
from bench.seeding import Shop, seed, tools_of
from bench.speed import Effort
from bench.stage import Stage, new_folder
from bench.web_contenders import REFUNDS, TOO_MANY, log_in
from tests.postgresql import PostgresServer
from tillway.domain.payments import PaymentState
from tillway.queries import payments

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def web_shop(database: str, folder: Path) -> AsyncGenerator[Served]:
    """A gateway on a seeded database."""
    shop = await seed(database, new_folder(folder, "data"), 1)
    async with gateway.serve(shop.settings) as served:
        yield Served(shop, served, Tally(), float)


async def holds(name: str, served: Served, report: Report) -> None:
    await prove_answers(name, served, report)
    await prove_books(name, served.shop, report)
    assert report.is_right, report.text()


async def test_every_web_request_is_answered_with_success(database: str, tmp_path: Path) -> None:
    async with web_shop(database, tmp_path) as served:
        shop, url = await log_in(served), served.gateway.url
        (opened,) = await burst.drive(url, [web_requests.initiate(shop.session)], 1)
        reference = opened.body.decode().partition('"paymentReference":"')[2].partition('"')[0]
        calls = [web_requests.get(shop.session, reference), web_requests.login(shop.session.caller)]
        answers = await burst.drive(url, [web_requests.initiate(shop.session), *calls] * 5)
        assert {answer.status for answer in (opened, *answers)} == {200}
        served.tally.created = 6
    await holds("web", served, Report())


async def test_a_storm_of_refunds_gives_back_what_was_paid_and_no_more(database: str, tmp_path: Path) -> None:
    report = Report()
    async with web_shop(database, tmp_path) as served:
        shop = await log_in(served)
        storm = await shop.refund(1)
    assert (storm.given, storm.refused) == (REFUNDS, TOO_MANY)
    await web.prove_storms("storm", shop, [storm], report)
    await holds("storm", served, report)


async def test_pgbench_refunds_as_the_gateway_does(
    postgres: PostgresServer, migrated_postgres_database: str, tmp_path: Path
) -> None:
    shop = await seed(migrated_postgres_database, new_folder(tmp_path, "data"), 1)
    await pgbench.add_cards(shop)
    scripts, program = await pgbench.write_scripts(shop, tmp_path), postgres.programs / "pgbench"
    await pgbench.add_refundable(program, shop, scripts, 0, 1)
    run = await pgbench.run(program, shop, scripts.refund, 0, 1, ("-t", "50"))
    assert run.transactions == REFUNDS
    first = f"{pgbench.ORDERS}{pgbench.FIRST_ORDER}001"
    async with tools_of(shop.settings) as tools:
        payment = (await payments.standing(tools.store, first)).payment
    assert (payment.state, payment.refunded, payment.refund_count) == (PaymentState.BOOKED, payment.paid, REFUNDS)
    report = Report()
    await prove_books("pgbench", shop, report)
    assert report.is_right, report.text()


async def test_a_connection_that_ends_before_its_answer_is_noticed() -> None:
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    async with server:
        with pytest.raises(WrongAnswers):
            await burst.drive(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", [b"GET / HTTP/1.1\r\n\r\n"], 1)


if shutil.which("wrk"):

    async def test_the_sections_of_web_payments_run_and_their_proof_holds(
        postgres: PostgresServer, migrated_postgres_database: str, sqlite_database: str, tmp_path: Path
    ) -> None:
        async def no_shop(_: str) -> Shop:
            raise NotImplementedError

        bare = await seed(postgres.create_database(), new_folder(tmp_path, "bare"), 1)
        await pgbench.add_cards(bare)
        plain = Plain(postgres.programs / "pgbench", bare, await pgbench.write_scripts(bare, tmp_path), float)
        report, effort = Report(), Effort(rounds=1, seconds=1)
        async with AsyncExitStack() as stack:
            big = await stack.enter_async_context(web_shop(migrated_postgres_database, new_folder(tmp_path, "big")))
            lite = await stack.enter_async_context(web_shop(sqlite_database, new_folder(tmp_path, "lite")))
            ready = Stage(big, big, lite, plain, no_shop)
            for section in (web.initiate, web.get, web.login, web.refund_storm):
                await section(ready, effort, report)
        assert {row.section for row in report.rows} == {"initiate", "get", "login", "refund storm"}
        for name, served in (("PostgreSQL", big), ("SQLite", lite)):
            await holds(name, served, report)
        await prove_books("pgbench", bare, report)
        assert report.is_right, report.text()
