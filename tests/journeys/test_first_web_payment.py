"""The first web payment as its page tells it: every line is run as it stands there, beside a fresh sandbox."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.server import serving

pytestmark = pytest.mark.anyio

GUIDE = (Path(__file__).parents[2] / "docs" / "web-payments.md").read_text()
README = (Path(__file__).parents[2] / "README.md").read_text()
PROGRAMS = Path(__file__).parents[1] / "cli"
FIELD = re.findall(r"^field\(\) .*$", README, re.MULTILINE)
"""What the readme has defined further up."""

MOST_SECONDS = 60


def blocks(page: str, language: str) -> list[str]:
    """The blocks of a page in one language."""
    return re.findall(rf"```{language}\n(.*?)```", page, re.DOTALL)


def section(page: str, heading: str) -> str:
    """What stands under a heading."""
    return page.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def run(*command: str, folder: Path, data: Path) -> "subprocess.CompletedProcess[str]":
    """Run a command as a reader of the page would."""
    environment = prepared(folder, data)
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=MOST_SECONDS, check=False
    )


def prepared(folder: Path, data: Path) -> dict[str, str]:
    """A folder as the reader's, and its environment: `data`, `.venv`, and a curl that knows what the pages use."""
    programs = folder / ".venv" / "bin"
    programs.mkdir(parents=True)
    (folder / "data").symlink_to(data)
    _put(programs / "python", f'exec {sys.executable} "$@"')
    _put(programs / "curl", f'exec {sys.executable} {PROGRAMS / "curl.py"} "$@"')
    if shutil.which("openssl") is None:
        _put(programs / "openssl", f'exec {sys.executable} {PROGRAMS / "openssl.py"} "$@"')
    return {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}"}


def _put(program: Path, line: str) -> None:
    program.write_text(f"#!/bin/sh\n{line}\n")
    program.chmod(0o755)


@pytest.mark.parametrize(
    "page",
    [section(GUIDE, "Five minutes in the sandbox"), section(README, "Your first web payment")],
    ids=["guide", "readme"],
)
async def test_the_lines_for_a_shell_take_a_payment_and_give_a_part_back(tmp_path: Path, page: str) -> None:
    data = tmp_path / "server"
    data.mkdir()
    async with serving(data):
        script = "\n".join(["set -e", *FIELD, *blocks(page, "sh")])
        ended = run("sh", "-c", script, folder=tmp_path / "reader", data=data)
    assert ended.returncode == 0, ended.stderr
    answers = [json.loads(line) for line in ended.stdout.splitlines() if line.startswith("{")]
    assert "/pay/" in answers[0]["paymentLinkUrl"]
    assert answers[-2]["status"] == {"value": "success", "tentative": False}
    assert set(answers[-1]) == {"refundReference"}


async def test_the_lines_of_python_answer_a_link(tmp_path: Path) -> None:
    data = tmp_path / "server"
    data.mkdir()
    async with serving(data) as server:
        (program,) = blocks(GUIDE, "python")
        ended = run(sys.executable, "-c", program, folder=tmp_path / "reader", data=data)
    assert ended.stdout.startswith(f"{server.url}/pay/"), ended.stderr
