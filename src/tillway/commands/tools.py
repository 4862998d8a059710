"""What every command works with; the wiring puts it together once."""

import asyncio
import contextlib
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from tillway.connectors.protocol import Connector
from tillway.domain.banks import Directory
from tillway.domain.clients import Surface
from tillway.domain.decision import Stamp
from tillway.domain.events import Event
from tillway.domain.ids import uuid7
from tillway.domain.schedules import DAY
from tillway.domain.telling import Announcer, Audience, Telling
from tillway.store.committer import Committer
from tillway.store.numbering import reserve
from tillway.store.protocol import Conflict, Store
from tillway.store.vault import Vault

_RANDOM_BYTES = 10
_BUFFERED = 1000


class Clock(Protocol):
    """Tells the time; tests and the sandbox have clocks of their own."""

    def now(self) -> int:
        """Microseconds since 1970, UTC."""
        ...


class Permission(Protocol):
    """Asks a merchant, before its payer is sent to the bank, whether to go on."""

    async def may_proceed(self, audience: Audience) -> bool:
        """Whether to go on: only a plain no of one of the audience's hooks is one; silence is not."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> int:
        """Microseconds since 1970, UTC."""
        return time.time_ns() // 1000


@dataclass(slots=True)
class ShiftedClock:
    """A clock that runs `ahead` microseconds before another: the sandbox moves it to let time pass."""

    clock: Clock
    ahead: int = 0

    def now(self) -> int:
        """Microseconds since 1970, UTC."""
        return self.clock.now() + self.ahead


class IdMaker:
    """Makes version 7 UUIDs; randomness is fetched from the system in larger portions."""

    __slots__ = ("_left", "_noise")

    def __init__(self) -> None:
        self._noise = b""
        self._left = 0

    def make(self, now: int) -> str:
        """A fresh UUID of the moment `now` (microseconds UTC)."""
        if self._left == 0:
            self._noise = os.urandom(_RANDOM_BYTES * _BUFFERED)
            self._left = len(self._noise)
        end = self._left
        self._left = end - _RANDOM_BYTES
        return uuid7(now // 1000, self._noise[self._left : end])


class Numbers:
    """Hands out whole numbers from 1 on, each once; a process reserves them in blocks, so it leaves gaps."""

    BLOCK = 1000

    __slots__ = ("_end", "_lock", "_name", "_next", "_store")

    def __init__(self, store: Store, name: str) -> None:
        self._store = store
        self._name = name
        self._lock = asyncio.Lock()
        self._next = self._end = 0

    async def take(self) -> int:
        """A number that nobody else has, or gets."""
        while self._next == self._end:
            async with self._lock:
                if self._next == self._end:
                    await self._reserve()
        self._next += 1
        return self._next - 1

    async def _reserve(self) -> None:
        with contextlib.suppress(Conflict):
            self._next = await self._store.write(reserve(self._name, self.BLOCK))
            self._end = self._next + self.BLOCK


@dataclass(frozen=True, slots=True)
class Lasts:
    """How long payment orders wait, in microseconds: for their payer to begin, and for the bank to tell."""

    waiting: int = DAY
    processing: int = 5 * DAY


@dataclass(frozen=True, slots=True)
class Tools:
    """The committer and the store behind it, the clock, ids, the vault, and who is told or asked by name.

    `announcers` render events for each surface's webhooks; `connectors` are found by the name on attempts. `methods`
    says which connector serves a method of `domain/methods.py`; those it does not name are not offered. `banks` are
    those that payers of payment orders choose from, `lasts` how long they may take, and `permission` asks merchants
    whether to go on.
    """

    committer: Committer
    store: Store
    clock: Clock
    vault: Vault
    announcers: Mapping[Surface, Announcer]
    connectors: Mapping[str, Connector]
    ids: IdMaker = field(default_factory=IdMaker)
    methods: Mapping[str, str] = field(default_factory=dict[str, str])
    banks: Directory = field(default_factory=Directory)
    lasts: Lasts = field(default_factory=Lasts)
    permission: Permission | None = None

    def now(self) -> int:
        """Microseconds since 1970, UTC."""
        return self.clock.now()

    def stamp(self) -> Stamp:
        """The moment and a fresh id for one act."""
        now = self.clock.now()
        return Stamp(now, self.ids.make(now))

    def announce(self, event: Event, audience: Audience) -> Sequence[Telling]:
        """What the order's surface wants told of an event: the announcer of acts that no caller asked for."""
        return self.announcers[audience.order.surface](event, audience)
