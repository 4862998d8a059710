"""The embedded flow: one step after another, until the payment is final."""

import asyncio

import pytest

from tests.clients.merchant_client import API, codes, members
from tests.surfaces.order_api.stall import PAYER, Stall, data
from tillway.connectors.protocol import Asked, Step, StepKind
from tillway.domain.outcomes import Confirmed, Declined, Paid, Pending
from tillway.domain.reasons import Reason

pytestmark = pytest.mark.anyio

HEADERS = {"x-ef-sender-ip": "203.0.113.7", "x-ef-sender-user-agent": "Mozilla/5.0"}


async def test_a_payer_is_led_to_the_end(stall: Stall) -> None:
    order = await stall.opened(preferredBankCountryCode="CZE")
    payment = order["processablePaymentId"]
    asked = data(await stall.shop.process(payment, headers=HEADERS))
    assert (asked["id"], asked["status"], asked["type"]) == (payment, "CREATED", "INPUT")
    (choice,) = asked["inputSet"]
    assert (choice["name"], choice["type"]) == ("senderBankId", "SELECT")
    assert [option["value"] for option in choice["selectOptions"]] == ["careful", "tatra", "private", "business"]

    stall.bank.steps = [
        Step(StepKind.INPUT, inputs=(Asked("otp", "PASSWORD", "Code"), Asked("m", "SELECT", "Way", (("s", "SMS"),)))),
        Step(StepKind.PUSH, description="Agree in the app"),
        Step(StepKind.REDIRECT, "https://bank.example/sca"),
    ]
    step = data(await stall.shop.process(payment, headers=HEADERS, senderBankId="tatra"))
    assert step == {
        "id": payment,
        "status": "PROCESSING",
        "type": "INPUT",
        "inputSet": [
            {"name": "otp", "type": "PASSWORD", "label": "Code"},
            {"name": "m", "type": "SELECT", "label": "Way", "selectOptions": [{"value": "s", "label": "SMS"}]},
        ],
    }
    journey = stall.bank.asked[0].journey
    assert journey is not None
    assert (journey.address, journey.agent) == ("203.0.113.7", "Mozilla/5.0")
    push = data(await stall.shop.process(payment, order["id"], headers=HEADERS, otp="123456", m="s", ignored=1))
    assert (push["type"], push["description"]) == ("PUSH", "Agree in the app")
    assert stall.bank.given == [{}, {"otp": "123456", "m": "s"}]
    redirect = data(await stall.shop.process(payment))
    assert (redirect["type"], redirect["redirectUrl"]) == ("REDIRECT", "https://bank.example/sca")
    assert data(await stall.shop.process(payment))["type"] == "NEXT"
    stall.bank.says = Confirmed("far-1", PAYER)
    assert data(await stall.shop.process(payment)) == {"id": payment, "status": "CONFIRMED", "type": "NEXT"}
    assert data(await stall.shop.process(payment))["status"] == "CONFIRMED"


async def test_no_body_at_all_is_a_call_too(stall: Stall) -> None:
    order = await stall.opened(senderBankId="tatra")
    answer = await stall.shop.call("PATCH", f"/api/v2/payments/{order['processablePaymentId']}")
    assert data(answer)["status"] == "PROCESSING"


async def test_a_bank_that_wants_an_account_gets_one(stall: Stall) -> None:
    payment = (await stall.opened())["processablePaymentId"]
    asked = data(await stall.shop.process(payment, senderBankId="careful"))
    assert [one["name"] for one in asked["inputSet"]] == ["senderIban"]
    missing = await stall.shop.process(payment, senderIban="")
    assert (missing.status, codes(missing)) == (400, ["MISSING_SENDER_IBAN"])
    wrong = await stall.shop.process(payment, senderIban="SK00")
    assert (wrong.status, members(wrong)) == (422, ["senderIban"])
    assert data(await stall.shop.process(payment, senderIban=PAYER))["status"] == "PROCESSING"
    detail = data(await stall.shop.payment(payment))
    assert (detail["senderBankId"], detail["senderIban"]) == ("careful", PAYER)
    known = await stall.opened(senderBankId="careful", senderIban=PAYER)
    assert data(await stall.shop.process(known["processablePaymentId"]))["status"] == "PROCESSING"


