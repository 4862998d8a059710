"""A short campaign on each database; the long ones are run by hand (`make campaign`)."""

import pytest

from tests.campaigns.campaign import Plan, run

pytestmark = pytest.mark.anyio

KILLS = 3


@pytest.mark.parametrize(("database", "servers"), [("sqlite", 1), ("postgresql", 2)])
async def test_nothing_is_lost_or_doubled_when_the_gateway_is_killed_under_load(database: str, servers: int) -> None:
    report = await run(Plan(database, seed=1, kills=KILLS, tellers=6, shoppers=5, servers=servers))
    assert report.problems == []
    assert len(report.kills.calls_in_flight) == KILLS
    assert sum(report.kills.calls_in_flight) > 0
    assert report.completed > 0
    assert report.purchases_paid > 0
