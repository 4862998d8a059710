"""A client's own name for a payment is found by its index alone, however many payments the client has."""

import sqlite3
from pathlib import Path
from typing import cast

import asyncpg
import pytest

from tillway.domain.payment_orders import Instruction
from tillway.store import postgres_statements, sqlite

pytestmark = pytest.mark.anyio

NAME = ("client_id", "outgoing", "instruction_id")


def test_sqlite_looks_a_name_up_in_its_index(sqlite_database: str) -> None:
    connection = sqlite3.connect(Path(sqlite_database))
    sql = sqlite.load_sql(Instruction, NAME, "instruction_id")
    plan = " ".join(row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}", ('[["c", 0, "n"]]',)))
    connection.close()
    assert "instructions_named (client_id=? AND outgoing=? AND instruction_id=?)" in plan


async def test_postgresql_looks_a_name_up_in_its_index(migrated_postgres_database: str) -> None:
    settings = {"enable_seqscan": "off", "enable_hashjoin": "off", "enable_mergejoin": "off"}
    connection = cast("asyncpg.Connection", await asyncpg.connect(migrated_postgres_database, server_settings=settings))
    sql = postgres_statements.load_sql(Instruction, NAME, lock=False, given="instruction_id")
    await connection.execute("SET plan_cache_mode = force_generic_plan")
    await connection.execute(f"PREPARE by_name AS {sql}")
    run = "EXPLAIN EXECUTE by_name(ARRAY['c'], ARRAY[0::bigint], ARRAY['n'])"
    plan = "\n".join(row[0] for row in cast("list[tuple[str]]", await connection.fetch(run)))
    await connection.close()
    named = plan.partition("instructions_named")[2]
    assert "Index Cond" in named
    assert all(column in named.partition("Index Cond")[2].partition("\n")[0] for column in NAME)
