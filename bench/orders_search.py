"""`make bench-search`: lists and searches of payment orders among two million of them, beside the same among few.

Every request is real HTTP and finds something of the largest of four clients, which has six of ten orders; so many
connections are open at a time as a shop's programs and its people may have. The mix is in `KINDS`.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random
from typing import Final

from bench import disk, gateway, order_history
from bench.command import conditions, note_syncs, parser, progress, run
from bench.gateway import Gateway, cpu_seconds
from bench.load import burst, order_requests
from bench.load.burst import Answered
from bench.load.order_requests import IBAN, SHOP, OrderCaller
from bench.load.wrk import WrongAnswers
from bench.loading import tidy
from bench.orders import log_in
from bench.report import Aim, Report, Row, Sample
from bench.seeding import tools_of
from bench.speed import Effort, Run, in_turns
from bench.stage import durable_server, new_folder, postmaster
from tillway import settings as setting
from tillway.commands import records
from tillway.commands.records import OrderTerms
from tillway.domain.schedules import DAY
from tillway.domain.searching import Place, SortField
from tillway.settings import Settings
from tillway.store.migrating import migrate
from tillway.surfaces.common.moments import iso_moment
from tillway.surfaces.order_api.list_places import AFTER, written_place

ORDERS: Final = 2_000_000
FEW: Final = 50_000
REQUESTS: Final = 500
"""Of one run, for each second that a run of other benchmarks takes."""

CONNECTIONS: Final = 4
WARMING: Final = 2
"""So many runs go before those that count: of a gateway that runs for days, indexes are in memory."""

P99_MS: Final = 50.0
SLOWER: Final = 2.0
THOROUGH, QUICK = Effort(rounds=5, seconds=2), Effort(rounds=1, seconds=1)

Text = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of request: how many of a hundred, of which list, and what it asks for, made from an order that is."""

    share: int
    which: str
    asked: Callable[[Text], dict[str, str]]
    needs: str = "prefix"
    """Which text of the order must not be empty."""


def _day(order: Text, days: int = 1) -> dict[str, str]:
    at = int(order["at"])
    return {"createdFrom": iso_moment(at), "createdTo": iso_moment(at + days * DAY)}


