"""Asking a merchant before its payer meets the bank: a plain no stops the payment, and nothing else does."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import replace

import pytest
from aiohttp import web

from tests.receivers import saying, served
from tests.surfaces.order_api.hearing import CHECKS, ORDERS, PAYMENTS, add, marked, statuses_of
from tests.surfaces.order_api.stall import Stall, data
from tests.workers.telling import Told
from tillway.connectors.addresses import Reach
from tillway.connectors.outbound import Outbound
from tillway.domain.outcomes import Pending
from tillway.queries.hooks import signing_secret
from tillway.surfaces.order_api.checking import StatusChecks
from tillway.workers.signing import Signer

pytestmark = pytest.mark.anyio

WALL = 1_800_000_000.123
NO = b'{"proceed": false}'
SOON = 0.05
"""How long a test waits for a merchant that never answers, in seconds."""

LONG = 30.0

Ask = Callable[..., Awaitable[tuple[int, bytes] | None]]


@pytest.fixture
async def outbound(anyio_backend: str) -> AsyncIterator[Outbound]:
    opened = Outbound(Reach.SANDBOX)
    yield opened
    await opened.close()


def checked(stall: Stall, ask: Ask, limit_seconds: float = LONG) -> None:
    """From now on the stall asks its clients."""
    checks = StatusChecks(ask, Signer(stall.tools, lambda: WALL).signed, limit_seconds)
    stall.tools = replace(stall.tools, permission=checks)


async def begun(stall: Stall, **order: object) -> tuple[str, str]:
    """A payment whose payer has chosen a bank, and how it stands."""
    stall.bank.says = Pending("far-1")
    payment = (await stall.opened(**order))["processablePaymentId"]
    await stall.seen(payment)
    await stall.begun(payment)
    return payment, data(await stall.shop.payment(payment))["status"]


async def test_a_no_withdraws_the_payment_before_the_bank_knows_of_it(stall: Stall, outbound: Outbound) -> None:
    checked(stall, outbound.ask)
    await add(stall, PAYMENTS)
    async with served(saying(NO)) as url:
        await add(stall, CHECKS, url)
        payment, status = await begun(stall)
    assert status == "WITHDRAWN"
    assert stall.bank.asked == []
    assert await statuses_of(stall, payment) == ["SEEN", "WITHDRAWN"]


async def test_the_question_says_how_the_payment_stands_and_is_signed_twice(stall: Stall, outbound: Outbound) -> None:
    asked: list[Told] = []

    async def hear(request: web.Request) -> web.StreamResponse:
        asked.append(Told({name.lower(): text for name, text in request.headers.items()}, await request.read()))
        return web.json_response({"proceed": True})

    checked(stall, outbound.ask)
    async with served(hear) as url:
        await add(stall, CHECKS, url)
        payment, status = await begun(stall, instructionId="ABCD", externalId="invoice 7", hookData={"cart": 17})
    assert status == "PROCESSING"
    (question,) = asked
    body = json.loads(question.body)
    assert list(body) == ["eventType", "eventTimestamp", "eventId", "clientId", "hookType", "timestamp", "data"]
    assert body["eventType"] == body["hookType"] == "payment.statusCheck"
    assert body["clientId"] == stall.shop.client_id
    assert body["data"] | {"orderId": ""} == {
        "paymentId": payment,
        "orderId": "",
        "instructionId": "ABCD",
        "externalId": "invoice 7",
        "status": "SEEN",
        "hookData": {"cart": 17},
    }
    secret = await signing_secret(stall.tools.store, stall.tools.vault, stall.shop.client_id)
    stamp = "2027-01-15T08:00:00.123Z"
    assert question.headers["signature"] == f"ts={stamp};v0={marked(secret, stamp, question.body)}"
    assert question.headers["webhook-id"] == body["eventId"]
    assert question.headers["webhook-timestamp"] == str(int(WALL))
    assert question.headers["webhook-signature"].startswith("v1,")


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (200, b""),
        (204, b""),
        (200, b'{"proceed": true}'),
        (200, b'{"proceed": 0}'),
        (200, b'{"proceed": null}'),
        (200, b'{"proceed": "false"}'),
        (200, b'{"Proceed": false}'),
        (200, b'[{"proceed": false}]'),
        (200, b'{"data": {"proceed": false}}'),
        (200, b"false"),
        (200, b'{"proceed": false'),
        (200, b"\xff\xfe{}"),
        (200, b"[" * 60_000),
        (200, b'{"proceed":' * 5_000),
        (200, b'{"a": "' + b"x" * 200_000 + b'", "proceed": false}'),
        (302, NO),
        (400, NO),
        (403, NO),
        (500, NO),
    ],
    ids=range(19),
)
async def test_nothing_but_a_plain_no_stops_a_payment(
    stall: Stall, outbound: Outbound, status: int, answer: bytes
) -> None:
    checked(stall, outbound.ask)
    async with served(saying(b"" if status == 204 else answer, status)) as url:
        await add(stall, CHECKS, url)
        assert (await begun(stall))[1] == "PROCESSING"


async def test_a_merchant_that_is_not_there_stops_nothing(stall: Stall, outbound: Outbound) -> None:
    checked(stall, outbound.ask)
    async with served(saying(NO)) as url:
        await add(stall, CHECKS, url)
    assert (await begun(stall))[1] == "PROCESSING"


async def test_a_merchant_that_never_answers_is_waited_for_so_long_and_no_longer(
    stall: Stall, outbound: Outbound
) -> None:
    arrived = asyncio.Event()

    async def hang(_: web.Request) -> web.StreamResponse:
        arrived.set()
        await asyncio.Event().wait()
        return web.Response(body=NO)

    checked(stall, outbound.ask, SOON)
    async with served(hang) as url:
        await add(stall, CHECKS, url)
        assert (await begun(stall))[1] == "PROCESSING"
    assert arrived.is_set()


async def test_one_no_of_several_is_enough_even_beside_silence(stall: Stall) -> None:
    said = {
        "https://a.example/": (200, b'{"proceed": true}'),
        "https://b.example/": None,
        "https://c.example/": (200, NO),
    }
    asked: list[str] = []

    async def ask(method: str, url: str, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes] | None:
        asked.append(url)
        return said[url]

    checked(stall, ask)
    for url in said:
        await add(stall, CHECKS, url)
    assert (await begun(stall))[1] == "WITHDRAWN"
    assert sorted(asked) == sorted(said)


async def test_only_checks_that_are_in_force_are_asked_and_a_silent_order_asks_none(stall: Stall) -> None:
    asked: list[str] = []

    async def ask(method: str, url: str, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes] | None:
        asked.append(url)
        return 200, NO

    checked(stall, ask)
    now = stall.tools.now()
    await add(stall, PAYMENTS)
    await add(stall, ORDERS)
    await add(stall, CHECKS, "https://later.example/", starts_at=now + 1)
    await add(stall, CHECKS, "https://over.example/", ends_at=now)
    assert (await begun(stall))[1] == "PROCESSING"
    await add(stall, CHECKS)
    assert (await begun(stall, disableHooks=True))[1] == "PROCESSING"
    assert asked == []


async def test_a_refund_is_asked_about_too(stall: Stall) -> None:
    asked: list[bytes] = []

    async def ask(method: str, url: str, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes] | None:
        asked.append(body)
        return 200, NO

    order = await stall.paid()
    checked(stall, ask)
    await add(stall, CHECKS)
    refund = data(await stall.shop.refund(order["id"], 40))["id"]
    await stall.begun(refund)
    assert data(await stall.shop.refund_detail(refund))["status"] == "WITHDRAWN"
    assert [json.loads(body)["data"] for body in asked] == [
        {"refundId": refund, "orderId": order["id"], "status": "CREATED"}
    ]


async def test_the_same_choice_again_while_the_bank_works_is_not_asked_about_again(stall: Stall) -> None:
    asked: list[str] = []

    async def ask(method: str, url: str, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes] | None:
        asked.append(url)
        return None

    checked(stall, ask)
    await add(stall, CHECKS)
    payment, _ = await begun(stall)
    await stall.begun(payment)
    assert len(asked) == 1
