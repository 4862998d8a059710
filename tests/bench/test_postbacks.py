"""The quick form of the postbacks' benchmark: sick receivers beside healthy ones, and a server that is killed."""

from pathlib import Path

import pytest

from bench import postbacks
from bench.load import receivers
from bench.load.receivers import Manner
from bench.postbacks import Ground, Scale
from bench.report import Report
from bench.seeding import Shop, seed
from bench.speed import Effort
from bench.stage import new_folder
from tests.postgresql import PostgresServer

pytestmark = pytest.mark.anyio

SMALL = Scale(receivers=8, sick=2, each=12, hurry=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def ground(request: pytest.FixtureRequest, tmp_path: Path) -> Ground:
    """Where fresh shops of each kind are made."""
    count = 0

    async def new_shop() -> Shop:
        nonlocal count
        count += 1
        folder = new_folder(tmp_path, f"shop{count}")
        if request.param == "sqlite":
            return await seed(str(folder / "tillway.db"), new_folder(folder, "data"), 0, live=False)
        server: PostgresServer = request.getfixturevalue("postgres")
        return await seed(server.create_database(), new_folder(folder, "data"), 0, live=False)

    return Ground(request.param, new_shop)


async def test_nothing_is_lost_when_the_server_is_killed(ground: Ground) -> None:
    report = Report()
    await postbacks.kill(ground, SMALL, report)
    assert report.is_right, report.text()


async def test_healthy_receivers_are_told_everything_with_and_without_sick_ones_beside(ground: Ground) -> None:
    report = Report()
    await postbacks.delays(ground, SMALL, Effort(rounds=1, seconds=1), report)
    assert [row.section for row in report.rows] == ["postbacks"] * 2
    assert all(0 < row.middle("p50_ms") <= row.middle("p99_ms") for row in report.rows)


def test_the_sick_are_as_many_as_they_should_be_and_spread() -> None:
    mixed = postbacks.THOROUGH.mixed
    assert [mixed.count(manner) for manner in (Manner.ACCEPTS, Manner.FAILS, Manner.HANGS)] == [80, 10, 10]
    sick = [place for place, manner in enumerate(mixed) if manner is not Manner.ACCEPTS]
    assert min(sick) == 0
    assert max(sick) > 80


async def test_a_crowd_that_hears_less_than_it_waits_for_says_so() -> None:
    async with receivers.receiving([Manner.ACCEPTS] * 2) as crowd:
        crowd.note(0, "first")
        crowd.note(0, "first")
        assert await crowd.have_heard([0, 1], 1, 0.0)
        assert not await crowd.have_heard([0, 1], 2, 0.0)
