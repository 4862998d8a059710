"""Refunds: payments the other way, within their order's limit under any concurrency."""

import asyncio
from decimal import Decimal

import pytest

from tests.clients.merchant_client import RECIPIENT, codes, members
from tests.surfaces.order_api.stall import CZECH, PAYER, Stall, data
from tillway.domain.clients import Grant
from tillway.domain.outcomes import Declined, Paid
from tillway.domain.reasons import Reason

pytestmark = pytest.mark.anyio


async def test_a_refund_is_the_payment_the_other_way(stall: Stall) -> None:
    order = await stall.paid(100)
    refund = data(
        await stall.shop.refund(order["id"], Decimal("10.5"), instructionId="back", reason="Broken", hookData={"a": 1})
    )
    assert (set(refund), refund["status"]) == ({"id", "link", "status"}, "CREATED")
    assert refund["link"].startswith("https://gateway.example/bank/")
    detail = data(await stall.shop.refund_detail(refund["id"]))
    assert detail == data(await stall.shop.refund_detail(refund["id"], order["id"]))
    assert detail == data(await stall.shop.refunds(order["id"]))[0]
    assert detail == data(await stall.shop.order(order["id"]))["refunds"][0]
    names = ("orderId", "instructionId", "amount", "recipientIban", "senderIban", "reason", "hookData", "redirectUrl")
    wanted = [order["id"], "back", Decimal("10.5"), PAYER, RECIPIENT, "Broken", {"a": 1}, None]
    assert [detail[name] for name in names] == wanted


async def test_a_refund_is_authorised_as_a_payment_is(stall: Stall) -> None:
    order = await stall.paid(100)
    refund = data(await stall.shop.refund(order["id"], 40))["id"]
    assert data(await stall.shop.process_refund(refund))["inputSet"][0]["name"] == "senderBankId"
    stall.bank.says = Paid("far-2")
    done = data(await stall.shop.process_refund(refund, order["id"], senderBankId="tatra"))
    assert done == {"id": refund, "status": "BOOKED", "type": "NEXT"}
    transfer = stall.bank.asked[-1].transfer
    assert transfer is not None
    assert (transfer.creditor_iban, transfer.debtor_iban) == (PAYER, RECIPIENT)
    detail = data(await stall.shop.order(order["id"]))
    assert (detail["sumOfPaid"], detail["sumOfRefunded"], detail["status"]) == (100, 40, "PAID")


async def test_a_refund_that_fails_leaves_the_limit_to_others(stall: Stall) -> None:
    order = await stall.paid(100)
    refund = data(await stall.shop.refund(order["id"], 100))["id"]
    assert codes(await stall.shop.refund(order["id"], 1)) == ["REFUND_LIMIT_EXCEEDED"]
    stall.bank.says = Declined(Reason.DECLINED)
    assert codes(await stall.shop.process_refund(refund, senderBankId="tatra")) == ["PAYMENT_FAILED"]
    assert (await stall.shop.refund(order["id"], 100)).status == 200


async def test_a_refund_is_withdrawn_until_someone_begins(stall: Stall) -> None:
    order = await stall.paid(100)
    first = data(await stall.shop.refund(order["id"], 100))["id"]
    assert data(await stall.shop.withdraw_refund(first)) == {"id": first}
    assert data(await stall.shop.refund_detail(first))["status"] == "WITHDRAWN"
    again = await stall.shop.withdraw_refund(first, order["id"])
    assert (again.status, codes(again)) == (400, ["ORDER_CANNOT_BE_WITHDRAWN"])
    second = data(await stall.shop.refund(order["id"], 100))["id"]
    await stall.seen(second)
    assert data(await stall.shop.withdraw_refund(second, order["id"]))["id"] == second


async def test_nothing_is_given_back_of_what_nobody_has_begun_to_pay(stall: Stall) -> None:
    order = await stall.opened()
    answer = await stall.shop.refund(order["id"], 1)
    assert (answer.status, codes(answer)) == (400, ["REFUND_CANNOT_BE_CREATED"])


async def test_the_limit_holds_however_many_come_at_once(stall: Stall) -> None:
    order = await stall.paid(100, refundLimitPercentage=Decimal("50.5"))
    tries = (stall.shop.refund(order["id"], 10, reason=f"{number}") for number in range(12))
    answers = await asyncio.gather(*tries)
    assert sorted(answer.status for answer in answers) == [200] * 5 + [400] * 7
    assert {code for answer in answers if answer.status == 400 for code in codes(answer)} == {"REFUND_LIMIT_EXCEEDED"}
    assert (await stall.shop.refund(order["id"], Decimal("0.5"))).status == 200
    assert codes(await stall.shop.refund(order["id"], Decimal("0.01"))) == ["REFUND_LIMIT_EXCEEDED"]
    data(await stall.shop.update(order["id"], refundLimitPercentage=0))
    assert (await stall.shop.refund(order["id"], 9_999_999)).status == 200


