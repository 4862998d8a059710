"""What can be wrong with a decision about a bank entry, or with a file of refunds.

EntryRefusal (a RecordRefusal)
├── EntryUnknown
├── EntryNotDecidable
├── EntryDiffers
├── BatchUnknown
└── AccountUnknown
"""

from tillway.domain.refusals import RecordRefusal


class EntryRefusal(RecordRefusal):
    """The entry cannot be dealt with so."""


class EntryUnknown(EntryRefusal):
    """There is no entry with this id."""


class EntryNotDecidable(EntryRefusal):
    """The state of the entry does not allow this."""

    def __init__(self, state: str) -> None:
        super().__init__()
        self.state = state


class EntryDiffers(EntryRefusal):
    """The entry does not fit: another currency, direction or amount, or no account that it came from."""


class BatchUnknown(EntryRefusal):
    """There is no file of refunds with this id."""


class AccountUnknown(EntryRefusal):
    """No client is paid at this account."""
