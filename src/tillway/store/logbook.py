"""Reading the event log by cursor."""

from typing import Any

from sqlalchemy import ColumnElement, Select, select

from tillway.domain.ids import first_of
from tillway.store.schema import events

COLUMNS = ("id", "kind", "client_id", "payment_id", "sequence", "event", "at")
"""What is found of an event, in this order."""


def events_after(after: str, before: int, client_id: str, limit: int) -> Select[Any]:
    """Events whose ids follow `after`, made before the moment `before` (microseconds UTC), oldest first.

    `client_id` leaves only those of one client; empty: all.
    """
    columns: list[ColumnElement[Any]] = [events.c[name] for name in COLUMNS]
    found = (
        select(*columns)
        .where(events.c.id > after, events.c.id < first_of(before // 1000))
        .order_by(events.c.id)
        .limit(limit)
    )
    return found.where(events.c.client_id == client_id) if client_id else found
