"""The payments at pretend far sides as the sandbox's database keeps them: one JSON document each."""

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Select, insert, select, update

from tillway.domain.pretended import Pretended
from tillway.domain.pretended_transfers import BankTransfer
from tillway.store.schema import pretended
from tillway.store.steps import Execute, Program

Answer = TypeVar("Answer")
Kept = TypeVar("Kept", Pretended, BankTransfer)

_AT_A_BANK = "bank:"
"""What the ids of payments at pretend banks are kept under; no gateway can give such an id to a payment."""


def find_pretended(identity: str) -> Program[Pretended | None]:
    """The acquirer's payment that the gateway calls by this id."""
    return _find(identity, Pretended)


def change_pretended(
    identity: str, decide: Callable[[Pretended | None], tuple[Pretended | None, Answer]]
) -> Program[Answer]:
    """Load the acquirer's payment for writing, and keep what `decide` makes of it (None: as it was).

    Answers what `decide` answers.
    """
    return _change(identity, Pretended, decide)


def find_transfer(identity: str) -> Program[BankTransfer | None]:
    """The payment at a pretend bank that has this id there."""
    return _find(_AT_A_BANK + identity, BankTransfer)


def change_transfer(
    identity: str, decide: Callable[[BankTransfer | None], tuple[BankTransfer | None, Answer]]
) -> Program[Answer]:
    """As `change_pretended`, for a payment at a pretend bank."""
    return _change(_AT_A_BANK + identity, BankTransfer, decide)


def pretended_due(now: int, limit: int) -> Select[Any]:
    """The ids of payments of which something is due by itself, longest first."""
    due = (pretended.c.next_call_at > 0, pretended.c.next_call_at <= now)
    return select(pretended.c.id).where(*due).order_by(pretended.c.next_call_at).limit(limit)


def _find(key: str, kind: type[Kept]) -> Program[Kept | None]:
    rows = yield Execute(select(pretended.c.document).where(pretended.c.id == key))
    return _read(rows, kind)


def _change(key: str, kind: type[Kept], decide: Callable[[Kept | None], tuple[Kept | None, Answer]]) -> Program[Answer]:
    rows = yield Execute(select(pretended.c.document).where(pretended.c.id == key).with_for_update())
    before = _read(rows, kind)
    after, answer = decide(before)
    if after is None or after == before:
        return answer
    kept = {"document": msgspec.json.encode(after).decode(), "next_call_at": after.next_at}
    if before is None:
        yield Execute(insert(pretended).values(id=key, **kept))
    else:
        yield Execute(update(pretended).where(pretended.c.id == key).values(**kept))
    return answer


def _read(rows: list[Any], kind: type[Kept]) -> Kept | None:
    return msgspec.json.decode(rows[0][0], type=kind) if rows else None
