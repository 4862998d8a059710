"""The page with Stripe's form, in a real browser: card numbers stay with Stripe, and every end is shown."""

import io
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import pytest
from aiohttp import web
from playwright.async_api import Browser, Page, expect
from starlette.routing import Router

from tests import gateway, receivers
from tests.localstripe import (
    API_KEY,
    DECLINED_CARD,
    GOOD_CARD,
    PUBLISHABLE_KEY,
    SECURE_CARD,
    WEBHOOK_SECRET,
    LocalStripe,
    local_stripe,
)
from tests.pages.accessibility import violations
from tests.pages.serving import served
from tests.pages.stripe_stage import StripeStage, bank, entry
from tillway.commands import payments, records
from tillway.commands.records import WebTerms
from tillway.commands.tools import Tools
from tillway.connectors.addresses import Reach
from tillway.connectors.outbound import Outbound
from tillway.connectors.stripe.connector import StripeAccount, StripeConnector
from tillway.domain.clients import Client
from tillway.domain.orders import Access
from tillway.domain.payments import Attempt, AttemptState, PaymentState
from tillway.domain.replays import Replay
from tillway.domain.standing import Standing
from tillway.queries import ledger
from tillway.queries import payments as payment_queries
from tillway.queries.registry import Registry
from tillway.store.opening import open_store
from tillway.surfaces.checkout.site import checkout_site
from tillway.surfaces.checkout.stripe_form import StripeAccess
from tillway.surfaces.common.api import Telemetry
from tillway.surfaces.common.limits import Addresses
from tillway.surfaces.common.logs import AccessLog
from tillway.surfaces.common.metrics import RequestMetrics
from tillway.surfaces.common.payment_links import payment_link, session_token

pytestmark = pytest.mark.anyio

AMOUNT = 64_900


@dataclass(slots=True)
class Shop:
    """A shop whose payers pay with cards at Stripe; `url` is where the pages are, `log` what they wrote down."""

    tools: Tools
    client: Client
    url: str
    log: io.BytesIO
    far: LocalStripe

    async def payment(self, access: Access = Access.LINK, return_url: str = "https://shop.example/done") -> Standing:
        """A payment of 649 kroner."""
        asked = gateway.opening(AMOUNT, access=access, return_url=return_url)
        asked = replace(asked, country="NO", origin="https://shop.example")
        opened = await payments.open_payment(self.tools, self.client, asked)
        assert not isinstance(opened, Replay)
        return opened

    def link(self, standing: Standing) -> str:
        """The address of a payment's page."""
        payment = standing.payment
        if standing.order.access is Access.WIDGET:
            return f"{self.url}/embed/{session_token(self.tools.vault, payment.id, payment.expires_at)}"
        return payment_link(self.tools.vault, self.url, payment.id, payment.expires_at)

    async def now(self, standing: Standing) -> Standing:
        """How a payment stands by now."""
        return await payment_queries.standing(self.tools.store, standing.payment.id)

    async def attempt(self, standing: Standing) -> Attempt:
        """Its last try."""
        return (await self.now(standing)).attempts[-1]


@pytest.fixture(scope="module")
async def far(anyio_backend: str) -> AsyncIterator[LocalStripe]:
    async with local_stripe() as started:
        yield started


@pytest.fixture
async def shop(anyio_backend: str, sqlite_database: str, far: LocalStripe) -> AsyncIterator[Shop]:
    """A shop on a fresh gateway; whatever was tried, no card number and no secret of Stripe's is in its log."""
    store, outbound, log = open_store(sqlite_database), Outbound(Reach.SANDBOX), io.BytesIO()
    connector = StripeConnector(StripeAccount(API_KEY, WEBHOOK_SECRET, far.url), outbound)
    tools = replace(gateway.tools_on(store), connectors={"stripe": connector}, methods={"card": "stripe"})
    merchant = await gateway.merchant(tools)
    client = (await records.add_web_client(tools, merchant, "Shop", WebTerms("NOK"))).client
    site = checkout_site(
        tools,
        Registry(tools.store, tools.vault),
        Telemetry(AccessLog(log), RequestMetrics()),
        Addresses(),
        sandbox=True,
        stripe=StripeAccess("stripe", PUBLISHABLE_KEY, connector.form_of),
    )
    async with served(Router([site])) as url:
        yield Shop(tools, client, url, log, far)
    told = log.getvalue()
    assert all(word not in told for word in (b"_secret_", GOOD_CARD.encode(), SECURE_CARD.encode()))
    verdict = await ledger.verify(store)
    assert verdict.is_sound, verdict.violations
    await outbound.close()
    await tools.committer.close()
    await store.close()


