"""The sandbox's helpers as an integrator's own tests use them, on a real server, which may be killed in between."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, get_args

import aiohttp
import pytest

from tests import gateway
from tests.clients.document import Document, document_of
from tests.clients.integrator import Integrator
from tests.clients.receiver import Receiver, receiving
from tests.clients.till import Answer
from tests.server import Server, beside
from tillway.commands.tools import Tools
from tillway.domain.orders import Access
from tillway.domain.published import BY_CODE
from tillway.domain.reasons import Reason
from tillway.queries.ledger import verify
from tillway.surfaces.sandbox.outcomes import DeclineReason, Outcome

pytestmark = pytest.mark.anyio

WAIT_SECONDS = 20
ENDS = {
    "paid": "success",
    "declined": "open",
    "failed": "failed",
    "pending": "requested",
    "processing": "requested",
    "processing_then_declined": "requested",
    "challenge": "success",
    "challenge_failed": "open",
    "challenge_abandoned": "requested",
    "challenge_then_declined": "open",
    "told_twice": "success",
    "told_out_of_order": "success",
    "never_told": "requested",
    "paid_late": "requested",
    "refund_failed": "success",
    "refund_pending": "success",
}
"""How a payment stands right after the helper has answered."""


@dataclass
class Machine:
    """An integrator's automated test: its own keys, and the helpers."""

    server: Server
    session: aiohttp.ClientSession
    integrator: Integrator
    tools: Tools
    document: Document

    async def payment(self, **members: object) -> str:
        """The reference of a fresh payment."""
        answer = await self.integrator.initiate_web(**members)
        assert answer.status == 200, answer.body
        return answer.body["paymentReference"]

    async def help(self, reference: str, act: str, **members: object) -> tuple[int, Any]:
        """Status and body of a helper call."""
        url = f"{self.server.url}/sandbox/v1/payments/{reference}/{act}"
        async with self.session.post(url, json=members) as response:
            answer = Answer(response.status, response.headers, await response.text())
        self.document.check("POST", url.removeprefix(self.server.url), answer)
        return answer.status, answer.body

    async def pay(self, outcome: str = "paid", method: str = "card", **members: object) -> str:
        """A payment whose payer has done this."""
        reference = await self.payment()
        status, body = await self.help(reference, "pay", method=method, outcome=outcome, **members)
        assert status == 200, body
        return reference

    async def state(self, reference: str) -> str:
        """How a payment stands, in the API's word."""
        return (await self.integrator.get(reference)).body["status"]["value"]

    async def comes_to(self, reference: str, state: str) -> None:
        """Wait until a payment stands so."""
        deadline = time.monotonic() + WAIT_SECONDS
        while await self.state(reference) != state:
            assert time.monotonic() < deadline, await self.state(reference)
            await asyncio.sleep(0.05)

    async def advance(self, seconds: int) -> None:
        """Let time pass in the sandbox."""
        async with self.session.post(f"{self.server.url}/sandbox/v1/clock/advance", json={"seconds": seconds}) as done:
            assert done.status == 200


@pytest.fixture
async def machine(server: Server) -> AsyncIterator[Machine]:
    keys = json.loads((server.folder / "sandbox.json").read_text())["web_payments"]
    async with aiohttp.ClientSession() as session, beside(server) as tools:
        integrator = Integrator(session, server.url, keys["api_key"], keys["api_secret"], keys["tenant_key"])
        assert (await integrator.login()).status == 200
        async with session.get(f"{server.url}/docs-sandbox/openapi.json") as published:
            document = document_of(await published.json())
        yield Machine(server, session, integrator, tools, document)
        verdict = await verify(tools.store)
        assert verdict.is_sound, verdict.violations


@pytest.mark.parametrize("outcome", get_args(Outcome))
async def test_every_outcome_leads_to_its_state(machine: Machine, outcome: str) -> None:
    assert await machine.state(await machine.pay(outcome)) == ENDS[outcome]


@pytest.mark.parametrize("method", ["bank", "bancontact"])
@pytest.mark.parametrize("outcome", ["paid", "declined", "pending", "challenge_failed", "challenge_abandoned"])
async def test_a_bank_serves_the_same_outcomes(machine: Machine, method: str, outcome: str) -> None:
    assert await machine.state(await machine.pay(outcome, method)) == ENDS[outcome]


@pytest.mark.parametrize(("outcome", "state"), [("paid", "success"), ("declined", "open"), ("pending", "requested")])
async def test_a_gift_card_pays_too(machine: Machine, outcome: str, state: str) -> None:
    assert await machine.state(await machine.pay(outcome, "gift_card")) == state


