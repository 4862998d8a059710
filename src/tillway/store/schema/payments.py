"""The tables of what is to be paid and given back, and of what was done about it."""

from sqlalchemy import CheckConstraint, Index, Table, text

from tillway.domain.payments import UNRESOLVED, PaymentState
from tillway.store.schema.columns import key, listed, metadata, whole, words

orders = Table(
    "orders",
    metadata,
    words("id"),
    whole("number"),
    words("merchant_id"),
    words("client_id"),
    words("surface"),
    words("access"),
    whole("amount"),
    words("currency"),
    words("reference"),
    words("return_url"),
    words("webhook_url"),
    words("language"),
    words("metadata"),
    words("origin"),
    words("country"),
    words("email"),
    whole("most_declines"),
    whole("payment_count"),
    whole("created_at"),
    key("id"),
    CheckConstraint("amount > 0", name="orders_amount"),
)

_ENDING = frozenset({PaymentState.CREATED, PaymentState.SEEN, PaymentState.PROCESSING})

payments = Table(
    "payments",
    metadata,
    words("id"),
    whole("amount"),
    words("currency"),
    words("state"),
    whole("paid"),
    whole("refunded"),
    whole("attempt_count"),
    whole("refund_count"),
    whole("version"),
    whole("created_at"),
    whole("changed_at"),
    whole("completed_at"),
    whole("expires_at"),
    key("id"),
    CheckConstraint("amount > 0", name="payments_amount"),
    CheckConstraint("paid >= 0 AND paid <= amount", name="payments_paid"),
    CheckConstraint("refunded >= 0 AND refunded <= paid", name="payments_refunded"),
    Index(
        "payments_expiring",
        "expires_at",
        sqlite_where=text(f"state IN ({listed(_ENDING)})"),
        postgresql_where=text(f"state IN ({listed(_ENDING)})"),
    ),
)

attempts = Table(
    "attempts",
    metadata,
    words("payment_id"),
    whole("number"),
    words("connector"),
    words("method"),
    words("scheme"),
    words("source"),
    words("mask"),
    words("reference"),
    words("step_url"),
    whole("amount"),
    whole("refunded"),
    words("state"),
    words("reason"),
    whole("call"),
    words("call_key"),
    whole("completes"),
    whole("look_ups"),
    whole("next_look_up_at"),
    whole("created_at"),
    whole("settled_at"),
    key("payment_id", "number"),
    CheckConstraint("amount > 0", name="attempts_amount"),
    CheckConstraint("refunded >= 0 AND refunded <= amount", name="attempts_refunded"),
    Index(
        "attempts_unresolved",
        "next_look_up_at",
        sqlite_where=text(f"state IN ({listed(UNRESOLVED)})"),
        postgresql_where=text(f"state IN ({listed(UNRESOLVED)})"),
    ),
)

refunds = Table(
    "refunds",
    metadata,
    words("payment_id"),
    whole("number"),
    words("id"),
    whole("amount"),
    words("reference"),
    words("webhook_url"),
    words("state"),
    whole("created_at"),
    whole("settled_at"),
    key("payment_id", "number"),
    CheckConstraint("amount > 0", name="refunds_amount"),
)

refund_parts = Table(
    "refund_parts",
    metadata,
    words("payment_id"),
    whole("refund"),
    whole("attempt"),
    words("connector"),
    whole("amount"),
    words("state"),
    whole("look_ups"),
    whole("next_look_up_at"),
    key("payment_id", "refund", "attempt"),
    CheckConstraint("amount > 0", name="refund_parts_amount"),
    Index(
        "refund_parts_unresolved",
        "next_look_up_at",
        sqlite_where=text("state = 'PROCESSING'"),
        postgresql_where=text("state = 'PROCESSING'"),
    ),
)

replays = Table(
    "replays",
    metadata,
    words("client_id"),
    words("key"),
    words("fingerprint"),
    whole("status"),
    words("body"),
    whole("at"),
    key("client_id", "key"),
)

transitions = Table(
    "transitions",
    metadata,
    words("subject"),
    whole("number"),
    words("source"),
    words("target"),
    whole("at"),
    key("subject", "number"),
)
