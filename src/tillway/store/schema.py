"""The tables, as SQLAlchemy Core describes them; every column has the name and place of its row's field.

Columns are TEXT or BIGINT and NOT NULL, so that SQLite and PostgreSQL return the same row: time is microseconds UTC,
state its word, JSON text. Tables of transitions, transfers, events and tries only ever grow.
"""

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, MetaData, PrimaryKeyConstraint, Table, Text, text

from tillway.domain.payments import UNRESOLVED, PaymentState

metadata = MetaData()


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False)


def _number(name: str) -> Column[int]:
    return Column(name, BigInteger, nullable=False, autoincrement=False)


def _key(*names: str) -> PrimaryKeyConstraint:
    return PrimaryKeyConstraint(*names)


def _words(words: frozenset[str]) -> str:
    return ", ".join(f"'{word}'" for word in sorted(words))


merchants = Table(
    "merchants",
    metadata,
    _text("id"),
    _text("name"),
    _text("zone"),
    _number("created_at"),
    _key("id"),
    Index("merchants_name", "name", unique=True),
)

clients = Table(
    "clients",
    metadata,
    _text("id"),
    _text("merchant_id"),
    _text("surface"),
    _text("name"),
    _text("currency"),
    _text("vendors"),
    _text("return_hosts"),
    _text("state"),
    _number("created_at"),
    _text("origins"),
    _text("methods"),
    _number("most_declines"),
    _key("id"),
)

client_secrets = Table(
    "client_secrets",
    metadata,
    _text("client_id"),
    _text("use"),
    _number("number"),
    _text("kept"),
    _number("created_at"),
    _number("ends_at"),
    _key("client_id", "use", "number"),
)

issuers = Table(
    "issuers",
    metadata,
    _text("id"),
    _text("name"),
    _text("prefix"),
    _text("currency"),
    _number("live"),
    _number("created_at"),
    _key("id"),
    Index("issuers_prefix", "prefix", unique=True),
)

orders = Table(
    "orders",
    metadata,
    _text("id"),
    _number("number"),
    _text("merchant_id"),
    _text("client_id"),
    _text("surface"),
    _text("access"),
    _number("amount"),
    _text("currency"),
    _text("reference"),
    _text("return_url"),
    _text("webhook_url"),
    _text("language"),
    _text("metadata"),
    _text("origin"),
    _text("country"),
    _text("email"),
    _number("most_declines"),
    _number("payment_count"),
    _number("created_at"),
    _key("id"),
    CheckConstraint("amount > 0", name="orders_amount"),
)

_ENDING = frozenset({PaymentState.CREATED, PaymentState.SEEN, PaymentState.PROCESSING})

payments = Table(
    "payments",
    metadata,
    _text("id"),
    _number("amount"),
    _text("currency"),
    _text("state"),
    _number("paid"),
    _number("refunded"),
    _number("attempt_count"),
    _number("refund_count"),
    _number("version"),
    _number("created_at"),
    _number("changed_at"),
    _number("completed_at"),
    _number("expires_at"),
    _key("id"),
    CheckConstraint("amount > 0", name="payments_amount"),
    CheckConstraint("paid >= 0 AND paid <= amount", name="payments_paid"),
    CheckConstraint("refunded >= 0 AND refunded <= paid", name="payments_refunded"),
    Index(
        "payments_expiring",
        "expires_at",
        sqlite_where=text(f"state IN ({_words(_ENDING)})"),
        postgresql_where=text(f"state IN ({_words(_ENDING)})"),
    ),
)

attempts = Table(
    "attempts",
    metadata,
    _text("payment_id"),
    _number("number"),
    _text("connector"),
    _text("method"),
    _text("scheme"),
    _text("source"),
    _text("mask"),
    _text("reference"),
    _text("step_url"),
    _number("amount"),
    _number("refunded"),
    _text("state"),
    _text("reason"),
    _number("call"),
    _text("call_key"),
    _number("completes"),
    _number("look_ups"),
    _number("next_look_up_at"),
    _number("created_at"),
    _number("settled_at"),
    _key("payment_id", "number"),
    CheckConstraint("amount > 0", name="attempts_amount"),
    CheckConstraint("refunded >= 0 AND refunded <= amount", name="attempts_refunded"),
    Index(
        "attempts_unresolved",
        "next_look_up_at",
        sqlite_where=text(f"state IN ({_words(UNRESOLVED)})"),
        postgresql_where=text(f"state IN ({_words(UNRESOLVED)})"),
    ),
)

refunds = Table(
    "refunds",
    metadata,
    _text("payment_id"),
    _number("number"),
    _text("id"),
    _number("amount"),
    _text("reference"),
    _text("webhook_url"),
    _text("state"),
    _number("created_at"),
    _number("settled_at"),
    _key("payment_id", "number"),
    CheckConstraint("amount > 0", name="refunds_amount"),
)

