"""What commands say: tables for people, JSON for programs, one line on stderr for what went wrong."""

import json
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal

import typer

REFUSED = 1
"""The exit code when the business says no, or something is in the way."""

MISUSED = 2
"""The exit code when the command line or a setting cannot be."""

Fact = str | int | bool | None


class Stopped(Exception):
    """An expected problem: the message is shown in one line, and the program ends with `code`."""

    def __init__(self, message: str, code: int = REFUSED) -> None:
        super().__init__(message)
        self.code = code


def show_rows(rows: Sequence[Mapping[str, Fact]], columns: Sequence[str], *, as_json: bool) -> None:
    """A list: a table on a terminal, lines parted by tabs in a pipe, or a JSON array."""
    if as_json:
        show_json(list(rows))
    elif sys.stdout.isatty():
        _show_table(rows, columns)
    else:
        typer.echo("\t".join(columns))
        for row in rows:
            typer.echo("\t".join(_text(row[column]) for column in columns))


def show_facts(facts: Mapping[str, Fact], *, as_json: bool) -> None:
    """One thing: a line for each fact, or a JSON object."""
    if as_json:
        show_json(facts)
        return
    width = max(map(len, facts))
    for name, fact in facts.items():
        text = _text(fact)
        typer.echo(f"{name}\n{text}" if "\n" in text else f"{name:{width}}  {text}")


def show_json(value: object) -> None:
    """JSON, indented."""
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False))


def note(message: str) -> None:
    """A line for the person at the terminal, on stderr, so that a pipe gets only what was asked for."""
    typer.echo(message, err=True)


def amount(minor: int, currency: str) -> str:
    """An amount in the major unit, with the currency's decimals."""
    from tillway.domain.money import exponent

    return f"{Decimal(minor).scaleb(-exponent(currency)):f}"


def moment(at: int) -> str:
    """A time (microseconds UTC) to the second, in ISO 8601; empty when it has not come."""
    return datetime.fromtimestamp(at // 1_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if at else ""


def microseconds(at: datetime) -> int:
    """A time of the command line, in UTC unless it says otherwise, as the gateway keeps it: to the second."""
    return int(at.replace(tzinfo=at.tzinfo or UTC).timestamp()) * 1_000_000


def _text(fact: Fact) -> str:
    if fact is None or fact is False:
        return "-" if fact is None else "no"
    return "yes" if fact is True else str(fact)


def _show_table(rows: Sequence[Mapping[str, Fact]], columns: Sequence[str]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(column.replace("_", " "), overflow="fold")
    for row in rows:
        table.add_row(*(Text(_text(row[column])) for column in columns))
    Console().print(table)
