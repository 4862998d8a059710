"""The loop that chores are done in: one task each, resting when there is nothing to do, and never silently dead."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import structlog

LONGEST_PAUSE_SECONDS = 60.0
"""How long a chore that keeps failing waits at most before it is tried again."""

DRAIN_SECONDS = 20.0
"""How long what is under way may take to end when the workers stop."""

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


async def _nothing() -> None:
    return


@dataclass(frozen=True, slots=True)
class Chore:
    """Work that never ends, done in turns.

    A `turn` is one bounded piece of it and says whether there may be more now; then the next follows after `pace`
    seconds. Without more the chore rests, from the first of `rests` (seconds) up to the second, twice as long each
    time. `finish` waits for what a turn left under way.
    """

    name: str
    turn: Callable[[], Awaitable[bool]]
    rests: tuple[float, float]
    pace: float = 0.0
    finish: Callable[[], Awaitable[None]] = _nothing


class Workers:
    """Does chores side by side until it is stopped; one that fails is logged and tried again, ever more slowly."""

    def __init__(self, chores: Sequence[Chore]) -> None:
        self._chores = tuple(chores)
        self._stopping = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin every chore."""
        self._tasks = [asyncio.create_task(self._do(chore), name=chore.name) for chore in self._chores]

    async def stop(self, drain_seconds: float = DRAIN_SECONDS) -> None:
        """Let every chore end its turn and what it left under way; what takes longer is cut short."""
        self._stopping.set()
        if not self._tasks:
            return
        _, late = await asyncio.wait(self._tasks, timeout=drain_seconds)
        for task in late:
            _log.warning("chore cut short", chore=task.get_name())
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    async def _do(self, chore: Chore) -> None:
        shortest, longest = chore.rests
        rest = shortest
        failures = 0
        while not self._stopping.is_set():
            try:
                more = await chore.turn()
            except Exception:  # noqa: BLE001 - whatever went wrong, the chore must go on
                failures += 1
                pause = min(LONGEST_PAUSE_SECONDS, 2.0**failures / 2)
                _log.exception("chore failed", chore=chore.name, failures=failures, pause_seconds=pause)
                await self._rest(pause)
                continue
            failures = 0
            rest = shortest if more else min(longest, rest * 2)
            await self._rest(chore.pace if more else rest)
        await chore.finish()

    async def _rest(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        except TimeoutError:
            return
