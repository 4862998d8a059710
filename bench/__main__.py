"""`make bench`: what the gateway does in a second, beside what its disk and its database can do, in one run."""

import sys
from collections.abc import Awaitable, Callable, Sequence

from bench import disk, endurance, oracle, orders, postbacks, speed, statements, web
from bench.command import conditions, note_syncs, parser, progress, run
from bench.proof import prove_answers, prove_books
from bench.report import Report
from bench.speed import Effort
from bench.stage import Stage, stage

SECTIONS: dict[str, Callable[[Stage, Effort, Report], Awaitable[None]]] = {
    "create": speed.create,
    "perform": speed.perform,
    "perform-two": speed.perform_two,
    "keys": speed.keyed,
    "half-load": speed.waits,
    "initiate": web.initiate,
    "get": web.get,
    "login": web.login,
    "orders": orders.orders,
    "memory": endurance.memory,
    "start": endurance.start,
    "postbacks": postbacks.postbacks,
    "oracle": oracle.oracle,
    "refund-storm": web.refund_storm,
    "statements": statements.statements,
}
THOROUGH, QUICK = Effort(rounds=3, seconds=3), Effort(rounds=1, seconds=1)


def main() -> int:
    """Run, print, and answer the exit status."""
    options = parser("bench", __doc__)
    options.add_argument("--only", metavar="NAME", action="append", choices=SECTIONS, help=f"of {', '.join(SECTIONS)}")
    asked = options.parse_args()
    return run(measure(asked.only or list(SECTIONS), QUICK if asked.quick else THOROUGH), asked)


async def measure(sections: Sequence[str], effort: Effort) -> Report:
    """Run sections on a stage of their own, and prove at the end that nothing went wrong."""
    ground = disk.choose()
    report = Report(conditions(ground))
    before = note_syncs(ground, "before", report)
    async with stage(ground) as ready:
        for name in sections:
            progress(name)
            await SECTIONS[name](ready, effort, report)
        speed.against_disk(report, (before + note_syncs(ground, "after", report)) / 2)
        progress("proof")
        for name, served in (("PostgreSQL", ready.one), ("SQLite", ready.lite)):
            await prove_answers(name, served, report)
        for name, shop in zip(("PostgreSQL", "SQLite", "pgbench"), ready.shops, strict=True):
            await prove_books(name, shop, report)
    return report


if __name__ == "__main__":
    sys.exit(main())