def _behind(order: Text, number: str) -> dict[str, str]:
    place = Place(int(order["at"]) // 1000, order["prefix"] + number)
    return {AFTER: written_place(SortField.CREATED_AT, place)}


KINDS: Final[Mapping[str, Kind]] = {
    "newest orders": Kind(14, "orders", lambda _: {}),
    "newest payments": Kind(10, "payments", lambda _: {}),
    "a page of orders, by its address": Kind(10, "orders", lambda order: _behind(order, "000")),
    "a page of payments, by its address": Kind(8, "payments", lambda order: _behind(order, "001")),
    "the fiftieth page": Kind(2, "orders", lambda _: {"page": "50"}),
    "order by id": Kind(4, "orders", lambda order: {"id": order["prefix"] + "000"}),
    "by instruction id": Kind(8, "payments", lambda order: {"instructionId": order["name"]}, "name"),
    "by external id": Kind(6, "orders", lambda order: {"externalId": order["external"]}, "external"),
    "by variable symbol": Kind(12, "payments", lambda order: {"variableSymbol": order["variable"]}, "variable"),
    "by reference": Kind(4, "orders", lambda order: {"reference": order["reference"]}, "reference"),
    "unpaid orders": Kind(5, "orders", lambda _: {"status[]": "UNPAID"}),
    "failed payments of a day": Kind(4, "payments", lambda order: {"status[]": "FAILED"} | _day(order)),
    "orders of a month": Kind(4, "orders", lambda order: _day(order, 30)),
    "one account's orders of a day": Kind(3, "orders", lambda order: {"recipientIban": order["iban"]} | _day(order)),
    "words of a message in a day": Kind(2, "payments", lambda order: {"paymentMessage": order["number"]} | _day(order)),
    "greatest amounts": Kind(2, "orders", lambda _: {"sort": "amount:desc"}),
    "paid from a bank": Kind(2, "orders", lambda order: {"senderBankId": order["bank"], "status": "PAID"}, "bank"),
}
"""What is asked for, in what proportion."""


@dataclass(frozen=True, slots=True)
class Archive:
    """A database full of orders, its largest client, and orders of his to ask for."""

    settings: Settings
    caller: OrderCaller
    samples: Sequence[Text]


def main() -> int:
    """Run, print, and answer the exit status."""
    options = parser("bench-search", __doc__)
    options.add_argument("--orders", metavar="N", type=int, default=ORDERS, help=f"how many ({ORDERS:,})")
    asked = options.parse_args()
    return run(measure(asked.orders, QUICK if asked.quick else THOROUGH), asked)


async def measure(orders: int, effort: Effort) -> Report:
    """Fill two databases of each kind, and search in them in turns."""
    ground = disk.choose()
    tempfile.tempdir = str(ground.folder)
    report = Report(conditions(ground))
    note_syncs(ground, "before", report)
    few = min(FEW, orders)
    with tempfile.TemporaryDirectory(prefix="tillway-search-") as name:
        folder = Path(name)
        with durable_server() as server:
            pair = [
                await fill(server.create_database(), new_folder(folder, f"postgresql-{which}"), count)
                for which, count in (("few", few), ("many", orders))
            ]
            cpu = partial(cpu_seconds, postmaster(server))
            await compare("PostgreSQL", pair, (few, orders), cpu, effort, report)
        pair = [
            await fill(str(folder / f"{which}.sqlite3"), new_folder(folder, f"sqlite-{which}"), count)
            for which, count in (("few", few), ("many", orders))
        ]
        await compare("SQLite", pair, (few, orders), float, effort, report)
    return report


async def fill(database: str, data: Path, count: int) -> Archive:
    """Make a database with so many orders of as many clients as share them."""
    progress(f"loading {count:,} orders")
    setting.make_key(data)
    await migrate(database)
    settings = setting.load(data=data, database=database)
    async with tools_of(settings) as tools:
        merchant = await records.add_merchant(tools, "Bank shops", "Europe/Bratislava")
        terms = OrderTerms("EUR", (IBAN,), (SHOP,))
        made = [
            await records.add_order_client(tools, merchant, f"Shop {place}", terms)
            for place in range(len(order_history.SHARES))
        ]
        now = tools.now()
    started = time.monotonic()
    past = await order_history.make(database, [one.client for one in made], count, now)
    await tidy(database)
    progress(f"loaded in {time.monotonic() - started:,.0f} s")
    largest = made[0]
    return Archive(settings, OrderCaller(largest.client.id, largest.secret), past.samples[largest.client.id])


async def compare(
    kind: str,
    pair: Sequence[Archive],
    counts: tuple[int, int],
    database_cpu: Callable[[], float],
    effort: Effort,
    report: Report,
) -> None:
    """Search in both archives in turns."""
    progress(f"{kind}: measuring")
    few, many = (f"{count:,} orders" for count in counts)
    section = f"searches, {kind}"
    async with gateway.serve(pair[0].settings) as small, gateway.serve(pair[1].settings) as large:
        readers = [
            _Reader(archive, served, database_cpu, {name: [] for name in KINDS})
            for archive, served in zip(pair, (small, large), strict=True)
        ]
        for reader in readers:
            for _ in range(WARMING if effort.rounds > 1 else 1):
                await reader.run(effort.seconds)
            for seconds in reader.waits.values():
                seconds.clear()
        runs: dict[str, Run] = {
            name: partial(reader.run, effort.seconds) for name, reader in zip((few, many), readers, strict=True)
        }
        await in_turns(section, runs, effort, report)
    for name in KINDS:
        for size, reader in zip((few, many), readers, strict=True):
            report.rows.append(Row(f"{name}, {kind}", size, (_sample(reader.waits[name], 0, 0, 0),)))
    _aims(section, few, many, report)


def _aims(section: str, few: str, many: str, report: Report) -> None:
    small, large = report.row(section, few), report.row(section, many)
    assert small
    assert large
    late = large.middle("p99_ms")
    report.aims.append(Aim(f"{section}: p99 of {many}, ms", late, most=P99_MS))
    how = f"{late:.1f} ms of {many}, {small.middle('p99_ms'):.1f} ms of {few}"
    report.aims.append(Aim(f"{section}: p99 against {few}", late / small.middle("p99_ms"), most=SLOWER, how=how))


@dataclass(slots=True)
class _Reader:
    archive: Archive
    gateway: Gateway
    database_cpu: Callable[[], float]
    waits: dict[str, list[float]]
    _turn: int = 0

    async def run(self, seconds: int) -> Sample:
        """The mix once, in a new order and about other orders each time."""
        self._turn += 1
        access = await log_in(self.gateway.url, self.archive.caller)
        named = _mixed(self.archive.samples, access, REQUESTS * seconds, Random(self._turn))
        before, computed, begun = self.gateway.cpu_seconds, self.database_cpu(), time.perf_counter()
        answers = await _answered(self.gateway.url, [request for _, request in named])
        passed = time.perf_counter() - begun
        for (name, _), answer in zip(named, answers, strict=True):
            self.waits[name].append(answer.seconds)
        each = 1e6 / len(answers)
        spent = (self.gateway.cpu_seconds - before) * each, (self.database_cpu() - computed) * each
        return _sample([answer.seconds for answer in answers], passed, *spent)


def _mixed(samples: Sequence[Text], access: str, count: int, random: Random) -> list[tuple[str, bytes]]:
    """So many requests, each with the name of its kind."""
    named: list[tuple[str, bytes]] = []
    for name in random.choices(list(KINDS), [kind.share for kind in KINDS.values()], k=count):
        kind = KINDS[name]
        order = random.choice([sample for sample in samples if sample[kind.needs]])
        named.append((name, order_requests.listed(access, kind.which, kind.asked(order))))
    return named


async def _answered(url: str, requests: Sequence[bytes]) -> list[Answered]:
    """The answers in the order of the requests. Raises WrongAnswers unless each is a success."""
    share = -(-len(requests) // CONNECTIONS)
    parts = [requests[begin : begin + share] for begin in range(0, len(requests), share)]
    each = await asyncio.gather(*(burst.drive(url, part, 1) for part in parts))
    found = [answer for answers in each for answer in answers]
    if any(answer.status != 200 for answer in found):
        raise WrongAnswers(f"{sum(answer.status != 200 for answer in found)} of {len(found)} searches failed")
    return found


def _sample(seconds: Sequence[float], passed: float, gateway_us: float, database_us: float) -> Sample:
    ordered = sorted(seconds) or [0.0]
    middle, late = ordered[len(ordered) // 2], ordered[len(ordered) * 99 // 100]
    return Sample(len(seconds) / passed if passed else 0.0, middle * 1000, late * 1000, gateway_us, database_us)


if __name__ == "__main__":
    sys.exit(main())
