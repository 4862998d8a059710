"""The tables of who uses the gateway, and of what it keeps for itself beside payments."""

from sqlalchemy import Index, Table, text

from tillway.store.schema.columns import key, metadata, whole, words

merchants = Table(
    "merchants",
    metadata,
    words("id"),
    words("name"),
    words("zone"),
    whole("created_at"),
    key("id"),
    Index("merchants_name", "name", unique=True),
)

clients = Table(
    "clients",
    metadata,
    words("id"),
    words("merchant_id"),
    words("surface"),
    words("name"),
    words("currency"),
    words("vendors"),
    words("return_hosts"),
    words("state"),
    whole("created_at"),
    words("origins"),
    words("methods"),
    whole("most_declines"),
    words("ibans"),
    words("return_urls"),
    words("grants"),
    key("id"),
)

client_secrets = Table(
    "client_secrets",
    metadata,
    words("client_id"),
    words("use"),
    whole("number"),
    words("kept"),
    whole("created_at"),
    whole("ends_at"),
    key("client_id", "use", "number"),
)

hooks = Table(
    "hooks",
    metadata,
    words("client_id"),
    whole("number"),
    words("kind"),
    words("url"),
    whole("starts_at"),
    whole("ends_at"),
    whole("created_at"),
    key("client_id", "number"),
)

issuers = Table(
    "issuers",
    metadata,
    words("id"),
    words("name"),
    words("prefix"),
    words("currency"),
    whole("live"),
    whole("created_at"),
    key("id"),
    Index("issuers_prefix", "prefix", unique=True),
)

renewals = Table("renewals", metadata, words("token_id"), words("client_id"), whole("ends_at"), key("token_id"))
"""Access tokens that stay good beyond their own end, since they were renewed."""

guesses = Table("guesses", metadata, words("scope"), whole("since"), whole("count"), key("scope"))

counters = Table("counters", metadata, words("name"), whole("value"), key("name"))
"""How far whole numbers have been handed out, by what they number."""

sandbox_clock = Table("sandbox_clock", metadata, whole("id"), whole("ahead"), key("id"))
"""One row: by how many microseconds the sandbox's clock is ahead."""

pretended = Table(
    "pretended",
    metadata,
    words("id"),
    words("document"),
    whole("next_call_at"),
    key("id"),
    Index(
        "pretended_due",
        "next_call_at",
        sqlite_where=text("next_call_at > 0"),
        postgresql_where=text("next_call_at > 0"),
    ),
)
"""What the sandbox's pretend acquirer knows of operations: JSON, and when it will call back (0: not)."""
