"""What the two commands have in common: their options, the conditions they note, and their exit status."""

import argparse
import platform
import sys
from collections.abc import Coroutine
from typing import Any

import uvloop

from bench import disk
from bench.disk import Disk
from bench.load.wrk import CONNECTIONS, check_wrk
from bench.report import Report
from bench.stage import POSTGRES_SETTINGS


def parser(name: str, description: str | None) -> argparse.ArgumentParser:
    """The options that both commands have."""
    made = argparse.ArgumentParser(prog=f"make {name}", description=description)
    json_help = "also write JSON into FILE; without FILE or with - print only JSON"
    made.add_argument("--json", metavar="FILE", nargs="?", const="-", help=json_help)
    made.add_argument("--markdown", action="store_true", help="print only the ratios, for docs/performance.md")
    made.add_argument("--quick", action="store_true", help="one run of one second each: to see that it works")
    return made


def run(measuring: Coroutine[Any, Any, Report], asked: argparse.Namespace) -> int:
    """Measure and print: 0 if every answer and all books were right, whatever the speed; 1 if not; 2 without wrk."""
    try:
        check_wrk()
    except FileNotFoundError as missing:
        measuring.close()
        print(missing, file=sys.stderr)
        return 2
    report = uvloop.run(measuring)
    report.write(asked.json, markdown=asked.markdown)
    return 0 if report.is_right else 1


def conditions(ground: Disk) -> dict[str, str]:
    """Where and how a run takes place."""
    system = platform.platform(terse=True)
    return {
        "machine": f"{disk.processors()} processors, {system}, Python {platform.python_version()}",
        "load": f"wrk, {CONNECTIONS} connections, real HTTP on this machine; every answer's status is checked",
        "postgresql": f"fsync on, synchronous_commit on; {', '.join(POSTGRES_SETTINGS)}",
        "sqlite": "WAL, synchronous=FULL",
        "file system": ground.file_system,
    }


def note_syncs(ground: Disk, when: str, report: Report) -> float:
    """Note how often a second the disk makes 8 KiB durable; answers how often in place."""
    inside, behind = (disk.syncs_per_second(ground.folder, 1.0, grows=grows) for grows in (False, True))
    text = f"8 KiB written and made durable {inside:,.0f} times a second in place, {behind:,.0f} at the end of a file"
    report.machine[f"disk {when}"] = text
    return inside


def progress(what: str) -> None:
    """Tell a person who waits how far it is."""
    print(f"{what} …", file=sys.stderr, flush=True)
