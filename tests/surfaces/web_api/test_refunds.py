"""Refunds: all that is left or a part, never more than was paid, and their own postbacks."""

import asyncio
import json
from decimal import Decimal
from typing import Any

import pytest

from tests.clients.integrator import PURCHASE, faults
from tests.surfaces.web_api.market import Market, market_on
from tillway.commands import outcomes
from tillway.commands.tools import Tools
from tillway.domain.ids import PaymentId
from tillway.domain.outcomes import Declined, Pending

pytestmark = pytest.mark.anyio

REFUND_URL = "https://my-webshop.com/refunded"


async def told(market: Market, reference: str) -> list[tuple[str, dict[str, Any]]]:
    """URL and body of everything that is to be told of a payment's refunds."""
    found = [(notice.url, json.loads(notice.body)) for notice in await market.notices(reference)]
    return [(url, body) for url, body in found if "refundReference" in body]


async def test_a_full_refund_is_accepted_and_told_to_its_own_url(market: Market) -> None:
    reference = await market.paid(100)
    answer = await market.shop.refund(reference, postbackUrl=REFUND_URL)
    assert answer.status == 202
    assert set(answer.body) == {"refundReference"}
    assert await told(market, reference) == []
    await outcomes.resolve_refund(market.tools, PaymentId(reference), 1)
    body = {"paymentReference": reference, "refundReference": answer.body["refundReference"], "isSuccess": True}
    assert await told(market, reference) == [(REFUND_URL, body | {"amount": 100})]


async def test_a_sent_amount_is_ignored_by_a_full_refund(market: Market) -> None:
    for sent in (1, 0, "all", None, 10**9):
        reference = await market.paid(100, cards=(100_00,))
        assert (await market.shop.refund(reference, amount=sent)).status == 202
        assert (await market.standing(reference)).payment.refunded == 100_00


async def test_a_full_refund_gives_what_parts_have_left(market: Market) -> None:
    reference = await market.paid(100, cards=(100_00,))
    assert (await market.shop.refund_part(reference, Decimal("33.33"))).status == 202
    assert (await market.shop.refund(reference)).status == 202
    amounts = [refund["amount"] for refund in (await market.shop.get(reference)).body["refunds"]]
    assert amounts == [Decimal("33.33"), Decimal("66.67")]


async def test_the_parts_of_a_payment_are_given_back_last_first(market: Market) -> None:
    reference = await market.paid(100, cards=(40_00,))
    assert (await market.shop.refund_part(reference, 70)).status == 202
    attempts = (await market.standing(reference)).attempts
    assert [(attempt.method, attempt.refunded) for attempt in attempts] == [("gift_card", 10_00), ("card", 60_00)]


async def test_a_refund_that_the_far_side_refuses_is_told_and_may_be_asked_for_again(market: Market) -> None:
    market.bank.refunds = Declined("refund_refused")
    reference = await market.paid(100)
    assert (await market.shop.refund_part(reference, Decimal("12.5"), postbackUrl=REFUND_URL)).status == 202
    await outcomes.resolve_refund(market.tools, PaymentId(reference), 1)
    ((url, body),) = await told(market, reference)
    assert url == REFUND_URL
    assert (body["isSuccess"], body["amount"], body["reason"]) == (False, 12.5, "refund_refused")
    assert (await market.shop.refund_part(reference, 100)).status == 202


@pytest.mark.parametrize("given", [0, 40])
async def test_more_than_is_left_is_a_422(market: Market, given: int) -> None:
    reference = await market.paid(100, cards=(100_00,))
    if given:
        assert (await market.shop.refund_part(reference, given)).status == 202
    answer = await market.shop.refund_part(reference, Decimal(100 - given) + Decimal("0.01"))
    assert (answer.status, faults(answer)) == (422, [(1202, "amount")])


