"""The demo shop's pages in every state: usable by everybody, in both languages, by day and by night, on a phone."""

import json
from typing import Literal

import pytest
from playwright.async_api import Page

from tests.demo_shop.stand import GATEWAY, REFUSAL, Stand
from tests.pages.accessibility import violations

pytestmark = pytest.mark.anyio

PHONE_WIDTH = 360
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


async def looks_right(page: Page) -> None:
    """Nothing sticks out on a phone, everything can be hit, and axe-core finds nothing, by day and by night."""
    await page.set_viewport_size({"width": PHONE_WIDTH, "height": 740})
    await page.emulate_media(reduced_motion="reduce")
    assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE_WIDTH
    sizes = await page.locator("button:visible, select:visible, main a:visible").evaluate_all(
        "(all) => all.filter((one) => one.getBoundingClientRect().height < 24).map((one) => one.outerHTML)"
    )
    assert sizes == []
    for scheme in SCHEMES:
        await page.emulate_media(color_scheme=scheme)
        assert await violations(page) == []


@pytest.mark.parametrize("language", ["en", "nb"])
async def test_the_basket_is_usable_by_everybody(stand: Stand, page: Page, language: str) -> None:
    await page.goto(f"{stand.url}/?language={language}")
    assert await page.locator("html").get_attribute("lang") == language
    await looks_right(page)
    stand.wire.answers["/web"] = (422, REFUSAL)
    await page.locator("button[value=widget]").click()
    await page.wait_for_selector("[role=alert]")
    await looks_right(page)
    del stand.wire.answers["/web"]
    await stand.buy()
    await stand.buy("link")
    await page.goto(stand.url)
    await looks_right(page)


@pytest.mark.parametrize("language", ["en", "nb"])
@pytest.mark.parametrize("way", ["widget", "link"])
async def test_a_sale_is_usable_by_everybody(stand: Stand, page: Page, language: str, way: str) -> None:
    await page.route(f"{GATEWAY}/**", lambda route: route.abort())
    reference = await stand.buy(way)
    await page.goto(f"{stand.url}/sales/{reference}?language={language}")
    await looks_right(page)
    for more in ({}, {"refundReference": "r-1", "amount": 5}):
        body = json.dumps({"paymentReference": reference, "isSuccess": True, **more}).encode()
        await stand.told(body)
        await stand.told(body, {})
    stand.wire.answers["/refund"] = (422, REFUSAL)
    await stand.post(f"/sales/{reference}/refunds", how="all")
    await page.reload()
    await looks_right(page)


async def test_a_sale_that_is_forgotten_is_usable_by_everybody(stand: Stand, page: Page) -> None:
    await page.goto(f"{stand.url}/sales/nothing")
    await looks_right(page)


async def test_a_widget_that_does_not_come_is_told(stand: Stand, page: Page) -> None:
    await page.route(f"{GATEWAY}/**", lambda route: route.abort())
    await page.goto(f"{stand.url}/sales/{await stand.buy()}")
    await page.wait_for_selector("[data-told] li")
    assert "not_loaded" in (await page.locator("[data-told]").inner_text())


async def test_the_total_follows_the_basket(stand: Stand, page: Page) -> None:
    await page.goto(stand.url)
    await page.get_by_label("Six pencils").select_option("3")
    assert "71.50" in await page.locator("[data-total]").inner_text()


async def test_a_page_may_load_the_widget_and_nothing_else(stand: Stand, page: Page) -> None:
    front = await page.goto(stand.url)
    await page.route(f"{GATEWAY}/**", lambda route: route.abort())
    sale = await page.goto(f"{stand.url}/sales/{await stand.buy()}")
    assert front is not None
    assert sale is not None
    policy = sale.headers["content-security-policy"]
    assert f"script-src 'self' {GATEWAY};" in policy
    assert f"frame-src {GATEWAY};" in policy
    assert "unsafe" not in policy
    assert GATEWAY not in front.headers["content-security-policy"]


async def test_everything_can_be_done_without_scripts_but_the_widget(stand: Stand, page: Page) -> None:
    browser = page.context.browser
    assert browser is not None
    context = await browser.new_context(java_script_enabled=False)
    plain = await context.new_page()
    await plain.goto(stand.url)
    await plain.get_by_role("button", name="Send a link").click()
    await plain.get_by_role("button", name="Refund this amount").click()
    assert stand.wire.asked[-1].path.endswith("/refunds")
    assert "refund-1" in await plain.locator("[data-live]").inner_text()
    await context.close()
