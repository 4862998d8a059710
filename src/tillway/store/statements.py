"""SQLAlchemy Core statements as the drivers take them: SQL text and values in order."""

from typing import Any

from sqlalchemy import Executable
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ClauseElement


def compiled(statement: Executable, dialect: Dialect) -> tuple[str, list[Any]]:
    """The text and the values of a statement in the dialect of a driver."""
    if not isinstance(statement, ClauseElement):
        raise TypeError("only SQLAlchemy Core statements can be run")
    text = statement.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
    if not isinstance(text, SQLCompiler):
        raise TypeError("only statements that read or write rows can be run")
    values = text.params
    return text.string, [values[name] for name in text.positiontup or ()]
