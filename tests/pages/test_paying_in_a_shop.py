"""A payment inside a shop's own page, on another site than the gateway, where a browser keeps no cookie for it."""

import re
from collections.abc import AsyncIterator

import aiohttp
import pytest
from playwright.async_api import Browser, FrameLocator, Page, expect

from tests import gateway
from tests.pages.accessibility import violations
from tests.pages.far_side import PAID
from tests.pages.test_paying_by_link import lay_down
from tests.pages.webshop import WebShop
from tillway.domain.orders import Access
from tillway.domain.outcomes import Declined
from tillway.domain.payments import PaymentState
from tillway.surfaces.common.payment_links import OPENS_AFTER_EXPIRY_SECONDS

pytestmark = pytest.mark.anyio


@pytest.fixture
async def cart(browser: Browser) -> AsyncIterator[Page]:
    """A page in a browser that blocks third-party cookies; at the end it must have kept none at all."""
    context = await browser.new_context(viewport={"width": 800, "height": 1000})
    page = await context.new_page()
    blocking = await context.new_cdp_session(page)
    await blocking.send("Network.enable")
    await blocking.send(
        "Network.setCookieControls",
        {
            "enableThirdPartyCookieRestriction": True,
            "disableThirdPartyCookieMetadata": True,
            "disableThirdPartyCookieHeuristics": True,
        },
    )
    yield page
    assert await context.cookies() == []
    await context.close()


async def framed(page: Page, shop: WebShop, address: str) -> FrameLocator:
    """The shop's page with the payment in it."""
    await page.goto(address)
    return page.frame_locator("iframe")


async def choose(inside: FrameLocator, method: str) -> None:
    """Press a method's row in the frame."""
    await inside.locator(".methods").get_by_role("button", name=method).click()


async def type_card(inside: FrameLocator, number: str, cvc: str) -> None:
    """Open the gift cards' row if it is closed, and lay a card down."""
    if not await inside.get_by_label("Card number").is_visible():
        await inside.locator("summary.method-face").click()
    await inside.get_by_label("Card number").fill(number)
    await inside.get_by_label("CVC").fill(cvc)
    await inside.get_by_role("button", name="Check balance and add").click()


async def test_a_method_leaves_the_frame_and_comes_back_to_the_shop(shop: WebShop, cart: Page) -> None:
    payment = await shop.payment(access=Access.WIDGET)
    inside = await framed(cart, shop, shop.cart(payment))
    await expect(inside.get_by_role("link", name="Leave without paying")).to_have_count(0)
    await choose(inside, "iDEAL")
    await expect(cart.get_by_role("heading", name="Bank")).to_be_visible()
    await cart.get_by_role("button", name="Confirm").click()
    await expect(cart.get_by_role("heading", name="Thank you")).to_be_visible()
    assert shop.frame(payment).rpartition("/")[2] not in shop.written()
    assert cart.url == f"{shop.origin}/done?order=7&paymentReference={payment.payment.id}"
    assert (await shop.now(payment)).payment.state is PaymentState.BOOKED


async def test_a_gift_card_and_a_bank_pay_together_without_a_cookie(shop: WebShop, cart: Page) -> None:
    payment, card = await shop.payment(access=Access.WIDGET), await shop.card(4_000)
    inside = await framed(cart, shop, shop.cart(payment))
    await type_card(inside, card.number, card.cvc)
    await expect(inside.get_by_role("heading", name="Pay the rest, 24.90 €, with")).to_be_visible()
    await choose(inside, "Pay by bank")
    await cart.get_by_role("button", name="Confirm").click()
    await expect(cart.get_by_role("heading", name="Thank you")).to_be_visible()
    assert await shop.left_on(card) == (0, 0)
    assert (await shop.now(payment)).payment.state is PaymentState.BOOKED


