"""What was taken in from bank statements, what of it waits for a person, and the files that paid back."""

from tillway.domain.batches import CreditBatch
from tillway.domain.ids import MerchantId
from tillway.domain.statements import BankEntry, EntryState, Statement
from tillway.store.candidates import (
    find_batches,
    find_statements,
    find_unfinished,
    read_batch,
    read_entry,
    read_statement,
)
from tillway.store.protocol import Store


async def newest(store: Store, limit: int) -> list[Statement]:
    """The statements that were taken in last."""
    return [read_statement(row) for row in await store.fetch(find_statements(limit))]


async def waiting(store: Store, merchant: MerchantId, limit: int) -> list[BankEntry]:
    """A merchant's entries that wait for a decision, and money that came and belongs to nothing; oldest first."""
    held = await store.fetch(find_unfinished(merchant, (EntryState.REVIEW,), limit))
    found = [*(read_entry(row) for row in held), *await unmatched(store, merchant, limit)]
    return sorted(found, key=lambda entry: (entry.booked_on, entry.id))[:limit]


async def unmatched(store: Store, merchant: MerchantId, limit: int) -> list[BankEntry]:
    """Money that came to a merchant and belongs to nothing, oldest first."""
    rows = await store.fetch(find_unfinished(merchant, (EntryState.UNMATCHED,), limit))
    return [entry for entry in map(read_entry, rows) if entry.is_credit]


async def batches(store: Store, limit: int) -> list[CreditBatch]:
    """The newest files of refunds."""
    return [read_batch(row) for row in await store.fetch(find_batches(limit))]
