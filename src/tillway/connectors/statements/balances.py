"""The sum of a statement's entries, held against its balances."""

from tillway.connectors.statements.entries import StatementEnd, StatementEntry, StatementHead, StatementUnreadable


class Tally:
    """What of one statement has been told so far."""

    def __init__(self, head: StatementHead) -> None:
        self.head = head
        self._sum = 0
        self._entries = 0
        self._skipped = 0

    def take(self, entry: StatementEntry) -> StatementEntry:
        """Counts an entry in, and gives it back."""
        self._sum += entry.amount if entry.is_credit else -entry.amount
        self._entries += 1
        return entry

    def skip(self) -> None:
        """One more that is not booked, or moves nothing."""
        self._skipped += 1

    def end(self, closing_balance: int | None, place: str) -> StatementEnd:
        """The statement's end. Raises StatementUnreadable if its balances do not agree with its entries."""
        opening = self.head.opening_balance
        can_tell = opening is not None and closing_balance is not None
        if opening is not None and closing_balance is not None and opening + self._sum != closing_balance:
            raise StatementUnreadable(
                "the statement contradicts itself: opening balance and entries do not make the closing balance", place
            )
        return StatementEnd(
            self.head.statement_id, self.head.account_iban, closing_balance, self._entries, self._skipped, can_tell
        )
