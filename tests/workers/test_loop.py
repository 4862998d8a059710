"""The loop: chores go on whatever happens to one of them, and stop when they are told."""

import asyncio

import pytest
from structlog.testing import capture_logs

from tillway.workers.loop import Chore, Workers

pytestmark = pytest.mark.anyio

AT_ONCE = (0.0, 0.0)


class Counted:
    """Turns that are counted; the first `failing` of them fail, and `more` says whether there is more."""

    def __init__(self, *, failing: int = 0, more: bool = False) -> None:
        self.turns = 0
        self.failing = failing
        self.more = more
        self.finished = False
        self.reached: dict[int, asyncio.Event] = {}

    async def turn(self) -> bool:
        self.turns += 1
        if self.turns in self.reached:
            self.reached[self.turns].set()
        if self.turns <= self.failing:
            raise ConnectionError("the database is away")
        return self.more

    async def finish(self) -> None:
        self.finished = True

    async def until(self, turns: int) -> None:
        self.reached[turns] = asyncio.Event()
        if self.turns < turns:
            await asyncio.wait_for(self.reached[turns].wait(), 10)


async def test_a_chore_takes_turns_until_it_is_stopped() -> None:
    counted = Counted(more=True)
    workers = Workers([Chore("count", counted.turn, AT_ONCE, finish=counted.finish)])
    workers.start()
    await counted.until(20)
    await workers.stop()
    turns = counted.turns
    await asyncio.sleep(0.01)
    assert counted.turns == turns
    assert counted.finished


async def test_a_chore_that_fails_is_logged_and_goes_on_and_the_others_do_not_notice() -> None:
    failing, steady = Counted(failing=1), Counted(more=True)
    with capture_logs() as logs:
        workers = Workers([Chore("fails", failing.turn, AT_ONCE), Chore("steady", steady.turn, AT_ONCE)])
        workers.start()
        await steady.until(100)
        await failing.until(3)
        await workers.stop()
    assert [(log["event"], log["chore"], log["failures"]) for log in logs] == [("chore failed", "fails", 1)]


async def test_a_chore_with_nothing_to_do_rests_and_is_woken_to_stop() -> None:
    counted = Counted()
    workers = Workers([Chore("idle", counted.turn, (3600, 3600))])
    workers.start()
    await counted.until(1)
    await asyncio.wait_for(workers.stop(), 5)
    assert counted.turns == 1


async def test_a_turn_that_does_not_end_is_cut_short() -> None:
    begun = asyncio.Event()

    async def hang() -> bool:
        begun.set()
        await asyncio.sleep(3600)
        return False

    workers = Workers([Chore("hangs", hang, AT_ONCE)])
    workers.start()
    await begun.wait()
    with capture_logs() as logs:
        await workers.stop(drain_seconds=0.01)
    assert [log["event"] for log in logs] == ["chore cut short"]


async def test_workers_that_were_never_started_stop_at_once() -> None:
    await Workers([]).stop()
