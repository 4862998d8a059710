"""Every command that a page tells the reader to type is there, with the options it is typed with."""

import re
from pathlib import Path

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from tillway.cli.commands import app

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]

_TARGET = re.compile(r"(?:^[$ ]*|`)make ([a-z][a-z-]+)", re.MULTILINE)
_COMMAND = re.compile(r"\btillway ((?:[a-z][a-z-]*)(?: [a-z][a-z-]*)?)((?: --[a-z-]+)*)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_make_target_named_is_there(page: Path) -> None:
    targets = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(_TARGET.findall(page.read_text())) <= targets


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_named_is_there(page: Path) -> None:
    for text in re.findall(r"`(?:\.venv/bin/)?(tillway [^`]+)`", page.read_text()):
        found = _COMMAND.match(text)
        assert found is not None, text
        command = get_command(app)
        for word in found[1].split():
            if not isinstance(command, TyperGroup):
                break
            assert word in command.commands, text
            command = command.commands[word]
        options = {option for one in command.params for option in one.opts}
        assert set(found[2].split()) <= options, text