@pytest.mark.parametrize("reason", get_args(DeclineReason))
async def test_a_reason_stands_on_the_attempt(machine: Machine, reason: str) -> None:
    reference = await machine.payment()
    _, body = await machine.help(reference, "pay", method="card", outcome="declined", reason=reason)
    assert body["attempt"]["reason"] == reason


def test_every_published_behaviour_has_a_word() -> None:
    reasons = {one.value for one in Reason} & set(BY_CODE)
    assert reasons == set(get_args(DeclineReason))
    assert set(BY_CODE) - reasons == set(get_args(Outcome)) - {"declined", "failed"}


@pytest.mark.parametrize(("outcome", "state"), [("paid", "success"), ("declined", "open")])
async def test_what_is_pending_ends_as_it_is_settled(machine: Machine, outcome: str, state: str) -> None:
    reference = await machine.pay("pending")
    status, body = await machine.help(reference, "settle", outcome=outcome)
    assert (status, body["paymentId"]) == (200, reference)
    assert await machine.state(reference) == state
    assert (await machine.help(reference, "settle", outcome=outcome))[0] == 409


async def test_the_shop_is_told_as_by_a_payer(machine: Machine) -> None:
    async with receiving(Receiver()) as shop:
        reference = await machine.payment(postbackUrl=shop.url)
        await machine.help(reference, "pay", method="card", outcome="paid")
        (told,) = await shop.told(reference)
    assert told.body["isSuccess"] is True
    assert told.body["paymentMethod"] == "Visa"


@pytest.mark.parametrize(
    ("members", "status"),
    [
        ({}, 400),
        ({"method": "card"}, 400),
        ({"method": "cheque", "outcome": "paid"}, 400),
        ({"method": "card", "outcome": "perhaps"}, 400),
        ({"method": "card", "outcome": "declined", "reason": "bad mood"}, 400),
        ({"method": 1, "outcome": None}, 400),
        ({"method": "ideal", "outcome": "paid"}, 409),
        ({"method": "gift_card", "outcome": "told_twice"}, 409),
    ],
)
async def test_what_cannot_be_is_told(machine: Machine, members: dict[str, object], status: int) -> None:
    answered, body = await machine.help(await machine.payment(), "pay", **members)
    assert answered == status
    assert body["message"]


@pytest.mark.parametrize("reference", ["01a1f993-28bf-7e78-a3b3-e32d35a8e001", "nobody", "%00", "a" * 300])
@pytest.mark.parametrize("act", ["pay", "settle"])
async def test_a_payment_that_is_not_there_is_told(machine: Machine, reference: str, act: str) -> None:
    status, body = await machine.help(reference, act, method="card", outcome="paid")
    assert status == 404
    assert body["message"] in {"There is no payment with this id.", "There is nothing at this path."}


async def test_a_payment_that_is_over_cannot_be_paid_or_settled(machine: Machine) -> None:
    reference = await machine.pay()
    assert (await machine.help(reference, "pay", method="card", outcome="paid"))[0] == 409
    assert (await machine.help(reference, "settle", outcome="paid"))[0] == 409
    waiting = await machine.pay("pending")
    assert (await machine.help(waiting, "pay", method="card", outcome="paid"))[0] == 409


async def test_a_payment_of_the_gift_card_api_has_no_payer_to_play(machine: Machine) -> None:
    client = await gateway.client(machine.tools)
    asked = gateway.opening(100_00, access=Access.WEB, expires_at=machine.tools.now() + 10**9)
    standing = await gateway.payment(machine.tools, client, 100_00, asked)
    assert (await machine.help(standing.payment.id, "pay", method="card", outcome="paid"))[0] == 409


@pytest.mark.parametrize(
    ("outcome", "seconds", "state"),
    [("processing", 15, "success"), ("processing_then_declined", 15, "open"), ("never_told", 11, "success")],
)
async def test_a_server_that_is_killed_meanwhile_finds_everything_out(
    machine: Machine, outcome: str, seconds: int, state: str
) -> None:
    reference = await machine.pay(outcome)
    assert await machine.state(reference) == "requested"
    await machine.server.restart()
    await machine.advance(seconds)
    await machine.comes_to(reference, state)


async def test_what_is_pending_outlives_a_kill_and_can_be_settled_after_it(machine: Machine) -> None:
    reference = await machine.pay("pending")
    await machine.server.restart()
    assert (await machine.help(reference, "settle", outcome="paid"))[0] == 200
    assert await machine.state(reference) == "success"


async def test_the_acquirer_still_tells_after_the_sandboxs_clock_was_moved_far_ahead(machine: Machine) -> None:
    await machine.advance(86_400)
    assert (await machine.integrator.login()).status == 200
    reference = await machine.pay("told_twice")
    assert await machine.state(reference) == "success"
    waiting = await machine.pay("processing")
    await machine.advance(15)
    await machine.comes_to(waiting, "success")
    assert "callback refused" not in machine.server.said()
