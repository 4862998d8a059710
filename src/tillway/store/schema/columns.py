"""What every table is made of, and the one place where all of them are known.

Columns are TEXT or BIGINT and NOT NULL, so that SQLite and PostgreSQL return the same row: time is microseconds UTC,
state its word, JSON text. Tables of transitions, transfers, events and tries only ever grow.
"""

from sqlalchemy import BigInteger, Column, MetaData, PrimaryKeyConstraint, Text

metadata = MetaData()


def words(name: str) -> Column[str]:
    """A column of text."""
    return Column(name, Text, nullable=False)


def whole(name: str) -> Column[int]:
    """A column of whole numbers."""
    return Column(name, BigInteger, nullable=False, autoincrement=False)


def key(*names: str) -> PrimaryKeyConstraint:
    """The primary key."""
    return PrimaryKeyConstraint(*names)


def listed(states: frozenset[str]) -> str:
    """Words as a condition lists them, always in the same order."""
    return ", ".join(f"'{state}'" for state in sorted(states))