async def test_gift_cards_alone_pay_inside_the_frame_and_the_shop_hears_of_it(shop: WebShop, cart: Page) -> None:
    payment = await shop.payment(access=Access.WIDGET)
    first, second = await shop.card(4_000), await shop.card(5_000)
    inside = await framed(cart, shop, shop.cart(payment))
    await type_card(inside, first.number, first.cvc)
    removals = [inside.get_by_role("button", name=re.compile(f"Remove.*{one.number[-5:]}")) for one in (first, second)]
    await expect(removals[0]).to_be_visible()
    await type_card(inside, second.number, second.cvc)
    await expect(removals[1]).to_be_visible()
    await removals[0].click()
    await expect(inside.get_by_role("heading", name="Pay the rest, 14.90 €, with")).to_be_visible()
    await type_card(inside, first.number, first.cvc)
    await inside.get_by_role("button", name="Pay 64.90 €").click()
    await expect(inside.get_by_role("heading", name="Paid", exact=True)).to_be_visible()
    await cart.wait_for_function("heard.includes('completed')")
    assert [await shop.left_on(one) for one in (first, second)] == [(2_510, 0), (0, 0)]
    assert (await shop.now(payment)).payment.state is PaymentState.BOOKED


async def test_what_is_wrong_with_a_card_is_said_in_the_frame(shop: WebShop, cart: Page) -> None:
    payment = await shop.payment(access=Access.WIDGET)
    inside = await framed(cart, shop, shop.cart(payment))
    await type_card(inside, "1234", "123")
    await expect(inside.get_by_label("Card number")).to_have_accessible_description(re.compile("has 19 digits"))
    await expect(inside.get_by_label("Card number")).to_have_value("1234")


async def test_a_reload_after_a_form_sends_nothing_again(shop: WebShop, cart: Page) -> None:
    payment, card = await shop.payment(access=Access.WIDGET), await shop.card(4_000)
    inside = await framed(cart, shop, shop.cart(payment))
    await type_card(inside, card.number, card.cvc)
    await expect(inside.get_by_role("heading", name="Pay the rest, 24.90 €, with")).to_be_visible()
    posted: list[str] = []
    cart.on("request", lambda request: posted.append(request.url) if request.method == "POST" else None)
    await inside.locator("html").evaluate("() => location.reload()")
    await expect(inside.get_by_role("heading", name="How do you want to pay?")).to_be_visible()
    assert posted == []


async def test_a_payer_who_comes_back_by_the_back_button_goes_on_where_the_payment_stands(
    shop: WebShop, cart: Page
) -> None:
    payment, card = await shop.payment(access=Access.WIDGET), await shop.card(4_000)
    inside = await framed(cart, shop, shop.cart(payment))
    await type_card(inside, card.number, card.cvc)
    await expect(inside.get_by_role("heading", name="Pay the rest, 24.90 €, with")).to_be_visible()
    await choose(inside, "iDEAL")
    await expect(cart.get_by_role("heading", name="Bank")).to_be_visible()
    await cart.go_back()
    await expect(cart.get_by_role("heading", name="Cart")).to_be_visible()
    await expect(inside.get_by_role("heading", name=re.compile("Finish your payment|Pay the rest"))).to_be_visible()
    await cart.reload()
    await inside.get_by_role("link", name="Go on to confirm it").click()
    await cart.get_by_role("button", name="Confirm").click()
    await expect(cart.get_by_role("heading", name="Thank you")).to_be_visible()
    assert shop.far.began == {shop.operation(payment, 2): 1}


async def test_a_decline_at_once_is_said_on_a_page_that_can_be_paid_on(shop: WebShop, cart: Page) -> None:
    shop.far.begins = Declined("expired_card")
    payment = await shop.payment(access=Access.WIDGET)
    inside = await framed(cart, shop, shop.cart(payment))
    await choose(inside, "Card")
    await expect(cart.get_by_role("alert")).to_contain_text("The card has expired.")
    back = f"{shop.origin}/done?order=7&paymentReference={payment.payment.id}"
    await expect(cart.get_by_role("link", name="Leave without paying")).to_have_attribute("href", back)
    shop.far.begins = None
    await cart.locator(".methods").get_by_role("button", name="iDEAL").click()
    await cart.get_by_role("button", name="Confirm").click()
    await expect(cart.get_by_role("heading", name="Thank you")).to_be_visible()


