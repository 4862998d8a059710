"""Searches for what is due: the only place where workers learn what to do next."""

from functools import cache
from typing import Any

from sqlalchemy import BigInteger, Column, ColumnElement, Select, Table, Text, TextClause, bindparam, func, select

from tillway.store import schema
from tillway.store.statements import Bound

MOST_HOSTS = 500
"""How many hosts one search for notices looks at."""

MOST_OF_A_HOST = 32
"""How many notices it finds of each."""


def _where_of(table: Table, index: str) -> TextClause:
    """The condition of a partial index: a search that repeats it word for word is served by that index."""
    found = next(each for each in table.indexes if each.name == index)
    return found.dialect_options["sqlite"]["where"]


def _columns(table: Table, *names: str) -> list[Column[Any]]:
    return [table.c[name] for name in names]


_EXPIRING = _where_of(schema.payments, "payments_expiring")
_UNRESOLVED = _where_of(schema.attempts, "attempts_unresolved")
_UNREFUNDED = _where_of(schema.refund_parts, "refund_parts_unresolved")
_TO_TELL = _where_of(schema.notices, "notices_due")


def payments_to_expire(now: int, limit: int) -> Bound:
    """The ids of payments that are not complete and past their time, longest first."""
    return Bound(_payments_to_expire(), {"now": now, "limit": limit})


def attempts_to_resolve(now: int, limit: int) -> Bound:
    """Payment id and state of attempts whose connector is to be asked, longest first."""
    return Bound(_attempts_to_resolve(), {"now": now, "limit": limit})


def refunds_to_resolve(now: int, limit: int) -> Bound:
    """Payment id and refund number of the parts whose connector is to be asked, longest first."""
    return Bound(_refunds_to_resolve(), {"now": now, "limit": limit})


def notices_to_try(now: int, after_host: str) -> Bound:
    """For each host after `after_host` that has notices waiting: the host, and the ids of its first that are due.

    At most MOST_HOSTS rows, by host; each with up to MOST_OF_A_HOST ids, parted by spaces, or NULL where none is due.
    It goes from host to host through the index, so a host with a million waiting costs no more than one with a few.
    """
    return Bound(_notices_to_try(), {"now": now, "after_host": after_host})


_NOW = bindparam("now", type_=BigInteger, required=False)
_LIMIT = bindparam("limit", type_=BigInteger, required=False)


@cache
def _payments_to_expire() -> Select[Any]:
    columns = schema.payments.c
    return select(columns.id).where(_EXPIRING, columns.expires_at <= _NOW).order_by(columns.expires_at).limit(_LIMIT)


@cache
def _attempts_to_resolve() -> Select[Any]:
    columns = schema.attempts.c
    return (
        select(*_columns(schema.attempts, "payment_id", "state"))
        .where(_UNRESOLVED, columns.next_look_up_at > 0, columns.next_look_up_at <= _NOW)
        .order_by(columns.next_look_up_at)
        .limit(_LIMIT)
    )


@cache
def _refunds_to_resolve() -> Select[Any]:
    columns = schema.refund_parts.c
    return (
        select(*_columns(schema.refund_parts, "payment_id", "refund"))
        .where(_UNREFUNDED, columns.next_look_up_at > 0, columns.next_look_up_at <= _NOW)
        .order_by(columns.next_look_up_at)
        .limit(_LIMIT)
    )


@cache
def _notices_to_try() -> Select[Any]:
    waiting = schema.notices.c
    first = select(func.min(waiting.host)).where(
        _TO_TELL, waiting.host > bindparam("after_host", type_=Text, required=False)
    )
    hosts = select(first.scalar_subquery().label("host")).cte("hosts", recursive=True)
    following = select(func.min(waiting.host)).where(_TO_TELL, waiting.host > hosts.c.host).correlate(hosts)
    hosts = hosts.union_all(select(following.scalar_subquery()).where(hosts.c.host.is_not(None)))
    due = (
        select(waiting.id)
        .where(
            _TO_TELL,
            waiting.host == hosts.c.host,
            waiting.next_try_at <= _NOW,
            waiting.leased_until <= _NOW,
        )
        .order_by(waiting.next_try_at)
        .limit(MOST_OF_A_HOST)
        .correlate(hosts)
        .subquery("due")
    )
    ids = select(func.aggregate_strings(due.c.id, " ")).scalar_subquery()
    wanted: list[ColumnElement[Any]] = [hosts.c.host, ids]
    return select(*wanted).where(hosts.c.host.is_not(None)).limit(MOST_HOSTS)
