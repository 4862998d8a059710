"""Closing days: balances are rolled up, and what is kept for a while only is removed.

These write beside the committer, straight to the store: no decision is taken on rows that nobody changes any more.
"""

from tillway.commands.tools import Tools
from tillway.domain.ids import milliseconds_of
from tillway.domain.schedules import DAY, HOUR
from tillway.store.daily import DAY_MILLISECONDS, first_transfer_from, last_day, moved, roll_up
from tillway.store.protocol import Conflict
from tillway.store.sweeping import sweep_guesses, sweep_replays

STRAGGLERS = HOUR
"""So long after its end a day is closed: an id is made a little before its transfer is durable, and clocks differ."""

REPLAYS_KEPT = 7 * DAY
GUESSES_KEPT = DAY

_PIECE = DAY_MILLISECONDS // 144


async def roll_up_next_day(tools: Tools) -> bool:
    """Roll up the first day that has transfers and is not rolled up; False if there is none that is over.

    A kill leaves the day as it was; of two processes at once, one does it.
    """
    before: int | None = (await tools.store.fetch(last_day()))[0][0]
    first = await tools.store.fetch(first_transfer_from(0 if before is None else before + 1))
    if not first:
        return False
    day = milliseconds_of(first[0][0]) // DAY_MILLISECONDS
    if tools.now() < (day + 1) * DAY + STRAGGLERS:
        return False
    changes: dict[str, int] = {}
    for begin in range(day * DAY_MILLISECONDS, (day + 1) * DAY_MILLISECONDS, _PIECE):
        for account, change in await tools.store.fetch(moved(begin, begin + _PIECE)):
            changes[account] = changes.get(account, 0) + int(change)
    try:
        await tools.store.write(roll_up(day, before, changes))
    except Conflict:
        return True
    return True


async def forget_replays(tools: Tools, after: tuple[str, str] | None) -> tuple[str, str] | None:
    """Remove the old among the replays that follow a key (None: from the first); answers the key to go on from."""
    return await tools.store.write(sweep_replays(after or ("", ""), tools.now() - REPLAYS_KEPT))


async def forget_guesses(tools: Tools, after: str | None) -> str | None:
    """Remove the old among the counters of guesses; as `forget_replays`."""
    return await tools.store.write(sweep_guesses(after or "", tools.now() - GUESSES_KEPT))
