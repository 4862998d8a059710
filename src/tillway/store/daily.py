"""The daily roll-up: what every account that is not a card's has come to at the end of a day.

A transfer's id begins with its time, so a day is a range of the primary key. Once a day is over its transfers never
change: it is summed outside the transaction that keeps its balances.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, func, insert, select, union_all

from tillway.domain.ids import first_of
from tillway.store import schema
from tillway.store.steps import Execute, Program

DAY_MILLISECONDS = 86_400_000

ROLLED_UP = ""
"""The account of a row that says: up to this day everything is rolled up."""

_AT_ONCE = 500
_OF_CARDS = ("card:%", "held:%")


def last_day() -> Select[Any]:
    """The last day that is rolled up (days since 1970, UTC), or NULL."""
    columns = schema.daily_balances.c
    return select(func.max(columns.day)).where(columns.account == ROLLED_UP)


def first_transfer_from(day: int) -> Select[Any]:
    """The id of the first transfer on a day or later."""
    identity = schema.transfers.c.id
    return select(identity).where(identity >= first_of(day * DAY_MILLISECONDS)).order_by(identity).limit(1)


def moved(since: int, until: int | None) -> Select[Any]:
    """Account and sum of what came and went from `since` until before `until` (milliseconds), without cards."""
    columns = schema.transfers.c
    during = [columns.id >= first_of(since)]
    if until is not None:
        during.append(columns.id < first_of(until))
    given = select(columns.source.label("account"), (-columns.amount).label("amount"))
    taken = select(columns.target.label("account"), columns.amount.label("amount"))
    sides = union_all(
        given.where(*during, *_not_of_cards(columns.source)), taken.where(*during, *_not_of_cards(columns.target))
    ).subquery()
    wanted: list[ColumnElement[Any]] = [sides.c.account, func.sum(sides.c.amount)]
    return select(*wanted).group_by(sides.c.account)


def _not_of_cards(account: ColumnElement[str]) -> list[ColumnElement[bool]]:
    return [account.not_like(pattern) for pattern in _OF_CARDS]


def roll_up(day: int, before: int | None, changes: Mapping[str, int]) -> Program[bool]:
    """Keep the balances of a day's end, of the accounts that changed; False if another has done a day since `before`.

    Raises Conflict if another does the same day at this moment.
    """
    found = yield Execute(last_day())
    if found[0][0] != before:
        return False
    accounts = sorted(changes)
    for start in range(0, len(accounts), _AT_ONCE):
        some = accounts[start : start + _AT_ONCE]
        earlier = dict((yield Execute(_latest(some))))
        rows = [
            {"account": account, "day": day, "balance": earlier.get(account, 0) + changes[account]} for account in some
        ]
        yield Execute(insert(schema.daily_balances).values(rows))
    yield Execute(insert(schema.daily_balances).values(account=ROLLED_UP, day=day, balance=0))
    return True


def _latest(accounts: Sequence[str] | None) -> Select[Any]:
    """Account and balance as last rolled up, of some accounts or of all."""
    row = schema.daily_balances
    other = row.alias()
    newest = select(func.max(other.c.day)).where(other.c.account == row.c.account).correlate(row).scalar_subquery()
    found = select(*(row.c[name] for name in ("account", "balance"))).where(
        row.c.account != ROLLED_UP, row.c.day == newest
    )
    return found if accounts is None else found.where(row.c.account.in_(accounts))


def find_balances() -> Program[dict[str, int]]:
    """The balance of every account that is not a card's: as last rolled up, and what has moved since."""
    found = yield Execute(last_day())
    since = 0 if found[0][0] is None else (found[0][0] + 1) * DAY_MILLISECONDS
    balances: dict[str, int] = dict((yield Execute(_latest(None))))
    for account, change in (yield Execute(moved(since, None))):
        balances[account] = balances.get(account, 0) + int(change)
    return balances
