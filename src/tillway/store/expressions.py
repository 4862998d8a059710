"""Small expressions that the searches for broken rules are written with, the same on both databases."""

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Text, bindparam, case, cast, func, literal_column
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


def number(value: int) -> ColumnElement[int]:
    """A constant, written into the statement: a value handed in beside it would have no type in a union."""
    return literal_column(str(value), BigInteger)


def word(value: str) -> ColumnElement[str]:
    """A constant of ours, written into the statement as `number` is."""
    return literal_column("'" + value.replace("'", "''") + "'", Text)


def among(column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    """Whether a column is one of the values in the JSON array that is bound as `name`.

    So a statement is the same for any number of values. And PostgreSQL, which does not see how many there are, takes
    them for few, and their index for them; of a long list it may think that to read everything costs less.
    """
    return _Among(column, bindparam(name, type_=Text, required=False))


def begins(text: ColumnElement[str], prefix: str) -> ColumnElement[bool]:
    """Whether a text begins with a constant of ours."""
    return func.substr(text, number(1), number(len(prefix))) == word(prefix)


def amount_if(condition: ColumnElement[bool], amount: ColumnElement[int]) -> ColumnElement[int]:
    """The amount of rows that meet a condition, 0 of others."""
    return case((condition, amount), else_=number(0))


def total(column: ColumnElement[Any]) -> ColumnElement[int]:
    """The sum of a column over a group."""
    return func.sum(column, type_=BigInteger)


def order_of(payment: ColumnElement[str]) -> ColumnElement[str]:
    """The id of a payment's order, as `domain/ids.py` makes it."""
    return func.substr(payment, number(1), number(33), type_=Text).concat(word("000"))


def last_of(order: ColumnElement[str]) -> ColumnElement[str]:
    """The greatest id that a payment, or a refund, of an order may have."""
    return func.substr(order, number(1), number(33), type_=Text).concat(word("fff"))


def is_outgoing(payment: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether a payment is a refund of a payment order, as `domain/ids.py` numbers them."""
    return func.substr(payment, number(34), number(1), type_=Text).in_([word(digit) for digit in "89abcdef"])


def said(pattern: str, *values: ColumnElement[Any]) -> ColumnElement[str]:
    """The pattern as text, with a value for every pair of braces."""
    first, *rest = pattern.split("{}")
    text = word(first)
    for value, after in zip(values, rest, strict=True):
        text = text.concat(func.coalesce(cast(value, Text), word("nothing"), type_=Text)).concat(word(after))
    return text


def finding(rule: str, subject: ColumnElement[str], detail: ColumnElement[str]) -> tuple[ColumnElement[str], ...]:
    """The columns of a search for broken rules: which rule, what breaks it, and how."""
    return word(rule).label("rule"), subject.label("subject"), detail.label("detail")


class _Among(FunctionElement[bool]):
    """Without a type: SQLite is asked whether what is Boolean is 1, and looks at every row to say so."""

    inherit_cache = True


@compiles(_Among, "sqlite")
def _among_on_sqlite(element: _Among, compiler: SQLCompiler, **options: Any) -> str:
    column, values = (compiler.process(clause, **options) for clause in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({values}))"


@compiles(_Among, "postgresql")
def _among_on_postgresql(element: _Among, compiler: SQLCompiler, **options: Any) -> str:
    column, values = (compiler.process(clause, **options) for clause in element.clauses)
    each = compiler.process(cast(literal_column("value"), next(iter(element.clauses)).type), **options)
    return f"{column} = ANY(ARRAY(SELECT {each} FROM json_array_elements_text(CAST({values} AS JSON))))"
