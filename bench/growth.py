"""`make bench-growth`: as many payments a second with millions in the database as with none, on both databases."""

import os
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from sqlalchemy import func, select

from bench import disk, gateway, history
from bench.command import conditions, note_syncs, parser, progress, run
from bench.contenders import Served, Tally
from bench.gateway import cpu_seconds
from bench.loading import tidy
from bench.mirror.script import CARD_COUNT
from bench.proof import prove_answers, prove_books
from bench.report import Aim, Report
from bench.seeding import Shop, seed, tools_of
from bench.speed import Effort, Run, in_turns
from bench.stage import durable_server, new_folder, postmaster
from tillway.store.addresses import is_postgres

PAYMENTS = 2_000_000
LEAST = 0.9
THOROUGH, QUICK = Effort(rounds=5, seconds=3), Effort(rounds=1, seconds=1)


def main() -> int:
    """Run, print, and answer the exit status."""
    options = parser("bench-growth", __doc__)
    options.add_argument("--payments", metavar="N", type=int, default=PAYMENTS, help=f"how many ({PAYMENTS:,})")
    asked = options.parse_args()
    return run(measure(asked.payments, QUICK if asked.quick else THOROUGH), asked)


async def measure(payments: int, effort: Effort) -> Report:
    """Fill a database of each kind, and load it in turns with an empty one."""
    ground = disk.choose()
    tempfile.tempdir = str(ground.folder)
    report = Report(conditions(ground))
    note_syncs(ground, "before", report)
    with tempfile.TemporaryDirectory(prefix="tillway-growth-") as name:
        folder = Path(name)
        with durable_server() as server:
            pair = [await _shop(server.create_database(), folder, f"postgresql-{which}") for which in ("none", "many")]
            await _compare("PostgreSQL", pair, payments, partial(cpu_seconds, postmaster(server)), effort, report)
        pair = [await _shop(str(folder / f"{which}.sqlite3"), folder, f"sqlite-{which}") for which in ("none", "many")]
        await _compare("SQLite", pair, payments, float, effort, report)
    note_syncs(ground, "after", report)
    return report


async def _shop(database: str, folder: Path, name: str) -> Shop:
    return await seed(database, new_folder(folder, name), CARD_COUNT)


async def _compare(
    kind: str, pair: list[Shop], payments: int, database_cpu: Callable[[], float], effort: Effort, report: Report
) -> None:
    none, many = pair
    progress(f"{kind}: loading {payments:,} payments")
    before, started = await _size(many), time.monotonic()
    booked = await history.make(many, payments)
    seconds, grown = time.monotonic() - started, await _size(many) - before
    report.machine[kind] = f"{payments:,} payments loaded in {seconds:,.0f} s, {grown / payments:,.0f} bytes each"
    progress(f"{kind}: measuring")
    async with gateway.serve(none.settings) as small, gateway.serve(many.settings) as large:
        empty = Served(none, small, Tally(), database_cpu)
        full = Served(many, large, Tally(loaded=payments, loaded_booked=booked), database_cpu)
        names = ("none", f"{payments:,}")
        for call, with_none, with_many in (
            ("create", empty.create, full.create),
            ("perform", empty.perform, full.perform),
        ):
            runs: dict[str, Run] = {
                names[0]: partial(with_none, effort.seconds),
                names[1]: partial(with_many, effort.seconds),
            }
            await in_turns(f"{call}, {kind}", runs, effort, report)
            _aim(report, f"{call}, {kind}", *names)
    progress(f"{kind}: proof")
    await prove_answers(f"{kind} with {payments:,}", full, report)
    await prove_books(f"{kind} with {payments:,}", many, report)


async def _size(shop: Shop) -> int:
    """What a database takes on the disk, in bytes."""
    if is_postgres(shop.database):
        async with tools_of(shop.settings) as tools:
            return (await tools.store.fetch(select(func.pg_database_size(func.current_database()))))[0][0]
    await tidy(shop.database)
    return os.stat(shop.database).st_size  # noqa: PTH116 - one look before and one after


def _aim(report: Report, section: str, none: str, many: str) -> None:
    empty, full = report.row(section, none), report.row(section, many)
    assert empty
    assert full
    how = f"{full.per_second:,.0f} a second with {many}, {empty.per_second:,.0f} with {none}"
    report.aims.append(Aim(f"{section}, against none", full.per_second / empty.per_second, LEAST, how=how))


if __name__ == "__main__":
    sys.exit(main())