async def test_a_bank_that_is_not_there_is_not_supported(stall: Stall) -> None:
    payment = (await stall.opened())["processablePaymentId"]
    for bank in ("nobody", "group"):
        answer = await stall.shop.process(payment, senderBankId=bank)
        assert (answer.status, codes(answer)) == (400, ["UNSUPPORTED_BANK"])


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        (Reason.DECLINED, "PAYMENT_FAILED"),
        (Reason.INSUFFICIENT_FUNDS, "INSUFFICIENT_AMOUNT"),
        (Reason.LIMIT_EXCEEDED, "INSUFFICIENT_AMOUNT"),
    ],
)
async def test_a_payment_that_failed_is_told_as_such(stall: Stall, reason: Reason, code: str) -> None:
    payment = (await stall.opened())["processablePaymentId"]
    stall.bank.says = Declined(reason)
    for _ in range(2):
        answer = await stall.shop.process(payment, senderBankId="tatra")
        assert (answer.status, codes(answer)) == (400, [code])
    assert data(await stall.shop.payment(payment))["status"] == "FAILED"


async def test_a_bank_with_a_page_of_its_own_is_a_redirect(stall: Stall) -> None:
    payment = (await stall.opened())["processablePaymentId"]
    stall.bank.says = Pending("far-1", "https://bank.example/page")
    stall.bank.steps = [Step(StepKind.REDIRECT, "https://bank.example/page")]
    step = data(await stall.shop.process(payment, senderBankId="tatra"))
    assert (step["type"], step["redirectUrl"]) == ("REDIRECT", "https://bank.example/page")


async def test_the_same_step_at_the_same_moment_begins_once(stall: Stall) -> None:
    payment = (await stall.opened())["processablePaymentId"]
    answers = await asyncio.gather(*(stall.shop.process(payment, senderBankId="tatra") for _ in range(8)))
    assert {data(answer)["status"] for answer in answers} == {"PROCESSING"}
    assert len({operation.id for operation in stall.bank.asked}) == 1
    other = data(await stall.shop.process(payment, senderBankId="private"))
    assert other["status"] == "PROCESSING"
    assert data(await stall.shop.payment(payment))["senderBankId"] == "tatra"


async def test_a_finished_payment_is_answered_as_it_is(stall: Stall) -> None:
    order = await stall.paid()
    again = data(await stall.shop.process(order["processablePaymentId"]))
    assert again == {"id": order["processablePaymentId"], "status": "BOOKED", "type": "NEXT"}
    gone = await stall.opened()
    data(await stall.shop.withdraw(gone["id"]))
    assert data(await stall.shop.process(gone["processablePaymentId"]))["status"] == "WITHDRAWN"


async def test_what_is_sent_for_a_bank_is_bounded(stall: Stall) -> None:
    payment = (await stall.opened(senderBankId="tatra"))["processablePaymentId"]
    assert members(await stall.shop.process(payment, otp="x" * 501)) == ["otp"]
    many = {f"m{number}": "x" for number in range(31)}
    assert (await stall.shop.call("PATCH", f"{API}/payments/{payment}", many)).status == 422
    address = await stall.shop.process(payment, headers={"x-ef-sender-ip": "here"})
    assert (address.status, members(address)) == (422, ["x-ef-sender-ip"])
    assert stall.bank.asked == []
    agent = {"x-ef-sender-user-agent": "x" * 4000, "x-ef-sender-ip": "2001:DB8::1"}
    assert (await stall.shop.process(payment, headers=agent)).status == 200
    journey = stall.bank.asked[0].journey
    assert journey is not None
    assert (journey.address, len(journey.agent)) == ("2001:db8::1", 500)


async def test_a_booked_payment_makes_its_order_paid(stall: Stall) -> None:
    order = await stall.opened(amount=5)
    stall.bank.says = Paid("far-1", debtor_iban=PAYER)
    data(await stall.shop.process(order["processablePaymentId"], senderBankId="tatra"))
    assert data(await stall.shop.order(order["id"]))["status"] == "PAID"


async def test_the_banks_are_nested_as_they_are(stall: Stall) -> None:
    every = data(await stall.shop.banks())
    assert [bank["id"] for bank in every] == ["tatra", "group", "careful"]
    assert every[0] == {
        "id": "tatra",
        "name": "Tatra banka",
        "countryCode": "SVK",
        "countryCodeAlpha2": "SK",
        "itemType": "BANK",
        "bic": "TATRSKBX",
        "logoUrl": "",
    }
    group = every[1]
    assert (group["itemType"], group["children"][0]["itemType"]) == ("MAIN_GROUP", "PRODUCT_GROUP")
    assert [bank["id"] for bank in group["children"][0]["children"]] == ["private", "business"]
    for country, ids in (("SVK", ["tatra", "group"]), ("cze", ["careful"]), ("AUT", [])):
        assert [bank["id"] for bank in data(await stall.shop.banks(country))] == ids
    for country in ("XXX", "SK", "x" * 100):
        answer = await stall.shop.banks(country)
        assert (answer.status, members(answer)) == (422, ["countryCode"])
