"""A pretend Stripe, the connector that speaks to it, and a payment that was begun there."""

from collections.abc import AsyncIterator

import pytest

from tests.connectors.stripe.pretend import API_KEY, BEGUN, WEBHOOK_SECRET, PretendStripe, pretend_stripe
from tillway.connectors.addresses import Reach
from tillway.connectors.outbound import Outbound
from tillway.connectors.stripe.connector import StripeAccount, StripeConnector
from tillway.domain.outcomes import Pending


@pytest.fixture
async def far(anyio_backend: str) -> AsyncIterator[PretendStripe]:
    async with pretend_stripe() as pretended:
        yield pretended


@pytest.fixture
async def connector(far: PretendStripe, request: pytest.FixtureRequest) -> AsyncIterator[StripeConnector]:
    """The connector; only one who is left waiting is in a hurry."""
    outbound = Outbound(Reach.SANDBOX)
    is_left_waiting = "HANGS" in request.node.name
    account = StripeAccount(API_KEY, WEBHOOK_SECRET, far.url)
    yield StripeConnector(account, outbound, call_seconds=0.3 if is_left_waiting else 10)
    await outbound.close()


@pytest.fixture
async def reference(connector: StripeConnector) -> str:
    """A payment that the payer has been sent to pay."""
    begun = await connector.begin(BEGUN)
    assert isinstance(begun, Pending)
    return begun.reference
