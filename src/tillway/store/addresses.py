"""Addresses of databases: a `postgresql://` address, or the path of a SQLite file."""


def is_postgres(database: str) -> bool:
    """Whether an address names a PostgreSQL database; it is the path of a SQLite file otherwise."""
    return database.startswith(("postgresql://", "postgres://"))
