"""Orders: opened, repeated, looked at, changed and given up, as the document says."""

import asyncio
from decimal import Decimal

import pytest

from tests.clients.merchant_client import API, ORDER, RECIPIENT, codes, members
from tests.surfaces.order_api.stall import CZECH, PAYER, Stall, data
from tillway.domain.clients import Grant
from tillway.domain.outcomes import Confirmed, Declined, Paid
from tillway.domain.reasons import Reason
from tillway.domain.schedules import DAY

pytestmark = pytest.mark.anyio

START = "2026-01-01T00:00:00.000Z"


async def test_the_documents_example_is_answered_with_an_order(stall: Stall) -> None:
    order = data(await stall.shop.create())
    assert set(order) == {"id", "processablePaymentId", "link", "status"}
    assert order["status"] == "UNPAID"
    assert order["link"].startswith("https://gateway.example/bank/")


async def test_an_orders_detail_has_every_member(stall: Stall) -> None:
    order = await stall.opened(instructionId="mine", externalId="theirs", hookData={"a": [1, Decimal("2.50")]})
    detail = data(await stall.shop.order(order["id"]))
    payment = detail.pop("payments")[0]
    assert detail == {
        "id": order["id"],
        "instructionId": "mine",
        "amount": Decimal("1.05"),
        "currency": "EUR",
        "refundLimitPercentage": 100,
        "recipientIban": RECIPIENT,
        "recipientName": "The best e-shop in the world",
        "recipientBankBic": "",
        "status": "UNPAID",
        "externalId": "theirs",
        "canBeWithdrawn": True,
        "canBeUpdated": True,
        "sumOfPaid": 0,
        "sumOfRefunded": 0,
        "createdAt": START,
        "refunds": [],
    }
    assert payment == data(await stall.shop.payment(order["processablePaymentId"]))
    assert payment == data(await stall.shop.payment(order["processablePaymentId"], order["id"]))
    assert payment == {
        "id": order["processablePaymentId"],
        "orderId": order["id"],
        "instructionId": "mine",
        "amount": Decimal("1.05"),
        "currency": "EUR",
        "recipientIban": RECIPIENT,
        "recipientName": "The best e-shop in the world",
        "recipientBankBic": None,
        "senderIban": None,
        "senderBankId": None,
        "senderBankBic": None,
        "variableSymbol": "0000000001",
        "constantSymbol": "0308",
        "specificSymbol": "0000000003",
        "reference": None,
        "paymentMessage": "Payment for The best eshop",
        "status": "CREATED",
        "reasonCode": None,
        "createdAt": START,
        "confirmedAt": None,
        "finalizedAt": None,
        "redirectUrl": ORDER["redirectUrl"],
        "hookData": {"a": [1, Decimal("2.50")]},
        "disableHooks": False,
    }


async def test_an_order_with_only_what_is_required_has_empty_texts_and_the_clients_name(stall: Stall) -> None:
    body = {name: ORDER[name] for name in ("amount", "currency", "recipientIban", "variableSymbol", "redirectUrl")}
    order = data(await stall.shop.call("POST", f"{API}/orders", body))
    detail = data(await stall.shop.order(order["id"]))
    assert [detail[name] for name in ("instructionId", "recipientBankBic", "externalId")] == ["", "", ""]
    assert detail["recipientName"] == "The stall"
    assert detail["payments"][0]["paymentMessage"] is None


async def test_null_and_empty_are_not_given_and_unknown_members_are_ignored(stall: Stall) -> None:
    order = await stall.opened(instructionId="", externalId=None, userLocale=None, hookData=None, surprise=[1])
    assert data(await stall.shop.order(order["id"]))["instructionId"] == ""
    assert (await stall.shop.create(instructionId="")).status == 200


async def test_accounts_and_codes_are_kept_plain(stall: Stall) -> None:
    order = await stall.opened(
        recipientIban=" sk31 1200 0000 1987 4263 7541",
        recipientBankBic="tatrskbx",
        senderIban=PAYER.lower(),
        currency="eur",
        senderBankId="tatra",
        disableHooks=True,
        isExternalPayment=True,
        preferredBankCountryCode="cze",
        userLocale="SK",
    )
    payment = data(await stall.shop.payment(order["processablePaymentId"]))
    names = ("recipientIban", "recipientBankBic", "senderIban", "currency", "senderBankId", "disableHooks")
    assert [payment[name] for name in names] == [RECIPIENT, "TATRSKBX", PAYER, "EUR", "tatra", True]