async def test_who_has_paid_at_once_is_led_back_to_the_shop(shop: WebShop, cart: Page) -> None:
    shop.far.begins = PAID
    payment = await shop.payment(access=Access.WIDGET)
    inside = await framed(cart, shop, shop.cart(payment))
    await choose(inside, "Card")
    await expect(cart.get_by_role("heading", name="Thank you")).to_be_visible()
    assert cart.url == f"{shop.origin}/done?order=7&paymentReference={payment.payment.id}"


async def test_after_a_decline_at_the_bank_the_shop_may_show_the_payment_again(shop: WebShop, cart: Page) -> None:
    payment = await shop.payment(access=Access.WIDGET)
    inside = await framed(cart, shop, shop.cart(payment))
    await choose(inside, "Card")
    await cart.get_by_role("button", name="Refuse").click()
    await expect(cart.get_by_role("heading", name="Thank you")).to_be_visible()
    await cart.goto(shop.cart(payment))
    await expect(inside.get_by_role("alert")).to_contain_text("not enough money")


async def test_a_page_at_another_origin_may_not_show_the_payment(shop: WebShop, cart: Page) -> None:
    payment = await shop.payment(access=Access.WIDGET)
    elsewhere = shop.origin.replace("localhost", "127.0.0.1")
    await cart.goto(shop.cart(payment, elsewhere))
    await expect(cart.get_by_role("heading", name="Cart")).to_be_visible()
    frame = cart.frames[1]
    assert "Pay" not in await frame.locator("body").inner_text()
    assert frame.url.startswith("chrome-error:")


async def test_the_frame_is_for_the_shop_of_that_very_payment(shop: WebShop) -> None:
    payment = await shop.payment(access=Access.WIDGET, origin="https://first.example")
    async with aiohttp.ClientSession() as session, session.get(shop.frame(payment)) as response:
        policy = response.headers["Content-Security-Policy"]
        assert "frame-ancestors https://first.example;" in f"{policy};"
        assert f"form-action 'self' {shop.far.url};" in policy
        assert "X-Frame-Options" not in response.headers
        assert 'data-parent-origin="https://first.example"' in await response.text()


async def test_a_link_is_framed_by_nobody_and_leads_to_far_sides_only(shop: WebShop) -> None:
    payment = await shop.payment()
    async with aiohttp.ClientSession() as session, session.get(shop.link(payment)) as response:
        policy = response.headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in policy
        assert f"form-action 'self' {shop.far.url};" in policy
        assert response.headers["X-Frame-Options"] == "DENY"


async def test_a_forged_or_foreign_token_opens_nothing(shop: WebShop) -> None:
    widget, link = await shop.payment(access=Access.WIDGET), await shop.payment()
    forged = shop.frame(widget)[:-1] + ("0" if shop.frame(widget)[-1] != "0" else "1")
    of_a_link = shop.link(link).replace("/pay/", "/embed/")
    of_a_frame = shop.frame(widget).replace("/embed/", "/pay/")
    async with aiohttp.ClientSession() as session:
        for address in (forged, of_a_link, of_a_frame, shop.frame(link), shop.link(widget), f"{forged}/return"):
            async with session.get(address) as response:
                assert response.status == 404
                assert "data-parent-origin" not in await response.text()


async def test_a_session_that_is_over_says_so_to_its_own_shop(shop: WebShop, cart: Page) -> None:
    payment = await shop.payment(access=Access.WIDGET, lasts_seconds=60)
    gateway.clock_of(shop.tools).advance(61)
    inside = await framed(cart, shop, shop.cart(payment))
    await expect(inside.get_by_role("heading", name="The time to pay is over")).to_be_visible()
    await cart.wait_for_function("heard.includes('expired')")
    async with aiohttp.ClientSession() as session, session.get(shop.frame(payment)) as response:
        assert response.status == 410
        assert shop.origin in response.headers["Content-Security-Policy"]
        assert "64.90" not in await response.text()


