"""Tampering with the books to see whether it is found: statements that are undone once the proof has run."""

import pytest
from sqlalchemy import text

from tillway.domain.proof import Verdict
from tillway.store.protocol import Store
from tillway.store.proving import RANGE, prove
from tillway.store.sqlite import SqliteStore
from tillway.store.steps import Execute, Program


class _Undone(Exception):
    """Ends a transaction that is not to be kept, with what was found in it."""

    def __init__(self, verdict: Verdict) -> None:
        self.verdict = verdict


async def verdict_after(store: Store, *statements: str, length: int = RANGE) -> Verdict:
    """What the proof finds after the statements, which are undone."""

    def tampered() -> Program[None]:
        yield from _without_checks(store)
        for statement in statements:
            yield Execute(text(statement.replace(":", "\\:")))
        raise _Undone((yield from prove(length)))

    with pytest.raises(_Undone) as undone:
        await store.write(tampered())
    return undone.value.verdict


_CHECKS = "SELECT conrelid\\:\\:regclass\\:\\:text, conname FROM pg_constraint WHERE contype = 'c' AND conrelid <> 0"


def _without_checks(store: Store) -> Program[None]:
    if isinstance(store, SqliteStore):
        yield Execute(text("PRAGMA ignore_check_constraints = ON"))
        return
    for table, name in (yield Execute(text(_CHECKS))):
        yield Execute(text(f"ALTER TABLE {table} DROP CONSTRAINT {name}"))
