"""Short campaigns on each database; the long ones are run by hand (`make campaign`)."""

import pytest

from tests.campaigns.campaign import run
from tests.campaigns.plan import Plan

pytestmark = pytest.mark.anyio

KILLS = 2
FAILOVERS = 2


@pytest.mark.parametrize(("database", "servers"), [("sqlite", 1), ("postgresql", 2)])
async def test_nothing_is_lost_or_doubled_when_the_gateway_is_killed_under_load(database: str, servers: int) -> None:
    report = await run(Plan(database, seed=1, kills=KILLS, tellers=4, shoppers=3, sellers=3, servers=servers))
    assert report.problems == []
    assert len(report.kills.calls_in_flight) == KILLS
    assert sum(report.kills.calls_in_flight) > 0
    assert report.completed > 0
    assert report.purchases_paid > 0
    assert report.sales_booked > 0
    if servers > 1:
        assert report.kills.answered_by_others > 0
        assert report.leaving.taken_over == len(report.leaving.left) > 0


async def test_nothing_that_was_answered_is_lost_when_a_standby_takes_over_under_load() -> None:
    report = await run(Plan("postgresql", seed=3, kills=FAILOVERS, tellers=4, shoppers=3, sellers=3, failover=True))
    assert report.problems == []
    assert report.kills.primary == FAILOVERS
    assert sum(report.kills.calls_in_flight) > 0
    assert report.completed > 0
    assert report.purchases_paid > 0
    assert report.sales_booked > 0
