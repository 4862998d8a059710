"""How PostgreSQL would go about a search: the nodes of its plan."""

import json
from collections.abc import Iterator
from typing import Any, cast

import asyncpg
from sqlalchemy.dialects.postgresql.asyncpg import dialect

from tillway.store.statements import Search, compiled


async def plan_of(connection: asyncpg.Connection, search: Search) -> list[dict[str, Any]]:
    """All nodes of the plan, each before those below it."""
    sql, values = compiled(search, dialect())
    explained = cast("str", await connection.fetchval(f"EXPLAIN (FORMAT JSON) {sql}", *values))
    return list(_nodes(json.loads(explained)[0]["Plan"]))


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from _nodes(below)
