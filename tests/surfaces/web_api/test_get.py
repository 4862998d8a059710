"""Getting a payment: the document's words for how it stands, from the first second to the last refund."""

import asyncio
from decimal import Decimal

import pytest

from tests import gateway
from tests.clients.integrator import PAYMENTS, PURCHASE, faults
from tests.surfaces.web_api.market import Market
from tillway.commands import outcomes, payments
from tillway.commands.expiry import expire
from tillway.domain.ids import PaymentId
from tillway.domain.outcomes import Declined, Paid, Pending
from tillway.domain.payments import Payment, PaymentState
from tillway.surfaces.web_api.wire import status_of

pytestmark = pytest.mark.anyio

UNKNOWN = "019a9f1e-7c1a-7b52-8f6e-2f1d3c4b5001"
DAY_SECONDS = 86_400


async def test_a_fresh_payment_is_open(market: Market) -> None:
    reference = await market.opened(Decimal("10.23"))
    body = (await market.shop.get(reference)).body
    topic = body["topic"].pop("id")
    assert isinstance(topic, int)
    assert body == {
        "id": reference,
        "amount": {"value": Decimal("10.23"), "currency": "EUR"},
        "topic": {"type": "order"},
        "status": {"value": "open", "tentative": True},
        "pspReference": None,
        "paymentMethod": None,
        "postbackUrl": PURCHASE["postbackUrl"],
        "lastNotificationDate": None,
        "lastModified": market.moment(),
        "expiresOn": market.moment(2 * DAY_SECONDS),
        "refunds": [],
    }


@pytest.mark.parametrize("suffix", ["", "/"])
async def test_a_slash_at_the_end_and_upper_case_media_types_are_served(market: Market, suffix: str) -> None:
    path = f"{PAYMENTS}/{await market.opened()}{suffix}"
    assert (await market.shop.call("GET", path, more={"accept": "text/plain"})).status == 200


async def test_a_payment_that_waits_for_the_far_side_is_requested(market: Market) -> None:
    market.bank.says = Pending("psp-7", "https://bank.example/step")
    reference = await market.opened()
    await market.pay(reference, method="ideal")
    body = (await market.shop.get(reference)).body
    assert body["status"] == {"value": "requested", "tentative": True}
    assert (body["paymentMethod"], body["pspReference"]) == ("iDEAL", "psp-7")


async def test_a_reference_that_the_far_side_has_not_told_is_not_made_up(market: Market) -> None:
    market.bank.says = Pending()
    reference = await market.opened()
    await market.pay(reference)
    body = (await market.shop.get(reference)).body
    assert (body["paymentMethod"], body["pspReference"]) == ("Card", None)


async def test_a_paid_payment_is_a_success_and_tells_method_and_reference(market: Market) -> None:
    reference = await market.paid()
    body = (await market.shop.get(reference)).body
    assert body["status"] == {"value": "success", "tentative": False}
    assert (body["paymentMethod"], body["pspReference"]) == ("Visa", "psp-1")
    assert body["lastModified"] == market.moment()


async def test_a_gift_card_is_a_method_too_and_has_a_reference_of_ours(market: Market) -> None:
    reference = await market.paid(cards=(100_00,))
    body = (await market.shop.get(reference)).body
    assert (body["paymentMethod"], body["pspReference"]) == ("Gift card", f"{reference}-1")


async def test_of_a_payment_in_parts_the_last_is_told(market: Market) -> None:
    reference = await market.paid(cards=(40_00,))
    body = (await market.shop.get(reference)).body
    assert (body["paymentMethod"], body["pspReference"]) == ("Visa", "psp-1")


async def test_a_declined_attempt_leaves_the_payment_open_until_the_tenant_allows_no_more(market: Market) -> None:
    market.shop = await market.integrator(most_declines=2)
    reference = await market.opened()
    market.bank.says = Declined("insufficient_funds")
    await market.pay(reference)
    assert (await market.shop.get(reference)).body["status"] == {"value": "open", "tentative": True}
    await market.pay(reference)
    assert (await market.shop.get(reference)).body["status"] == {"value": "failed", "tentative": False}


async def test_after_a_decline_another_try_may_succeed(market: Market) -> None:
    market.bank.says = Declined("do_not_honour")
    reference = await market.opened()
    await market.pay(reference)
    market.bank.says = Paid("psp-2", "Mastercard")
    await market.pay(reference)
    body = (await market.shop.get(reference)).body
    assert (body["status"]["value"], body["paymentMethod"], body["pspReference"]) == ("success", "Mastercard", "psp-2")


async def test_a_payment_is_cancelled_from_the_moment_it_expires(market: Market) -> None:
    reference = await market.opened()
    market.advance(2 * DAY_SECONDS)
    assert (await market.shop.login()).status == 200
    for _ in range(2):
        assert (await market.shop.get(reference)).body["status"] == {"value": "cancelled", "tentative": False}
        await expire(market.tools, PaymentId(reference))
    assert (await market.standing(reference)).payment.state is PaymentState.EXPIRED


