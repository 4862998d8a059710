"""The statements of a batch as PostgreSQL is told them: rows found by arrays of keys, and written as arrays of rows."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from tillway.store.rows import MAPPINGS
from tillway.store.steps import Insert, Update


@cache
def load_sql(kind: type[Any], columns: tuple[str, ...], lock: bool, given: str) -> str:
    """The statement of a Load."""
    mapping = MAPPINGS[kind]
    table = mapping.table.name
    if given:
        return _each_sql(kind, columns, given)
    if len(columns) == 1:
        among = f'"{columns[0]}" = ANY({_arrays(kind, columns)[0]})'
    else:
        among = f"({_names(columns)}) IN ({_keys(kind, columns)})"
    tail = f" ORDER BY {_names(columns)} FOR UPDATE" if lock else ""
    return f"SELECT {_names(mapping.columns)} FROM {table} WHERE {among}{tail}"


@cache
def load_all_sql(kind: type[Any], lock: bool) -> str:
    """The statement of a LoadAll."""
    mapping = MAPPINGS[kind]
    tail = " FOR UPDATE" if lock else ""
    return f"SELECT {_names(mapping.columns)} FROM {mapping.table.name} ORDER BY {_names(mapping.key)}{tail}"


@cache
def write_sql(changes: tuple[tuple[type[Insert | Update], type[Any]], ...]) -> str:
    """One statement that writes all kinds, each from one array of rows of its table's own type.

    One statement is a round trip and a plan for the whole batch instead of one for each kind. Rows as they are cost the
    driver a third of what an array for each column does, and PostgreSQL two thirds.
    """
    parts = [
        _insert_sql(kind, place) if change is Insert else _update_sql(kind, place)
        for place, (change, kind) in enumerate(changes, 1)
    ]
    if len(parts) == 1:
        return parts[0]
    named = ", ".join(f"part{number} AS ({part})" for number, part in enumerate(parts))
    return f"WITH {named} SELECT"


def _each_sql(kind: type[Any], columns: tuple[str, ...], given: str) -> str:
    """Rows found by an index of only those in which a text is `given`, for one key after the other (OFFSET 0).

    A plan that was made while the table was empty, and is kept, would read the whole index for every batch else.
    """
    mapping = MAPPINGS[kind]
    equal = " AND ".join(f'kept."{column}" = wanted."{column}"' for column in columns)
    found = f"SELECT kept.* FROM {mapping.table.name} AS kept WHERE {equal} AND kept.\"{given}\" <> '' OFFSET 0"
    wanted = _keys(kind, columns)
    return f"SELECT {_names(mapping.columns, 'found.')} FROM ({wanted}) AS wanted CROSS JOIN LATERAL ({found}) AS found"


def _arrays(kind: type[Any], columns: Sequence[str]) -> list[str]:
    mapping = MAPPINGS[kind]
    types = ("text[]" if mapping.is_text(column) else "bigint[]" for column in columns)
    return [f"${place}::{array}" for place, array in enumerate(types, 1)]


def _keys(kind: type[Any], columns: Sequence[str]) -> str:
    """A query for keys that are sent as one array for each column; a function in FROM would copy each array first."""
    arrays = zip(_arrays(kind, columns), columns, strict=True)
    return "SELECT " + ", ".join(f'unnest({array}) AS "{column}"' for array, column in arrays)


def _names(columns: Sequence[str], prefix: str = "") -> str:
    return ", ".join(f'{prefix}"{column}"' for column in columns)


def _insert_sql(kind: type[Any], place: int) -> str:
    mapping = MAPPINGS[kind]
    table, columns = mapping.table.name, mapping.columns
    fresh = _names(columns, "fresh.")
    return f"INSERT INTO {table} ({_names(columns)}) SELECT {fresh} FROM unnest(${place}::{table}[]) AS fresh"


def _update_sql(kind: type[Any], place: int) -> str:
    mapping = MAPPINGS[kind]
    table = mapping.table.name
    changes = ", ".join(f'"{column}" = fresh."{column}"' for column in mapping.mutable)
    keys = " AND ".join(f'kept."{column}" = fresh."{column}"' for column in mapping.key)
    return f"UPDATE {table} AS kept SET {changes} FROM unnest(${place}::{table}[]) AS fresh WHERE {keys}"
