"""Searches for what is due: the only place where workers learn what to do next."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Select, Table, TextClause, false, func, literal, select, union_all

from tillway.domain.ids import NoticeId, OrderId, PaymentId
from tillway.domain.notices import Notice
from tillway.store import schema
from tillway.store.rows import MAPPINGS

MOST_HOSTS = 500
"""How many hosts one search looks at; SQLite joins no more searches into one."""


def _where_of(table: Table, index: str) -> TextClause:
    """The condition of a partial index: a search that repeats it word for word is served by that index."""
    found = next(each for each in table.indexes if each.name == index)
    return found.dialect_options["sqlite"]["where"]


_EXPIRING = _where_of(schema.payments, "payments_expiring")
_UNRESOLVED = _where_of(schema.attempts, "attempts_unresolved")
_UNREFUNDED = _where_of(schema.refund_parts, "refund_parts_unresolved")
_TO_TELL = _where_of(schema.notices, "notices_due")


def payments_to_expire(now: int, limit: int) -> Select[tuple[PaymentId]]:
    """Payments that are not complete and past their time, longest first."""
    expires_at = schema.payments.c.expires_at
    return (
        select(schema.payments.c.id).where(_EXPIRING, expires_at <= now).order_by(expires_at).limit(limit)
    )
