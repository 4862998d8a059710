"""The tables, as SQLAlchemy Core describes them; every column has the name and place of its row's field."""

from tillway.store.schema.bank_entries import batch_lines, batches, entries, entry_policies, statements
from tillway.store.schema.columns import metadata
from tillway.store.schema.money import daily_balances, gift_cards, transfers
from tillway.store.schema.payment_orders import instructions, payment_orders
from tillway.store.schema.payments import attempts, orders, payments, refund_parts, refunds, replays, transitions
from tillway.store.schema.records import (
    client_secrets,
    clients,
    counters,
    guesses,
    hooks,
    issuers,
    merchants,
    pretended,
    renewals,
    sandbox_clock,
)
from tillway.store.schema.telling import events, notices, receivers, tries

__all__ = (
    "attempts",
    "batch_lines",
    "batches",
    "client_secrets",
    "clients",
    "counters",
    "daily_balances",
    "entries",
    "entry_policies",
    "events",
    "gift_cards",
    "guesses",
    "hooks",
    "instructions",
    "issuers",
    "merchants",
    "metadata",
    "notices",
    "orders",
    "payment_orders",
    "payments",
    "pretended",
    "receivers",
    "refund_parts",
    "refunds",
    "renewals",
    "replays",
    "sandbox_clock",
    "statements",
    "transfers",
    "transitions",
    "tries",
)
