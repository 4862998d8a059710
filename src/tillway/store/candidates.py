"""Searches around bank entries: payments that an entry may belong to, refunds and returns that wait for a file."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from json import dumps
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, Text, and_, bindparam, or_, select, union_all

from tillway.domain.batches import BatchLine, CreditBatch
from tillway.domain.ids import ClientId, MerchantId
from tillway.domain.payments import WAITING, PaymentState
from tillway.domain.statements import BankEntry, EntryId, EntryPolicy, EntryState, Statement
from tillway.store import schema
from tillway.store.expressions import among, number, word
from tillway.store.rows import MAPPINGS
from tillway.store.statements import Bound
from tillway.store.steps import Load, Program

COLUMNS = ("payment_id", "variable_symbol", "reference", "amount")
"""What is found of a candidate, in this order."""

_SYMBOL, _REFERENCE, _AMOUNT = "variable_symbol", "reference", "amount"
_OPEN = frozenset({PaymentState.CREATED, PaymentState.SEEN, PaymentState.PROCESSING, PaymentState.CONFIRMED})


@dataclass(frozen=True, slots=True)
class Sought:
    """What the payments of some clients may have in common with entries."""

    clients: Sequence[ClientId]
    variable_symbols: Sequence[str]
    references: Sequence[str]
    amounts: Sequence[int]


def find_candidates(sought: Sought, limit: int) -> Bound | None:
    """Rows of COLUMNS by symbol or reference, refunds among them, and of open payments by amount; None: no search."""
    ways = {_SYMBOL: sought.variable_symbols, _REFERENCE: sought.references, _AMOUNT: sought.amounts}
    values = {way: dumps(list(some)) for way, some in ways.items() if some}
    clients = {f"client{number}": client for number, client in enumerate(sought.clients)}
    if not values or not clients:
        return None
    return Bound(_candidates(tuple(values), tuple(clients)), {**clients, **values, "limit": limit})


@lru_cache(maxsize=64)
def _candidates(ways: Sequence[str], clients: Sequence[str]) -> Select[Any]:
    """Each way is led by the index of what is sought: a state that is written as it is would lead to all open ones.

    PostgreSQL goes by state all the same for an amount, until its statistics know of the payments.
    """
    told = schema.instructions.c
    columns: list[ColumnElement[Any]] = [told[name] for name in COLUMNS]
    of_clients = told.client_id.in_([bindparam(name, type_=Text, required=False) for name in clients])
    is_open = told.state.concat(word("")).in_([word(state) for state in sorted(_OPEN)])
    limit = bindparam("limit", type_=BigInteger, required=False)
    found: list[Select[Any]] = []
    for way in ways:
        counts = and_(told.outgoing == number(0), is_open) if way == _AMOUNT else told[way] != word("")
        chosen = select(*columns).where(of_clients, among(told[way], way), counts)
        found.append(chosen.order_by(told.payment_id.desc()).limit(limit).subquery().select())
    return union_all(*found).subquery().select()


def find_entries(ids: Sequence[EntryId]) -> Program[list[BankEntry]]:
    """Those of the entries that exist."""
    return (yield Load(BankEntry, ("id",), ids))


def find_statements(limit: int) -> Select[Any]:
    """The statements that were taken in last, newest first, in the order of their columns."""
    table = schema.statements
    return select(table).order_by(table.c.created_at.desc(), table.c.id).limit(limit)


def find_unfinished(merchant: MerchantId, states: Iterable[EntryState], limit: int) -> Bound:
    """Entries of a merchant in one of two states that need somebody, oldest first; of RETURNING those in no file."""
    first, second = (list(states) * 2)[:2]
    return Bound(_unfinished(), {"merchant": merchant, "first": first, "second": second, "limit": limit})


@cache
def _unfinished() -> Select[Any]:
    entries = schema.entries
    index = next(one for one in entries.indexes if one.name == "entries_unfinished")
    states = [bindparam(name, type_=Text, required=False) for name in ("first", "second")]
    return (
        select(entries)
        .where(
            entries.c.merchant_id == bindparam("merchant", type_=Text, required=False),
            index.dialect_options["sqlite"]["where"],
            entries.c.state.in_(states),
            or_(entries.c.state != EntryState.RETURNING, entries.c.batch_id == ""),
        )
        .order_by(entries.c.booked_on, entries.c.id)
        .limit(bindparam("limit", type_=BigInteger, required=False))
    )


def find_refunds_waiting(clients: Sequence[ClientId], limit: int) -> Select[Any]:
    """Payment id, account and currency of the refunds of clients that nobody has begun, oldest first."""
    told = schema.instructions.c
    columns: list[ColumnElement[Any]] = [told.payment_id, told.debtor_iban, told.currency]
    return (
        select(*columns)
        .where(told.client_id.in_(clients), told.outgoing == 1, told.state.in_(sorted(WAITING)))
        .order_by(told.payment_id)
        .limit(limit)
    )


def find_policy(merchant: MerchantId) -> Program[EntryPolicy | None]:
    """How a merchant handles what is not what was asked for, if it has said so."""
    found: list[EntryPolicy] = yield Load(EntryPolicy, ("merchant_id",), [merchant])
    return found[0] if found else None


def find_batch(identity: str) -> Program[tuple[CreditBatch, list[BatchLine]] | None]:
    """A batch with its lines, by number."""
    found: list[CreditBatch] = yield Load(CreditBatch, ("id",), [identity])
    lines: list[BatchLine] = yield Load(BatchLine, ("batch_id",), [identity])
    return (found[0], sorted(lines, key=lambda line: line.number)) if found else None


def find_batches(limit: int) -> Select[Any]:
    """The newest batches, in the order of their columns; their ids begin with the time."""
    table = schema.batches
    return select(table).order_by(table.c.id.desc()).limit(limit)


def read_entry(values: Sequence[Any]) -> BankEntry:
    """An entry of the columns of its table."""
    return MAPPINGS[BankEntry].from_values(values)


def read_statement(values: Sequence[Any]) -> Statement:
    """A statement of the columns of its table."""
    return MAPPINGS[Statement].from_values(values)


def read_batch(values: Sequence[Any]) -> CreditBatch:
    """A batch of the columns of its table."""
    return MAPPINGS[CreditBatch].from_values(values)
