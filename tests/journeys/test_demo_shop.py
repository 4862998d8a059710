"""The demo shop in a real browser, paid in its own page by a gateway of another site, whatever the payer does."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator

import aiohttp
import pytest
from playwright.async_api import Browser, Route, expect

from tests.journeys.demo import ASKED, CHALLENGE_FAILS, FUNDS, PAYS, Visitor, shop_url, visitor
from tests.pages.accessibility import violations
from tests.server import Server

pytestmark = pytest.mark.anyio


@pytest.fixture
async def payer(server: Server, browser: Browser) -> AsyncIterator[Visitor]:
    """Somebody in the shop, on a phone; the browser must have nothing to complain of."""
    made, context = await visitor(server, browser, viewport={"width": 390, "height": 800})
    complaints: list[str] = []
    made.page.on("console", lambda message: complaints.append(f"{message.text} ({message.location['url']})"))
    made.page.on("pageerror", lambda error: complaints.append(str(error)))
    yield made
    await context.close()
    assert complaints == []


async def test_a_card_pays_at_the_far_side_and_the_shop_is_told(payer: Visitor) -> None:
    reference = await payer.buy()
    await payer.choose_card()
    await payer.enter(PAYS)
    await payer.is_back()
    assert payer.reference == reference
    await payer.knows("Paid")
    await payer.knows("Signature verified")
    await payer.called("onCompleted")


async def test_3_d_secure_leads_out_of_the_page_and_back(payer: Visitor) -> None:
    await payer.buy()
    await payer.choose_card()
    await payer.enter(ASKED)
    await payer.page.get_by_role("button", name="Approve").click()
    await payer.is_back()
    await payer.knows("Paid")


async def test_a_decline_leaves_another_try(payer: Visitor) -> None:
    await payer.buy()
    for number in (FUNDS, CHALLENGE_FAILS):
        await payer.choose_card()
        await payer.enter(number)
        if number == CHALLENGE_FAILS:
            await payer.page.get_by_role("button", name="Approve").click()
        await payer.is_back()
        await expect(payer.frame.get_by_role("heading", name="Card: not paid")).to_be_visible()
    await payer.choose_card()
    await payer.enter(PAYS)
    await payer.is_back()
    await payer.knows("Paid")


async def test_a_payer_who_closes_the_tab_before_the_return_has_paid(
    payer: Visitor, server: Server, browser: Browser
) -> None:
    reference = await payer.buy()
    await payer.choose_card()

    async def lose(route: Route) -> None:
        """The form arrives, and its answer finds nobody any more."""
        await route.fetch(headers={**route.request.headers, "sec-fetch-site": "same-origin"}, max_redirects=0)
        await route.abort()

    await payer.page.route("**/card", lose)
    async with payer.page.expect_event("requestfailed"):
        await payer.enter(PAYS)
    await payer.page.close()
    shopkeeper, context = await visitor(server, browser)
    await shopkeeper.page.goto(f"{shop_url(server)}/sales/{reference}")
    await shopkeeper.knows("Paid")
    await context.close()


async def test_a_payment_that_is_paid_in_another_tab_is_followed(payer: Visitor) -> None:
    reference = await payer.buy()
    other = Visitor(payer.server, await payer.page.context.new_page())
    await other.page.goto(f"{shop_url(payer.server)}/sales/{reference}")
    await other.choose_card()
    await other.enter(PAYS)
    await other.is_back()
    await payer.page.bring_to_front()
    await payer.called("onCompleted")
    await expect(payer.frame.get_by_role("heading", name="Paid")).to_be_visible()


async def test_a_double_click_and_the_back_button_pay_once(payer: Visitor) -> None:
    await payer.buy()
    await payer.frame.get_by_role("button", name="Card Debit or credit").dblclick()
    await payer.page.get_by_role("textbox", name="Test card number").fill(PAYS)
    await payer.page.get_by_role("button", name="Pay 53.70").dblclick()
    await payer.is_back()
    await payer.knows("Paid")
    await payer.page.get_by_role("button", name="How does the payment stand?").click()
    await payer.knows("200")
    await payer.page.go_back()
    await payer.page.goto(f"{shop_url(payer.server)}/")
    await expect(payer.page.locator(".sales .badge").first).to_have_text("Paid")


async def test_a_gift_card_pays_inside_the_page_and_is_refunded(payer: Visitor) -> None:
    await payer.buy()
    await payer.lay_down(100_00)
    await payer.press("Pay 53.70")
    await payer.called("onCompleted")
    await payer.knows("Paid")
    assert payer.page.url.startswith(shop_url(payer.server))
    await payer.page.get_by_role("button", name="Refund this amount").click()
    await payer.knows("Refund")
    await payer.page.get_by_role("button", name="Refund everything left").click()
    await expect(payer.page.locator(".postbacks .badge", has_text="Refund")).to_have_count(2, timeout=20_000)
    await payer.page.get_by_role("button", name="Refund everything left").click()
    await payer.knows("The gateway refused")
    await payer.knows("410")
    assert await violations(payer.page) == []


async def test_a_gift_card_pays_a_part_and_a_card_the_rest(payer: Visitor) -> None:
    await payer.buy()
    await payer.lay_down(10_00)
    await payer.choose_card()
    await payer.page.get_by_role("textbox", name="Test card number").fill(PAYS)
    await payer.page.get_by_role("button", name="Pay 43.70").click()
    await payer.is_back()
    await payer.knows("Paid")


async def test_a_link_is_paid_in_a_tab_of_its_own(payer: Visitor) -> None:
    await payer.buy("Send a link")
    assert await violations(payer.page) == []
    async with payer.page.expect_popup() as popup:
        await payer.page.locator(".link a").click()
    tab = await popup.value
    await tab.get_by_role("button", name="Card Debit or credit").click()
    await tab.get_by_role("textbox", name="Test card number").fill(PAYS)
    await tab.get_by_role("button", name="Pay 53.70").click()
    await expect(tab.get_by_role("heading", name="Paid")).to_be_visible()
    await payer.page.bring_to_front()
    await payer.knows("Paid")


async def test_a_refusal_of_the_gateway_is_shown(payer: Visitor) -> None:
    await payer.buy()
    await payer.page.get_by_role("button", name="Refund everything left").click()
    await payer.knows("The gateway refused")
    await expect(payer.page.locator("[data-live]")).to_contain_text("1201")
    await payer.page.goto(f"{shop_url(payer.server)}/")
    assert await violations(payer.page) == []


async def test_the_code_on_the_page_runs(payer: Visitor) -> None:
    await payer.page.goto(f"{shop_url(payer.server)}/")
    code = await payer.page.locator(".listing code").first.text_content()
    command = [sys.executable, "-c", code or ""]
    ran = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 0, ran.stderr
    assert set(json.loads(ran.stdout)) == {"paymentReference", "reference", "sessionToken"}


async def test_the_shop_goes_on_selling_when_time_has_passed_in_the_sandbox(payer: Visitor) -> None:
    await payer.buy("Send a link")
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{payer.server.url}/sandbox/v1/clock/advance", json={"seconds": 86_400}) as answer,
    ):
        assert answer.status == 200
    await payer.buy("Send a link")
