"""Payment orders paid at the pretend banks of a real server, over HTTP all the way, which may be killed in between."""

import json
import re
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, get_args

import aiohttp
import pytest

from tests.clients.document import Document, document_of
from tests.clients.merchant_client import MerchantClient
from tests.clients.till import Answer
from tests.server import HOST, Server, beside
from tillway.commands.tools import Tools
from tillway.connecting import BANKS_PLACE
from tillway.queries.ledger import verify
from tillway.surfaces.sandbox.paying_by_bank import BankReason

pytestmark = pytest.mark.anyio


@dataclass
class Merchant:
    """A merchant's automated test: its own keys, and the helpers."""

    server: Server
    session: aiohttp.ClientSession
    client: MerchantClient
    tools: Tools
    document: Document
    recipient: str
    redirect_url: str

    async def order(self, **members: object) -> Any:
        """A fresh order."""
        asked = {"instructionId": uuid.uuid4().hex, "recipientIban": self.recipient, "currency": "EUR"}
        answer = await self.client.create(**asked | {"redirectUrl": self.redirect_url} | members)
        assert answer.status == 200, answer.body
        return answer.body["data"]

    async def help(self, payment_id: str, act: str, **members: object) -> tuple[int, Any]:
        """Status and body of a helper call."""
        url = f"{self.server.url}/sandbox/v1/payments/{payment_id}/{act}"
        async with self.session.post(url, json=members) as response:
            answer = Answer(response.status, response.headers, await response.text())
        self.document.check("POST", url.removeprefix(self.server.url), answer)
        return answer.status, answer.body

    async def tell(self, payment_id: str, **members: object) -> tuple[int, Any]:
        """Have the bank's statement show it: status and body."""
        url = f"{self.server.url}/sandbox/v1/statements"
        async with self.session.post(url, json={"paymentId": payment_id, **members}) as response:
            answer = Answer(response.status, response.headers, await response.text())
        self.document.check("POST", "/sandbox/v1/statements", answer)
        return answer.status, answer.body

    async def pay(self, payment_id: str, outcome: str, **members: object) -> str:
        """Have it paid so, and say in which state it is then."""
        status, body = await self.help(payment_id, "pay", method="bank", outcome=outcome, **members)
        assert status == 200, body
        return body["state"]

    async def post(self, url: str, **fields: str) -> tuple[str, str]:
        """Post a form of a page: where it leads, and what is there if that is a page of the same site."""
        origin = "/".join(url.split("/")[:3])
        headers = {"Origin": origin, "Accept-Language": "en"}
        async with self.session.post(url, data=fields, headers=headers, allow_redirects=False) as answer:
            assert answer.status == 303, await answer.text()
            location = answer.headers["Location"]
        if not location.startswith("/"):
            return location, ""
        async with self.session.get(origin + location, headers=headers) as page:
            return location, await page.text()

    async def payment(self, payment_id: str) -> Any:
        """The payment, as the API tells it."""
        return (await self.client.payment(payment_id)).body["data"]


@pytest.fixture
async def merchant(server: Server) -> AsyncIterator[Merchant]:
    keys = json.loads((server.folder / "sandbox.json").read_text())["payment_orders"]
    async with aiohttp.ClientSession() as session, beside(server) as tools:
        client = MerchantClient(session, server.url, keys["client_id"], keys["client_secret"])
        assert (await client.login("refunds")).status == 200
        async with session.get(f"{server.url}/docs-sandbox/openapi.json") as published:
            document = document_of(await published.json())
        recipient, back = keys["recipient_ibans"][0], keys["redirect_urls"][0]
        yield Merchant(server, session, client, tools, document, recipient, back)
        verdict = await verify(tools.store)
        assert verdict.is_sound, verdict.violations


async def test_a_payment_goes_from_processing_over_confirmed_to_booked(merchant: Merchant) -> None:
    payment_id = (await merchant.order())["processablePaymentId"]
    states = [await merchant.pay(payment_id, outcome) for outcome in ("processing", "confirmed", "booked")]
    assert states == ["PROCESSING", "CONFIRMED", "BOOKED"]
    told = await merchant.payment(payment_id)
    assert (told["status"], told["senderBankId"]) == ("BOOKED", "karpatska")
    assert told["senderIban"].startswith("SK")
    assert (await merchant.help(payment_id, "pay", method="bank", outcome="booked"))[0] == 409


@pytest.mark.parametrize("outcome", ["processing", "confirmed", "booked", "failed"])
async def test_every_outcome_can_be_had_at_once(merchant: Merchant, outcome: str) -> None:
    payment_id = (await merchant.order())["processablePaymentId"]
    assert await merchant.pay(payment_id, outcome) == outcome.upper()


@pytest.mark.parametrize("reason", get_args(BankReason))
async def test_a_payment_fails_for_every_reason_of_the_document(merchant: Merchant, reason: str) -> None:
    payment_id = (await merchant.order())["processablePaymentId"]
    assert await merchant.pay(payment_id, "failed", reason=reason) == "FAILED"
    assert (await merchant.payment(payment_id))["reasonCode"] == reason


