"""A whole life of web payments with the real product: from the file of a fresh sandbox to the last postback."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import aiohttp
import pytest

from tests.clients.integrator import Integrator
from tests.clients.payer import paying
from tests.clients.receiver import Receiver, receiving
from tests.server import Server, serving
from tillway.surfaces.sandbox.seeding import SandboxFile, read_file

pytestmark = pytest.mark.anyio

NOTED_SECONDS = 20
POLL_SECONDS = 0.02


@dataclass(slots=True)
class Sandbox:
    """A running sandbox, what its file says, and an integrator who read it."""

    server: Server
    content: SandboxFile
    shop: Integrator


@pytest.fixture
async def sandbox(anyio_backend: str, tmp_path: Path, database: str) -> AsyncIterator[Sandbox]:
    """A fresh sandbox on a database of each kind."""
    async with serving(tmp_path, database) as server, aiohttp.ClientSession() as session:
        content = read_file(server.folder)
        assert content is not None
        keys = content.web_payments
        assert keys is not None
        shop = Integrator(session, server.url, keys.api_key, keys.api_secret, keys.tenant_key)
        assert (await shop.login()).status == 200
        yield Sandbox(server, content, shop)


async def test_a_link_is_paid_with_a_gift_card_told_and_refunded(sandbox: Sandbox) -> None:
    shop, keys = sandbox.shop, sandbox.content.web_payments
    assert keys is not None
    gift = keys.cards[1]
    async with receiving(Receiver(secret=keys.webhook_secret)) as receiver, paying() as payer:
        opened = await shop.initiate_weblink(amount=Decimal("49.95"), postbackUrl=receiver.url, language="en")
        assert opened.status == 200
        reference = opened.body["paymentReference"]
        await payer.go(opened.body["paymentLinkUrl"])
        assert payer.status == 200
        assert (await shop.get(reference)).body["status"]["value"] == "open"
        await payer.submit("/cards", number=gift.number, cvc=gift.cvc)
        await payer.submit("/perform")
        assert payer.status == 200
        paid = (await shop.get(reference)).body
        assert (paid["status"], paid["paymentMethod"]) == ({"value": "success", "tentative": False}, "Gift card")
        (told,) = await receiver.told(reference)
        assert told.body == {"paymentReference": reference, "isSuccess": True, "paymentMethod": "Gift card"}
        await until_noted(shop, reference)
        refund = await shop.refund_part(reference, Decimal("9.95"), postbackUrl=receiver.url)
        assert refund.status == 202
        last = (await receiver.told(reference, 2))[1]
        assert last.body["refundReference"] == refund.body["refundReference"]
        assert (last.body["isSuccess"], last.body["amount"]) == (True, Decimal("9.95"))
        assert receiver.badly_signed == []


async def until_noted(shop: Integrator, reference: str) -> None:
    """Wait until the gateway has noted that it told of the payment: it does so after the receiver has answered."""
    deadline = time.monotonic() + NOTED_SECONDS
    while (await shop.get(reference)).body["lastNotificationDate"] is None:
        assert time.monotonic() < deadline
        await asyncio.sleep(POLL_SECONDS)


async def test_keys_and_tokens_are_not_in_the_log(sandbox: Sandbox) -> None:
    opened = await sandbox.shop.initiate_web()
    assert opened.status == 200
    assert (await sandbox.shop.call("POST", "/authenticationapi/v1/login", {"signature": "x"})).status == 400
    assert await sandbox.server.stop() in {0, -15}
    said = sandbox.server.said()
    shop = sandbox.shop
    for secret in (shop.token, shop.refresh_token, shop.tenant_key, opened.body["sessionToken"]):
        assert secret not in said


async def test_a_token_survives_a_kill(sandbox: Sandbox) -> None:
    await sandbox.server.restart()
    assert (await sandbox.shop.initiate_web()).status == 200
    assert json.loads((sandbox.server.folder / "sandbox.json").read_text())["web_payments"]["api_key"]