async def test_a_withdrawn_payment_is_cancelled(market: Market) -> None:
    reference = await market.opened()
    client = await market.registry.client(market.shop.api_key)
    assert client is not None
    await payments.withdraw(market.tools, client, reference)
    assert (await market.shop.get(reference)).body["status"] == {"value": "cancelled", "tentative": False}


def test_every_state_has_a_word() -> None:
    words = {
        state: status_of(Payment(PaymentId(UNKNOWN), 2, "EUR", state, 0, 0, 0, 0, 0, 0, 0, 0, 1), 0)
        for state in PaymentState
    }
    assert words == {
        PaymentState.CREATED: "open",
        PaymentState.SEEN: "open",
        PaymentState.PROCESSING: "requested",
        PaymentState.CONFIRMED: "requested",
        PaymentState.BOOKED: "success",
        PaymentState.FAILED: "failed",
        PaymentState.WITHDRAWN: "cancelled",
        PaymentState.EXPIRED: "cancelled",
        PaymentState.PROCESSING_EXPIRED: "cancelled",
    }


async def test_refunds_are_listed_and_leave_the_payment_a_success(market: Market) -> None:
    reference = await market.paid(100, cards=(60_00,))
    first = await market.shop.refund_part(reference, Decimal("30.5"))
    second = await market.shop.refund_part(reference, 20)
    body = (await market.shop.get(reference)).body
    assert body["status"]["value"] == "success"
    assert body["refunds"] == [
        {
            "refundReference": answer.body["refundReference"],
            "amount": amount,
            "status": "requested",
            "createdOn": market.moment(),
        }
        for answer, amount in ((first, Decimal("30.5")), (second, 20))
    ]
    await outcomes.resolve_refund(market.tools, PaymentId(reference), 1)
    market.bank.refunds = Declined("refund_refused")
    await outcomes.resolve_refund(market.tools, PaymentId(reference), 2)
    statuses = [refund["status"] for refund in (await market.shop.get(reference)).body["refunds"]]
    assert statuses == ["success", "failed"]


async def test_the_last_notification_is_the_last_try_of_the_outcomes_postback(market: Market) -> None:
    reference = await market.paid()
    assert (await market.shop.get(reference)).body["lastNotificationDate"] is None
    for _ in range(2):
        market.advance(20)
        await market.tell(reference)
        assert (await market.shop.get(reference)).body["lastNotificationDate"] == market.moment()
    other = await market.paid()
    assert (await market.shop.get(other)).body["lastNotificationDate"] is None


@pytest.mark.parametrize("way", ["another merchant", "another client", "no payment", "no id", "another API"])
async def test_what_is_not_the_tenants_does_not_exist(market: Market, way: str) -> None:
    reference = {"no payment": UNKNOWN, "no id": "string"}.get(way) or await market.opened()
    asking = market.shop
    if way.startswith("another"):
        asking = await market.integrator(merchant="Another shop" if way == "another merchant" else "Web shop")
    if way == "another API":
        till = await gateway.client(market.tools, merchant_name="Web shop")
        reference = (await gateway.payment(market.tools, till, 100)).payment.id
    for answer in (await asking.get(reference), await asking.refund(reference), await asking.refund_part(reference, 1)):
        assert (answer.status, faults(answer)) == (404, [(1200, "")])
        assert answer.body["errors"][0]["message"] == "There is no payment with this id."


async def test_many_who_ask_at_once_are_each_answered_their_own(market: Market) -> None:
    references = [await market.opened(number) for number in range(1, 21)]
    answers = await asyncio.gather(*(market.shop.get(reference) for reference in [*references, UNKNOWN] * 3))
    values = [answer.body["amount"]["value"] if answer.status == 200 else 404 for answer in answers]
    assert values == [*range(1, 21), 404] * 3


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/paymentapi/v1", 404),
        ("GET", "/paymentapi/v1/nothing", 404),
        ("POST", "/authenticationapi/v1/apis", 404),
        ("DELETE", f"{PAYMENTS}/{UNKNOWN}", 405),
        ("GET", f"{PAYMENTS}/{UNKNOWN}/refund", 405),
        ("GET", f"{PAYMENTS}/a%2fb", 404),
    ],
)
async def test_what_http_itself_says_is_said_in_the_dialect(
    market: Market, method: str, path: str, status: int
) -> None:
    answer = await market.shop.call(method, path)
    assert answer.status == status
    assert faults(answer)[0][0] in {status, 1200}
    assert answer.body["errors"][0]["trace"] == answer.headers["x-request-id"]


async def test_a_body_that_is_too_large_is_refused_in_the_dialect(market: Market) -> None:
    answer = await market.shop.call("POST", f"{PAYMENTS}/web", b" " * 100_000)
    assert (answer.status, faults(answer)) == (413, [(413, "")])
