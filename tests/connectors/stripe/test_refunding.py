"""Refunds at Stripe: once each, never too much, and as they stand now."""

from dataclasses import replace

import pytest

from tests.connectors.stripe.pretend import Fault, PretendStripe, known, refund_of
from tillway.connectors.stripe.connector import StripeConnector
from tillway.domain.outcomes import Declined, Outcome, Paid, Pending
from tillway.domain.reasons import Reason

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("succeeded", Paid("re_1")),
        ("pending", Pending()),
        ("requires_action", Pending()),
        ("failed", Declined(Reason.REFUND_REFUSED, "re_1")),
        ("canceled", Declined(Reason.CANCELLED, "re_1")),
        ("some new word", Pending()),
    ],
)
async def test_a_refund_says_how_it_stands_now_however_often_it_is_asked_for(
    connector: StripeConnector, far: PretendStripe, reference: str, status: str, outcome: Outcome
) -> None:
    far.pay(reference)
    far.refund_status = "pending"
    assert await connector.refund(refund_of(reference), "p-1") == Pending()
    far.refunds["re_1"]["status"] = status
    far.forget_keys()
    assert await connector.refund(refund_of(reference), "p-1") == outcome
    assert list(far.refunds) == ["re_1"]


async def test_a_refund_whose_answer_was_lost_is_given_back_once(
    connector: StripeConnector, far: PretendStripe, reference: str
) -> None:
    far.pay(reference)
    for fault in (Fault.CLOSES, None, None):
        far.fault = None
        await connector.look_up(known(reference))
        far.fault = fault
        await connector.refund(refund_of(reference), "p-1")
        far.forget_keys()
    assert [one["amount"] for one in far.refunds.values()] == [10_00]


async def test_refunds_never_come_to_more_than_was_paid_and_failed_ones_do_not_count(
    connector: StripeConnector, far: PretendStripe, reference: str
) -> None:
    far.pay(reference)
    for number in (1, 2, 3, 4):
        await connector.refund(refund_of(reference, number, 6_00), "p-1")
    more = refund_of(reference, 5, 2_00)
    assert await connector.refund(more, "p-1") == Declined(Reason.REFUND_REFUSED)
    far.refunds["re_1"]["status"] = "failed"
    assert isinstance(await connector.refund(replace(more, id="p-1-r6"), "p-1"), Paid)
    assert sum(one["amount"] for one in far.refunds.values() if one["status"] == "succeeded") == 20_00
    assert len([request for request in far.requests if request == "POST /v1/refunds"]) == 5


async def test_nothing_is_refunded_of_an_intent_that_took_nothing_or_is_not_the_one_meant(
    connector: StripeConnector, far: PretendStripe, reference: str
) -> None:
    assert await connector.refund(refund_of(reference), "p-1") == Pending()
    far.pay(reference)
    assert await connector.refund(refund_of(reference), "p-9") == Pending()
    assert far.refunds == {}


async def test_an_intent_whose_reference_is_not_known_is_searched_for_before_it_is_refunded(
    connector: StripeConnector, far: PretendStripe, reference: str
) -> None:
    assert await connector.refund(refund_of(""), "p-1") == Pending()
    far.pay(reference)
    far.searches = False
    assert await connector.refund(refund_of(""), "p-1") == Pending()
    far.searches = True
    assert await connector.refund(refund_of(""), "p-1") == Paid("re_1")
