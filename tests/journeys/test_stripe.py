"""Stripe for a running gateway: a payer pays and goes away, Stripe tells, the shop sees it and gives money back."""

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.clients.integrator import Integrator
from tests.clients.payer import paying
from tests.connectors.stripe.pretend import event, said, signed
from tests.localstripe import (
    API_KEY,
    GOOD_CARD,
    PUBLISHABLE_KEY,
    SECURE_CARD,
    WEBHOOK_SECRET,
    LocalStripe,
    local_stripe,
)
from tests.server import Server, beside, serving
from tillway.queries.ledger import verify

pytestmark = pytest.mark.anyio

PATIENCE_SECONDS = 8.0
"""Less than the first look-up waits, so that it must have been Stripe who told."""
POLL_SECONDS = 0.05


@dataclass
class Street:
    """A shop's program, the gateway it calls, and the Stripe behind that."""

    server: Server
    shop: Integrator
    far: LocalStripe

    async def begun(self, **members: object) -> tuple[str, str]:
        """A payment whose payer has come to Stripe's form: our reference, and Stripe's."""
        opened = (await self.shop.initiate_weblink(**members)).body
        async with paying() as payer:
            await payer.go(opened["paymentLinkUrl"])
            await payer.submit("/perform", method="card")
            assert payer.address.endswith("/stripe"), payer.text
            secret = re.search(r'data-client-secret="(pi_\w+?)_secret_', payer.html)
        assert secret is not None
        return opened["paymentReference"], secret[1]

    async def told(self, body: bytes, secret: str) -> int:
        """How the gateway answers an event that is signed with a secret."""
        headers = signed(body, time.time_ns() // 1000, secret)
        async with self.shop.session.post(f"{self.server.url}/callbacks/stripe", data=body, headers=headers) as answer:
            return answer.status

    async def status(self, reference: str) -> str:
        """The word of the API for how a payment stands."""
        return (await self.shop.get(reference)).body["status"]["value"]


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not await holds():
        assert time.monotonic() < deadline, "it did not come about in time"
        await asyncio.sleep(POLL_SECONDS)


@pytest.fixture(scope="module")
async def street(
    anyio_backend: str, server_database: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Street]:
    folder: Path = tmp_path_factory.mktemp("stripe")
    async with local_stripe() as far, aiohttp.ClientSession() as session:
        account = {"secret_key": API_KEY, "publishable_key": PUBLISHABLE_KEY, "webhook_secret": WEBHOOK_SECRET}
        settings = {"TILLWAY_STRIPE": json.dumps(account | {"api_base": far.url}), "TILLWAY_LOG_LEVEL": "debug"}
        async with serving(folder, server_database, settings=settings) as server:
            await far.tell(f"{server.url}/callbacks/stripe")
            keys: dict[str, Any] = json.loads((folder / "sandbox.json").read_text())["web_payments"]
            shop = Integrator(session, server.url, keys["api_key"], keys["api_secret"], keys["tenant_key"])
            assert (await shop.login()).status == 200
            yield Street(server, shop, far)
            assert all(word not in server.said() for word in (API_KEY, WEBHOOK_SECRET, GOOD_CARD, "_secret_"))
            async with beside(server) as tools:
                verdict = await verify(tools.store)
            assert verdict.is_sound, verdict.violations


async def test_a_payer_pays_and_goes_away_and_stripe_tells(street: Street) -> None:
    payment, intent = await street.begun()
    assert await street.status(payment) == "requested"
    await street.far.pay(intent, GOOD_CARD)
    await until(lambda: _is(street, payment, "success"))
    told = (await street.shop.get(payment)).body
    assert (told["pspReference"], told["status"]["tentative"]) == (intent, False)


async def test_3_d_secure_is_waited_for(street: Street) -> None:
    payment, intent = await street.begun()
    await street.far.pay(intent, SECURE_CARD)
    assert await street.status(payment) == "requested"
    await street.far.authenticate(intent, succeeds=True)
    await until(lambda: _is(street, payment, "success"))


async def test_a_refund_goes_back_through_stripe(street: Street) -> None:
    payment, intent = await street.begun()
    await street.far.pay(intent, GOOD_CARD)
    await until(lambda: _is(street, payment, "success"))
    assert (await street.shop.refund_part(payment, 3)).status == 202
    await until(lambda: _has_refunds(street, intent, 3_00))
    assert (await street.shop.refund(payment)).status == 202
    await until(lambda: _has_refunds(street, intent, 3_00, 7_23))


async def test_a_forged_event_pays_nothing_and_a_true_one_told_twice_pays_once(street: Street) -> None:
    payment, intent = await street.begun()
    operation = (await street.far.intent(intent))["metadata"]["operation"]
    told = said("payment_intent", id=intent, status="succeeded", metadata={"operation": operation})
    assert await street.told(event("payment_intent.succeeded", told), "whsec_forged") == 400
    assert await street.status(payment) == "requested"
    await street.far.pay(intent, GOOD_CARD)
    assert await street.told(event("payment_intent.succeeded", told), WEBHOOK_SECRET) == 200
    assert await street.told(event("payment_intent.succeeded", told), WEBHOOK_SECRET) == 200
    assert await street.status(payment) == "success"


async def _is(street: Street, payment: str, word: str) -> bool:
    return await street.status(payment) == word


async def _has_refunds(street: Street, intent: str, *amounts: int) -> bool:
    return sorted(one["amount"] for one in await street.far.refunds(intent)) == sorted(amounts)
