"""The proof of the books: every rule as a search for the rows that break it, all run on one view of the database.

What is keyed by payment is searched in ranges of orders; what is keyed by time is searched whole, and the database
sorts it on disk. So neither side ever holds more than a range, and no more than the first violations of each rule.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Select, SelectBase, Table, func, select

from tillway.domain.proof import Rule, Verdict, Violation
from tillway.store import (
    rules_of_balances,
    rules_of_entries,
    rules_of_events,
    rules_of_orders,
    rules_of_payments,
    rules_of_transfers,
    schema,
)
from tillway.store.rules_of_payments import Range, next_start
from tillway.store.statements import Bound
from tillway.store.steps import Execute, Program

MOST_SHOWN = 100
"""So many violations of each rule are listed; all are counted."""

RANGE = 20_000
"""Orders in one range."""

LONGEST_SEARCH_SECONDS = 3600

_NEXT_START = next_start()

_CHECKED = (
    schema.orders,
    schema.payments,
    schema.attempts,
    schema.refunds,
    schema.refund_parts,
    schema.gift_cards,
    schema.transfers,
    schema.transitions,
    schema.events,
    schema.notices,
    schema.daily_balances,
    schema.entries,
    schema.batch_lines,
)

_WHOLE = (
    *rules_of_transfers.RULES,
    *rules_of_balances.RULES,
    *rules_of_events.RULES,
    *rules_of_entries.RULES,
)

IN_A_RANGE = (*rules_of_payments.RULES, *rules_of_orders.RULES)
"""The rules that are searched for in one range of orders after the other."""


def prove(length: int = RANGE) -> Program[Verdict]:
    """Check every rule of `domain/proof.py`, in ranges of `length` orders."""
    checked: dict[str, int] = {}
    for table in _CHECKED:
        checked[table.name] = (yield _step(_count(table)))[0][0]
    found: Counter[Rule] = Counter()
    shown: list[Violation] = []
    for rule in _WHOLE:
        _gather((yield _step(search(rule))), found, shown)
    start: str | None = ""
    while start is not None:
        ends = yield _step(_NEXT_START, start=start, length=length)
        end: str | None = ends[0][0] if ends else None
        for rule in IN_A_RANGE:
            rows = yield _step(search(rule, Range(ends=end is not None)), start=start, end=end)
            _gather(rows, found, shown)
        start = end
    return Verdict(checked, tuple(shown), dict(found))


def _gather(rows: Sequence[Sequence[Any]], found: Counter[Rule], shown: list[Violation]) -> None:
    before = dict(found)
    for word, subject, detail, place, count in rows:
        rule = Rule(word)
        known = before.get(rule, 0)
        if known + place <= MOST_SHOWN:
            shown.append(Violation(rule, subject, detail))
        found[rule] = known + count


@cache
def _count(table: Table) -> Select[Any]:
    return select(func.count()).select_from(table)


@cache
def search(rule: Callable[..., SelectBase], *within: Range) -> Any:
    """The first rows that break a rule, in order, with their place and how many there are."""
    every = rule(*within).subquery("found")
    ranked = select(
        *every.c,
        func.row_number().over(partition_by=every.c.rule, order_by=every.c.subject).label("place"),
        func.count().over(partition_by=every.c.rule).label("count"),
    ).subquery("ranked")
    return select(*ranked.c).where(ranked.c.place <= MOST_SHOWN).order_by(ranked.c.rule, ranked.c.place)


def _step(statement: Select[Any], **values: object) -> Execute:
    return Execute(Bound(statement, values), LONGEST_SEARCH_SECONDS)
