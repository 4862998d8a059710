"""The same call again under its `Idempotency-Key`: answered as the first time, and done once."""

import asyncio

import pytest

from tests.clients.integrator import PAYMENTS, PURCHASE, faults
from tests.surfaces.web_api.market import Market

pytestmark = pytest.mark.anyio

KEY = {"idempotency-key": "order-1042"}
BODY = {"postbackUrl": PURCHASE["postbackUrl"], "amount": 30}


@pytest.mark.parametrize("way", ["web", "weblink"])
async def test_an_initiation_under_a_key_opens_one_payment(market: Market, way: str) -> None:
    path = f"{PAYMENTS}/{way}"
    first, *others = await asyncio.gather(*(market.shop.call("POST", path, PURCHASE, more=KEY) for _ in range(8)))
    assert first.status == 200
    assert all(other.body == first.body for other in others)


async def test_a_refund_under_a_key_is_given_once(market: Market) -> None:
    reference = await market.paid(100)
    path = f"{PAYMENTS}/{reference}/refunds"
    answers = await asyncio.gather(*(market.shop.call("POST", path, BODY, more=KEY) for _ in range(8)))
    assert {answer.status for answer in answers} == {202}
    assert len({answer.body["refundReference"] for answer in answers}) == 1
    assert (await market.standing(reference)).payment.refunded == 30_00


async def test_another_request_under_a_used_key_is_refused(market: Market) -> None:
    reference = await market.paid(100)
    path = f"{PAYMENTS}/{reference}/refunds"
    assert (await market.shop.call("POST", path, BODY, more=KEY)).status == 202
    answer = await market.shop.call("POST", path, BODY | {"amount": 31}, more=KEY)
    assert (answer.status, faults(answer)) == (422, [(1204, "")])


async def test_a_key_that_cannot_be_is_a_fault_of_its_own(market: Market) -> None:
    answer = await market.shop.call("POST", f"{PAYMENTS}/web", PURCHASE, more={"idempotency-key": "x" * 256})
    assert (answer.status, faults(answer)) == (400, [(1002, "Idempotency-Key")])
