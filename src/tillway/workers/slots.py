"""The places for tries in flight: bounded in all and for each host, so that sick hosts only wait for themselves."""

from dataclasses import dataclass

MOST_PROVEN = 10_000


@dataclass(frozen=True, slots=True)
class Slot:
    """One place, taken for a host that was or was not `proven` at that moment."""

    host: str
    proven: bool


class Slots:
    """Gives out `most` places, `most_of_a_host` to one host.

    A host is proven once it has promptly accepted something, and no longer once it has not. One that is not proven gets
    a single place, and all of those together get half of the places: hosts that hang or fail, however many, leave the
    other half to those that accept.
    """

    def __init__(self, most: int, most_of_a_host: int) -> None:
        self._most = most
        self._most_of_a_host = most_of_a_host
        self._taken: dict[str, int] = {}
        self._in_all = 0
        self._unproven = 0
        self._proven: dict[str, None] = {}

    @property
    def free(self) -> int:
        """How many places nobody has."""
        return self._most - self._in_all

    def take(self, host: str) -> Slot | None:
        """A place for a host, unless it has all it may have."""
        taken = self._taken.get(host, 0)
        proven = host in self._proven
        may = taken < self._most_of_a_host if proven else taken == 0 and self._unproven < self._most // 2
        if not may or self.free == 0:
            return None
        self._taken[host] = taken + 1
        self._in_all += 1
        self._unproven += not proven
        return Slot(host, proven)

    def give_back(self, slot: Slot, *, went_well: bool | None) -> None:
        """Free a place; `went_well` says whether the host has promptly accepted, None that it was not asked."""
        left = self._taken[slot.host] - 1
        if left:
            self._taken[slot.host] = left
        else:
            del self._taken[slot.host]
        self._in_all -= 1
        self._unproven -= not slot.proven
        if went_well:
            if len(self._proven) >= MOST_PROVEN:
                del self._proven[next(iter(self._proven))]
            self._proven[slot.host] = None
        elif went_well is False:
            self._proven.pop(slot.host, None)
