"""How rows and tables meet: for every kind of row its table, its key, what may change, and both conversions."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from operator import attrgetter
from typing import Any, Final, get_type_hints

import msgspec
from sqlalchemy import Table, Text

from tillway.domain.batches import BatchLine, CreditBatch
from tillway.domain.clients import Client, ClientSecret, Issuer, Merchant
from tillway.domain.events import LoggedEvent
from tillway.domain.giftcards import GiftCard
from tillway.domain.guesses import Guesses
from tillway.domain.hooks import Hook
from tillway.domain.ledger import Transfer
from tillway.domain.notices import Notice, Receiver, Try
from tillway.domain.orders import Order
from tillway.domain.payment_orders import Instruction, PaymentOrder
from tillway.domain.payments import Attempt, Payment, Transition
from tillway.domain.refunds import Refund, RefundPart
from tillway.domain.renewals import Renewal
from tillway.domain.replays import Replay
from tillway.domain.statements import BankEntry, EntryPolicy, Statement
from tillway.store import schema

Values = Sequence[Any]


@dataclass(frozen=True, slots=True)
class Mapping:
    """One kind of row and its table; `mutable` are the columns that may change after a row was written."""

    kind: type[Any]
    table: Table
    columns: tuple[str, ...]
    key: tuple[str, ...]
    mutable: tuple[str, ...]
    from_values: Callable[[Values], Any]
    to_values: Callable[[Any], tuple[Any, ...]]
    key_and_mutable: Callable[[Any], tuple[Any, ...]]

    def is_text(self, column: str) -> bool:
        """Whether the column is TEXT; it is BIGINT otherwise."""
        return isinstance(self.table.c[column].type, Text)


def _mapping(kind: type[Any], table: Table, *mutable: str) -> Mapping:
    columns = tuple(field.name for field in fields(kind))
    if columns != tuple(table.c.keys()):
        raise TypeError(f"{kind.__name__} and {table.name} differ")
    key = tuple(column.name for column in table.primary_key.columns)
    to_values = _to_json(columns) if kind is LoggedEvent else attrgetter(*columns)
    pick = attrgetter(*mutable, *key) if mutable else attrgetter(*columns)
    return Mapping(kind, table, columns, key, mutable, _reader(kind), to_values, pick)


def _reader(kind: type[Any]) -> Callable[[Values], Any]:
    hints = get_type_hints(kind)
    converters: list[tuple[int, Callable[[Any], Any]]] = []
    for place, field in enumerate(fields(kind)):
        hint = hints[field.name]
        if isinstance(hint, type) and issubclass(hint, StrEnum):
            converters.append((place, {str(member.value): member for member in hint}.__getitem__))
        elif hint is bool:
            converters.append((place, bool))
    if not converters:
        return lambda values: kind(*values)

    def read(values: Values) -> Any:
        converted = list(values)
        for place, convert in converters:
            converted[place] = convert(converted[place])
        return kind(*converted)

    return read


def _to_json(columns: tuple[str, ...]) -> Callable[[Any], tuple[Any, ...]]:
    pick = attrgetter(*columns)
    encode = msgspec.json.Encoder().encode

    def write(row: LoggedEvent) -> tuple[Any, ...]:
        identity, kind, client, payment, sequence, event, at = pick(row)
        return identity, kind, client, payment, sequence, encode(event).decode(), at

    return write


MAPPINGS: Final[dict[type[Any], Mapping]] = {
    mapping.kind: mapping
    for mapping in (
        _mapping(Order, schema.orders, "amount", "payment_count"),
        _mapping(PaymentOrder, schema.payment_orders, "status", "amount", "refund_limit", "refund_count"),
        _mapping(
            Payment,
            schema.payments,
            "amount",
            "state",
            "paid",
            "refunded",
            "attempt_count",
            "refund_count",
            "version",
            "changed_at",
            "completed_at",
            "expires_at",
        ),
        _mapping(
            Instruction,
            schema.instructions,
            "state",
            "amount",
            "bank_id",
            "debtor_iban",
            "debtor_bic",
            "reason",
            "confirmed_at",
            "finalized_at",
        ),
        _mapping(
            Attempt,
            schema.attempts,
            "scheme",
            "mask",
            "reference",
            "step_url",
            "refunded",
            "state",
            "reason",
            "look_ups",
            "next_look_up_at",
            "settled_at",
        ),
        _mapping(Refund, schema.refunds, "state", "settled_at"),
        _mapping(RefundPart, schema.refund_parts, "state", "look_ups", "next_look_up_at"),
        _mapping(GiftCard, schema.gift_cards, "balance", "held", "state", "expires_at"),
        _mapping(Guesses, schema.guesses, "since", "count"),
        _mapping(Notice, schema.notices, "state", "tries", "next_try_at", "leased_until", "settled_at"),
        _mapping(Receiver, schema.receivers, "off_at", "failing_since", "accepted_at"),
        _mapping(Merchant, schema.merchants, "name", "zone"),
        _mapping(
            Client,
            schema.clients,
            "name",
            "vendors",
            "return_hosts",
            "origins",
            "methods",
            "most_declines",
            "state",
            "ibans",
            "return_urls",
            "grants",
        ),
        _mapping(Hook, schema.hooks, "starts_at", "ends_at"),
        _mapping(ClientSecret, schema.client_secrets, "ends_at"),
        _mapping(Issuer, schema.issuers, "name"),
        _mapping(Transition, schema.transitions),
        _mapping(Transfer, schema.transfers),
        _mapping(LoggedEvent, schema.events),
        _mapping(Try, schema.tries),
        _mapping(Replay, schema.replays),
        _mapping(Renewal, schema.renewals),
        _mapping(
            Statement, schema.statements, "opening", "closing", "adds_up", "from_on", "to_on", "entry_count", "is_read"
        ),
        _mapping(
            BankEntry,
            schema.entries,
            "state",
            "payment_id",
            "attempt",
            "settled",
            "kept",
            "score",
            "cause",
            "batch_id",
            "returns",
            "changed_at",
        ),
        _mapping(EntryPolicy, schema.entry_policies, "part", "over", "late"),
        _mapping(CreditBatch, schema.batches),
        _mapping(BatchLine, schema.batch_lines),
    )
}
"""In the order in which a batch writes them."""
