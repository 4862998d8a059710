"""Two connectors that call nobody: transfers that were simply there, and files, which only statements answer."""

from collections.abc import Mapping

from tillway.connectors.protocol import Callback, CallbackRefused, Operation
from tillway.domain.outcomes import Declined, Outcome, Paid, Pending
from tillway.domain.reasons import Reason


class Transfers:
    """Money that came by itself. It cannot be asked for, and goes back as a refund or a return that is exported."""

    limit_seconds = 1.0

    async def begin(self, operation: Operation) -> Outcome:
        """Nobody is asked: the statement will show it."""
        return Pending()

    async def look_up(self, operation: Operation) -> Outcome:
        """Nobody can be asked: the statement will show it."""
        return Pending()

    async def reverse(self, operation: Operation) -> Outcome:
        """What was never asked for never happens."""
        return Paid()

    async def refund(self, operation: Operation, refunded_id: str) -> Outcome:
        """It has no way back."""
        return Declined(Reason.REFUND_REFUSED)

    def read_callback(self, headers: Mapping[str, str], body: bytes, now: int) -> tuple[Callback, ...]:
        """Nobody calls. Raises CallbackRefused."""
        raise CallbackRefused("nobody calls about transfers")


class Files(Transfers):
    """Credit transfers in a file that a person takes to a bank: nobody knows whether they have, until it is shown."""

    async def reverse(self, operation: Operation) -> Outcome:
        """The bank may have the file already."""
        return Pending()
