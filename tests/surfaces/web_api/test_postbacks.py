"""Postbacks: what is told, of which events, and by which schedule."""

import json
from typing import Any

import pytest

from tests.clients.integrator import PURCHASE
from tests.surfaces.web_api.market import Market
from tillway.commands import payments
from tillway.commands.expiry import expire
from tillway.domain.ids import PaymentId
from tillway.domain.notices import NoticeState
from tillway.domain.outcomes import Declined, Paid
from tillway.domain.schedules import MINUTE, NOTICES, SECOND

pytestmark = pytest.mark.anyio


async def told(market: Market, reference: str) -> dict[str, Any]:
    """The body of the one postback of a payment."""
    (notice,) = await market.notices(reference)
    assert (notice.url, notice.schedule, notice.state) == (PURCHASE["postbackUrl"], "web", NoticeState.DUE)
    return json.loads(notice.body)


async def test_a_success_is_told_with_its_method_and_without_a_reason(market: Market) -> None:
    reference = await market.paid()
    body = {"paymentReference": reference, "isSuccess": True, "paymentMethod": "Visa"}
    assert await told(market, reference) == body


@pytest.mark.parametrize(
    ("cards", "scheme", "method"),
    [((100_00,), "", "Gift card"), ((), "", "iDEAL"), ((30_00,), "Mastercard", "Mastercard")],
)
async def test_a_method_is_told_by_its_brand_or_its_name(
    market: Market, cards: tuple[int, ...], scheme: str, method: str
) -> None:
    market.bank.says = Paid("psp-1", scheme)
    reference = await market.paid(cards=cards, method="ideal")
    assert (await told(market, reference))["paymentMethod"] == method


async def test_a_decline_is_not_told_and_the_last_one_is_with_its_reason(market: Market) -> None:
    market.shop = await market.integrator(most_declines=2)
    market.bank.says = Declined("insufficient_funds")
    reference = await market.opened()
    await market.pay(reference)
    assert await market.notices(reference) == []
    await market.pay(reference)
    assert await told(market, reference) == {
        "paymentReference": reference,
        "isSuccess": False,
        "paymentMethod": None,
        "reason": "insufficient_funds",
    }


async def test_nobody_paid_in_time_is_told_as_expired(market: Market) -> None:
    reference = await market.opened()
    market.advance(3 * 86_400)
    await expire(market.tools, PaymentId(reference))
    body = await told(market, reference)
    assert (body["isSuccess"], body["reason"]) == (False, "expired")


async def test_a_withdrawal_is_told_as_cancelled(market: Market) -> None:
    reference = await market.opened()
    client = await market.registry.client(market.shop.api_key)
    assert client is not None
    await payments.withdraw(market.tools, client, reference)
    body = await told(market, reference)
    assert (body["isSuccess"], body["reason"]) == (False, "cancelled")


def test_a_postback_is_tried_twenty_times_within_five_minutes_and_then_on_for_a_week() -> None:
    schedule = NOTICES["web"]
    waits = [schedule.wait_after(tries) for tries in range(1, 25)]
    assert sum(waits[:19]) <= 5 * MINUTE
    assert set(waits[:19]) == {15 * SECOND}
    assert waits[19] == 10 * MINUTE
    assert schedule.ends_after == 7 * 86_400 * SECOND
