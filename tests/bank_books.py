"""A bank that keeps books of its own: it may promise money before it books it, and break that promise."""

from tests.far_side import FarBooks, Standing
from tillway.domain.outcomes import Confirmed, Outcome


class BankBooks(FarBooks):
    """What was promised waits all the same: it is booked in the end, or is not. Nothing that was booked is undone."""

    def __init__(self) -> None:
        super().__init__()
        self._promised: set[str] = set()

    def promise(self, identity: str) -> None:
        """The payer has agreed, and the bank means to book it."""
        self._promised.add(identity)

    def told(self, identity: str) -> Outcome:
        """What it says of an operation that it knows."""
        if identity in self._promised and self.operations[identity].standing is Standing.WAITING:
            return Confirmed(f"far {identity}")
        return super().told(identity)
