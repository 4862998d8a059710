"""The event log, read by cursor: what happened, in order, for whoever would rather ask than be told."""

from dataclasses import dataclass

from tillway.domain.schedules import SECOND
from tillway.store.logbook import events_after
from tillway.store.protocol import Store

LARGEST_PAGE = 500
SETTLING = 60 * SECOND
"""Younger events are not listed yet: ids are older than their commit, and none may slip in behind a cursor."""


@dataclass(frozen=True, slots=True)
class ListedEvent:
    """An event of the log; `body` is the event itself as JSON text, amounts in minor units."""

    id: str
    kind: str
    client_id: str
    payment_id: str
    sequence: int
    body: str
    at: int


async def events(store: Store, after: str, client_id: str, limit: int, now: int) -> list[ListedEvent]:
    """One page of events after the one with the id `after` (empty: from the beginning), oldest first."""
    found = await store.fetch(events_after(after, now - SETTLING, client_id, min(limit, LARGEST_PAGE)))
    return [ListedEvent(*row) for row in found]
