"""The last kill of several servers: one goes for good, and another takes over what it was about to tell."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import select

from tests.clients.receiver import Receiver
from tests.server import set_clock
from tests.shop import Shop
from tillway.store import schema

SLOW_SECONDS = 0.2
"""How long receivers take while the server is to leave, so that it is certain to be telling something."""
PATIENCE_SECONDS = 60
POLL_SECONDS = 0.1
SAME_POLLS = 5


@dataclass(slots=True)
class Leaving:
    """The notices whose leases the killed server has left behind; `taken_over` were told by the others since."""

    left: set[str] = field(default_factory=set[str])
    taken_over: int = 0

    async def note(self, shop: Shop, receivers: Sequence[Receiver]) -> None:
        """After a server was killed for good: wait until the others do nothing more at once, and note what is left."""
        same = 0
        async with asyncio.timeout(PATIENCE_SECONDS):
            while same < SAME_POLLS:
                await asyncio.sleep(POLL_SECONDS)
                found = await _leased(shop)
                is_quiet = not any(receiver.under_way for receiver in receivers)
                same = same + 1 if is_quiet and found == self.left else 0
                self.left = found

    async def look(self, shop: Shop) -> list[str]:
        """Count what was taken over, after all has settled, and name what was not."""
        notices = schema.notices.c
        wanted = select(notices.id).where(notices.id.in_(sorted(self.left)), notices.state == "accepted")
        told = {row[0] for row in await shop.tools.store.fetch(wanted)}
        self.taken_over = len(told)
        return [f"notice {one} was left by a killed server, and taken over by none" for one in self.left - told]


async def _leased(shop: Shop) -> set[str]:
    await set_clock(shop.tools)
    notices = schema.notices.c
    wanted = select(notices.id).where(notices.state == "due", notices.leased_until > shop.tools.now())
    return {row[0] for row in await shop.tools.store.fetch(wanted)}
