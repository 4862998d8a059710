"""The settler: closes days in the ledger, and removes what is kept for a while only."""

from tillway.commands.logins import forget_renewals
from tillway.commands.settlement import forget_guesses, forget_replays, roll_up_next_day
from tillway.commands.tools import Tools
from tillway.workers.loop import Chore

ROLL_UP_RESTS = (5.0, 60.0)
SWEEP_RESTS = (600.0, 600.0)
SWEEP_PACE = 0.2


class Settler:
    """Rolls up one day a turn, oldest first, and goes round the rows that grow old, a few at a time."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._replays_after: tuple[str, str] | None = None
        self._guesses_after: str | None = None
        self._renewals_after: str | None = None

    def chores(self) -> tuple[Chore, Chore]:
        """Roll up and sweep, as the loop does them."""
        return Chore("roll up", self.roll_up, ROLL_UP_RESTS), Chore("sweep", self.sweep, SWEEP_RESTS, SWEEP_PACE)

    async def roll_up(self) -> bool:
        """Roll up the next day that is over, if there is one."""
        return await roll_up_next_day(self._tools)

    async def sweep(self) -> bool:
        """One step further round the replays, the counters of guesses and the renewals."""
        self._replays_after = await forget_replays(self._tools, self._replays_after)
        self._guesses_after = await forget_guesses(self._tools, self._guesses_after)
        self._renewals_after = await forget_renewals(self._tools, self._renewals_after)
        return any(one is not None for one in (self._replays_after, self._guesses_after, self._renewals_after))
