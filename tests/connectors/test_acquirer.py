"""The acquirer's connector and the pretend acquirer's protocol: what crosses the wire, and what of it is believed."""

import json
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import aiohttp
import pytest

from tests.acquiring import JOURNEY, NAME, SECRET, FarShop, far_shop
from tests.connectors.issuer import Fault
from tillway.commands import pretending
from tillway.commands.tools import Tools
from tillway.connectors.acquirer import Acquirer, AcquirerConnector
from tillway.connectors.addresses import Reach
from tillway.connectors.outbound import Outbound
from tillway.connectors.protocol import CallbackRefused, Operation
from tillway.connectors.signatures import Signatures
from tillway.domain.outcomes import Declined, Outcome, Paid, Pending
from tillway.domain.published import BY_CODE
from tillway.domain.reasons import Reason
from tillway.surfaces.sandbox.acquirer.protocol import PREFIX

pytestmark = pytest.mark.anyio

OPERATION = Operation("p-1", "", 100_00, "NOK", "card", journey=JOURNEY)
TERMS = {
    "id": "p-1",
    "method": "card",
    "amount": 100_00,
    "currency": "NOK",
    "return_url": "https://gateway.example/back",
    "callback_url": "https://gateway.example/callbacks/acquirer",
}


@pytest.fixture
async def shop(tools: Tools) -> AsyncIterator[FarShop]:
    async with far_shop(tools) as made:
        yield made


@pytest.fixture
def connector(shop: FarShop) -> AcquirerConnector:
    found = shop.tools.connectors[NAME]
    assert isinstance(found, AcquirerConnector)
    return found


async def asked(shop: FarShop, method: str, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, Any]:
    """What the pretend acquirer answers to a call made by hand."""
    async with (
        aiohttp.ClientSession() as session,
        session.request(method, f"{shop.acquirer}{PREFIX}{path}", data=body, headers=headers) as answer,
    ):
        return answer.status, await answer.json(content_type=None)


def signed(
    message: str, members: object, secret: str = SECRET, at: float | None = None
) -> tuple[bytes, dict[str, str]]:
    """A body and the headers that go with it."""
    body = json.dumps(members).encode()
    headers = Signatures(secret).headers(message, body, time.time() if at is None else at)
    return body, {"content-type": "application/json", **headers}


async def test_the_payer_is_sent_only_to_the_acquirers_own_pages(shop: FarShop) -> None:
    outbound = Outbound(Reach.SANDBOX)
    elsewhere = Acquirer(shop.acquirer + PREFIX, SECRET, "https://pages.example", "https://gateway.example/", 2)
    outcome = await AcquirerConnector(elsewhere, outbound, time.time).begin(OPERATION)
    assert isinstance(outcome, Pending)
    assert outcome.reference
    assert outcome.step_url == ""
    await outbound.close()


async def test_an_acquirer_that_is_not_there_leaves_everything_pending(shop: FarShop) -> None:
    outbound = Outbound(Reach.SANDBOX)
    gone = Acquirer("http://127.0.0.1:9", SECRET, "http://127.0.0.1:9", "https://gateway.example/", 2)
    connector = AcquirerConnector(gone, outbound, time.time)
    assert await connector.begin(OPERATION) == Pending()
    assert await connector.look_up(OPERATION) == Pending()
    assert await connector.reverse(OPERATION) == Pending()
    assert await connector.refund(replace(OPERATION, id="p-1-r1"), "p-1") == Pending()
    await outbound.close()


async def test_another_secret_is_refused_and_leaves_the_outcome_open(shop: FarShop) -> None:
    outbound = Outbound(Reach.SANDBOX)
    other = Acquirer(shop.acquirer + PREFIX, "whsec_" + "B" * 40, shop.acquirer, "https://gateway.example/", 2)
    assert await AcquirerConnector(other, outbound, time.time).begin(OPERATION) == Pending()
    assert await pretending.look_up(shop.tools, "p-1") is None
    await outbound.close()


async def test_a_look_up_bars_only_what_the_acquirer_itself_does_not_know(
    shop: FarShop, connector: AcquirerConnector
) -> None:
    await connector.begin(OPERATION)
    shop.wire.fault = Fault.ANSWERS_500
    assert await connector.look_up(OPERATION) == Pending()
    shop.wire.fault = None
    await pretending.enter_card(shop.tools, "p-1", BY_CODE["paid"])
    assert isinstance(await connector.look_up(OPERATION), Paid)


