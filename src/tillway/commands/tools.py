"""What every command works with; the wiring puts it together once."""

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from tillway.connectors.protocol import Connector
from tillway.domain.clients import Surface
from tillway.domain.decision import Stamp
from tillway.domain.events import Event
from tillway.domain.ids import uuid7
from tillway.domain.orders import Order
from tillway.domain.telling import Announcer, Telling
from tillway.store.committer import Committer
from tillway.store.protocol import Store
from tillway.store.vault import Vault

_RANDOM_BYTES = 10
_BUFFERED = 1000


class Clock(Protocol):
    """Tells the time; tests and the sandbox have clocks of their own."""

    def now(self) -> int:
        """Microseconds since 1970, UTC."""
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


@dataclass(frozen=True, slots=True)
class Tools:
    """The committer and the store behind it, the clock, ids, the vault, and who is told or asked by name.

    `announcers` render events for each surface's webhooks; `connectors` are found by the name on attempts.
    """

    committer: Committer
    store: Store
    clock: Clock
    vault: Vault
    announcers: Mapping[Surface, Announcer]
    connectors: Mapping[str, Connector]
    ids: IdMaker = field(default_factory=IdMaker)

    def now(self) -> int:
        """Microseconds since 1970, UTC."""
        return self.clock.now()

    def stamp(self) -> Stamp:
        """The moment and a fresh id for one act."""
        now = self.clock.now()
        return Stamp(now, self.ids.make(now))

    def announce(self, event: Event, order: Order) -> Telling | None:
        """What the order's surface wants told of an event: the announcer of acts that no caller asked for."""
        return self.announcers[order.surface](event, order)
