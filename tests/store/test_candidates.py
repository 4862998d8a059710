"""Payments for bank entries are found by the index of what is sought, whatever a database's statistics know."""

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast

import asyncpg
import pytest
from sqlalchemy import Text
from sqlalchemy.dialects.sqlite import dialect as sqlite

from tests.store.plans import plan_of
from tillway.domain.ids import ClientId
from tillway.store.candidates import Sought, find_candidates
from tillway.store.schema import instructions
from tillway.store.statements import Bound, compiled

pytestmark = pytest.mark.anyio

MANY = 20_000
CHUNK = 128
WAYS = {"instructions_variable_symbol": "variable_symbol", "instructions_reference": "reference"}

_GIVEN = {
    "payment_id": "lpad(n::text, 12, '0')",
    "client_id": "'shop'",
    "state": "'CREATED'",
    "instruction_id": "n::text",
    "variable_symbol": "CASE WHEN n % 2 = 0 THEN n::text ELSE '' END",
    "reference": "CASE WHEN n % 2 = 1 THEN n::text ELSE '' END",
}


def _search() -> Bound:
    """What is asked for a chunk of entries, half of them with a symbol and half with a reference."""
    numbers = range(CHUNK)
    even, odd = [str(2 * number) for number in numbers], [str(2 * number + 1) for number in numbers]
    found = find_candidates(Sought([ClientId("shop")], even, odd, []), 1000)
    assert found is not None
    return found


@pytest.fixture
async def connection(migrated_postgres_database: str) -> AsyncIterator[asyncpg.Connection]:
    """A database with many payments of one client, and statistics of when it had none."""
    opened = cast("asyncpg.Connection", await asyncpg.connect(migrated_postgres_database))
    await opened.execute("ALTER TABLE instructions SET (autovacuum_enabled = off)")
    await opened.execute("ANALYZE instructions")
    values = (_GIVEN.get(column.name, "''" if isinstance(column.type, Text) else "0") for column in instructions.c)
    names = ", ".join(column.name for column in instructions.c)
    rows = f"SELECT {', '.join(values)} FROM generate_series(1, {MANY}) AS n"
    await opened.execute(f"INSERT INTO instructions ({names}) {rows}")
    yield opened
    await opened.close()


async def test_postgresql_looks_each_symbol_and_reference_up(connection: asyncpg.Connection) -> None:
    plan = await plan_of(connection, _search())
    conditions = {node["Index Name"]: node["Index Cond"] for node in plan if "Index Name" in node}
    assert conditions.keys() == WAYS.keys()
    assert all(f"{column} = ANY" in conditions[index] for index, column in WAYS.items())


def test_sqlite_looks_each_symbol_and_reference_up(sqlite_database: str) -> None:
    sql, values = compiled(_search(), sqlite(paramstyle="qmark"))
    connection = sqlite3.connect(Path(sqlite_database))
    plan = " ".join(row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}", values))
    connection.close()
    assert all(f"{index} (client_id=? AND {column}=?)" in plan for index, column in WAYS.items())
