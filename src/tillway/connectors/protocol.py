"""What every connector offers to the commands: ask far sides to move money, and say plainly what came of it."""

from dataclasses import dataclass, field
from typing import Protocol

from tillway.domain.outcomes import Outcome


@dataclass(frozen=True, slots=True)
class Operation:
    """`amount` minor units of `currency` on one instrument; `id` is the idempotency key at the far side.

    `instrument` is a card's number in the clear: for the wire only, so it is not shown.
    """

    id: str
    instrument: str = field(repr=False)
    amount: int
    currency: str


class Connector(Protocol):
    """Our side of someone who moves money; it keeps nothing, so any process may ask at any time.

    Every call may be repeated any number of times with the same operation: it happens at most once, and a plain answer
    never changes but by a reversal. Anything that is not a plain yes or no is Pending.
    """

    @property
    def limit_seconds(self) -> float:
        """How long one call may take; who has not answered by then has not answered."""
        ...

    async def begin(self, operation: Operation) -> Outcome:
        """Take the amount."""
        ...

    async def look_up(self, operation: Operation) -> Outcome:
        """What became of an operation that was, or may have been, begun.

        Declined is for good: an operation that never arrived can no longer happen once this was answered.
        """
        ...

    async def reverse(self, operation: Operation) -> Outcome:
        """Undo an operation, whether or not it arrived (an ISO 8583 reversal).

        Paid: it is given back, or will never happen. There is no plain no.
        """
        ...

    async def refund(self, operation: Operation, refunded_id: str) -> Outcome:
        """Give back the amount, which is all or part of what the operation `refunded_id` took."""
        ...