async def test_what_is_given_back_already_is_gone(market: Market) -> None:
    reference = await market.paid(100, cards=(100_00,))
    assert (await market.shop.refund(reference)).status == 202
    for answer in (await market.shop.refund(reference), await market.shop.refund_part(reference, 1)):
        assert (answer.status, faults(answer)) == (410, [(1203, "")])


async def test_only_a_success_can_be_refunded(market: Market) -> None:
    market.bank.says = Pending("psp-1")
    waiting, opened = await market.opened(), await market.opened()
    await market.pay(waiting)
    for reference in (waiting, opened):
        for answer in (await market.shop.refund(reference), await market.shop.refund_part(reference, 1)):
            assert (answer.status, faults(answer)) == (422, [(1201, "")])


async def test_every_fault_of_a_refund_is_told_at_once(market: Market) -> None:
    reference = await market.paid(100, cards=(100_00,))
    answer = await market.shop.refund_part(reference, Decimal("-1.001"), postbackUrl="http://my-webshop.com")
    assert (answer.status, faults(answer)) == (422, [(1103, "postbackUrl"), (1100, "amount")])
    for amount, code in ((Decimal("1.001"), 1101), (0, 1100), (10**10, 1109)):
        answer = await market.shop.refund_part(reference, amount)
        assert (answer.status, faults(answer)) == (422, [(code, "amount")])
    for wrong, code in (("1", 1002), (None, 1002), (True, 1002), ([1], 1002)):
        answer = await market.shop.refund_part(reference, wrong)
        assert (answer.status, faults(answer)) == (400, [(code, "amount")])
    path = f"/paymentapi/v1/payments/{reference}"
    missing = await market.shop.call("POST", f"{path}/refunds", {})
    assert (missing.status, faults(missing)) == (400, [(1001, "postbackUrl"), (1001, "amount")])
    missing = await market.shop.call("PUT", f"{path}/refund", {})
    assert (missing.status, faults(missing)) == (400, [(1001, "postbackUrl")])
    assert (await market.standing(reference)).payment.refunded == 0


async def test_members_in_any_case_and_a_slash_at_the_end_are_taken(market: Market) -> None:
    reference = await market.paid(100, cards=(100_00,))
    body = {"PostbackUrl": PURCHASE["postbackUrl"], "Amount": 1}
    path = f"/paymentapi/v1/payments/{reference}"
    assert (await market.shop.call("POST", f"{path}/refunds/", body)).status == 202
    assert (await market.shop.call("PUT", f"{path}/refund/", body)).status == 202


async def test_however_many_refunds_come_at_once_never_more_is_given_back_than_was_paid(market: Market) -> None:
    reference = await market.paid(100, cards=(60_00,))
    parts = [market.shop.refund_part(reference, 9) for _ in range(30)]
    answers = await asyncio.gather(*parts, *(market.shop.refund(reference) for _ in range(3)))
    given = [answer.body["refundReference"] for answer in answers if answer.status == 202]
    assert len(set(given)) == len(given) > 0
    assert {answer.status for answer in answers} <= {202, 410, 422}
    assert (await market.standing(reference)).payment.refunded == 100_00
    listed = (await market.shop.get(reference)).body["refunds"]
    assert {refund["refundReference"] for refund in listed} == set(given)
    assert sum(refund["amount"] for refund in listed) == 100


async def test_refunds_of_two_processes_at_once_keep_within_what_was_paid(market: Market, second: Tools) -> None:
    reference = await market.paid(100, cards=(100_00,))
    async with market_on(second) as other:
        other.shop.api_key, other.shop.tenant_key = market.shop.api_key, market.shop.tenant_key
        other.shop.token = market.shop.token
        shops = (market.shop, other.shop)
        answers = await asyncio.gather(*(shop.refund_part(reference, 30) for shop in shops for _ in range(5)))
    assert sorted(answer.status for answer in answers) == [202] * 3 + [422] * 7
    assert (await market.standing(reference)).payment.refunded == 90_00
