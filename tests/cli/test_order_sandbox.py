"""A sandbox has a client of the payment orders API, which a program can have told by webhook."""

import asyncio
import json
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import aiohttp
import pytest
from aiohttp import web
from schwifty import IBAN

from tests.cli.program import Program, Running, running
from tests.clients.merchant_client import MerchantClient
from tests.receivers import served
from tests.surfaces.order_api.hearing import marked

pytestmark = pytest.mark.anyio

WAIT_SECONDS = 20


def _file(folder: Path) -> Any:
    return json.loads((folder / "sandbox.json").read_text())


def _asked(server: Running, body: object) -> tuple[int, Any]:
    """The answer of the helper call."""
    headers = {"content-type": "application/json"}
    try:
        with urlopen(
            Request(f"{server.url}/sandbox/v1/webhooks", json.dumps(body).encode(), headers), timeout=10
        ) as answer:
            return answer.status, json.loads(answer.read())
    except HTTPError as refused:
        return refused.code, json.loads(refused.read())


async def test_a_sandbox_tells_a_program_of_its_orders(tmp_path: Path) -> None:
    told: asyncio.Queue[tuple[str, bytes]] = asyncio.Queue()

    async def hear(request: web.Request) -> web.StreamResponse:
        await told.put((request.headers["Signature"], await request.read()))
        return web.Response(status=204)

    folder = tmp_path / "sandbox"
    with running(tmp_path, "sandbox", "--data", folder) as server:
        keys = _file(folder)["payment_orders"]
        async with served(hear) as url, aiohttp.ClientSession() as session:
            body = {"client_id": keys["client_id"], "type": "payment.statusChange", "url": url}
            for _ in range(2):
                assert await asyncio.to_thread(_asked, server, body) == (200, {"secret": keys["webhook_secret"]})
            shop = MerchantClient(session, server.url, keys["client_id"], keys["client_secret"])
            assert (await shop.login("refunds")).status == 200
            made = await shop.create(recipientIban=keys["recipient_ibans"][0], redirectUrl=keys["redirect_urls"][0])
            assert made.status == 200, made
            assert (await shop.withdraw(made.body["data"]["id"])).status == 200
            signature, raw = await asyncio.wait_for(told.get(), WAIT_SECONDS)
    assert json.loads(raw)["data"]["status"] == "WITHDRAWN"
    stamp, mark = signature.split(";")
    assert mark == f"v0={marked(keys['webhook_secret'], stamp.removeprefix('ts='), raw)}"
    assert told.empty()


def test_what_the_helper_refuses(tmp_path: Path) -> None:
    folder = tmp_path / "sandbox"
    with running(tmp_path, "sandbox", "--data", folder) as server:
        content = _file(folder)
        good = {
            "client_id": content["payment_orders"]["client_id"],
            "type": "order.statusChange",
            "url": "http://localhost:9000/hooks",
        }
        for change, status, message in (
            ({"client_id": "nobody"}, 404, "There is no client"),
            ({"client_id": content["gift_cards"]["client_id"]}, 400, "Only clients of the payment orders API"),
            ({"type": "payment"}, 400, "type: "),
            ({"url": "http://10.0.0.1/hooks"}, 400, "A hook's address"),
            ({"url": None}, 400, "url: "),
        ):
            answer = _asked(server, good | change)
            assert answer[0] == status
            assert message in answer[1]["message"]
        assert Program(tmp_path, "").run_anywhere("hooks", "list", "--data", folder, "--json").json() == []


def test_a_sandbox_of_before_is_given_what_it_lacks_and_keeps_the_rest(tmp_path: Path) -> None:
    folder = tmp_path / "sandbox"
    with running(tmp_path, "sandbox", "--data", folder):
        before = _file(folder)
    old = {name: value for name, value in before.items() if name != "payment_orders"}
    (folder / "sandbox.json").write_text(json.dumps(old))
    with running(tmp_path, "sandbox", "--data", folder):
        after = _file(folder)
    assert set(after["payment_orders"]) == {
        *("client_id", "client_secret", "recipient_ibans", "redirect_urls", "webhook_secret")
    }
    assert after["payment_orders"]["client_id"] != before["payment_orders"]["client_id"]
    assert {name: after[name] for name in ("gift_cards", "web_payments", "management")} == {
        name: before[name] for name in ("gift_cards", "web_payments", "management")
    }


def test_the_accounts_have_the_right_check_digits_and_there_is_a_place_to_go_back_to(tmp_path: Path) -> None:
    folder = tmp_path / "sandbox"
    with running(tmp_path, "sandbox", "--data", folder):
        keys = _file(folder)["payment_orders"]
    assert [IBAN(iban).country_code for iban in keys["recipient_ibans"]] == ["SK", "CZ", "DE"]
    assert "https://merchant.example" in keys["redirect_urls"]