@pytest.fixture
async def stage(far: LocalStripe) -> StripeStage:
    return StripeStage(far)


@pytest.fixture
async def payer(browser: Browser, stage: StripeStage) -> AsyncIterator[Page]:
    """A phone that meets Stripe's names as they are played here; its browser must have nothing to complain of."""
    context = await browser.new_context(viewport={"width": 360, "height": 740}, locale="en-GB")
    await stage.play(context)
    page = await context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    await context.close()
    assert complaints == []


async def thank(_: web.Request) -> web.StreamResponse:
    return web.Response(text="Thank you")


async def choose_card(page: Page, shop: Shop, standing: Standing) -> None:
    await page.goto(shop.link(standing))
    await page.get_by_role("button", name="Card").click()
    await page.wait_for_url("**/stripe")


async def pay(page: Page, card: str) -> None:
    await entry(page).get_by_label("Card number").fill(card)
    await page.get_by_role("button", name="Pay").first.click()


async def test_a_payer_pays_with_a_card_and_sees_the_receipt(shop: Shop, payer: Page) -> None:
    payment = await shop.payment()
    await choose_card(payer, shop, payment)
    assert payer.url == f"{shop.link(payment)}/stripe"
    await expect(payer.get_by_role("link", name="Check again")).to_be_hidden()
    await pay(payer, GOOD_CARD)
    await payer.wait_for_url(shop.link(payment))
    await expect(payer.get_by_role("heading", name="Paid")).to_be_visible()
    stands = await shop.now(payment)
    assert (stands.payment.state, stands.payment.paid) == (PaymentState.BOOKED, AMOUNT)


async def test_a_card_that_wants_3_d_secure_is_confirmed_at_the_bank(shop: Shop, payer: Page) -> None:
    payment = await shop.payment()
    await choose_card(payer, shop, payment)
    await pay(payer, SECURE_CARD)
    await bank(payer).get_by_role("button", name="Confirm").click()
    await expect(payer.get_by_role("heading", name="Paid")).to_be_visible()
    assert (await shop.now(payment)).payment.state is PaymentState.BOOKED


async def test_a_payer_whom_the_bank_does_not_know_may_take_another_card(shop: Shop, payer: Page) -> None:
    payment = await shop.payment()
    await choose_card(payer, shop, payment)
    await pay(payer, SECURE_CARD)
    await bank(payer).get_by_role("button", name="Refuse").click()
    await expect(payer.get_by_role("alert").filter(has_text="failed authentication")).to_be_visible()
    await payer.reload()
    await expect(payer.get_by_text("Your bank could not confirm that it is you.")).to_be_visible()
    await pay(payer, GOOD_CARD)
    await expect(payer.get_by_role("heading", name="Paid")).to_be_visible()
    assert len((await shop.now(payment)).attempts) == 1


async def test_a_payer_whose_card_is_declined_may_pay_in_another_way(shop: Shop, payer: Page) -> None:
    payment = await shop.payment()
    await choose_card(payer, shop, payment)
    await pay(payer, DECLINED_CARD)
    await expect(payer.get_by_role("alert").filter(has_text="declined")).to_be_visible()
    await payer.get_by_role("button", name="Pay in another way").click()
    await expect(payer.get_by_role("heading", name="How do you want to pay?")).to_be_visible()
    attempt = await shop.attempt(payment)
    assert attempt.state is AttemptState.DECLINED
    assert (await shop.far.intent(attempt.reference))["status"] == "canceled"


