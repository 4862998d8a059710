"""The import rules hold, and each of them notices when it is broken."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from configparser import ConfigParser
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# Libraries that only hold data; the domain may import them.
PURE = {"iso4217", "pycountry", "schwifty"}
# Folders that some wheels carry by mistake, or name and do not carry.
STRAY = {"docs", "sepadd", "tests"}

FORBIDDEN = [
    ("Every layer knows only the layers below it", "domain/money.py", "import tillway.store"),
    ("Every layer knows only the layers below it", "store/__init__.py", "import tillway.commands"),
    ("Every layer knows only the layers below it", "queries/__init__.py", "import tillway.commands"),
    ("Every layer knows only the layers below it", "commands/__init__.py", "import tillway.surfaces"),
    ("Every layer knows only the layers below it", "workers/__init__.py", "import tillway.surfaces"),
    ("Every layer knows only the layers below it", "surfaces/__init__.py", "import tillway.settings"),
    ("Every layer knows only the layers below it", "connectors/__init__.py", "import tillway.wiring"),
    ("A surface knows no other surface", "surfaces/checkout/__init__.py", "import tillway.surfaces.giftcard_api"),
    ("A surface knows no other surface", "surfaces/common/__init__.py", "import tillway.surfaces.checkout"),
    ("Only the wiring names a connector", "commands/__init__.py", "import tillway.connectors.simulator"),
    ("Only the wiring names a connector", "workers/__init__.py", "from tillway.connectors import simulator"),
    ("SQL and database drivers stay in the store", "commands/__init__.py", "import asyncpg"),
    ("SQL and database drivers stay in the store", "cli/ledger.py", "import sqlalchemy"),
    ("SQL and database drivers stay in the store", "queries/__init__.py", "import sqlite3"),
    ("The web framework stays in the surfaces", "workers/__init__.py", "import starlette.requests"),
    ("The HTTP client stays in connectors and workers", "surfaces/__init__.py", "import aiohttp"),
    ("The HTTP client stays in connectors and workers", "commands/__init__.py", "import stripe"),
    ("The domain is pure", "domain/money.py", "import asyncio"),
    ("The domain is pure", "domain/money.py", "from time import time"),
    ("The domain is pure", "domain/money.py", "import pydantic"),
]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the sources to plant imports in."""
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def test_the_tree_as_it_stands_is_clean(tree: Path) -> None:
    ended = _lint(tree)
    assert ended.returncode == 0, ended.stdout


@pytest.mark.parametrize(("rule", "module", "planted"), FORBIDDEN)
def test_a_forbidden_import_is_noticed(tree: Path, rule: str, module: str, planted: str) -> None:
    with (tree / "src/tillway" / module).open("a") as source:
        source.write(f"\n{planted}\n")
    ended = _lint(tree)
    assert ended.returncode == 1, ended.stdout
    assert f"{rule} BROKEN" in ended.stdout


def test_a_new_room_must_be_given_its_layer(tree: Path) -> None:
    (tree / "src/tillway/attic.py").write_text('"""A room nobody planned."""\n')
    ended = _lint(tree)
    assert ended.returncode == 1
    assert "attic" in ended.stdout


def test_every_library_that_is_not_pure_data_is_forbidden_to_the_domain() -> None:
    rules = ConfigParser()
    rules.read(ROOT / ".importlinter")
    forbidden = set(rules["importlinter:contract:domain"]["forbidden_modules"].split())
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    libraries = {re.split(r"[^a-z0-9-]", requirement)[0] for requirement in project["dependencies"]}
    modules = {
        module
        for module, distributions in packages_distributions().items()
        if not module.startswith("_") and libraries & {name.lower().replace("_", "-") for name in distributions}
    }
    assert modules - PURE - STRAY <= forbidden


def _lint(tree: Path) -> subprocess.CompletedProcess[str]:
    """Run the linter on the tree; its sources come before the installed ones."""
    return subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--config", ROOT / ".importlinter", "--no-logo", "--no-cache"],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": str(tree / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
