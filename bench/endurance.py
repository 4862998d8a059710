"""What a gateway needs: memory while it answers two hundred thousand calls, and time until its first answer."""

from statistics import median

from bench import gateway
from bench.contenders import Served
from bench.report import Aim, Report
from bench.speed import LITE, ONE, Effort
from bench.stage import Stage

SETTLED = 50_000
ENOUGH = 200_000
QUICK_PART = 20
MOST_MEGABYTES = 250
MOST_GROWTH = 1.1
START_SECONDS = 2


async def memory(stage: Stage, effort: Effort, report: Report) -> None:
    """Memory of one process after its first calls, and once it has created two hundred thousand payments."""
    part = 1 if effort.rounds > 1 else QUICK_PART
    for name, served in ((ONE, stage.one), (LITE, stage.lite)):
        settled = await _after(served, SETTLED // part, effort)
        most = await _after(served, (ENOUGH - SETTLED) // part, effort)
        how = f"{settled / 1e6:.0f} MB after {SETTLED // part:,} payments, {most / 1e6:.0f} MB after {ENOUGH // part:,}"
        report.aims.append(Aim(f"memory of a process ({name}), MB", most / 1e6, most=MOST_MEGABYTES, how=how))
        report.aims.append(Aim(f"growth of that memory ({name})", most / settled, most=MOST_GROWTH, how=how))


async def start(stage: Stage, effort: Effort, report: Report) -> None:
    """Time from starting a gateway to its first answer, on a database that is there."""
    settings = stage.one.shop.settings
    found: list[float] = []
    for _ in range(effort.rounds):
        async with gateway.serve(settings) as served:
            found.append(served.start_seconds)
    how = "PostgreSQL, 1 worker: " + ", ".join(f"{seconds:.2f}" for seconds in found)
    report.aims.append(Aim("start to first answer, seconds", median(found), most=START_SECONDS, how=how))


async def _after(served: Served, payments: int, effort: Effort) -> float:
    """The memory of a gateway once it has created so many payments here, in bytes."""
    before = served.tally.created
    while served.tally.created - before < payments:
        await served.create(effort.seconds)
    return served.gateway.memory_bytes
