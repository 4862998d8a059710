"""Reads that are asked for one by one and made together: while one read is under way, the next gathers."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=str)
Found = TypeVar("Found")


class Gathering(Generic[Key, Found]):
    """Looks keys up by `read`, which takes all that are wanted at one moment; asked for twice, a key is read once."""

    def __init__(self, read: Callable[[list[Key]], Awaitable[Mapping[Key, Found]]]) -> None:
        self._read = read
        self._wanted: dict[Key, asyncio.Future[Found | None]] = {}
        self._task: asyncio.Task[None] | None = None

    async def find(self, key: Key) -> Found | None:
        """What the key stands for; None if it stands for nothing."""
        wanted = self._wanted.get(key)
        if wanted is None:
            wanted = self._wanted[key] = asyncio.get_running_loop().create_future()
            if self._task is None:
                self._task = asyncio.create_task(self._read_all(), name="gathering")
        return await asyncio.shield(wanted)

    async def _read_all(self) -> None:
        while self._wanted:
            taken, self._wanted = self._wanted, {}
            try:
                found = await self._read(sorted(taken))
            except Exception as error:  # noqa: BLE001 - whatever went wrong, everyone who asked is told
                for wanted in taken.values():
                    wanted.set_exception(error)
            else:
                for key, wanted in taken.items():
                    wanted.set_result(found.get(key))
        self._task = None