async def test_a_payer_who_comes_back_when_the_session_is_over_still_reaches_the_shop(shop: WebShop) -> None:
    payment = await shop.payment(access=Access.WIDGET, lasts_seconds=60)
    back = f"{shop.frame(payment)}/return"
    clock = gateway.clock_of(shop.tools)
    clock.advance(61)
    async with aiohttp.ClientSession() as session:
        async with session.get(back, allow_redirects=False) as response:
            assert f'content="0; url={shop.origin}/done?' in await response.text()
        clock.advance(OPENS_AFTER_EXPIRY_SECONDS)
        async with session.get(back, allow_redirects=False) as response:
            assert response.status == 410


async def test_once_it_is_paid_a_session_shows_how_it_ended_and_takes_no_form(shop: WebShop, cart: Page) -> None:
    payment, card = await shop.payment(access=Access.WIDGET), await shop.card(10_000)
    inside = await framed(cart, shop, shop.cart(payment))
    await type_card(inside, card.number, card.cvc)
    await inside.get_by_role("button", name="Pay 64.90 €").click()
    await expect(inside.get_by_role("heading", name="Paid", exact=True)).to_be_visible()
    headers = {"sec-fetch-site": "same-origin"}
    fields = {"pay_key": "again", "amount": "0", "rest": "6490"}
    async with aiohttp.ClientSession() as session:
        for path in ("perform", "turn-back", "cards", "cards/remove"):
            async with session.post(f"{shop.frame(payment)}/{path}", data=fields, headers=headers) as response:
                assert "Receipt" in await response.text()
        fields["method"] = "card"
        async with session.post(f"{shop.frame(payment)}/perform", data=fields, headers=headers) as response:
            assert f"{shop.origin}/done?" in await response.text()
    assert await shop.left_on(card) == (3_510, 0)
    assert shop.far.began == {}


async def test_a_form_from_another_site_does_nothing_in_a_frame_either(shop: WebShop) -> None:
    payment = await shop.payment(access=Access.WIDGET)
    fields = {"pay_key": "k", "amount": "0", "rest": "6490", "method": "card"}
    async with aiohttp.ClientSession() as session:
        for site in ("cross-site", "same-site"):
            headers = {"sec-fetch-site": site}
            async with session.post(f"{shop.frame(payment)}/perform", data=fields, headers=headers) as response:
                assert response.status == 403
    assert (await shop.now(payment)).attempts == ()


async def test_a_language_chosen_in_a_frame_stays_while_paying(shop: WebShop, cart: Page) -> None:
    payment, card = await shop.payment(access=Access.WIDGET), await shop.card(4_000)
    inside = await framed(cart, shop, shop.cart(payment))
    await inside.locator(".languages summary").click()
    await inside.get_by_role("link", name="Norsk bokmål").click()
    await inside.locator("summary.method-face").click()
    await inside.get_by_label("Kortnummer").fill(card.number)
    await inside.get_by_label("CVC").fill(card.cvc)
    await inside.get_by_role("button", name="Sjekk saldo og legg til").click()
    await expect(inside.get_by_role("heading", name="Betal resten")).to_be_visible()


async def test_a_framed_page_is_usable_by_everybody(shop: WebShop, page: Page) -> None:
    payment, card = await shop.payment(access=Access.WIDGET), await shop.card(4_000)
    await page.set_viewport_size({"width": 360, "height": 740})
    await page.goto(shop.frame(payment))
    await lay_down(page, card)
    await expect(page.get_by_role("heading", name="Pay the rest, 24.90 €, with")).to_be_visible()
    assert await violations(page) == []


async def test_a_keyboard_is_enough(shop: WebShop, page: Page) -> None:
    payment = await shop.payment(access=Access.WIDGET)
    await page.goto(shop.frame(payment))
    row = page.locator(".methods").get_by_role("button", name="iDEAL")
    for _ in range(10):
        if await row.evaluate("button => button === document.activeElement"):
            break
        await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Bank")).to_be_visible()
