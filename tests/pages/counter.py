"""A shop's counter: a client that opens payments, its cards, and the sites a person meets, on one small gateway."""

import io
from dataclasses import dataclass
from typing import Any

from starlette.routing import Router

from tests import gateway
from tillway.commands import giftcards, payments
from tillway.commands.cards import IssuedCard
from tillway.commands.giftcards import CardPart
from tillway.commands.tools import Tools
from tillway.domain.clients import Client
from tillway.domain.orders import Access
from tillway.domain.replays import Replay
from tillway.domain.standing import Standing
from tillway.queries import giftcards as card_queries
from tillway.queries import payments as payment_queries
from tillway.queries.registry import Registry
from tillway.surfaces.checkout.site import checkout_site
from tillway.surfaces.common.api import Telemetry
from tillway.surfaces.common.limits import Addresses
from tillway.surfaces.common.logs import AccessLog
from tillway.surfaces.common.metrics import RequestMetrics
from tillway.surfaces.common.payment_links import payment_link
from tillway.surfaces.sandbox.making import Welcome
from tillway.surfaces.sandbox.ordering import IssuerMarks
from tillway.surfaces.sandbox.site import sandbox_site
from tillway.taking_in import take_in

MARKS = IssuerMarks("simulator", "53", "55", "54")
RETURN_URL = "https://shop.example/done?order=7"


@dataclass(slots=True)
class Counter:
    """What a test of pages works with; `url` is where the sites are served, `log` what they wrote down."""

    tools: Tools
    client: Client
    url: str
    log: io.BytesIO

    async def card(self, balance: int, **plan: Any) -> IssuedCard:
        """A fresh card with `balance` minor units."""
        return (await gateway.cards(self.tools, balance, **plan))[0]

    async def payment(
        self, amount: int, *, lasts_seconds: int = 3600, return_url: str = RETURN_URL, access: Access = Access.WEB
    ) -> Standing:
        """A payment of `amount` minor units."""
        asked = gateway.opening(
            amount,
            access=access,
            reference="till 3",
            return_url=return_url,
            expires_at=self.tools.now() + lasts_seconds * 1_000_000,
        )
        opened = await payments.open_payment(self.tools, self.client, asked)
        assert not isinstance(opened, Replay)
        return opened

    async def performed(self, standing: Standing, issued: IssuedCard) -> None:
        """Take what a card has through the API, and leave the payment waiting for the next card."""
        issuers = await Registry(self.tools.store, self.tools.vault).issuers()
        await giftcards.perform(
            self.tools,
            self.client,
            standing.payment.id,
            [CardPart(issued.number, "", 0)],
            issuers.prefixes,
            allow_partial=True,
            final=False,
        )

    def link(self, standing: Standing) -> str:
        """The address of a payment's page."""
        payment = standing.payment
        return payment_link(self.tools.vault, self.url, payment.id, payment.expires_at)

    async def now(self, standing: Standing) -> Standing:
        """How a payment stands by now."""
        return await payment_queries.standing(self.tools.store, standing.payment.id)

    async def left_on(self, issued: IssuedCard) -> int:
        """A card's balance by now, in minor units."""
        found = await card_queries.card(self.tools.store, issued.card.id)
        assert found is not None
        return found.balance


def sites(tools: Tools, log: io.BytesIO, welcome: Welcome) -> Router:
    """The hosted pages and the sandbox's."""
    registry = Registry(tools.store, tools.vault)
    telemetry = Telemetry(AccessLog(log), RequestMetrics())
    addresses = Addresses()
    return Router(
        [
            checkout_site(tools, registry, telemetry, addresses, sandbox=True),
            sandbox_site(tools, registry, MARKS, welcome, take_in, telemetry, addresses),
        ]
    )
