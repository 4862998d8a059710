"""Recorded rows as patterns, into which other ids, cards and moments are filled."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from bench.mirror.marks import NUMBERS

Texts = Mapping[str, str]


def pattern(values: tuple[Any, ...], texts: Texts) -> str:
    """A row's values as one line, parted by tabs, with a `%(name)s` for every mark."""
    fields = [f"%({NUMBERS[value]})s" if value in NUMBERS else _marked(str(value), texts) for value in values]
    return "\t".join(fields)


def expression(value: Any, texts: Texts, named: Callable[[str], str]) -> str:
    """A value as SQL; `named` gives the SQL of a mark."""
    if isinstance(value, int):
        return named(NUMBERS[value]) if value in NUMBERS else str(value)
    pieces = _split(str(value), texts)
    quoted = [named(texts[piece]) if piece in texts else _quoted(piece) for piece in pieces]
    return f"({' || '.join(quoted)})" if quoted else "''"


def _quoted(text: str) -> str:
    """A text of SQL in which pgbench finds none of its own variables: it looks for `:name` inside of quotes, too."""
    doubled = text.replace("'", "''")
    return "'" + re.sub(r":(?=\w)", ":' || '", doubled) + "'"


def _marked(text: str, texts: Texts) -> str:
    if any(sign in text for sign in "\t\n\r\\"):
        raise ValueError("a recorded text would have to be escaped")
    return "".join(
        f"%({texts[piece]})s" if piece in texts else piece.replace("%", "%%") for piece in _split(text, texts)
    )


def _split(text: str, texts: Texts) -> list[str]:
    marks = "|".join(map(re.escape, texts))
    return [piece for piece in re.split(f"({marks})", text) if piece]
