"""A client's own name for a payment is found by its index alone, however many payments the client has."""

import sqlite3
from pathlib import Path
from typing import cast

import asyncpg
import pytest

from tillway.domain.payment_orders import Instruction
from tillway.store import postgres, sqlite

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
    sql = postgres.load_sql(Instruction, NAME, lock=False, given="instruction_id")
    rows = cast("list[object]", await connection.fetch(f"EXPLAIN {sql}", ["c"], [0], ["n"]))
    await connection.close()
    assert "instructions_named" in str(rows)
