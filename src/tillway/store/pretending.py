"""The pretend acquirer's payments as the sandbox's database keeps them: one JSON document each."""

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Select, insert, select, update

from tillway.domain.pretended import Pretended
from tillway.store.schema import pretended
from tillway.store.steps import Execute, Program

Answer = TypeVar("Answer")


def find_pretended(identity: str) -> Program[Pretended | None]:
    """The payment that the gateway calls by this id."""
    rows = yield Execute(select(pretended.c.document).where(pretended.c.id == identity))
    return _read(rows)


def change_pretended(
    identity: str, decide: Callable[[Pretended | None], tuple[Pretended | None, Answer]]
) -> Program[Answer]:
    """Load the payment for writing, and keep what `decide` makes of it (None: as it was); answers what it answers."""
    rows = yield Execute(select(pretended.c.document).where(pretended.c.id == identity).with_for_update())
    before = _read(rows)
    after, answer = decide(before)
    if after is None or after == before:
        return answer
    kept = {"document": msgspec.json.encode(after).decode(), "next_call_at": after.next_at}
    if before is None:
        yield Execute(insert(pretended).values(id=identity, **kept))
    else:
        yield Execute(update(pretended).where(pretended.c.id == identity).values(**kept))
    return answer


def pretended_due(now: int, limit: int) -> Select[Any]:
    """The ids of payments of which something is due by itself, longest first."""
    due = (pretended.c.next_call_at > 0, pretended.c.next_call_at <= now)
    return select(pretended.c.id).where(*due).order_by(pretended.c.next_call_at).limit(limit)


def _read(rows: list[Any]) -> Pretended | None:
    return msgspec.json.decode(rows[0][0], type=Pretended) if rows else None
