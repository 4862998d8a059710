"""The pretend Stripe as the suite of every connector sees it."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from time import time

from tests.connectors.issuer import Fault
from tests.connectors.stripe.pretend import (
    API_KEY,
    BEGUN,
    WEBHOOK_SECRET,
    PretendStripe,
    event,
    pretend_stripe,
    said,
    signed,
)
from tillway.connectors.addresses import Reach
from tillway.connectors.outbound import Outbound
from tillway.connectors.protocol import Connector, Operation
from tillway.connectors.stripe.connector import StripeAccount, StripeConnector

CALL_SECONDS = 1.0


@dataclass
class StripeFar:
    """Stripe's side: it forgets nothing, and calls us."""

    connector: Connector
    stripe: PretendStripe
    remembers: bool = True
    is_over_http: bool = True
    calls_us: bool = True
    gives_back: bool = True

    def operation(self, identity: str = "p-1", amount: int = 100_00, *, fails: bool = False) -> Operation:
        return Operation(identity, "", amount, "NOK", "card", journey=BEGUN.journey)

    async def pay(self, operation: Operation, *, fails: bool = False) -> None:
        """A payer whose card is declined may try again: it ends when Stripe gives the intent up."""
        reference = self._reference(operation.id)
        if fails:
            self.stripe.fail(reference, code="card_declined", decline_code="insufficient_funds")
        self.stripe.pay(reference, "canceled" if fails else "succeeded")

    def strike(self, fault: Fault | None) -> None:
        self.stripe.fault = fault

    async def taken(self, identity: str) -> int:
        intent = self.stripe.intents[self._reference(identity)]
        refunds = [one for one in self.stripe.refunds.values() if one["payment_intent"] == intent["id"]]
        return intent["amount_received"] - sum(one["amount"] for one in refunds if one["status"] == "succeeded")

    async def callback(self, identity: str) -> tuple[dict[str, str], bytes]:
        told = said("payment_intent", status="succeeded", metadata={"operation": identity})
        return self.signed(event("payment_intent.succeeded", told), time())

    def signed(self, body: bytes, at: float) -> tuple[dict[str, str], bytes]:
        return signed(body, round(at * 1_000_000)), body

    def _reference(self, identity: str) -> str:
        found = (key for key, one in self.stripe.intents.items() if one["metadata"] == {"operation": identity})
        return next(found)


@asynccontextmanager
async def stripe_far(_: str) -> AsyncGenerator[StripeFar]:
    """A Stripe that listens."""
    outbound = Outbound(Reach.SANDBOX)
    async with pretend_stripe() as pretended:
        account = StripeAccount(API_KEY, WEBHOOK_SECRET, pretended.url)
        yield StripeFar(StripeConnector(account, outbound, CALL_SECONDS), pretended)
        await outbound.close()
