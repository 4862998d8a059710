"""SQLAlchemy Core statements as the drivers take them: SQL text and values in order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Executable, Select
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ClauseElement


@dataclass(frozen=True, slots=True)
class Bound:
    """A statement that is built once, with the values of one use for its `bindparam`s.

    Building and compiling cost up to 2 ms, too much for what is asked many times a second: only the values are new.
    """

    statement: Select[Any]
    values: Mapping[str, object]


Search = Select[Any] | Bound


def compiled(statement: Executable | Bound, dialect: Dialect) -> tuple[str, list[Any]]:
    """The text and the values of a statement in the dialect of a driver."""
    if isinstance(statement, Bound):
        text, names, values = _kept_text(statement.statement, dialect)
        return text, [statement.values.get(name, values[name]) for name in names]
    text, names, values = _text(statement, dialect)
    return text, [values[name] for name in names]


@lru_cache(maxsize=64)
def _kept_text(statement: Select[Any], dialect: Dialect) -> tuple[str, Sequence[str], Mapping[str, Any]]:
    return _text(statement, dialect)


def _text(statement: Executable, dialect: Dialect) -> tuple[str, Sequence[str], Mapping[str, Any]]:
    if not isinstance(statement, ClauseElement):
        raise TypeError("only SQLAlchemy Core statements can be run")
    text = statement.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
    if not isinstance(text, SQLCompiler):
        raise TypeError("only statements that read or write rows can be run")
    return text.string, text.positiontup or (), text.params
