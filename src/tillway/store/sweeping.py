"""Removing what is kept for a while only: bounded steps along the primary key, since no index knows the age."""

from typing import Any

from sqlalchemy import delete, select, tuple_

from tillway.store import schema
from tillway.store.steps import Execute, Program

ROWS_OF_A_STEP = 1000


def sweep_replays(after: tuple[str, str], made_before: int) -> Program[tuple[str, str] | None]:
    """Look at the replays that follow a key and remove the old ones; answers the last key, or None at the end."""
    columns = schema.replays.c
    key = tuple_(columns.client_id, columns.key)
    following = select(*(columns[name] for name in ("client_id", "key")))
    seen = yield Execute(following.where(key > after).order_by(*key.clauses).limit(ROWS_OF_A_STEP))
    if not seen:
        return None
    last: tuple[str, str] = (seen[-1][0], seen[-1][1])
    yield Execute(delete(schema.replays).where(key > after, key <= last, columns.at < made_before))
    return last if len(seen) == ROWS_OF_A_STEP else None


def sweep_renewals(after: str, ended_before: int) -> Program[str | None]:
    """Look at the renewals that follow a token's id and remove those that are over; answers as `sweep_replays`."""
    columns = schema.renewals.c
    seen: list[Any] = yield Execute(
        select(columns.token_id).where(columns.token_id > after).order_by(columns.token_id).limit(ROWS_OF_A_STEP)
    )
    if not seen:
        return None
    last: str = seen[-1][0]
    old = (columns.token_id > after, columns.token_id <= last, columns.ends_at < ended_before)
    yield Execute(delete(schema.renewals).where(*old))
    return last if len(seen) == ROWS_OF_A_STEP else None


def sweep_guesses(after: str, begun_before: int) -> Program[str | None]:
    """Look at the counters of guesses that follow a scope and remove the old ones; answers as `sweep_replays`."""
    columns = schema.guesses.c
    seen: list[Any] = yield Execute(
        select(columns.scope).where(columns.scope > after).order_by(columns.scope).limit(ROWS_OF_A_STEP)
    )
    if not seen:
        return None
    last: str = seen[-1][0]
    old = (columns.scope > after, columns.scope <= last, columns.since < begun_before)
    yield Execute(delete(schema.guesses).where(*old))
    return last if len(seen) == ROWS_OF_A_STEP else None