refund_parts = Table(
    "refund_parts",
    metadata,
    _text("payment_id"),
    _number("refund"),
    _number("attempt"),
    _text("connector"),
    _number("amount"),
    _text("state"),
    _number("look_ups"),
    _number("next_look_up_at"),
    _key("payment_id", "refund", "attempt"),
    CheckConstraint("amount > 0", name="refund_parts_amount"),
    Index(
        "refund_parts_unresolved",
        "next_look_up_at",
        sqlite_where=text("state = 'PROCESSING'"),
        postgresql_where=text("state = 'PROCESSING'"),
    ),
)

gift_cards = Table(
    "gift_cards",
    metadata,
    _text("id"),
    _text("issuer_id"),
    _text("last5"),
    _text("sealed"),
    _text("cvc_digest"),
    _text("connector"),
    _text("currency"),
    _number("balance"),
    _number("held"),
    _text("state"),
    _number("created_at"),
    _number("expires_at"),
    _key("id"),
    CheckConstraint("balance >= 0", name="gift_cards_balance"),
    CheckConstraint("held >= 0", name="gift_cards_held"),
)

guesses = Table("guesses", metadata, _text("scope"), _number("since"), _number("count"), _key("scope"))

transitions = Table(
    "transitions",
    metadata,
    _text("subject"),
    _number("number"),
    _text("source"),
    _text("target"),
    _number("at"),
    _key("subject", "number"),
)

transfers = Table(
    "transfers",
    metadata,
    _text("id"),
    _text("kind"),
    _number("amount"),
    _text("currency"),
    _text("source"),
    _text("target"),
    _text("payment_id"),
    _number("attempt"),
    _number("refund"),
    _number("at"),
    _key("id"),
    CheckConstraint("amount > 0", name="transfers_amount"),
    CheckConstraint("source <> target", name="transfers_accounts"),
)

daily_balances = Table(
    "daily_balances",
    metadata,
    _text("account"),
    _number("day"),
    _number("balance"),
    _key("account", "day"),
)
"""The balance of an account at the end of a day (days since 1970, UTC), from all transfers up to then."""

events = Table(
    "events",
    metadata,
    _text("id"),
    _text("kind"),
    _text("client_id"),
    _text("payment_id"),
    _number("sequence"),
    _text("event"),
    _number("at"),
    _key("id"),
)

notices = Table(
    "notices",
    metadata,
    _text("id"),
    _text("event_id"),
    _text("client_id"),
    _text("payment_id"),
    _text("schedule"),
    _text("url"),
    _text("host"),
    _text("body"),
    _text("state"),
    _number("tries"),
    _number("next_try_at"),
    _number("leased_until"),
    _number("created_at"),
    _number("settled_at"),
    _key("id"),
    Index(
        "notices_due",
        "host",
        "next_try_at",
        sqlite_where=text("state = 'due'"),
        postgresql_where=text("state = 'due'"),
    ),
)

receivers = Table(
    "receivers",
    metadata,
    _text("client_id"),
    _text("url"),
    _number("off_at"),
    _number("failing_since"),
    _number("accepted_at"),
    _key("client_id", "url"),
)

tries = Table(
    "tries",
    metadata,
    _text("notice_id"),
    _number("number"),
    _number("at"),
    _number("duration"),
    _number("status"),
    _text("answer"),
    _key("notice_id", "number"),
)

replays = Table(
    "replays",
    metadata,
    _text("client_id"),
    _text("key"),
    _text("fingerprint"),
    _number("status"),
    _text("body"),
    _number("at"),
    _key("client_id", "key"),
)

sandbox_clock = Table("sandbox_clock", metadata, _number("id"), _number("ahead"), _key("id"))
"""One row: by how many microseconds the sandbox's clock is ahead."""

counters = Table("counters", metadata, _text("name"), _number("value"), _key("name"))
"""How far whole numbers have been handed out, by what they number."""

renewals = Table("renewals", metadata, _text("token_id"), _text("client_id"), _number("ends_at"), _key("token_id"))
"""Access tokens that stay good beyond their own end, since they were renewed."""

pretended = Table(
    "pretended",
    metadata,
    _text("id"),
    _text("document"),
    _number("next_call_at"),
    _key("id"),
    Index(
        "pretended_due",
        "next_call_at",
        sqlite_where=text("next_call_at > 0"),
        postgresql_where=text("next_call_at > 0"),
    ),
)
"""What the sandbox's pretend acquirer knows of operations: JSON, and when it will call back (0: not)."""
