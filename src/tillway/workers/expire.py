"""The expiry worker: ends payments whose time is over, so that no card's money stays reserved."""

from tillway.commands.expiry import expire
from tillway.commands.tools import Tools
from tillway.domain.ids import PaymentId
from tillway.store.due import payments_to_expire
from tillway.workers.loop import Chore
from tillway.workers.together import all_of

AT_ONCE = 200
RESTS = (0.25, 2.0)


class Expirer:
    """Ends payments in batches, longest overdue first."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def chore(self) -> Chore:
        """Expire, as the loop does it."""
        return Chore("expire", self.turn, RESTS)

    async def turn(self) -> bool:
        """End up to AT_ONCE payments."""
        found = await self._tools.store.fetch(payments_to_expire(self._tools.now(), AT_ONCE))
        went_well = await all_of("expire", (expire(self._tools, PaymentId(row[0])) for row in found))
        return went_well and len(found) == AT_ONCE
