"""`python -m tests.campaigns`: kill the gateway under load for as long as it takes, and say what came of it."""

import argparse
import asyncio
import json
import logging
import signal
import sys
from dataclasses import replace
from typing import Any

from tests.campaigns.campaign import Report, run
from tests.campaigns.plan import Plan

MOST_PROBLEMS_SHOWN = 50


def facts(report: Report) -> dict[str, Any]:
    """A report in numbers."""
    kills, traffic, crowd = report.kills, report.traffic, report.crowd
    deliveries = crowd.receivers.tills.deliveries
    told = {delivery.body["paymentId"] for delivery in deliveries}
    return {
        "database": report.plan.database,
        "seed": report.plan.seed,
        "servers": report.plan.servers,
        "with a standby": report.plan.failover,
        "kills survived": len(kills.calls_in_flight) if not report.problems else 0,
        "of the server": kills.server,
        "of the database": kills.database,
        "of a primary, whose standby took over": kills.primary,
        "seconds to the next answer, longest": round(max(kills.seconds_to_an_answer, default=0), 1),
        "calls in flight at the kills": sum(kills.calls_in_flight),
        "deliveries under way at the kills": sum(kills.deliveries_under_way),
        "calls answered": traffic.answered,
        "calls without an answer, made again": traffic.unanswered,
        "of them done already": traffic.found_done,
        "calls answered by others meanwhile": kills.answered_by_others,
        "leases left by one killed for good": len(report.leaving.left),
        "of them taken over": report.leaving.taken_over,
        "calls turned away": traffic.turned_away,
        "payments": sum(len(teller.lives) for teller in crowd.tellers),
        "completed": report.completed,
        "told by webhook": len(told),
        "deliveries": len(deliveries),
        "web payments": sum(len(shopper.purchases) for shopper in crowd.shoppers),
        "of them paid when answered": report.purchases_paid,
        "postbacks": len(crowd.receivers.shop.deliveries),
        "payment orders": sum(len(seller.sales) for seller in crowd.sellers),
        "of them booked when answered": report.sales_booked,
        "webhooks of them": len(crowd.receivers.orders.deliveries),
        "seconds": round(report.seconds, 1),
        "problems": len(report.problems),
    }


def main() -> int:
    """Run what the arguments ask for; 1 if anything was lost, doubled or told wrongly."""
    parser = argparse.ArgumentParser(prog="python -m tests.campaigns", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="the same seed makes the same decisions")
    parser.add_argument("--kills", type=int, default=50, help="how often, in each campaign")
    parser.add_argument("--servers", type=int, default=2, help="processes that share the database, on PostgreSQL")
    parser.add_argument("--database", choices=("sqlite", "postgresql", "all"), default="all")
    parser.add_argument("--failover", action="store_true", help="PostgreSQL with a standby that takes over for good")
    parser.add_argument("--json", action="store_true", help="print one JSON object for each campaign")
    asked = parser.parse_args()
    logging.getLogger("asyncpg").setLevel(logging.CRITICAL)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sound = True
    for plan in _plans(asked):
        report = asyncio.run(run(plan))
        sound = sound and not report.problems
        found = facts(report)
        if asked.json:
            print(json.dumps(found | {"problems": report.problems}))
            continue
        print("\n".join(f"{name:40} {value}" for name, value in found.items()))
        print("\n".join(f"  ! {problem}" for problem in report.problems[:MOST_PROBLEMS_SHOWN]))
    return 0 if sound else 1


def _plans(asked: argparse.Namespace) -> list[Plan]:
    """SQLite, PostgreSQL, and PostgreSQL with a standby; or the one that was asked for."""
    alone = Plan("sqlite", asked.seed, asked.kills)
    shared = Plan("postgresql", asked.seed, asked.kills, servers=asked.servers)
    with_standby = replace(shared, failover=True)
    if asked.failover:
        return [with_standby]
    return {"sqlite": [alone], "postgresql": [shared], "all": [alone, shared, with_standby]}[asked.database]


if __name__ == "__main__":
    sys.exit(main())
