"""The sandbox's clock as the database keeps it, so that a restart does not turn time back."""

from sqlalchemy import insert, select, update

from tillway.store.schema import sandbox_clock
from tillway.store.steps import Execute, Program

_ROW = 1


def read_ahead() -> Program[int]:
    """By how many microseconds the clock is ahead."""
    rows = yield Execute(select(sandbox_clock.c.ahead).where(sandbox_clock.c.id == _ROW))
    return rows[0][0] if rows else 0


def move_ahead(by: int) -> Program[int]:
    """Move the clock ahead by so many microseconds; answers how far it is ahead now."""
    moved = yield Execute(
        update(sandbox_clock)
        .where(sandbox_clock.c.id == _ROW)
        .values(ahead=sandbox_clock.c.ahead + by)
        .returning(sandbox_clock.c.ahead)
    )
    if moved:
        return moved[0][0]
    yield Execute(insert(sandbox_clock).values(id=_ROW, ahead=by))
    return by
