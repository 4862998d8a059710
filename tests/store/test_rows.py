"""Rows of every kind come back from both databases as they were written, whatever is in them."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from enum import StrEnum
from typing import Any, get_type_hints

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from tillway.domain.batches import BatchLine
from tillway.domain.book import KEYS
from tillway.domain.clients import Issuer, Merchant
from tillway.domain.events import LoggedEvent, PaymentWithdrawn
from tillway.domain.giftcards import GiftCard
from tillway.domain.ids import PaymentId
from tillway.domain.ledger import Transfer
from tillway.domain.orders import Order
from tillway.domain.payment_orders import PaymentOrder
from tillway.domain.payments import Attempt, Payment
from tillway.domain.refunds import Refund, RefundPart
from tillway.domain.statements import BankEntry
from tillway.store.opening import open_store
from tillway.store.rows import MAPPINGS, Mapping
from tillway.store.steps import Execute, Insert, Load, LoadAll, Program, Update, Write

Run = Callable[[Program[Any]], Any]

LEAST, MOST = -(2**63), 2**63 - 1
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)
NUMBERS = st.integers(LEAST, MOST) | st.sampled_from([LEAST, -1, 0, 1, MOST])
EVENT = PaymentWithdrawn(PaymentId("p"), 1, "NOK")

MENDED: dict[type[Any], Callable[[Any], Any]] = {
    Order: lambda row: replace(row, amount=max(1, row.amount)),
    Payment: lambda row: replace(
        row,
        amount=max(1, row.amount),
        paid=max(0, min(row.paid, max(1, row.amount))),
        refunded=max(0, min(row.refunded, row.paid, max(1, row.amount))),
    ),
    Attempt: lambda row: replace(
        row, amount=max(1, row.amount), refunded=max(0, min(row.refunded, max(1, row.amount)))
    ),
    PaymentOrder: lambda row: replace(row, refund_limit=max(0, row.refund_limit)),
    Refund: lambda row: replace(row, amount=max(1, row.amount)),
    RefundPart: lambda row: replace(row, amount=max(1, row.amount)),
    GiftCard: lambda row: replace(row, balance=max(0, row.balance), held=max(0, row.held)),
    Merchant: lambda row: replace(row, name=f"name of {row.id}"),
    Issuer: lambda row: replace(row, prefix=f"prefix of {row.id}"),
    Transfer: lambda row: replace(row, amount=max(1, row.amount), target=f"not {row.source}"),
    BankEntry: lambda row: replace(row, amount=max(1, row.amount), settled=0, kept=0),
    BatchLine: lambda row: replace(row, amount=max(1, row.amount)),
}
"""What the tables' CHECKs and unique indexes ask for; those are held by tests of their own."""


def _values(hint: Any) -> st.SearchStrategy[Any]:
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return st.sampled_from(list(hint))
    if hint is bool:
        return st.booleans()
    if hint is int:
        return NUMBERS
    return TEXTS


def _rows(kind: type[Any]) -> st.SearchStrategy[Any]:
    hints = get_type_hints(kind)
    columns = {field.name: _values(hints[field.name]) for field in fields(kind)}
    if kind is LoggedEvent:
        columns["event"] = st.just(EVENT)
    return st.builds(kind, **columns).map(_mended)


def _mended(row: Any) -> Any:
    mend = MENDED.get(row.__class__)
    return mend(row) if mend else row


def _as_read(row: Any) -> Any:
    """The log keeps an event as JSON text, and that is how it is read."""
    return replace(row, event=msgspec.json.encode(row.event).decode()) if isinstance(row, LoggedEvent) else row


def _write(mapping: Mapping, rows: list[Any]) -> Program[None]:
    yield Execute(delete(mapping.table))
    yield Write([Insert(mapping.kind, rows)])


def _change(mapping: Mapping, rows: list[Any]) -> Program[None]:
    yield Write([Update(mapping.kind, rows)])


def _find(mapping: Mapping, keys: list[Any]) -> Program[list[Any]]:
    return (yield Load(mapping.kind, mapping.key, keys, lock=True))


def _find_all(mapping: Mapping) -> Program[list[Any]]:
    return (yield LoadAll(mapping.kind))


@pytest.fixture
def run(database: str) -> Iterator[Run]:
    """Carries programs out on a fresh database, each as one transaction."""
    with asyncio.Runner() as runner:
        store = open_store(database)
        yield lambda program: runner.run(store.write(program))
        runner.run(store.close())


@pytest.mark.parametrize("kind", MAPPINGS, ids=lambda kind: kind.__name__)
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_rows_come_back_as_they_were_written(run: Run, kind: type[Any], data: st.DataObject) -> None:
    mapping, key_of = MAPPINGS[kind], KEYS[kind]
    rows = data.draw(st.lists(_rows(kind), min_size=1, max_size=4, unique_by=key_of))
    fresh = data.draw(_rows(kind))
    keys: list[Any] = sorted(key_of(row) for row in rows)
    run(_write(mapping, rows))
    assert {key_of(row): row for row in run(_find(mapping, keys))} == {key_of(row): _as_read(row) for row in rows}
    assert {key_of(row): row for row in run(_find_all(mapping))} == {key_of(row): _as_read(row) for row in rows}
    if mapping.mutable:
        changed = replace(rows[0], **{name: getattr(fresh, name) for name in mapping.mutable})
        changed = _mended(changed)
        run(_change(mapping, [changed]))
        found = {key_of(row): row for row in run(_find(mapping, keys))}
        assert found == {key_of(row): row for row in [changed, *rows[1:]]}


@pytest.mark.parametrize("kind", MAPPINGS, ids=lambda kind: kind.__name__)
def test_a_row_has_the_key_of_its_table(kind: type[Any]) -> None:
    mapping = MAPPINGS[kind]
    values = {field.name: field.name for field in fields(kind)}
    key = KEYS[kind](kind(**values))
    assert (key if isinstance(key, tuple) else (key,)) == mapping.key


def test_what_only_grows_cannot_be_changed() -> None:
    growing = {"transitions", "transfers", "events", "tries", "replays", "renewals", "batches", "batch_lines"}
    assert {mapping.table.name for mapping in MAPPINGS.values() if not mapping.mutable} == growing


def test_every_kind_of_row_can_be_written() -> None:
    assert set(MAPPINGS) == set(KEYS)
