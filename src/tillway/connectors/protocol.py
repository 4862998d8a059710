"""What every connector offers to the commands: ask far sides to move money, and say plainly what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from tillway.domain.outcomes import Outcome


@dataclass(frozen=True, slots=True)
class Journey:
    """What a far side that shows the payer a page of its own needs for it.

    The payer comes back to `return_url`; `page_url` is the payment's page with us, below which a connector may have a
    page of its own. `language` is ISO 639-1, `country` ISO 3166-1 alpha-2; texts are empty where they are not known.
    """

    return_url: str
    page_url: str
    language: str = ""
    country: str = ""
    email: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class Operation:
    """`amount` minor units of `currency`; `id` is the idempotency key at the far side, `reference` its own name for it.

    `instrument` is a gift card's number in the clear, for the wire only, so it is not shown; it is empty for every
    other `method`. The `journey` is there when an operation begins, and not when it is asked about later.
    """

    id: str
    instrument: str = field(repr=False)
    amount: int
    currency: str
    method: str = ""
    reference: str = ""
    journey: Journey | None = None


@dataclass(frozen=True, slots=True)
class Callback:
    """What a far side told by itself of one operation: of `operation_id`, the idempotency key that we gave it."""

    operation_id: str
    outcome: Outcome


class CallbackRefused(Exception):
    """What came is not from the far side, too old, or cannot be read; nothing of it may be believed."""


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
        """Take the amount, or say where the payer has to go for it (Pending with a `step_url`)."""
        ...

    async def look_up(self, operation: Operation) -> Outcome:
        """What became of an operation that was, or may have been, begun.

        Declined is for good: an operation that never arrived can no longer happen once this was answered.
        """
        ...

    async def reverse(self, operation: Operation) -> Outcome:
        """Undo an operation, whether or not it arrived (an ISO 8583 reversal, or a cancelled payment).

        Paid: it is given back, or will never happen. Declined: it has been taken for good and can only be refunded.
        No gift-card issuer says so; of every other method this is the answer once it was paid, so that whoever heard of
        that, however late, heard what is still true.
        """
        ...

    async def refund(self, operation: Operation, refunded_id: str) -> Outcome:
        """Give back the amount, which is all or part of what the operation `refunded_id` took.

        The operation's `reference` is that of the operation `refunded_id`.
        """
        ...

    def read_callback(self, headers: Mapping[str, str], body: bytes, now: int) -> tuple[Callback, ...]:
        """What a call from the far side tells, if its signature is right at `now` (microseconds UTC).

        Far sides sign by the clock on the wall, so `now` is that clock's, and never the sandbox's, which runs ahead.

        `headers` have lower-case names. Nothing that concerns us is an empty answer. Raises CallbackRefused.
        """
        ...
