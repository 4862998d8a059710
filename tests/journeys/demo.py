"""A visitor of the demo shop with a real browser: buys, pays in the frame or at the far side, and looks at the sale."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, BrowserContext, FrameLocator, Page, expect

from tests import gateway
from tests.server import HOST, Server, beside
from tillway.commands.cards import IssuedCard
from tillway.connecting import ACQUIRER_PLACE
from tillway.queries.registry import Registry
from tillway.surfaces.sandbox.seeding import WEB_CURRENCY
from tillway.wiring import SHOP_PLACE

PAYS = "9999010100000002"
ASKED = "9999030100000000"
CHALLENGE_FAILS = "9999030200000009"
FUNDS = "9999020100000001"
"""Published test numbers: paid, 3-D Secure asked, 3-D Secure failed, declined for insufficient funds."""

TOTAL = "53.70"
WAIT_MILLISECONDS = 20_000


def shop_url(server: Server) -> str:
    """The shop by another name than the gateway's: to a browser it is then another site, with cookies of its own."""
    return f"http://localhost:{server.port + SHOP_PLACE}"


def acquirer_url(server: Server) -> str:
    """Where the pretend acquirer's pages are."""
    return f"http://{HOST}:{server.port + ACQUIRER_PLACE}"


def seeded(server: Server) -> dict[str, Any]:
    """What `sandbox.json` says of web payments."""
    return json.loads((Path(server.folder) / "sandbox.json").read_text())["web_payments"]


async def euro_card(server: Server, balance: int) -> IssuedCard:
    """A fresh gift card that the demo shop accepts, with `balance` cents."""
    async with beside(server) as tools:
        issuers = await Registry(tools.store, tools.vault).issuers()
        euro = next(issuer for issuer in issuers.by_id.values() if issuer.currency == WEB_CURRENCY)
        return (await gateway.cards(tools, balance, by=euro))[0]


@dataclass(slots=True)
class Visitor:
    """One browser tab in the demo shop of `server`."""

    server: Server
    page: Page

    @property
    def frame(self) -> FrameLocator:
        """The payment inside the shop's page."""
        return self.page.frame_locator("#pay iframe")

    @property
    def reference(self) -> str:
        """The payment of the sale that is being looked at."""
        return self.page.url.rpartition("/")[2]

    async def buy(self, way: str = "Pay in the page") -> str:
        """Fill the basket and go to the sale: the reference of its payment."""
        await self.page.goto(shop_url(self.server))
        await self.page.get_by_role("button", name=way).click()
        await self.page.wait_for_url("**/sales/*")
        if way == "Pay in the page":
            await expect(self.frame.get_by_role("heading", name="How do you want to pay?")).to_be_visible(
                timeout=WAIT_MILLISECONDS
            )
        return self.reference

    async def press(self, name: str) -> None:
        """Press a button in the frame, from within.

        A pointer may miss it while the frame is still growing; once a key's going down has brought another page, the
        browser may never say that it went up again.
        """
        await self.frame.get_by_role("button", name=name).dispatch_event("click")

    async def choose_card(self) -> None:
        """Leave for the far side's page."""
        await self.press("Card Debit or credit")
        await self.page.wait_for_url(f"{acquirer_url(self.server)}/**")

    async def enter(self, number: str) -> None:
        """Pay on the far side's page with a published number."""
        await self.page.get_by_role("textbox", name="Test card number").fill(number)
        await self.page.get_by_role("button", name=f"Pay {TOTAL}").click()

    async def is_back(self) -> None:
        """Wait until the shop's page is there again."""
        await self.page.wait_for_url(f"{shop_url(self.server)}/sales/*", timeout=WAIT_MILLISECONDS)

    async def lay_down(self, balance: int) -> None:
        """Lay a fresh gift card with `balance` cents down in the frame."""
        card = await euro_card(self.server, balance)
        if await self.frame.get_by_label("Card number").is_hidden():
            await self.frame.locator("details.method-cards summary").click()
        await self.frame.get_by_label("Card number").fill(card.number)
        await self.frame.get_by_label("CVC").fill(card.cvc)
        await self.press("Check balance and add")
        await expect(self.frame.get_by_role("heading", name="Your gift cards")).to_be_visible()

    async def knows(self, text: str) -> None:
        """Wait until the shop says so, in the part of its page that is kept up to date."""
        live = self.page.locator("[data-live]")
        await expect(live.get_by_text(text, exact=True).first).to_be_visible(timeout=WAIT_MILLISECONDS)

    async def called(self, text: str) -> None:
        """Wait until the widget has called one of the shop's functions."""
        await expect(self.page.locator("[data-told]")).to_contain_text(text, timeout=WAIT_MILLISECONDS)


async def visitor(server: Server, browser: Browser, **options: Any) -> tuple[Visitor, BrowserContext]:
    """A new tab of a browser with nothing remembered."""
    context = await browser.new_context(locale="en-GB", **options)
    context.set_default_timeout(WAIT_MILLISECONDS)
    return Visitor(server, await context.new_page()), context
