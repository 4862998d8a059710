"""The issuer simulator: keeps nothing and decides by the card's number, so that every case can be tried."""

import asyncio
from collections.abc import Mapping
from typing import Never

from tillway.connectors.protocol import Callback, CallbackRefused, Operation
from tillway.domain.outcomes import Declined, Outcome, Paid

SILENT_AND_NEVER_RECEIVED = "53"
"""Does not answer; a look-up says that nothing had arrived."""
FAILING = "54"
"""Answers with a failure."""
SILENT_BUT_PAID = "55"
"""Does not answer; a look-up says that the money was taken."""

BEHAVIOUR_PLACE = slice(6, 8)
"""Where a number says how it behaves: the two digits after the issuer's prefix; all others are a plain yes."""

_SILENT = (SILENT_AND_NEVER_RECEIVED, SILENT_BUT_PAID)
_DECLINED = {
    SILENT_AND_NEVER_RECEIVED: Declined("issuer_never_received"),
    FAILING: Declined("issuer_failure"),
}


class IssuerSimulator:
    """Agrees to everything, but for the numbers that say otherwise."""

    def __init__(self, limit_seconds: float = 2.0) -> None:
        self.limit_seconds = limit_seconds

    async def begin(self, operation: Operation) -> Outcome:
        """Take the amount; for silent numbers this never ends."""
        if _behaviour(operation) in _SILENT:
            await _silence()
        return _resolved(operation)

    async def look_up(self, operation: Operation) -> Outcome:
        """What the card's number says."""
        return _resolved(operation)

    async def reverse(self, operation: Operation) -> Outcome:
        """Always given back: nothing is kept that could say otherwise."""
        return Paid()

    async def refund(self, operation: Operation, refunded_id: str) -> Outcome:
        """Always given back."""
        return Paid()

    def read_callback(self, headers: Mapping[str, str], body: bytes, now: int) -> tuple[Callback, ...]:
        """The simulator calls nobody. Raises CallbackRefused."""
        raise CallbackRefused("the simulator calls nobody")


def _behaviour(operation: Operation) -> str:
    return operation.instrument[BEHAVIOUR_PLACE]


def _resolved(operation: Operation) -> Outcome:
    return _DECLINED.get(_behaviour(operation), Paid())


async def _silence() -> Never:
    await asyncio.get_running_loop().create_future()
    raise AssertionError("a future that nobody keeps was answered")
