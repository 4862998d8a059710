"""Whole numbers that are handed out once each, in blocks: a process reserves one and counts through it."""

from sqlalchemy import insert, update

from tillway.store.schema import counters
from tillway.store.steps import Execute, Program


def reserve(name: str, count: int) -> Program[int]:
    """Set `count` numbers aside for the caller; answers the first. What a crash leaves unused stays unused."""
    moved = yield Execute(
        update(counters)
        .where(counters.c.name == name)
        .values(value=counters.c.value + count)
        .returning(counters.c.value)
    )
    if moved:
        return moved[0][0] - count + 1
    yield Execute(insert(counters).values(name=name, value=count))
    return 1
