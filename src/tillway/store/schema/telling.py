"""The tables of what happened and who is told of it."""

from sqlalchemy import Index, Table, text

from tillway.store.schema.columns import key, metadata, whole, words

events = Table(
    "events",
    metadata,
    words("id"),
    words("kind"),
    words("client_id"),
    words("payment_id"),
    whole("sequence"),
    words("event"),
    whole("at"),
    key("id"),
)

notices = Table(
    "notices",
    metadata,
    words("id"),
    words("event_id"),
    words("client_id"),
    words("payment_id"),
    words("schedule"),
    words("url"),
    words("host"),
    words("body"),
    words("state"),
    whole("tries"),
    whole("next_try_at"),
    whole("leased_until"),
    whole("created_at"),
    whole("settled_at"),
    key("id"),
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
    words("client_id"),
    words("url"),
    whole("off_at"),
    whole("failing_since"),
    whole("accepted_at"),
    key("client_id", "url"),
)

tries = Table(
    "tries",
    metadata,
    words("notice_id"),
    whole("number"),
    whole("at"),
    whole("duration"),
    whole("status"),
    words("answer"),
    key("notice_id", "number"),
)
