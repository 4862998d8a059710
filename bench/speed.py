"""The speed of creating and performing payments: gateways and pgbench in turns, so that a machine's moods hit all."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from bench.contenders import Served
from bench.report import Aim, Report, Row, Sample
from bench.seeding import add_merchants
from bench.stage import Stage

ONE, TWO, LITE, PLAIN = "PostgreSQL, 1 worker", "PostgreSQL, 2 workers", "SQLite", "pgbench, 8 clients"
MANY = 10_000
STEADY_SECONDS = 5
P99_MS = 25

Run = Callable[[], Awaitable[Sample]]


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is measured: so many runs of so many seconds each."""

    rounds: int
    seconds: int


async def in_turns(section: str, runs: Mapping[str, Run], effort: Effort, report: Report) -> None:
    """Run everything once, then everything again: A B C A B C."""
    samples: dict[str, list[Sample]] = {name: [] for name in runs}
    for _ in range(effort.rounds):
        for name, run in runs.items():
            samples[name].append(await run())
    report.rows += [Row(section, name, tuple(found)) for name, found in samples.items()]


async def create(stage: Stage, effort: Effort, report: Report) -> None:
    """Creating, by one merchant's till and by ten thousand."""
    seconds = effort.seconds
    many = {shop.database: await add_merchants(shop, MANY) for shop in (stage.two.shop, stage.lite.shop)}
    runs: dict[str, Run] = {
        ONE: lambda: stage.one.create(seconds),
        TWO: lambda: stage.two.create(seconds),
        LITE: lambda: stage.lite.create(seconds),
        PLAIN: lambda: stage.plain.create(seconds),
        f"{TWO}, {MANY:,} merchants": lambda: stage.two.create(seconds, many[stage.two.shop.database]),
        f"{LITE}, {MANY:,} merchants": lambda: stage.lite.create(seconds, many[stage.lite.shop.database]),
    }
    await in_turns("create", runs, effort, report)
    against_peers(report, "create", 1.5)
    for name in (TWO, LITE):
        many_of_them = f"{name}, {MANY:,} merchants"
        ratio(report, "create", name, many_of_them, f"one hot merchant against {MANY:,} ({name})", 0.95)


async def perform(stage: Stage, effort: Effort, report: Report) -> None:
    """Performing with one card: ten thousand cards in turn, and one hot card."""
    seconds = effort.seconds
    runs: dict[str, Run] = {
        ONE: lambda: stage.one.perform(seconds),
        TWO: lambda: stage.two.perform(seconds),
        LITE: lambda: stage.lite.perform(seconds),
        PLAIN: lambda: stage.plain.perform(seconds),
        f"{ONE}, hot card": lambda: stage.one.perform(seconds, hot=True),
        f"{TWO}, hot card": lambda: stage.two.perform(seconds, hot=True),
        f"{LITE}, hot card": lambda: stage.lite.perform(seconds, hot=True),
        f"{PLAIN}, hot card": lambda: stage.plain.perform(seconds, hot=True),
    }
    await in_turns("perform", runs, effort, report)
    against_peers(report, "perform", 1.2)
    for name in (ONE, TWO, LITE):
        ratio(report, "perform", f"{name}, hot card", name, f"one hot card against {MANY:,} ({name})", 0.95)
    ratio(report, "perform", f"{PLAIN}, hot card", PLAIN, f"one hot card against {MANY:,} ({PLAIN})", None)


async def perform_two(stage: Stage, effort: Effort, report: Report) -> None:
    """Performing with two cards of ten thousand."""
    seconds = effort.seconds
    runs: dict[str, Run] = {
        ONE: lambda: stage.one.perform(seconds, 2),
        TWO: lambda: stage.two.perform(seconds, 2),
        LITE: lambda: stage.lite.perform(seconds, 2),
        PLAIN: lambda: stage.plain.perform(seconds, 2),
    }
    await in_turns("perform, two cards", runs, effort, report)
    against_peers(report, "perform, two cards", 1.2)


async def keyed(stage: Stage, effort: Effort, report: Report) -> None:
    """Both calls, each under an Idempotency-Key: one row more to write, one more to look for."""
    seconds = effort.seconds
    runs: dict[str, Run] = {
        f"create, {TWO}": lambda: stage.two.create(seconds, keyed=True),
        f"create, {LITE}": lambda: stage.lite.create(seconds, keyed=True),
        f"perform, {TWO}": lambda: stage.two.perform(seconds, keyed=True),
        f"perform, {LITE}": lambda: stage.lite.perform(seconds, keyed=True),
    }
    await in_turns("with keys", runs, effort, report)


async def waits(stage: Stage, effort: Effort, report: Report) -> None:
    """How long answers take at half the load that each database's best gateway can bear."""
    for name, gateway in (("PostgreSQL", _better(stage, report)), ("SQLite", stage.lite)):
        for call, run, at in (
            ("create", gateway.create, gateway.create_at),
            ("perform", gateway.perform, gateway.perform_at),
        ):
            most = (await run(effort.seconds)).per_second
            samples = tuple([await at(most / 2, STEADY_SECONDS) for _ in range(min(effort.rounds, 2))])
            row = Row("half load", f"{call}, {name}", samples)
            report.rows.append(row)
            how = f"{row.per_second:,.0f}/s set out steadily, half of {most:,.0f}/s just before"
            report.aims.append(
                Aim(f"p99 of {call} at half load ({name}), ms", row.middle("p99_ms"), most=P99_MS, how=how)
            )


def against_disk(report: Report, syncs: float) -> None:
    """How many calls are answered for each time the disk can make something durable."""
    for section in ("create", "perform"):
        found = [row for row in (report.row(section, name) for name in (ONE, TWO, LITE)) if row]
        for row in found:
            how = f"{row.per_second:,.0f} a second / {syncs:,.0f} syncs a second"
            report.aims.append(Aim(f"{section}: {row.name} against syncs of the disk", row.per_second / syncs, how=how))


def against_peers(report: Report, section: str, least: float, plain: str = PLAIN) -> None:
    """PostgreSQL's better gateway against pgbench (in the row `plain`), and SQLite against it."""
    one, two = report.row(section, ONE), report.row(section, TWO)
    assert one
    assert two
    better = ONE if one.per_second > two.per_second else TWO
    ratio(report, section, better, plain, f"{section}: {better} against {plain}", least)
    ratio(report, section, LITE, better, f"{section}: {LITE} against {better}", 0.6)


def ratio(report: Report, section: str, one: str, other: str, name: str, least: float | None) -> None:
    """One rate against another."""
    above, below = report.row(section, one), report.row(section, other)
    assert above
    assert below
    how = f"{above.per_second:,.0f} / {below.per_second:,.0f} a second"
    report.aims.append(Aim(name, above.per_second / below.per_second, least=least, how=how))


def _better(stage: Stage, report: Report) -> Served:
    one, two = report.row("create", ONE), report.row("create", TWO)
    return stage.one if one and two and one.per_second > two.per_second else stage.two
