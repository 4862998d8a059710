"""The foundation: merchants and clients, orders to refunds, gift cards, the ledger, events, notices and replays."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = (
    """
    CREATE TABLE merchants (
        id TEXT NOT NULL,
        name TEXT NOT NULL,
        zone TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        PRIMARY KEY (id)
    )
    """,
    """
    CREATE TABLE clients (
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
        PRIMARY KEY (id)
    )
    """,
    """
    CREATE TABLE client_secrets (
        client_id TEXT NOT NULL,
        use TEXT NOT NULL,
        number BIGINT NOT NULL,
        kept TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        ends_at BIGINT NOT NULL,
        PRIMARY KEY (client_id, use, number)
    )
    """,
    """
    CREATE TABLE issuers (
        id TEXT NOT NULL,
        name TEXT NOT NULL,
        prefix TEXT NOT NULL,
        currency TEXT NOT NULL,
        live BIGINT NOT NULL,
        created_at BIGINT NOT NULL,
        PRIMARY KEY (id)
    )
    """,
    """
    CREATE TABLE orders (
        id TEXT NOT NULL,
        number BIGINT NOT NULL,
        merchant_id TEXT NOT NULL,
        client_id TEXT NOT NULL,
        surface TEXT NOT NULL,
        access TEXT NOT NULL,
        amount BIGINT NOT NULL,
        currency TEXT NOT NULL,
        reference TEXT NOT NULL,
        return_url TEXT NOT NULL,
        webhook_url TEXT NOT NULL,
        language TEXT NOT NULL,
        metadata TEXT NOT NULL,
        origin TEXT NOT NULL,
        country TEXT NOT NULL,
        email TEXT NOT NULL,
        most_declines BIGINT NOT NULL,
        payment_count BIGINT NOT NULL,
        created_at BIGINT NOT NULL,
        PRIMARY KEY (id),
        CONSTRAINT orders_amount CHECK (amount > 0)
    )
    """,
    """
    CREATE TABLE payments (
        id TEXT NOT NULL,
        amount BIGINT NOT NULL,
        currency TEXT NOT NULL,
        state TEXT NOT NULL,
        paid BIGINT NOT NULL,
        refunded BIGINT NOT NULL,
        attempt_count BIGINT NOT NULL,
        refund_count BIGINT NOT NULL,
        version BIGINT NOT NULL,
        created_at BIGINT NOT NULL,
        changed_at BIGINT NOT NULL,
        completed_at BIGINT NOT NULL,
        expires_at BIGINT NOT NULL,
        PRIMARY KEY (id),
        CONSTRAINT payments_amount CHECK (amount > 0),
        CONSTRAINT payments_paid CHECK (paid >= 0 AND paid <= amount),
        CONSTRAINT payments_refunded CHECK (refunded >= 0 AND refunded <= paid)
    )
    """,
    """
    CREATE TABLE attempts (
        payment_id TEXT NOT NULL,
        number BIGINT NOT NULL,
        connector TEXT NOT NULL,
        method TEXT NOT NULL,
        scheme TEXT NOT NULL,
        source TEXT NOT NULL,
        mask TEXT NOT NULL,
        reference TEXT NOT NULL,
        step_url TEXT NOT NULL,
        amount BIGINT NOT NULL,
        refunded BIGINT NOT NULL,
        state TEXT NOT NULL,
        reason TEXT NOT NULL,
        call BIGINT NOT NULL,
        call_key TEXT NOT NULL,
        completes BIGINT NOT NULL,
        look_ups BIGINT NOT NULL,
        next_look_up_at BIGINT NOT NULL,
        created_at BIGINT NOT NULL,
        settled_at BIGINT NOT NULL,
        PRIMARY KEY (payment_id, number),
        CONSTRAINT attempts_amount CHECK (amount > 0),
        CONSTRAINT attempts_refunded CHECK (refunded >= 0 AND refunded <= amount)
    )
    """,
    """
    CREATE TABLE refunds (
        payment_id TEXT NOT NULL,
        number BIGINT NOT NULL,
        id TEXT NOT NULL,
        amount BIGINT NOT NULL,
        reference TEXT NOT NULL,
        webhook_url TEXT NOT NULL,
        state TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        settled_at BIGINT NOT NULL,
        PRIMARY KEY (payment_id, number),
        CONSTRAINT refunds_amount CHECK (amount > 0)
    )
    """,
    """
    CREATE TABLE refund_parts (
        payment_id TEXT NOT NULL,
        refund BIGINT NOT NULL,
        attempt BIGINT NOT NULL,
        connector TEXT NOT NULL,
        amount BIGINT NOT NULL,
        state TEXT NOT NULL,
        look_ups BIGINT NOT NULL,
        next_look_up_at BIGINT NOT NULL,
        PRIMARY KEY (payment_id, refund, attempt),
        CONSTRAINT refund_parts_amount CHECK (amount > 0)
    )
    """,
    """
    CREATE TABLE gift_cards (
        id TEXT NOT NULL,
        issuer_id TEXT NOT NULL,
        last5 TEXT NOT NULL,
        sealed TEXT NOT NULL,
        cvc_digest TEXT NOT NULL,
        connector TEXT NOT NULL,
        currency TEXT NOT NULL,
        balance BIGINT NOT NULL,
        held BIGINT NOT NULL,
        state TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        expires_at BIGINT NOT NULL,
        PRIMARY KEY (id),
        CONSTRAINT gift_cards_balance CHECK (balance >= 0),
        CONSTRAINT gift_cards_held CHECK (held >= 0)
    )
    """,
    """
    CREATE TABLE guesses (
        scope TEXT NOT NULL,
        since BIGINT NOT NULL,
        count BIGINT NOT NULL,
        PRIMARY KEY (scope)
    )
    """,
    """
    CREATE TABLE transitions (
        subject TEXT NOT NULL,
        number BIGINT NOT NULL,
        source TEXT NOT NULL,
        target TEXT NOT NULL,
        at BIGINT NOT NULL,
        PRIMARY KEY (subject, number)
    )
    """,
    """
    CREATE TABLE transfers (
        id TEXT NOT NULL,
        kind TEXT NOT NULL,
        amount BIGINT NOT NULL,
        currency TEXT NOT NULL,
        source TEXT NOT NULL,
        target TEXT NOT NULL,
        payment_id TEXT NOT NULL,
        attempt BIGINT NOT NULL,
        refund BIGINT NOT NULL,
        at BIGINT NOT NULL,
        PRIMARY KEY (id),
        CONSTRAINT transfers_amount CHECK (amount > 0),
        CONSTRAINT transfers_accounts CHECK (source <> target)
    )
    """,
    """
    CREATE TABLE daily_balances (
        account TEXT NOT NULL,
        day BIGINT NOT NULL,
        balance BIGINT NOT NULL,
        PRIMARY KEY (account, day)
    )
    """,
    """
    CREATE TABLE events (
        id TEXT NOT NULL,
        kind TEXT NOT NULL,
        client_id TEXT NOT NULL,
        payment_id TEXT NOT NULL,
        sequence BIGINT NOT NULL,
        event TEXT NOT NULL,
        at BIGINT NOT NULL,
        PRIMARY KEY (id)
    )
    """,
    """
    CREATE TABLE notices (
        id TEXT NOT NULL,
        event_id TEXT NOT NULL,
        client_id TEXT NOT NULL,
        payment_id TEXT NOT NULL,
        schedule TEXT NOT NULL,
        url TEXT NOT NULL,
        host TEXT NOT NULL,
        body TEXT NOT NULL,
        state TEXT NOT NULL,
        tries BIGINT NOT NULL,
        next_try_at BIGINT NOT NULL,
        leased_until BIGINT NOT NULL,
        created_at BIGINT NOT NULL,
        settled_at BIGINT NOT NULL,
        PRIMARY KEY (id)
    )
    """,
    """
    CREATE TABLE receivers (
        client_id TEXT NOT NULL,
        url TEXT NOT NULL,
        off_at BIGINT NOT NULL,
        failing_since BIGINT NOT NULL,
        accepted_at BIGINT NOT NULL,
        PRIMARY KEY (client_id, url)
    )
    """,
    """
    CREATE TABLE tries (
        notice_id TEXT NOT NULL,
        number BIGINT NOT NULL,
        at BIGINT NOT NULL,
        duration BIGINT NOT NULL,
        status BIGINT NOT NULL,
        answer TEXT NOT NULL,
        PRIMARY KEY (notice_id, number)
    )
    """,
    """
    CREATE TABLE replays (
        client_id TEXT NOT NULL,
        "key" TEXT NOT NULL,
        fingerprint TEXT NOT NULL,
        status BIGINT NOT NULL,
        body TEXT NOT NULL,
        at BIGINT NOT NULL,
        PRIMARY KEY (client_id, "key")
    )
    """,
    """
    CREATE TABLE sandbox_clock (
        id BIGINT NOT NULL,
        ahead BIGINT NOT NULL,
        PRIMARY KEY (id)
    )
    """,
    """
    CREATE TABLE counters (
        name TEXT NOT NULL,
        value BIGINT NOT NULL,
        PRIMARY KEY (name)
    )
    """,
    """
    CREATE TABLE renewals (
        token_id TEXT NOT NULL,
        client_id TEXT NOT NULL,
        ends_at BIGINT NOT NULL,
        PRIMARY KEY (token_id)
    )
    """,
    """
    CREATE TABLE pretended (
        id TEXT NOT NULL,
        document TEXT NOT NULL,
        next_call_at BIGINT NOT NULL,
        PRIMARY KEY (id)
    )
    """,
)

INDEXES = (
    "CREATE UNIQUE INDEX merchants_name ON merchants (name)",
    "CREATE UNIQUE INDEX issuers_prefix ON issuers (prefix)",
    "CREATE INDEX payments_expiring ON payments (expires_at) WHERE state IN ('CREATED', 'PROCESSING', 'SEEN')",
    "CREATE INDEX attempts_unresolved ON attempts (next_look_up_at) WHERE state IN ('LATE', 'OPEN', 'REVERSING')",
    "CREATE INDEX refund_parts_unresolved ON refund_parts (next_look_up_at) WHERE state = 'PROCESSING'",
    "CREATE INDEX notices_due ON notices (host, next_try_at) WHERE state = 'due'",
    "CREATE INDEX pretended_due ON pretended (next_call_at) WHERE next_call_at > 0",
)

UPDATED_IN_PLACE = ("payments", "gift_cards", "attempts", "notices")
"""PostgreSQL leaves room on the pages of these, so that a changed row stays on its page and its indexes alone."""


def upgrade() -> None:
    """Create everything; the same SQL on both databases."""
    for statement in (*TABLES, *INDEXES):
        op.execute(statement)
    if op.get_context().dialect.name == "postgresql":
        for table in UPDATED_IN_PLACE:
            op.execute(f"ALTER TABLE {table} SET (fillfactor = 75)")


def downgrade() -> None:
    """There is nothing before the foundation to go back to."""
    raise RuntimeError("the foundation cannot be taken away")