async def test_a_client_may_hold_refunds_below_what_was_paid(stall: Stall) -> None:
    stall.shop = await stall.client(grants=(Grant.REFUNDS, Grant.REFUNDS_CAPPED_AT_PAID))
    order = await stall.paid(100, refundLimitPercentage=0)
    assert codes(await stall.shop.refund(order["id"], Decimal("100.01"))) == ["REFUND_LIMIT_EXCEEDED"]
    assert (await stall.shop.refund(order["id"], 100)).status == 200


async def test_the_same_refund_twice_is_told_apart_by_name_or_reason(stall: Stall) -> None:
    order = await stall.paid(100)
    assert (await stall.shop.refund(order["id"], 1)).status == 200
    double = await stall.shop.refund(order["id"], 1)
    assert (double.status, codes(double)) == (400, ["REFUND_DUPLICATED"])
    assert (await stall.shop.refund(order["id"], 1, reason="Another")).status == 200
    assert (await stall.shop.refund(order["id"], 1, instructionId="third")).status == 200
    assert (await stall.shop.refund(order["id"], 1, recipientIban=CZECH)).status == 200


async def test_the_same_words_again_are_the_same_refund(stall: Stall) -> None:
    order = await stall.paid(100)
    first = await stall.shop.refund(order["id"], 1, instructionId="once", redirectUrl="https://shop.example/back/1")
    again = await stall.shop.refund(order["id"], 1, instructionId="once", redirectUrl="https://shop.example/back/1")
    assert (again.status, again.text) == (200, first.text)
    other = await stall.shop.refund(order["id"], 2, instructionId="once")
    assert (other.status, members(other)) == (422, ["instructionId"])
    data(await stall.shop.withdraw_refund(data(first)["id"]))
    late = await stall.shop.refund(order["id"], 1, instructionId="once", redirectUrl="https://shop.example/back/1")
    assert codes(late) == ["PAYMENT_ALREADY_PROCESSED"]


async def test_what_a_refund_says_is_held_against_the_rules(stall: Stall) -> None:
    order = await stall.paid(100)
    for member, value, status, code in (
        ("amount", 0, 422, "REQUEST_VALIDATION_ERROR"),
        ("amount", None, 400, "REQUEST_VALIDATION_ERROR"),
        ("amount", Decimal("0.015"), 422, "REQUEST_VALIDATION_ERROR"),
        ("currency", "CZK", 422, "REQUEST_VALIDATION_ERROR"),
        ("currency", None, 400, "REQUEST_VALIDATION_ERROR"),
        ("recipientIban", "x", 422, "REQUEST_VALIDATION_ERROR"),
        ("reason", "x" * 256, 422, "REQUEST_VALIDATION_ERROR"),
        ("instructionId", "x" * 65, 422, "REQUEST_VALIDATION_ERROR"),
        ("redirectUrl", "https://evil.example", 400, "REDIRECT_URL_NOT_ALLOWED"),
        ("senderBankId", "nobody", 400, "UNSUPPORTED_BANK"),
    ):
        answer = await stall.shop.refund(order["id"], **{"amount": 1, member: value})
        assert (answer.status, codes(answer)) == (status, [code]), (member, value)
        if code == "REQUEST_VALIDATION_ERROR":
            assert members(answer) == [member]
    both = await stall.shop.refund(order["id"], 1, variableSymbol="1", reference="x")
    assert (both.status, codes(both)) == (400, ["SYMBOLS_WITH_REFERENCE_NOT_ALLOWED"])


async def test_whoever_paid_has_to_be_known_or_named(stall: Stall) -> None:
    order = await stall.paid(100, debtor_iban="")
    answer = await stall.shop.refund(order["id"], 1)
    assert (answer.status, codes(answer), members(answer)) == (400, ["REQUEST_VALIDATION_ERROR"], ["recipientIban"])
    assert (await stall.shop.refund(order["id"], 1, recipientIban=CZECH)).status == 200


async def test_another_clients_refund_is_not_there(stall: Stall) -> None:
    order, other = await stall.paid(100), await stall.client()
    refund = data(await stall.shop.refund(order["id"], 1))["id"]
    second = await stall.paid(100)
    assert codes(await other.refund_detail(refund)) == ["REFUND_NOT_FOUND"]
    assert codes(await other.withdraw_refund(refund)) == ["REFUND_NOT_FOUND"]
    assert codes(await other.process_refund(refund)) == ["REFUND_NOT_FOUND"]
    assert codes(await stall.shop.refund_detail(refund, second["id"])) == ["REFUND_NOT_FOUND"]
    assert codes(await stall.shop.payment(refund)) == ["PAYMENT_NOT_FOUND"]
    assert codes(await stall.shop.refund_detail(order["processablePaymentId"])) == ["REFUND_NOT_FOUND"]
