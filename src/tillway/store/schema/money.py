"""The tables of where money is and how it got there."""

from sqlalchemy import CheckConstraint, Table

from tillway.store.schema.columns import key, metadata, whole, words

gift_cards = Table(
    "gift_cards",
    metadata,
    words("id"),
    words("issuer_id"),
    words("last5"),
    words("sealed"),
    words("cvc_digest"),
    words("connector"),
    words("currency"),
    whole("balance"),
    whole("held"),
    words("state"),
    whole("created_at"),
    whole("expires_at"),
    key("id"),
    CheckConstraint("balance >= 0", name="gift_cards_balance"),
    CheckConstraint("held >= 0", name="gift_cards_held"),
)

transfers = Table(
    "transfers",
    metadata,
    words("id"),
    words("kind"),
    whole("amount"),
    words("currency"),
    words("source"),
    words("target"),
    words("payment_id"),
    whole("attempt"),
    whole("refund"),
    whole("at"),
    key("id"),
    CheckConstraint("amount > 0", name="transfers_amount"),
    CheckConstraint("source <> target", name="transfers_accounts"),
)

daily_balances = Table(
    "daily_balances",
    metadata,
    words("account"),
    whole("day"),
    whole("balance"),
    key("account", "day"),
)
"""The balance of an account at the end of a day (days since 1970, UTC), from all transfers up to then."""
