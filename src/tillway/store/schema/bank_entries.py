"""The tables of what banks tell in statements, what became of it, and the files that pay back."""

from sqlalchemy import CheckConstraint, Index, Table, text

from tillway.domain.statements import EntryState
from tillway.store.schema.columns import key, listed, metadata, whole, words

statements = Table(
    "statements",
    metadata,
    words("id"),
    words("merchant_id"),
    words("account"),
    words("currency"),
    words("name"),
    whole("from_on"),
    whole("to_on"),
    words("digest"),
    whole("place"),
    whole("opening"),
    whole("closing"),
    whole("adds_up"),
    whole("entry_count"),
    whole("is_read"),
    whole("created_at"),
    key("id"),
    Index("statements_newest", "created_at"),
)

_UNFINISHED = frozenset({EntryState.REVIEW, EntryState.UNMATCHED, EntryState.RETURNING})

entries = Table(
    "entries",
    metadata,
    words("id"),
    words("merchant_id"),
    words("statement_id"),
    words("account"),
    words("currency"),
    whole("amount"),
    whole("is_credit"),
    whole("is_reversal"),
    whole("booked_on"),
    whole("value_on"),
    words("bank_reference"),
    words("end_to_end_id"),
    words("variable_symbol"),
    words("constant_symbol"),
    words("specific_symbol"),
    words("reference"),
    words("remittance"),
    words("counterparty_name"),
    words("counterparty_iban"),
    words("counterparty_bic"),
    words("state"),
    words("payment_id"),
    whole("attempt"),
    whole("settled"),
    whole("kept"),
    whole("score"),
    words("cause"),
    words("batch_id"),
    words("returns"),
    whole("created_at"),
    whole("changed_at"),
    key("id"),
    CheckConstraint("amount > 0", name="entries_amount"),
    CheckConstraint("settled >= 0 AND kept >= 0 AND settled + kept <= amount", name="entries_settled"),
    Index("entries_payment", "payment_id"),
    Index(
        "entries_unfinished",
        "merchant_id",
        "state",
        "booked_on",
        sqlite_where=text(f"state IN ({listed(_UNFINISHED)})"),
        postgresql_where=text(f"state IN ({listed(_UNFINISHED)})"),
    ),
)

entry_policies = Table(
    "entry_policies", metadata, words("merchant_id"), words("part"), words("over"), words("late"), key("merchant_id")
)

batches = Table(
    "batches",
    metadata,
    words("id"),
    words("merchant_id"),
    words("account"),
    words("debtor_name"),
    words("currency"),
    whole("amount"),
    whole("line_count"),
    whole("execution_on"),
    whole("created_at"),
    key("id"),
)

batch_lines = Table(
    "batch_lines",
    metadata,
    words("batch_id"),
    whole("number"),
    words("end_to_end_id"),
    words("payment_id"),
    words("entry_id"),
    whole("amount"),
    words("creditor_name"),
    words("creditor_iban"),
    words("creditor_bic"),
    words("remittance"),
    key("batch_id", "number"),
    CheckConstraint("amount > 0", name="batch_lines_amount"),
)