async def test_amounts_are_exact_up_to_the_largest(stall: Stall) -> None:
    for amount in ("0.01", "9999999999", "1234567890.12", "0.1"):
        order = await stall.opened(amount=Decimal(amount))
        assert data(await stall.shop.order(order["id"]))["amount"] == Decimal(amount)


async def test_currencies_have_their_own_decimals(stall: Stall) -> None:
    for currency, good, bad in (("JPY", "100", "100.5"), ("KWD", "1.005", "1.0005"), ("KWD", "999999999.999", "1e9")):
        assert (await stall.shop.create(currency=currency, amount=Decimal(good))).status == 200
        assert members(await stall.shop.create(currency=currency, amount=Decimal(bad))) == ["amount"]


async def test_ids_are_read_in_any_case_and_paths_with_a_slash_behind(stall: Stall) -> None:
    order = await stall.opened()
    assert data(await stall.shop.order(order["id"].upper()))["id"] == order["id"]
    assert (await stall.shop.call("GET", f"{API}/orders/{order['id']}/")).status == 200


@pytest.mark.parametrize(
    "unknown", ["x", "019a9f1e-7c1a-7b52-8f6e-2f1d3c4b5000", "019a9f1e-7c1a-7b52-8f6e-2f1d3c4b5801", "%00"]
)
async def test_what_is_not_there_is_not_found(stall: Stall, unknown: str) -> None:
    order = await stall.opened()
    path = f"{API}/orders/{unknown}"
    assert codes(await stall.shop.call("GET", path)) == ["ORDER_NOT_FOUND" if unknown != "%00" else "NOT_FOUND"]
    if unknown == "%00":
        return
    assert codes(await stall.shop.update(unknown, amount=1)) == ["ORDER_NOT_FOUND"]
    assert codes(await stall.shop.update(unknown, refundLimitPercentage=1)) == ["ORDER_NOT_FOUND"]
    assert codes(await stall.shop.withdraw(unknown)) == ["ORDER_NOT_FOUND"]
    assert codes(await stall.shop.payment(unknown)) == ["PAYMENT_NOT_FOUND"]
    assert codes(await stall.shop.payment(unknown, order["id"])) == ["PAYMENT_NOT_FOUND"]
    assert codes(await stall.shop.payment(order["processablePaymentId"], unknown)) == ["ORDER_NOT_FOUND"]
    assert codes(await stall.shop.process(unknown)) == ["PAYMENT_NOT_FOUND"]
    assert codes(await stall.shop.refunds(unknown)) == ["ORDER_NOT_FOUND"]
    assert codes(await stall.shop.refund(unknown, 1)) == ["ORDER_NOT_FOUND"]
    assert codes(await stall.shop.refund_detail(unknown)) == ["REFUND_NOT_FOUND"]
    assert codes(await stall.shop.refund_detail(unknown, order["id"])) == ["REFUND_NOT_FOUND"]
    assert codes(await stall.shop.process_refund(unknown)) == ["REFUND_NOT_FOUND"]
    assert codes(await stall.shop.withdraw_refund(unknown)) == ["REFUND_NOT_FOUND"]


async def test_another_clients_order_is_not_there(stall: Stall) -> None:
    order, other = await stall.opened(), await stall.client()
    assert codes(await other.order(order["id"])) == ["ORDER_NOT_FOUND"]
    assert codes(await other.update(order["id"], amount=1)) == ["ORDER_NOT_FOUND"]
    assert codes(await other.withdraw(order["id"])) == ["ORDER_NOT_FOUND"]
    assert codes(await other.payment(order["processablePaymentId"])) == ["PAYMENT_NOT_FOUND"]
    assert codes(await other.payment(order["processablePaymentId"], order["id"])) == ["ORDER_NOT_FOUND"]
    assert codes(await other.process(order["processablePaymentId"])) == ["PAYMENT_NOT_FOUND"]
    assert codes(await other.refund(order["id"], 1)) == ["ORDER_NOT_FOUND"]


