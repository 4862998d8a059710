"""The Stripe connector with a Stripe of somebody else's making: what a payer does, with and without 3-D Secure."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from tests.localstripe import (
    API_KEY,
    DECLINED_CARD,
    GOOD_CARD,
    SECURE_AND_DECLINED_CARD,
    SECURE_CARD,
    WEBHOOK_SECRET,
    LocalStripe,
    local_stripe,
)
from tillway.connectors.addresses import Reach
from tillway.connectors.outbound import Outbound
from tillway.connectors.protocol import Journey, Operation
from tillway.connectors.stripe.connector import StripeAccount, StripeConnector
from tillway.domain.outcomes import Declined, Paid, Pending
from tillway.domain.reasons import Reason

pytestmark = pytest.mark.anyio

PAGE = "https://pay.example/pay/token"
BEGUN = Operation("p-1", "", 25_00, "EUR", "card", journey=Journey(f"{PAGE}/return", PAGE))


@pytest.fixture(scope="module")
async def far(anyio_backend: str) -> AsyncIterator[LocalStripe]:
    async with local_stripe() as started:
        yield started


@pytest.fixture
async def connector(far: LocalStripe) -> AsyncIterator[StripeConnector]:
    outbound = Outbound(Reach.SANDBOX)
    yield StripeConnector(StripeAccount(API_KEY, WEBHOOK_SECRET, far.url), outbound)
    await outbound.close()


@pytest.fixture
async def operation(connector: StripeConnector) -> Operation:
    """A payment that the payer has been sent to pay."""
    begun = await connector.begin(BEGUN)
    assert isinstance(begun, Pending)
    assert begun.step_url == f"{PAGE}/stripe"
    return replace(BEGUN, journey=None, reference=begun.reference)


async def test_a_card_is_charged(connector: StripeConnector, far: LocalStripe, operation: Operation) -> None:
    assert await connector.look_up(operation) == Pending(operation.reference)
    await far.pay(operation.reference, GOOD_CARD)
    assert await connector.look_up(operation) == Paid(operation.reference)


async def test_a_card_that_wants_3_d_secure_is_charged_once_the_payer_is_known(
    connector: StripeConnector, far: LocalStripe, operation: Operation
) -> None:
    assert (await far.pay(operation.reference, SECURE_CARD))["status"] == "requires_action"
    assert await connector.look_up(operation) == Pending(operation.reference)
    await far.authenticate(operation.reference, succeeds=True)
    assert await connector.look_up(operation) == Paid(operation.reference)


async def test_a_payer_who_fails_3_d_secure_may_try_another_card_on_the_same_form(
    connector: StripeConnector, far: LocalStripe, operation: Operation
) -> None:
    await far.pay(operation.reference, SECURE_CARD)
    await far.authenticate(operation.reference, succeeds=False)
    assert await connector.look_up(operation) == Pending(operation.reference)
    form = await connector.form_of(operation.reference)
    assert form is not None
    assert form.reason == Reason.AUTHENTICATION_FAILED
    await far.pay(operation.reference, GOOD_CARD)
    assert await connector.look_up(operation) == Paid(operation.reference)


@pytest.mark.parametrize("card", [DECLINED_CARD, SECURE_AND_DECLINED_CARD])
async def test_a_declined_card_leaves_the_payment_open_until_it_is_given_up(
    connector: StripeConnector, far: LocalStripe, operation: Operation, card: str
) -> None:
    await far.pay(operation.reference, card)
    if card == SECURE_AND_DECLINED_CARD:
        await far.authenticate(operation.reference, succeeds=True)
    assert await connector.look_up(operation) == Pending(operation.reference)
    form = await connector.form_of(operation.reference)
    assert form is not None
    assert form.reason == Reason.DECLINED
    assert await connector.reverse(operation) == Paid()
    assert await connector.look_up(operation) == Declined(Reason.DECLINED, operation.reference)
    assert await connector.form_of(operation.reference) is None


async def test_a_payment_that_was_cancelled_can_no_longer_be_paid(
    connector: StripeConnector, far: LocalStripe, operation: Operation
) -> None:
    assert await connector.reverse(operation) == Paid()
    assert (await far.pay(operation.reference, GOOD_CARD))["error"]
    assert await connector.look_up(operation) == Declined(Reason.CANCELLED, operation.reference)


async def test_a_payment_that_was_paid_is_not_cancelled_but_refunded_and_never_too_much(
    connector: StripeConnector, far: LocalStripe, operation: Operation
) -> None:
    await far.pay(operation.reference, GOOD_CARD)
    assert await connector.reverse(operation) == Declined(Reason.TAKEN, operation.reference)
    part = replace(operation, id="p-1-r1", amount=10_00)
    assert isinstance(await connector.refund(part, "p-1"), Paid)
    assert isinstance(await connector.refund(part, "p-1"), Paid)
    too_much = replace(operation, id="p-1-r2", amount=15_01)
    assert await connector.refund(too_much, "p-1") == Declined(Reason.REFUND_REFUSED)
    assert isinstance(await connector.refund(replace(too_much, amount=15_00), "p-1"), Paid)
    assert sorted(refund["amount"] for refund in await far.refunds(operation.reference)) == [10_00, 15_00]
