"""Help: every command has it, with examples that the command understands, and it comes at once."""

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from tillway.cli import app

EXAMPLE = re.compile(r"^\s+((?:[A-Z_]+=\S+ )?tillway [^\n]+)$", re.MULTILINE)
HEAVY = {
    "aiohttp",
    "alembic",
    "asyncpg",
    "cryptography",
    "fpdf",
    "pydantic_settings",
    "rich",
    "sqlalchemy",
    "starlette",
    "uvicorn",
}


def _commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command that does something, by how it is called."""
    if not hasattr(command, "commands"):
        yield path, command
        return
    for name, one in command.commands.items():
        yield from _commands(one, (*path, name))


COMMANDS = dict(_commands(get_command(app)))


def test_these_are_the_commands() -> None:
    assert sorted(" ".join(path) for path in COMMANDS) == [
        "card block",
        "card extend",
        "card issue",
        "card show",
        "card unblock",
        "client allow",
        "client close",
        "client create",
        "client list",
        "client rotate-secret",
        "hooks add",
        "hooks end",
        "hooks list",
        "hooks test",
        "issuer create",
        "issuer list",
        "ledger balances",
        "ledger doubts",
        "ledger verify",
        "migrate",
        "refunds export",
        "refunds list",
        "sandbox",
        "serve",
        "statements decide",
        "statements import",
        "statements list",
        "statements policy",
        "statements review",
        "version",
        "webhooks list",
        "webhooks replay",
    ]


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_command_has_help_with_examples_that_it_understands(path: tuple[str, ...]) -> None:
    command = COMMANDS[path]
    shown = CliRunner().invoke(app, [*path, "--help"])
    assert shown.exit_code == 0
    examples = EXAMPLE.findall(command.help)
    assert examples
    for example in examples:
        assert example in shown.output
        words = shlex.split(re.split(" [<>] ", example.partition("tillway ")[2])[0])
        assert tuple(words[: len(path)]) == path
        command.make_context(path[-1], words[len(path) :])


@pytest.mark.parametrize("path", [(), ("card",), ("sandbox",)], ids=" ".join)
def test_help_comes_at_once_since_nothing_heavy_is_loaded_for_it(path: tuple[str, ...]) -> None:
    program = (
        "import sys; from tillway.cli import app\n"
        "try: app([*sys.argv[1:], '--help'])\n"
        "except SystemExit: print(*sys.modules, file=sys.stderr)"
    )
    ended = subprocess.run([sys.executable, "-c", program, *path], capture_output=True, text=True, check=True)
    assert ended.stdout.startswith("Usage:")
    assert not HEAVY & set(ended.stderr.split())