async def test_a_payment_is_found_in_its_own_order_only(stall: Stall) -> None:
    first, second = await stall.opened(), await stall.opened()
    assert codes(await stall.shop.payment(first["processablePaymentId"], second["id"])) == ["PAYMENT_NOT_FOUND"]


async def test_the_same_words_again_are_the_same_order(stall: Stall) -> None:
    answers = await asyncio.gather(*(stall.shop.create(instructionId="once") for _ in range(10)))
    assert {answer.text for answer in answers} == {answers[0].text}
    stall.advance(60)
    assert (await stall.shop.create(instructionId="once", amount=Decimal("1.050"))).text == answers[0].text
    differing = await stall.shop.create(instructionId="once", amount=2)
    assert (differing.status, codes(differing), members(differing)) == (
        422,
        ["REQUEST_VALIDATION_ERROR"],
        ["instructionId"],
    )
    other = await stall.client()
    assert data(await other.create(instructionId="once"))["id"] != answers[0].body["data"]["id"]


async def test_a_finished_instruction_is_processed(stall: Stall) -> None:
    order = await stall.opened(instructionId="done")
    data(await stall.shop.withdraw(order["id"]))
    answer = await stall.shop.create(instructionId="done")
    assert (answer.status, codes(answer)) == (400, ["PAYMENT_ALREADY_PROCESSED"])


async def test_what_is_not_on_the_clients_lists_is_refused(stall: Stall) -> None:
    for member, value, code in (
        ("recipientIban", PAYER, "UNKNOWN_BANK_ACCOUNT"),
        ("senderBankId", "nobody", "UNSUPPORTED_BANK"),
        ("senderBankId", "group", "UNSUPPORTED_BANK"),
        ("redirectUrl", "https://evil.example", "REDIRECT_URL_NOT_ALLOWED"),
        ("redirectUrl", "http://thebesteshopintheworld.com", "REDIRECT_URL_NOT_ALLOWED"),
        ("redirectUrl", "https://shop.example/backwards", "REDIRECT_URL_NOT_ALLOWED"),
        ("redirectUrl", "https://shop.example/back/../x", "REDIRECT_URL_NOT_ALLOWED"),
    ):
        answer = await stall.shop.create(**{member: value})
        assert (answer.status, codes(answer)) == (400, [code]), value
    assert (await stall.shop.create(recipientIban=CZECH, redirectUrl="https://shop.example/back/x?y=z")).status == 200


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
async def test_an_order_nobody_has_seen_changes_in_place(stall: Stall, method: str) -> None:
    order = await stall.opened()
    changed = data(
        await stall.shop.update(order["id"], method, amount=Decimal("2.5"), refundLimitPercentage=Decimal("50.25"))
    )
    assert changed == order
    detail = data(await stall.shop.order(order["id"]))
    assert (detail["amount"], detail["refundLimitPercentage"]) == (Decimal("2.5"), Decimal("50.25"))
    assert [payment["amount"] for payment in detail["payments"]] == [Decimal("2.5")]
    assert data(await stall.shop.update(order["id"], method)) == order


async def test_a_paid_order_gets_a_further_payment_of_the_difference(stall: Stall) -> None:
    order = await stall.paid(100, instructionId="first")
    assert data(await stall.shop.order(order["id"]))["status"] == "PAID"
    lower = await stall.shop.update(order["id"], amount=99)
    assert (lower.status, codes(lower)) == (400, ["INVALID_ORDER_AMOUNT"])
    changed = data(await stall.shop.update(order["id"], amount=Decimal("150.50")))
    assert (changed["id"], changed["status"]) == (order["id"], "PARTIALLY_PAID")
    assert changed["processablePaymentId"] != order["processablePaymentId"]
    assert changed["link"] != order["link"]
    detail = data(await stall.shop.order(order["id"]))
    assert [one["amount"] for one in detail["payments"]] == [100, Decimal("50.5")]
    assert [one["instructionId"] for one in detail["payments"]] == ["first", None]
    assert (detail["sumOfPaid"], detail["canBeWithdrawn"]) == (100, False)


