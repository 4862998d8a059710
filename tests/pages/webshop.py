"""A shop on the web: its client, its own pages on another origin, the gateway's pages, and a far side with a third."""

import io
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from html import escape
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route, Router

from tests import gateway
from tests.pages.far_side import FarSide
from tests.pages.serving import served
from tillway.commands import payments, records
from tillway.commands.cards import IssuedCard
from tillway.commands.tools import Tools
from tillway.domain.clients import Client, Issuer, Surface
from tillway.domain.opening import Opening
from tillway.domain.orders import Access
from tillway.domain.replays import Replay
from tillway.domain.standing import Standing
from tillway.queries import giftcards as card_queries
from tillway.queries import payments as payment_queries
from tillway.queries.registry import Registry
from tillway.surfaces.checkout.callbacks import Callbacks
from tillway.surfaces.checkout.embedding import widget_routes
from tillway.surfaces.checkout.site import checkout_site
from tillway.surfaces.common.api import Telemetry
from tillway.surfaces.common.limits import Addresses
from tillway.surfaces.common.logs import AccessLog
from tillway.surfaces.common.metrics import RequestMetrics
from tillway.surfaces.common.payment_links import payment_link, session_token

FAR = "far"
_HEAD = '<!doctype html><html lang="en"><link rel="icon" href="data:,">'
METHODS = ("card", "bancontact", "ideal", "bank")
SECOND = 1_000_000


@dataclass(slots=True)
class WebShop:
    """What tests of web payments work with; `origin` is the shop's own, `url` the gateway's."""

    tools: Tools
    client: Client
    issuer: Issuer
    far: FarSide
    url: str
    origin: str
    log: AccessLog
    stream: io.BytesIO

    def written(self) -> str:
        """What the gateway has written down of the requests it answered."""
        self.log.flush()
        return self.stream.getvalue().decode()

    async def payment(
        self, amount: int = 6_490, access: Access = Access.LINK, *, lasts_seconds: int = 3600, **members: Any
    ) -> Standing:
        """A payment of `amount` cents for a payer in the Netherlands, who pays by link or in the shop's page."""
        asked = Opening(
            amount,
            access,
            "",
            f"{self.origin}/done?order=7",
            gateway.WEBHOOK_URL,
            "en",
            "{}",
            self.tools.now() + lasts_seconds * SECOND,
            number=4_711_042,
            origin=self.origin,
            country="NL",
            email="payer@shop.example",
            most_declines=5,
        )
        opened = await payments.open_payment(self.tools, self.client, replace(asked, **members))
        assert not isinstance(opened, Replay)
        return opened

    async def card(self, balance: int) -> IssuedCard:
        """A fresh gift card with `balance` cents."""
        return (await gateway.cards(self.tools, balance, by=self.issuer))[0]

    def link(self, standing: Standing) -> str:
        """The address of a payment's page."""
        payment = standing.payment
        return payment_link(self.tools.vault, self.url, payment.id, payment.expires_at)

    def frame(self, standing: Standing) -> str:
        """The address of a payment's page inside a shop's."""
        payment = standing.payment
        token = session_token(self.tools.vault, payment.id, payment.expires_at)
        return f"{self.url}/embed/{quote(token, safe='')}"

    def cart(self, standing: Standing, origin: str = "") -> str:
        """The shop's page (or another site's) with the payment inside."""
        return f"{origin or self.origin}/cart?frame={quote(self.frame(standing), safe='')}"

    def operation(self, standing: Standing, attempt: int = 1) -> str:
        """What the far side calls an attempt of the payment."""
        return f"{standing.payment.id}-{attempt}"

    async def now(self, standing: Standing) -> Standing:
        """How a payment stands by now."""
        return await payment_queries.standing(self.tools.store, standing.payment.id)

    async def left_on(self, issued: IssuedCard) -> tuple[int, int]:
        """A card's balance and reserve by now, in cents."""
        found = await card_queries.card(self.tools.store, issued.card.id)
        assert found is not None
        return found.balance, found.held


@asynccontextmanager
async def open_webshop(tools: Tools) -> AsyncGenerator[WebShop]:
    """A shop whose payers pay at a far side; the gateway, the shop and the far side are three origins.

    The shop is at `localhost`: to a browser that is another site than 127.0.0.1, where the gateway is.
    """
    far, stream = FarSide(), io.BytesIO()
    log = AccessLog(stream)
    tools = replace(tools, connectors={**tools.connectors, FAR: far}, methods=dict.fromkeys(METHODS, FAR))
    issuer = await gateway.issuer(tools, "euro-cards", "606300", "EUR")
    owner = await gateway.merchant(tools)
    vendors = (str(issuer.id),)
    made = await records.add_client(tools, owner, "webshop", "Web shop", Surface.WEB, "EUR", vendors, ())
    async with served(far.pages()) as far_url, served(_shop()) as shop_url:
        far.url = far_url
        async with served(_gateway(tools, log, far_url)) as url:
            yield WebShop(tools, made.client, issuer, far, url, shop_url.replace("127.0.0.1", "localhost"), log, stream)


def _gateway(tools: Tools, log: AccessLog, far_url: str) -> Router:
    telemetry = Telemetry(log, RequestMetrics())
    registry = Registry(tools.store, tools.vault)
    site = checkout_site(tools, registry, telemetry, Addresses(), sandbox=True, form_targets=(far_url,))
    return Router([*widget_routes(tools), site, Callbacks(tools, telemetry)])


def _shop() -> Router:
    async def cart(request: Request) -> Response:
        frame = escape(request.query_params["frame"])
        return HTMLResponse(
            f"{_HEAD}<title>Cart</title><h1>Cart</h1>"
            f'<iframe title="Payment" src="{frame}" width="600" height="900"></iframe>'
            "<script>window.heard = []; addEventListener('message', (e) => heard.push(e.data.type))</script>"
        )

    async def done(request: Request) -> Response:
        return HTMLResponse(f"{_HEAD}<title>Done</title><h1>Thank you</h1>")

    return Router([Route("/cart", cart), Route("/done", done)])
