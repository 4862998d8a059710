"""Reading the event log by cursor."""

from typing import Any

from sqlalchemy import Select, select

from tillway.domain.ids import first_of
from tillway.store.schema import events


def events_after(after: str, before: int, client_id: str, limit: int) -> Select[Any]:
    """Events whose ids follow `after`, made before the moment `before` (microseconds UTC), oldest first.

    `client_id` leaves only those of one client; empty: all.
    """
    found = (
        select(
            events.c.id,
            events.c.kind,
            events.c.client_id,
            events.c.payment_id,
            events.c.sequence,
            events.c.event,
            events.c.at,
        )
        .where(events.c.id > after, events.c.id < first_of(before // 1000))
        .order_by(events.c.id)
        .limit(limit)
    )
    return found.where(events.c.client_id == client_id) if client_id else found