async def test_a_payer_from_a_shops_page_comes_back_to_the_shop(shop: Shop, payer: Page) -> None:
    async with receivers.served(thank) as url:
        payment = await shop.payment(Access.WIDGET, f"{url}done?order=7")
        await choose_card(payer, shop, payment)
        await pay(payer, GOOD_CARD)
        await payer.wait_for_url(f"{url}done?order=7&paymentReference={payment.payment.id}")
    assert (await shop.now(payment)).payment.state is PaymentState.BOOKED


async def test_the_form_speaks_the_payers_language_and_can_be_used_by_everybody(
    shop: Shop, payer: Page, stage: StripeStage
) -> None:
    payment = await shop.payment()
    await choose_card(payer, shop, payment)
    await expect(payer.get_by_role("button", name="Pay").first).to_be_enabled()
    assert await violations(payer) == []
    await payer.goto(f"{shop.link(payment)}/stripe?language=nb")
    await expect(payer.get_by_role("heading", name="Betal til Corner shop")).to_be_visible()
    await expect(payer.locator("#stripe-form button")).to_be_enabled()
    assert [address for address in stage.asked if "locale" in address] == [
        "https://js.stripe.com/v3/entry?locale=en",
        "https://js.stripe.com/v3/entry?locale=nb",
    ]


async def test_a_payer_who_paid_in_another_window_is_shown_that(shop: Shop, payer: Page) -> None:
    payment = await shop.payment()
    await choose_card(payer, shop, payment)
    await shop.far.pay((await shop.attempt(payment)).reference, GOOD_CARD)
    await pay(payer, GOOD_CARD)
    await expect(payer.get_by_role("heading", name="Paid")).to_be_visible()
    await payer.goto(f"{shop.link(payment)}/stripe")
    await expect(payer.get_by_role("heading", name="Paid")).to_be_visible()


async def test_what_the_page_may_do_is_what_stripe_asks_for(shop: Shop, payer: Page) -> None:
    payment = await shop.payment()
    await choose_card(payer, shop, payment)
    answer = await payer.reload()
    assert answer is not None
    policy = answer.headers["content-security-policy"].split("; ")
    assert policy == [
        "default-src 'none'",
        "script-src 'self' https://*.js.stripe.com https://js.stripe.com",
        "frame-src https://*.js.stripe.com https://js.stripe.com https://hooks.stripe.com",
        "connect-src 'self' https://api.stripe.com",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ]
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"


async def test_without_javascript_another_way_is_offered(shop: Shop, browser: Browser) -> None:
    context = await browser.new_context(java_script_enabled=False, locale="en-GB")
    page = await context.new_page()
    payment = await shop.payment()
    await choose_card(page, shop, payment)
    await expect(page.get_by_text("This way of paying needs JavaScript")).to_be_visible()
    await expect(page.locator("#stripe-form")).to_be_hidden()
    await page.get_by_role("button", name="Pay in another way").click()
    await expect(page.get_by_role("heading", name="How do you want to pay?")).to_be_visible()
    await context.close()


async def test_without_stripes_script_the_page_says_so(shop: Shop, browser: Browser) -> None:
    context = await browser.new_context(locale="en-GB")
    await context.route("https://js.stripe.com/**", lambda route: route.abort())
    page = await context.new_page()
    payment = await shop.payment()
    await choose_card(page, shop, payment)
    await expect(page.get_by_text("The form cannot be reached.")).to_be_visible()
    await expect(page.get_by_role("link", name="Check again")).to_be_visible()
    await expect(page.locator("#stripe-form")).to_be_hidden()
    await context.close()


async def test_an_intent_that_was_cancelled_at_stripe_has_no_form(shop: Shop, payer: Page) -> None:
    payment = await shop.payment()
    await choose_card(payer, shop, payment)
    await shop.far.cancel((await shop.attempt(payment)).reference)
    await payer.reload()
    await expect(payer.get_by_text("The form cannot be reached.")).to_be_visible()
    await payer.get_by_role("button", name="Pay in another way").click()
    await expect(payer.get_by_role("heading", name="How do you want to pay?")).to_be_visible()


async def test_a_payment_that_nobody_pays_at_stripe_shows_its_own_page(shop: Shop, payer: Page) -> None:
    payment = await shop.payment()
    await payer.goto(f"{shop.link(payment)}/stripe")
    assert payer.url == shop.link(payment)
