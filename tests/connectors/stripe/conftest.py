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
async def connector(far: PretendStripe) -> AsyncIterator[StripeConnector]:
    outbound = Outbound(Reach.SANDBOX)
    yield StripeConnector(StripeAccount(API_KEY, WEBHOOK_SECRET, far.url), outbound, call_seconds=0.5)
    await outbound.close()


@pytest.fixture
async def reference(connector: StripeConnector) -> str:
    """A payment that the payer has been sent to pay."""
    begun = await connector.begin(BEGUN)
    assert isinstance(begun, Pending)
    return begun.reference
