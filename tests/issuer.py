"""An issuer that remembers: behaves as the simulator and keeps books of its own, for tests to hold ours against."""

from collections import Counter
from collections.abc import Mapping

from tillway.connectors.protocol import Callback, Operation
from tillway.connectors.simulator import FAILING, SILENT_AND_NEVER_RECEIVED, IssuerSimulator
from tillway.domain.outcomes import Declined, Outcome, Paid

NEVER_RECEIVED = Declined("issuer_never_received")


class RememberingIssuer:
    """Keeps what it took and gave back by operation; one that it was asked about, or reversed, can happen no more."""

    def __init__(self, limit_seconds: float) -> None:
        self._simulator = IssuerSimulator(limit_seconds)
        self._over: set[str] = set()
        self._taken: Counter[str] = Counter()
        self._refunded: set[str] = set()

    @property
    def limit_seconds(self) -> float:
        """As the simulator's."""
        return self._simulator.limit_seconds

    def has(self) -> dict[str, int]:
        """What it has taken and not given back, in minor units by operation."""
        return {operation: amount for operation, amount in self._taken.items() if amount}

    async def begin(self, operation: Operation) -> Outcome:
        """Take the amount, once."""
        behaviour = operation.instrument[6:8]
        if operation.id in self._over:
            return NEVER_RECEIVED
        if behaviour not in {FAILING, SILENT_AND_NEVER_RECEIVED}:
            self._taken[operation.id] = operation.amount
        return await self._simulator.begin(operation)

    async def look_up(self, operation: Operation) -> Outcome:
        """What became of it; what has not arrived by now never will."""
        if operation.id in self._taken:
            return Paid()
        self._over.add(operation.id)
        return NEVER_RECEIVED

    async def reverse(self, operation: Operation) -> Outcome:
        """Give it back, whether or not it arrived."""
        self._over.add(operation.id)
        self._taken.pop(operation.id, None)
        return Paid()

    async def refund(self, operation: Operation, refunded_id: str) -> Outcome:
        """Give a part back, once."""
        if operation.id not in self._refunded:
            self._refunded.add(operation.id)
            self._taken[refunded_id] -= operation.amount
        return Paid()

    def read_callback(self, headers: Mapping[str, str], body: bytes, now: int) -> tuple[Callback, ...]:
        """As the simulator."""
        return self._simulator.read_callback(headers, body, now)
