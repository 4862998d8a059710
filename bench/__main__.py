"""`make bench`: what the gateway does in a second, beside what its disk and its database can do, in one run."""

import argparse
import platform
import sys
from collections.abc import Awaitable, Callable

import uvloop

from bench import disk, endurance, speed
from bench.load.wrk import check_wrk
from bench.proof import prove_answers, prove_books
from bench.report import Report
from bench.speed import Effort
from bench.stage import POSTGRES_SETTINGS, Stage, stage

SECTIONS: dict[str, Callable[[Stage, Effort, Report], Awaitable[None]]] = {
    "create": speed.create,
    "perform": speed.perform,
    "perform-two": speed.perform_two,
    "keys": speed.keyed,
    "half-load": speed.waits,
    "memory": endurance.memory,
    "start": endurance.start,
}
THOROUGH, QUICK = Effort(rounds=3, seconds=3), Effort(rounds=1, seconds=1)


def main() -> int:
    """Run, print, and answer 1 if an answer or the books were wrong; a missed aim is only shown."""
    asked = _arguments()
    try:
        check_wrk()
    except FileNotFoundError as missing:
        print(missing, file=sys.stderr)
        return 2
    report = uvloop.run(measure(asked.only or list(SECTIONS), QUICK if asked.quick else THOROUGH))
    report.write(asked.json)
    return 0 if report.is_right else 1


async def measure(sections: list[str], effort: Effort) -> Report:
    """Run sections on a stage of their own, and prove at the end that nothing went wrong."""
    ground = disk.choose()
    report = Report(describe(ground))
    async with stage(ground) as ready:
        for name in sections:
            print(f"{name} …", file=sys.stderr, flush=True)
            await SECTIONS[name](ready, effort, report)
        report.machine["disk after"] = syncs(ground)
        for name, served in (("PostgreSQL", ready.one), ("SQLite", ready.lite)):
            await prove_answers(name, served, report)
        for name, shop in zip(("PostgreSQL", "SQLite", "pgbench"), ready.shops, strict=True):
            await prove_books(name, shop, report)
    return report


def describe(ground: disk.Disk) -> dict[str, str]:
    """Where a run took place."""
    return {
        "machine": f"{disk.processors()} processors, {platform.platform(terse=True)}, Python {sys.version.split()[0]}",
        "load": "wrk, 64 connections, real HTTP on this machine; every answer's status is checked",
        "postgresql": f"fsync on, synchronous_commit on; {', '.join(POSTGRES_SETTINGS)}",
        "sqlite": "WAL, synchronous=FULL",
        "file system": ground.file_system,
        "disk before": syncs(ground),
    }


def syncs(ground: disk.Disk) -> str:
    """How often the disk makes 8 KiB durable."""
    over, behind = (disk.syncs_per_second(ground.folder, 1.0, grows=grows) for grows in (False, True))
    return f"8 KiB written and made durable {over:,.0f} times a second in place, {behind:,.0f} at the end of a file"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument(
        "--json", metavar="FILE", nargs="?", const="-", help="also write JSON into FILE; - prints only JSON"
    )
    parser.add_argument("--quick", action="store_true", help="one run of one second each: to see that it works")
    parser.add_argument("--only", metavar="NAME", action="append", choices=SECTIONS, help=f"of {', '.join(SECTIONS)}")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