@pytest.mark.parametrize(
    ("told", "outcome"),
    [
        ({"state": "paid", "reference": "A", "scheme": "Visa", "mask": "1111"}, Paid("A", "Visa", "1111")),
        ({"state": "declined", "reason": "lost_card", "reference": "A"}, Declined(Reason.LOST_CARD, "A")),
        ({"state": "declined", "reason": "because we say so"}, Declined(Reason.DECLINED)),
        ({"state": "declined", "reason": ["x"]}, Declined(Reason.DECLINED)),
        ({"state": "cancelled"}, Declined(Reason.CANCELLED)),
        ({"state": "pending", "page_url": "javascript:alert(1)"}, Pending()),
        ({"state": "pending", "page_url": "https://evil.example/pay"}, Pending()),
        ({"state": "PAID"}, Pending()),
        ({"state": True}, Pending()),
        ({}, Pending()),
        ({"state": "paid", "reference": "a" * 65, "scheme": "Vi\nsa", "mask": 7}, Paid()),
    ],
)
async def test_what_a_callback_says_is_believed_as_far_as_it_is_plain(
    connector: AcquirerConnector, told: dict[str, Any], outcome: Outcome
) -> None:
    body, headers = signed("callback-A-1", {"payment": {"id": "p-1", **told}})
    (callback,) = connector.read_callback(headers, body, time.time_ns() // 1000)
    assert (callback.operation_id, callback.outcome) == ("p-1", outcome)


async def test_a_request_of_ours_cannot_be_sent_back_to_us_as_a_callback(connector: AcquirerConnector) -> None:
    for act in ("begin", "look-up", "cancel", "refund"):
        body, headers = signed(f"{act}-p-1", {"payment": {"id": "p-1", "state": "paid"}})
        with pytest.raises(CallbackRefused):
            connector.read_callback(headers, body, time.time_ns() // 1000)


async def test_a_callback_about_a_payment_of_somebody_else_changes_nothing(shop: FarShop) -> None:
    begun = await shop.begin(await shop.open())
    before = await shop.standing(begun.payment.id)
    for identity in ("p-1", begun.payment.id, f"{begun.payment.id}-99", f"{begun.payment.id}-1-r1", "", "é" * 40):
        body, headers = signed("callback-A-1", {"payment": {"id": identity, "state": "paid"}})
        async with aiohttp.ClientSession() as session:
            url = (await shop.known_there(begun.attempts[-1].operation_id)).terms
            assert url is not None
            async with session.post(url.callback_url, data=body, headers=headers) as answer:
                assert answer.status == 200
    assert await shop.standing(begun.payment.id) == before


async def test_the_acquirer_refuses_what_is_not_signed_or_signed_for_something_else(shop: FarShop) -> None:
    body, headers = signed("begin-p-1", TERMS)
    assert (await asked(shop, "POST", "/payments", body, {**headers, "webhook-signature": "v1,AAAA"}))[0] == 401
    assert (await asked(shop, "POST", "/payments", body, {"content-type": "application/json"}))[0] == 401
    old, stale = signed("begin-p-1", TERMS, at=time.time() - 301)
    assert (await asked(shop, "POST", "/payments", old, stale))[0] == 401
    other, misnamed = signed("begin-p-2", TERMS)
    assert (await asked(shop, "POST", "/payments", other, misnamed))[0] == 400
    assert await pretending.look_up(shop.tools, "p-1") is None
    assert (await asked(shop, "POST", "/payments", body, headers))[0] == 200


async def test_the_acquirer_answers_bad_requests_plainly(shop: FarShop) -> None:
    async def status(method: str, path: str, message: str, members: object) -> int:
        return (await asked(shop, method, path, *signed(message, members)))[0]

    assert await status("POST", "/payments", "begin-p-1", {**TERMS, "amount": 0}) == 400
    assert await status("POST", "/payments", "begin-p-1", {**TERMS, "amount": 1.5}) == 400
    assert await status("POST", "/payments", "begin-p-1", {**TERMS, "method": "cheque"}) == 400
    assert await status("POST", "/payments", "begin-p-1", []) == 400
    assert await status("GET", "/payments/p-9", "look-up-p-9", None) == 404
    assert await status("POST", "/payments/p-9/refunds", "refund-r", {"id": "r", "amount": 1, "currency": "NOK"}) == 404
    assert await status("DELETE", "/payments/p-9", "delete-p-9", None) == 405
    assert await status("GET", "/elsewhere", "look-up-p-9", None) == 404
    huge = {**TERMS, "description": "a" * 100_000}
    assert await status("POST", "/payments", "begin-p-1", huge) == 413


async def test_one_id_is_one_payment_and_one_refund(shop: FarShop) -> None:
    async def status(path: str, message: str, members: object) -> int:
        return (await asked(shop, "POST", path, *signed(message, members)))[0]

    assert await status("/payments", "begin-p-1", TERMS) == 200
    assert await status("/payments", "begin-p-1", {**TERMS, "amount": 200_00}) == 409
    await pretending.enter_card(shop.tools, "p-1", BY_CODE["paid"])
    refund = {"id": "r-1", "amount": 40_00, "currency": "NOK"}
    assert await status("/payments/p-1/refunds", "refund-r-1", refund) == 200
    assert await status("/payments/p-1/refunds", "refund-r-1", {**refund, "amount": 41_00}) == 409
    known = await shop.known_there("p-1")
    assert [one.amount for one in known.refunds] == [40_00]


def test_neither_secret_nor_signature_is_shown() -> None:
    acquirer = Acquirer("https://a.example", SECRET, "https://a.example", "https://b.example")
    assert SECRET not in repr(acquirer)
