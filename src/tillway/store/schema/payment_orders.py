"""The tables of payment orders: terms, and what banks are told; each can be searched by what its client knows of it."""

from sqlalchemy import CheckConstraint, Index, Table, text

from tillway.store.schema.columns import key, metadata, whole, words


def _given(name: str, table: str, column: str, *before: str, unique: bool = False, last: str = "") -> Index:
    """An index of the rows in which a text was given."""
    where = text(f"{column} <> ''")
    columns = (*before, column, *((last,) if last else ()))
    return Index(f"{table}_{name}", *columns, unique=unique, sqlite_where=where, postgresql_where=where)


_FURTHER = text("outgoing = 0 AND substr(payment_id, 34) <> '001'")
"""Payments that were added to an order later: the id of each has the time of its order, and not its own."""


payment_orders = Table(
    "payment_orders",
    metadata,
    words("order_id"),
    words("client_id"),
    words("status"),
    whole("amount"),
    words("currency"),
    words("external_id"),
    whole("refund_limit"),
    whole("refund_count"),
    whole("is_external"),
    whole("is_silent"),
    words("fingerprint"),
    whole("created_at"),
    key("order_id"),
    CheckConstraint("refund_limit >= 0", name="payment_orders_refund_limit"),
    Index("payment_orders_of_client", "client_id", "order_id"),
    Index("payment_orders_status", "client_id", "status", "order_id"),
    Index("payment_orders_amount", "client_id", "amount", "order_id"),
    _given("external_id", "payment_orders", "external_id", "client_id", last="order_id"),
)

instructions = Table(
    "instructions",
    metadata,
    words("payment_id"),
    words("client_id"),
    whole("outgoing"),
    words("state"),
    whole("amount"),
    words("currency"),
    words("instruction_id"),
    words("creditor_iban"),
    words("creditor_name"),
    words("creditor_bic"),
    words("bank_id"),
    words("debtor_iban"),
    words("debtor_bic"),
    words("variable_symbol"),
    words("constant_symbol"),
    words("specific_symbol"),
    words("reference"),
    words("message"),
    words("return_url"),
    words("language"),
    words("cause"),
    words("hook_data"),
    words("reason"),
    whole("created_at"),
    whole("confirmed_at"),
    whole("finalized_at"),
    key("payment_id"),
    Index("instructions_state", "client_id", "outgoing", "state", "payment_id"),
    Index("instructions_amount", "client_id", "outgoing", "amount", "payment_id"),
    _given("named", "instructions", "instruction_id", "client_id", "outgoing", unique=True),
    _given("variable_symbol", "instructions", "variable_symbol", "client_id", last="payment_id"),
    _given("specific_symbol", "instructions", "specific_symbol", "client_id", last="payment_id"),
    _given("reference", "instructions", "reference", "client_id", last="payment_id"),
    _given("bank", "instructions", "bank_id", "client_id", last="payment_id"),
    Index(
        "instructions_further",
        "client_id",
        text("(created_at / 1000)"),
        "payment_id",
        "state",
        sqlite_where=_FURTHER,
        postgresql_where=_FURTHER,
    ),
)