async def test_an_order_that_is_looked_at_keeps_its_amount(stall: Stall) -> None:
    order = await stall.opened()
    await stall.seen(order["processablePaymentId"])
    assert data(await stall.shop.order(order["id"]))["canBeUpdated"] is False
    answer = await stall.shop.update(order["id"], amount=5)
    assert (answer.status, codes(answer)) == (400, ["ORDER_CANNOT_BE_UPDATED"])
    assert data(await stall.shop.update(order["id"], refundLimitPercentage=0))["id"] == order["id"]
    assert data(await stall.shop.order(order["id"]))["refundLimitPercentage"] == 0


async def test_a_change_is_held_against_the_orders_currency(stall: Stall) -> None:
    order = await stall.opened(currency="JPY", amount=100)
    answer = await stall.shop.update(order["id"], amount=Decimal("100.5"))
    assert (answer.status, members(answer)) == (422, ["amount"])


async def test_an_order_is_withdrawn_while_nobody_has_begun_to_pay(stall: Stall) -> None:
    order = await stall.opened()
    await stall.seen(order["processablePaymentId"])
    assert data(await stall.shop.withdraw(order["id"])) == {"id": order["id"]}
    payment = data(await stall.shop.payment(order["processablePaymentId"]))
    assert (payment["status"], payment["finalizedAt"]) == ("WITHDRAWN", START)
    again = await stall.shop.withdraw(order["id"])
    assert (again.status, codes(again)) == (400, ["ORDER_CANNOT_BE_WITHDRAWN"])
    begun = await stall.opened()
    await stall.begun(begun["processablePaymentId"])
    assert codes(await stall.shop.withdraw(begun["id"])) == ["ORDER_CANNOT_BE_WITHDRAWN"]


async def test_a_failed_payment_is_a_success_that_says_why(stall: Stall) -> None:
    for reason, code in (
        (Reason.PAYER_CANCELLED, "CANCELED_BY_PAYER_AT_BANK"),
        (Reason.INSUFFICIENT_FUNDS, "INSUFFICIENT_AMOUNT"),
        (Reason.AML_BLOCKED, "AML_BLOCKED"),
        (Reason.DECLINED, "REJECTED_BY_BANK"),
        (Reason.NEVER_RECEIVED, "OTHER"),
    ):
        order = await stall.opened()
        stall.bank.says = Declined(reason)
        await stall.begun(order["processablePaymentId"])
        payment = data(await stall.shop.payment(order["processablePaymentId"]))
        assert (payment["status"], payment["reasonCode"]) == ("FAILED", code)
        assert data(await stall.shop.order(order["id"]))["status"] == "UNPAID"


async def test_a_promise_counts_as_paid(stall: Stall) -> None:
    order = await stall.opened()
    stall.bank.says = Confirmed("far-1", PAYER)
    await stall.begun(order["processablePaymentId"])
    detail = data(await stall.shop.order(order["id"]))
    assert (detail["status"], detail["sumOfPaid"]) == ("PAID", Decimal("1.05"))
    payment = detail["payments"][0]
    assert (payment["status"], payment["confirmedAt"], payment["finalizedAt"]) == ("CONFIRMED", START, None)
    assert (payment["senderIban"], payment["senderBankId"], payment["senderBankBic"]) == (PAYER, "tatra", "TATRSKBX")


async def test_strict_clients_have_to_say_all_that_the_document_calls_required(stall: Stall) -> None:
    strict = await stall.client(grants=(Grant.REFUNDS, Grant.STRICT))
    assert (await strict.create()).status == 200
    answer = await strict.create(senderEmail="", paymentMessage=None)
    assert (answer.status, members(answer)) == (400, ["senderEmail", "paymentMessage"])
    assert (await stall.shop.create(senderEmail=None, paymentMessage=None)).status == 200


async def test_an_order_waits_a_day(stall: Stall) -> None:
    order = await stall.opened()
    stall.advance(DAY / 1_000_000)
    await stall.shop.login()
    stall.bank.says = Paid("far-1")
    answer = await stall.shop.process(order["processablePaymentId"], senderBankId="tatra")
    assert (answer.status, codes(answer)) == (400, ["PAYMENT_ALREADY_PROCESSED"])
