"""Refunds and returns that a merchant authorises by a file for its bank."""

from collections.abc import Sequence
from dataclasses import dataclass

from tillway.commands.tools import Tools
from tillway.domain import exporting
from tillway.domain.batches import MOST_LINES
from tillway.domain.book import Book, Needs
from tillway.domain.decision import Decision
from tillway.domain.entry_refusals import BatchUnknown
from tillway.domain.exporting import Batch, BatchWanted
from tillway.domain.ids import ClientId, MerchantId, PaymentId, order_of
from tillway.domain.schedules import DAY
from tillway.domain.statements import EntryId, EntryState
from tillway.store.candidates import find_batch, find_refunds_waiting, find_unfinished, read_entry

SHOWN_WITHIN = 60 * DAY
"""So long a statement may take to show a refund; the bank may carry it out later than on the day asked for."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits to be paid out of one account: refunds of payment orders, and returns of entries."""

    account: str
    currency: str
    refunds: tuple[PaymentId, ...]
    returns: tuple[EntryId, ...]


async def find_waiting(tools: Tools, merchant: MerchantId, clients: Sequence[ClientId]) -> list[Waiting]:
    """What of a merchant waits for a file, by account and currency; at most MOST_LINES of each kind."""
    refunds: dict[tuple[str, str], list[PaymentId]] = {}
    returns: dict[tuple[str, str], list[EntryId]] = {}
    for payment, account, currency in await tools.store.fetch(find_refunds_waiting(clients, MOST_LINES)):
        refunds.setdefault((account, currency), []).append(payment)
    for values in await tools.store.fetch(find_unfinished(merchant, (EntryState.RETURNING,), MOST_LINES)):
        entry = read_entry(values)
        if not entry.batch_id:
            returns.setdefault((entry.account, entry.currency), []).append(entry.id)
    return [
        Waiting(*key, tuple(refunds.get(key, ())), tuple(returns.get(key, ())))
        for key in sorted(refunds.keys() | returns.keys())
    ]


async def plan_batch(tools: Tools, wanted: BatchWanted) -> Batch | None:
    """The batch as it would be begun now; nothing changes."""

    def look(book: Book) -> Decision[Batch | None]:
        return Decision(_begin(tools, book, wanted).answer)

    return await tools.committer.run(_needs(wanted), look)


async def begin_batch(tools: Tools, wanted: BatchWanted) -> Batch | None:
    """Begin the refunds and returns, which are then under way until a statement shows them; None if none waits."""
    stamp, stamps = tools.stamp(), [tools.stamp() for _ in wanted.refunds]
    return await tools.committer.run(
        _needs(wanted), lambda book: exporting.begin_batch(book, wanted, stamp, stamps, tools.announce)
    )


async def known_batch(tools: Tools, identity: str) -> Batch:
    """A batch as it was begun. Refuses: BatchUnknown."""
    found = await tools.store.read(find_batch(identity))
    if found is None:
        raise BatchUnknown
    return Batch(found[0], tuple(found[1]))


def _begin(tools: Tools, book: Book, wanted: BatchWanted) -> Decision[Batch | None]:
    stamps = [tools.stamp() for _ in wanted.refunds]
    return exporting.begin_batch(book, wanted, tools.stamp(), stamps, tools.announce)


def _needs(wanted: BatchWanted) -> Needs:
    return Needs(orders=tuple(dict.fromkeys(order_of(refund) for refund in wanted.refunds)), entries=wanted.returns)