@pytest.mark.parametrize(("outcome", "state"), [("paid", "BOOKED"), ("declined", "FAILED")])
@pytest.mark.parametrize("before", ["processing", "confirmed"])
async def test_what_waits_at_the_bank_ends_as_it_is_settled(
    merchant: Merchant, before: str, outcome: str, state: str
) -> None:
    payment_id = (await merchant.order())["processablePaymentId"]
    assert (await merchant.help(payment_id, "settle", outcome=outcome))[0] == 409
    await merchant.pay(payment_id, before)
    status, body = await merchant.help(payment_id, "settle", outcome=outcome)
    assert (status, body["state"]) == (200, state)
    assert (await merchant.help(payment_id, "settle", outcome=outcome))[0] == 409


async def test_an_external_order_is_closed_by_a_statement(merchant: Merchant) -> None:
    order = await merchant.order(amount=20, isExternalPayment=True)
    status, body = await merchant.tell(order["processablePaymentId"])
    assert (status, body["state"], body["orderStatus"], body["matched"]) == (200, "BOOKED", "PAID", 1)
    assert (await merchant.payment(order["processablePaymentId"]))["status"] == "BOOKED"
    status, again = await merchant.tell(order["processablePaymentId"])
    assert (status, again["state"], again["waiting"]) == (200, "BOOKED", 1)


@pytest.mark.parametrize(("amount", "state"), [(5, "CREATED"), (25.5, "BOOKED")])
async def test_another_amount_on_a_statement_waits_for_a_decision(
    merchant: Merchant, amount: float, state: str
) -> None:
    order = await merchant.order(amount=20, isExternalPayment=True)
    status, body = await merchant.tell(order["processablePaymentId"], amount=amount)
    assert (status, body["state"], body["waiting"]) == (200, state, 1)


async def test_what_no_statement_can_show_is_refused(merchant: Merchant) -> None:
    payment_id = (await merchant.order(isExternalPayment=True))["processablePaymentId"]
    for members, status in (({"amount": 1.005}, 409), ({"amount": 1e11}, 409), ({"amount": 0}, 400)):
        assert (await merchant.tell(payment_id, **members))[0] == status
    assert (await merchant.tell(str(uuid.uuid4())))[0] == 404
    assert (await merchant.tell("x"))[0] == 404


async def test_a_refund_is_paid_in_the_same_way(merchant: Merchant) -> None:
    order = await merchant.order(amount=20)
    await merchant.pay(order["processablePaymentId"], "booked")
    answer = await merchant.client.refund(order["id"], 5, instructionId=uuid.uuid4().hex, reference="back")
    assert answer.status == 200, answer.body
    refund = answer.body["data"]["id"]
    assert [await merchant.pay(refund, outcome) for outcome in ("processing", "booked")] == ["PROCESSING", "BOOKED"]


@pytest.mark.parametrize(
    "members",
    [
        {"method": "card", "outcome": "booked"},
        {"method": "bank", "outcome": "challenge"},
    ],
)
async def test_what_no_payer_of_an_order_can_do_is_refused(merchant: Merchant, members: dict[str, str]) -> None:
    payment_id = (await merchant.order())["processablePaymentId"]
    assert (await merchant.help(payment_id, "pay", **members))[0] == 409


async def test_a_confirmed_payment_survives_a_kill_and_is_settled_after_it(merchant: Merchant) -> None:
    payment_id = (await merchant.order())["processablePaymentId"]
    await merchant.pay(payment_id, "confirmed")
    await merchant.server.restart()
    assert (await merchant.payment(payment_id))["status"] == "CONFIRMED"
    assert (await merchant.help(payment_id, "settle", outcome="paid"))[1]["state"] == "BOOKED"


async def test_every_bank_of_the_directory_is_there_with_its_groups(merchant: Merchant) -> None:
    answer = await merchant.client.banks("SVK")
    main = next(one for one in answer.body["data"] if one["itemType"] == "MAIN_GROUP")
    inner = next(one for one in main["children"] if one["itemType"] == "PRODUCT_GROUP")
    assert {one["itemType"] for one in inner["children"]} == {"BANK"}
    async with merchant.session.get(banks_of(merchant.server)) as front:
        assert "Karpatská banka" in await front.text()


async def test_the_page_of_an_order_may_lead_to_the_banks_pages(merchant: Merchant) -> None:
    order = await merchant.order()
    async with merchant.session.get(order["link"]) as page:
        assert page.status == 200
        assert banks_of(merchant.server) in page.headers["Content-Security-Policy"]


async def test_a_payer_authorises_at_the_bank_and_comes_back_to_a_booked_payment(merchant: Merchant) -> None:
    payment_id = (await merchant.order())["processablePaymentId"]
    step = (await merchant.client.process(payment_id, senderBankId="dunajska")).body["data"]
    assert step["type"] == "REDIRECT"
    page = step["redirectUrl"]
    assert page.startswith(f"{banks_of(merchant.server)}/bank/")
    await merchant.post(f"{page}/login", user="books")
    _, accounts = await merchant.post(f"{page}/login", user="books")
    iban = re.findall(r'value="(SK[0-9]{22})"', accounts)[0]
    _, proof = await merchant.post(f"{page}/account", account=iban)
    code = re.findall(r"the code is ([0-9]{6})", proof)[0]
    back, _ = await merchant.post(f"{page}/proof", code=code)
    assert back.startswith(f"{merchant.server.url}/bank/")
    async with merchant.session.get(back) as returned:
        assert returned.status == 200
    told = await merchant.payment(payment_id)
    assert (told["status"], told["senderIban"], told["senderBankId"]) == ("BOOKED", iban, "dunajska")


def banks_of(server: Server) -> str:
    """The origin of the pretend banks."""
    return f"http://{HOST}:{server.port + BANKS_PLACE}"
