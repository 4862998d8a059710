"""Payment orders: terms, what banks are told and tell, hooks, and what clients of their API may do."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLES = (
    """
    CREATE TABLE hooks (
        client_id TEXT NOT NULL,
        number BIGINT NOT NULL,
        kind TEXT NOT NULL,
        url TEXT NOT NULL,
        starts_at BIGINT NOT NULL,
        ends_at BIGINT NOT NULL,
        created_at BIGINT NOT NULL,
        PRIMARY KEY (client_id, number)
    )
    """,
    """
    CREATE TABLE payment_orders (
        order_id TEXT NOT NULL,
        client_id TEXT NOT NULL,
        status TEXT NOT NULL,
        amount BIGINT NOT NULL,
        currency TEXT NOT NULL,
        external_id TEXT NOT NULL,
        refund_limit BIGINT NOT NULL,
        refund_count BIGINT NOT NULL,
        is_external BIGINT NOT NULL,
        is_silent BIGINT NOT NULL,
        fingerprint TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        PRIMARY KEY (order_id),
        CONSTRAINT payment_orders_refund_limit CHECK (refund_limit >= 0)
    )
    """,
    """
    CREATE TABLE instructions (
        payment_id TEXT NOT NULL,
        client_id TEXT NOT NULL,
        outgoing BIGINT NOT NULL,
        state TEXT NOT NULL,
        amount BIGINT NOT NULL,
        currency TEXT NOT NULL,
        instruction_id TEXT NOT NULL,
        creditor_iban TEXT NOT NULL,
        creditor_name TEXT NOT NULL,
        creditor_bic TEXT NOT NULL,
        bank_id TEXT NOT NULL,
        debtor_iban TEXT NOT NULL,
        debtor_bic TEXT NOT NULL,
        variable_symbol TEXT NOT NULL,
        constant_symbol TEXT NOT NULL,
        specific_symbol TEXT NOT NULL,
        reference TEXT NOT NULL,
        message TEXT NOT NULL,
        return_url TEXT NOT NULL,
        language TEXT NOT NULL,
        cause TEXT NOT NULL,
        hook_data TEXT NOT NULL,
        reason TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        confirmed_at BIGINT NOT NULL,
        finalized_at BIGINT NOT NULL,
        PRIMARY KEY (payment_id)
    )
    """,
)

INDEXES = (
    "CREATE INDEX payment_orders_amount ON payment_orders (client_id, amount, order_id)",
    (
        "CREATE INDEX payment_orders_external_id ON payment_orders (client_id, external_id, order_id) "
        "WHERE external_id <> ''"
    ),
    "CREATE INDEX payment_orders_of_client ON payment_orders (client_id, order_id)",
    "CREATE INDEX payment_orders_status ON payment_orders (client_id, status, order_id)",
    "CREATE INDEX instructions_amount ON instructions (client_id, outgoing, amount, payment_id)",
    "CREATE INDEX instructions_bank ON instructions (client_id, bank_id, payment_id) WHERE bank_id <> ''",
    (
        "CREATE INDEX instructions_further ON instructions (client_id, (created_at / 1000), payment_id, state) "
        "WHERE outgoing = 0 AND substr(payment_id, 34) <> '001'"
    ),
    (
        "CREATE UNIQUE INDEX instructions_named ON instructions (client_id, outgoing, instruction_id) "
        "WHERE instruction_id <> ''"
    ),
    "CREATE INDEX instructions_reference ON instructions (client_id, reference, payment_id) WHERE reference <> ''",
    (
        "CREATE INDEX instructions_specific_symbol ON instructions (client_id, specific_symbol, payment_id) "
        "WHERE specific_symbol <> ''"
    ),
    "CREATE INDEX instructions_state ON instructions (client_id, outgoing, state, payment_id)",
    (
        "CREATE INDEX instructions_variable_symbol ON instructions (client_id, variable_symbol, payment_id) "
        "WHERE variable_symbol <> ''"
    ),
)

TABLES_OF_STATEMENTS = (
    """
    CREATE TABLE statements (
        id TEXT NOT NULL,
        merchant_id TEXT NOT NULL,
        account TEXT NOT NULL,
        currency TEXT NOT NULL,
        name TEXT NOT NULL,
        from_on BIGINT NOT NULL,
        to_on BIGINT NOT NULL,
        digest TEXT NOT NULL,
        place BIGINT NOT NULL,
        opening BIGINT NOT NULL,
        closing BIGINT NOT NULL,
        adds_up BIGINT NOT NULL,
        entry_count BIGINT NOT NULL,
        is_read BIGINT NOT NULL,
        created_at BIGINT NOT NULL,
        PRIMARY KEY (id)
    )
    """,
    """
    CREATE TABLE entries (
        id TEXT NOT NULL,
        merchant_id TEXT NOT NULL,
        statement_id TEXT NOT NULL,
        account TEXT NOT NULL,
        currency TEXT NOT NULL,
        amount BIGINT NOT NULL,
        is_credit BIGINT NOT NULL,
        is_reversal BIGINT NOT NULL,
        booked_on BIGINT NOT NULL,
        value_on BIGINT NOT NULL,
        bank_reference TEXT NOT NULL,
        end_to_end_id TEXT NOT NULL,
        variable_symbol TEXT NOT NULL,
        constant_symbol TEXT NOT NULL,
        specific_symbol TEXT NOT NULL,
        reference TEXT NOT NULL,
        remittance TEXT NOT NULL,
        counterparty_name TEXT NOT NULL,
        counterparty_iban TEXT NOT NULL,
        counterparty_bic TEXT NOT NULL,
        state TEXT NOT NULL,
        payment_id TEXT NOT NULL,
        attempt BIGINT NOT NULL,
        settled BIGINT NOT NULL,
        kept BIGINT NOT NULL,
        score BIGINT NOT NULL,
        cause TEXT NOT NULL,
        batch_id TEXT NOT NULL,
        returns TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        changed_at BIGINT NOT NULL,
        PRIMARY KEY (id),
        CONSTRAINT entries_amount CHECK (amount > 0),
        CONSTRAINT entries_settled CHECK (settled >= 0 AND kept >= 0 AND settled + kept <= amount)
    )
    """,
    """
    CREATE TABLE entry_policies (
        merchant_id TEXT NOT NULL,
        part TEXT NOT NULL,
        over TEXT NOT NULL,
        late TEXT NOT NULL,
        PRIMARY KEY (merchant_id)
    )
    """,
    """
    CREATE TABLE batches (
        id TEXT NOT NULL,
        merchant_id TEXT NOT NULL,
        account TEXT NOT NULL,
        debtor_name TEXT NOT NULL,
        currency TEXT NOT NULL,
        amount BIGINT NOT NULL,
        line_count BIGINT NOT NULL,
        execution_on BIGINT NOT NULL,
        created_at BIGINT NOT NULL,
        PRIMARY KEY (id)
    )
    """,
    """
    CREATE TABLE batch_lines (
        batch_id TEXT NOT NULL,
        number BIGINT NOT NULL,
        end_to_end_id TEXT NOT NULL,
        payment_id TEXT NOT NULL,
        entry_id TEXT NOT NULL,
        amount BIGINT NOT NULL,
        creditor_name TEXT NOT NULL,
        creditor_iban TEXT NOT NULL,
        creditor_bic TEXT NOT NULL,
        remittance TEXT NOT NULL,
        PRIMARY KEY (batch_id, number),
        CONSTRAINT batch_lines_amount CHECK (amount > 0)
    )
    """,
)

INDEXES_OF_STATEMENTS = (
    "CREATE INDEX statements_newest ON statements (created_at)",
    "CREATE INDEX entries_payment ON entries (payment_id)",
    (
        "CREATE INDEX entries_unfinished ON entries (merchant_id, state, booked_on) "
        "WHERE state IN ('RETURNING', 'REVIEW', 'UNMATCHED')"
    ),
)

CLIENTS = (
    """
    CREATE TABLE wider_clients (
        id TEXT NOT NULL,
        merchant_id TEXT NOT NULL,
        surface TEXT NOT NULL,
        name TEXT NOT NULL,
        currency TEXT NOT NULL,
        vendors TEXT NOT NULL,
        return_hosts TEXT NOT NULL,
        state TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        origins TEXT NOT NULL,
        methods TEXT NOT NULL,
        most_declines BIGINT NOT NULL,
        ibans TEXT NOT NULL,
        return_urls TEXT NOT NULL,
        grants TEXT NOT NULL,
        PRIMARY KEY (id)
    )
    """,
    "INSERT INTO wider_clients SELECT clients.*, '', '', '' FROM clients",
    "DROP TABLE clients",
    "ALTER TABLE wider_clients RENAME TO clients",
)
"""SQLite cannot add a column that must have a value without giving it a default for ever."""

UPDATED_IN_PLACE = ("payment_orders", "instructions")


def upgrade() -> None:
    """Add what payment orders need; clients there are may do nothing more than before."""
    for statement in (*TABLES, *INDEXES, *TABLES_OF_STATEMENTS, *INDEXES_OF_STATEMENTS):
        op.execute(statement)
    if op.get_context().dialect.name != "postgresql":
        for statement in CLIENTS:
            op.execute(statement)
        return
    for table in UPDATED_IN_PLACE:
        op.execute(f"ALTER TABLE {table} SET (fillfactor = 75)")
    for column in ("ibans", "return_urls", "grants"):
        op.execute(f"ALTER TABLE clients ADD COLUMN {column} TEXT NOT NULL DEFAULT ''")
        op.execute(f"ALTER TABLE clients ALTER COLUMN {column} DROP DEFAULT")


def downgrade() -> None:
    """Orders that were made are not thrown away."""
    raise RuntimeError("payment orders cannot be taken away")
