"""Looking for what is due goes through an index, however much is there, on both databases."""

from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.dialects import postgresql, sqlite

from tests import gateway
from tests.workers.telling import event_with_notice
from tillway.commands.tools import Tools
from tillway.domain.book import Needs
from tillway.domain.decision import Decision
from tillway.domain.events import LoggedEvent
from tillway.domain.notices import Notice
from tillway.store import due
from tillway.store.protocol import Store
from tillway.store.sqlite import SqliteStore
from tillway.store.statements import Bound
from tillway.store.steps import Execute, Program

pytestmark = pytest.mark.anyio

NOW = gateway.START

SEARCHES = {
    "payments_expiring": due.payments_to_expire(NOW, 10),
    "attempts_unresolved": due.attempts_to_resolve(NOW, 10),
    "refund_parts_unresolved": due.refunds_to_resolve(NOW, 10),
    "notices_due": due.notices_to_try(NOW, ""),
}


async def plan_of(store: Store, search: Bound) -> str:
    """How the database goes about a search; PostgreSQL is kept from reading a table whole merely as it is small."""
    on_sqlite = isinstance(store, SqliteStore)
    dialect = sqlite.dialect() if on_sqlite else postgresql.dialect()
    statement = search.statement.params(search.values)
    sql = str(statement.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))

    def explain() -> Program[Sequence[Any]]:
        if on_sqlite:
            return (yield Execute(text(f"EXPLAIN QUERY PLAN {sql}")))
        yield Execute(text("SET LOCAL enable_seqscan = off"))
        return (yield Execute(text(f"EXPLAIN {sql}")))

    return "\n".join(str(row) for row in await store.write(explain()))


@pytest.mark.parametrize("index", list(SEARCHES))
async def test_what_is_due_is_found_through_its_index(store: Store, index: str) -> None:
    plan = await plan_of(store, SEARCHES[index])
    assert f"INDEX {index}" in plan or f"using {index}" in plan
    assert "Seq Scan" not in plan


def notice(number: int, host: str, *, at: int = NOW, leased_until: int = 0) -> tuple[LoggedEvent, Notice]:
    return event_with_notice(f"notice{number:04}", host, at=at, now=NOW, leased_until=leased_until)


async def found(tools: Tools, *notices: tuple[LoggedEvent, Notice], after: str = "") -> list[tuple[str, list[str]]]:
    rows = tuple(row for pair in notices for row in pair)
    await tools.committer.run(Needs(), lambda _: Decision(None, rows))
    answered = await tools.store.fetch(due.notices_to_try(NOW, after))
    return [(row[0], row[1].split(" ") if row[1] else []) for row in answered]


async def test_each_host_is_found_with_its_first_that_are_due(tools: Tools) -> None:
    rows = (
        notice(2, "b.example", at=NOW - 1),
        notice(1, "b.example"),
        notice(3, "a.example"),
        notice(4, "c.example", at=NOW + 1),
        notice(5, "d.example", leased_until=NOW + 1),
        notice(6, "d.example"),
    )
    assert [(host, set(ids)) for host, ids in await found(tools, *rows)] == [
        ("a.example", {"notice0003"}),
        ("b.example", {"notice0001", "notice0002"}),
        ("c.example", set()),
        ("d.example", {"notice0006"}),
    ]


async def test_a_host_with_many_is_found_with_its_oldest(tools: Tools) -> None:
    rows = tuple(notice(number, "a.example", at=NOW - 1000 + number) for number in range(100))
    ((_, ids),) = await found(tools, *rows)
    assert sorted(ids) == [f"notice{number:04}" for number in range(due.MOST_OF_A_HOST)]


async def test_a_search_goes_on_after_a_host(tools: Tools) -> None:
    rows = tuple(notice(number, f"host{number:03}.example") for number in range(due.MOST_HOSTS + 20))
    answered = await found(tools, *rows, after="host009.example")
    assert [host for host, _ in answered] == [f"host{number:03}.example" for number in range(10, 10 + due.MOST_HOSTS)]
