"""The first payment by bank as its page tells it: every line is run as it stands there, beside a fresh sandbox."""

import json
from pathlib import Path

import pytest

from tests.journeys.test_first_web_payment import FIELD, README, blocks, run, section
from tests.server import serving

pytestmark = pytest.mark.anyio

GUIDE = (Path(__file__).parents[2] / "docs" / "payment-orders.md").read_text()


async def test_the_lines_for_a_shell_take_a_payment_and_give_a_part_back(tmp_path: Path) -> None:
    data = tmp_path / "server"
    data.mkdir()
    async with serving(data) as server:
        script = "\n".join(["set -e", *blocks(section(GUIDE, "Five minutes in the sandbox"), "sh")])
        ended = run("sh", "-c", script, folder=tmp_path / "reader", data=data)
    assert ended.returncode == 0, ended.stderr
    opened, _, payment, order, refund = (json.loads(line) for line in ended.stdout.splitlines() if line[:1] == "{")
    assert opened["data"]["link"].startswith(f"{server.url}/bank/")
    assert (payment["data"]["status"], order["data"]["status"]) == ("BOOKED", "PAID")
    assert refund["data"]["status"] == "CREATED"


async def test_the_readmes_lines_take_a_payment(tmp_path: Path) -> None:
    data = tmp_path / "server"
    data.mkdir()
    async with serving(data) as server:
        script = "\n".join(["set -e", *FIELD, *blocks(section(README, "Your first payment by bank"), "sh")])
        ended = run("sh", "-c", script, folder=tmp_path / "reader", data=data)
    assert ended.returncode == 0, ended.stderr
    opened, _, order = (json.loads(line) for line in ended.stdout.splitlines() if line[:1] == "{")
    assert opened["data"]["link"].startswith(f"{server.url}/bank/")
    assert (order["data"]["status"], order["data"]["sumOfPaid"]) == ("PAID", 10.23)
