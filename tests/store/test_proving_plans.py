"""How PostgreSQL goes about proving the books: a rule that is searched for in a range reads no more than the range."""

from collections.abc import AsyncIterator
from typing import cast

import asyncpg
import pytest

from tests import gateway
from tests.store.plans import plan_of
from tillway.commands import payments
from tillway.domain.opening import Opening
from tillway.domain.orders import Access
from tillway.store.opening import open_store
from tillway.store.proving import IN_A_RANGE, search
from tillway.store.rules_of_payments import Range
from tillway.store.statements import Bound

pytestmark = pytest.mark.anyio

MANY = 20_000
LARGE = frozenset({"orders", "payments"})
_AS_MANY = """
    INSERT INTO {table} SELECT (jsonb_populate_record(one, jsonb_build_object('id', begin || substr(one.id, 9)))).*
    FROM {table} AS one, (SELECT lpad(to_hex(n), 8, '0') AS begin FROM generate_series(1, {many}) AS n) AS begins
"""


@pytest.fixture
async def connection(migrated_postgres_database: str) -> AsyncIterator[asyncpg.Connection]:
    """A database with many payments of tills, and statistics that know of no others."""
    store = open_store(migrated_postgres_database)
    tools = gateway.tools_on(store)
    client = (await gateway.credentials(tools)).client
    await payments.open_payment(
        tools, client, Opening(100, Access.API, "", "", "", "en", "{}", tools.now() + 60_000_000)
    )
    await tools.committer.close()
    await store.close()
    opened = cast("asyncpg.Connection", await asyncpg.connect(migrated_postgres_database))
    for table in sorted(LARGE):
        await opened.execute(_AS_MANY.format(table=table, many=MANY))
    await opened.execute("ANALYZE")
    yield opened
    await opened.close()


async def test_a_range_is_read_by_its_index_under_every_rule(connection: asyncpg.Connection) -> None:
    bounds = {"start": "00000010", "end": "00000100"}
    whole: list[tuple[str, str]] = []
    for rule in IN_A_RANGE:
        whole += [
            (rule.__name__, node["Relation Name"])
            for node in await plan_of(connection, Bound(search(rule, Range(ends=True)), bounds))
            if node.get("Relation Name") in LARGE and not {"Index Cond", "Recheck Cond"} & node.keys()
        ]
    assert whole == []
