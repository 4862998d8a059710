"""Letting time pass in the sandbox."""

from tillway.commands.tools import ShiftedClock, Tools
from tillway.store.shifting import move_ahead, read_ahead


async def advance(tools: Tools, clock: ShiftedClock, seconds: int) -> int:
    """Move the sandbox's clock ahead; what falls due by it happens as if the time had passed. Answers the time."""
    clock.ahead = await tools.store.write(move_ahead(seconds * 1_000_000))
    return clock.now()


async def restore(tools: Tools, clock: ShiftedClock) -> None:
    """Set the clock as far ahead as it was before the restart."""
    clock.ahead = await tools.store.read(read_ahead())
