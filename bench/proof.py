"""The proof after the load: what was answered is in the database, once, and the books are right."""

from sqlalchemy import func, select

from bench.contenders import Served
from bench.load.wrk import CONNECTIONS
from bench.report import Check, Report
from bench.seeding import Shop, tools_of
from tillway.domain.payments import PaymentState
from tillway.queries import ledger
from tillway.store import schema


async def prove_answers(name: str, served: Served, report: Report) -> None:
    """Every answer is a row, and no row is without one, but for the calls that were cut off at the end of each run."""
    created = select(func.count()).select_from(schema.payments)
    performed = created.where(schema.payments.c.state == PaymentState.BOOKED)
    async with tools_of(served.shop.settings) as tools:
        rows = (await tools.store.fetch(created))[0][0] - served.tally.loaded
        booked = (await tools.store.fetch(performed))[0][0] - served.tally.loaded_booked
    cut_off = served.tally.runs * CONNECTIONS
    for call, found, answered in (
        ("created", rows, served.tally.created),
        ("performed", booked, served.tally.performed),
    ):
        holds = answered <= found <= answered + cut_off
        report.checks.append(
            Check(f"{name}: payments {call}", holds, f"{answered:,} answered, {found:,} in the database")
        )


async def prove_books(name: str, shop: Shop, report: Report) -> None:
    """The ledger's own proof."""
    async with tools_of(shop.settings) as tools:
        verdict = await ledger.verify(tools.store)
    broken = ", ".join(f"{rule}: {count}" for rule, count in verdict.found.items())
    checked = f"{verdict.checked['payments']:,} payments, {verdict.checked['transfers']:,} transfers"
    report.checks.append(Check(f"{name}: ledger verify", verdict.is_sound, broken or checked))
