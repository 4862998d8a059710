"""The widget against the real gateway: on the page of the documentation, on foreign pages, without cookies, forged."""

import re
from collections.abc import AsyncIterator
from html import escape
from pathlib import Path

import aiohttp
import pytest
from playwright.async_api import Page, expect
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route, Router

from tests.browser import profile
from tests.clients.integrator import Integrator
from tests.demo_shop.stand import KEYS
from tests.journeys.demo import PAYS, Visitor, acquirer_url, seeded
from tests.pages.serving import served
from tests.server import Server
from tillway.surfaces.sandbox.shop.drawing import Places, snippets_of

pytestmark = pytest.mark.anyio

DOCUMENT = (Path(__file__).parents[2] / "docs" / "widget.md").read_text()
COOKIE = 'document.cookie = "probe=1; SameSite=None; Secure", document.cookie'


@pytest.fixture
async def integrator(server: Server) -> AsyncIterator[Integrator]:
    """The sandbox's own client of the web payments API."""
    keys = seeded(server)
    async with aiohttp.ClientSession() as session:
        made = Integrator(session, server.url, keys["api_key"], keys["api_secret"], keys["tenant_key"])
        assert (await made.login()).status == 200
        yield made


def shop_with(server: Server) -> Router:
    """A shop with the page of the documentation, and at `/copied` the code of the demo shop, for any session token."""
    documented = re.search(r"```html\n(.*?)```", DOCUMENT, re.DOTALL)
    assert documented is not None
    text = documented[1].replace("https://GATEWAY", server.url)

    async def page(request: Request) -> Response:
        return HTMLResponse(text.replace("SESSION-TOKEN", escape(request.query_params.get("token", ""))))

    async def icon(_: Request) -> Response:
        return Response(status_code=204)

    async def copied(request: Request) -> Response:
        code = snippets_of(Places(server.url, "", ""), KEYS, request.query_params["token"]).page
        return HTMLResponse(f"<!doctype html><title>Shop</title>{code}")

    return Router([Route("/", page), Route("/copied", copied), Route("/favicon.ico", icon)])


@pytest.fixture
async def shop(anyio_backend: str, server: Server) -> AsyncIterator[str]:
    """Its origin, on another site than the gateway's."""
    async with served(shop_with(server)) as url:
        yield url.replace("127.0.0.1", "localhost")


async def opened(integrator: Integrator, origin: str) -> tuple[str, str]:
    """A payment for a page at `origin`: its reference and its session token."""
    answer = await integrator.initiate_web(
        amount=20, originUrl=origin, returnUrl=f"{origin}/?back=1", postbackUrl=f"{origin}/told", language="en"
    )
    assert answer.status == 200, answer.text
    return answer.body["paymentReference"], answer.body["sessionToken"]


async def status_of(integrator: Integrator, reference: str) -> str:
    return (await integrator.get(reference)).body["status"]["value"]


async def says(page: Page, text: str) -> None:
    await expect(page.locator("#said")).to_contain_text(text, timeout=20_000)


async def test_the_documentations_page_takes_a_payment(
    integrator: Integrator, server: Server, shop: str, page: Page
) -> None:
    reference, token = await opened(integrator, shop)
    await page.goto(f"{shop}/?token={token}")
    await says(page, "Choose how you want to pay.")
    payer = Visitor(server, page)
    await payer.lay_down(50_00)
    await payer.press("Pay 20.00")
    await says(page, f"Thank you! Your payment is {reference}.")
    assert await status_of(integrator, reference) == "success"


async def test_the_code_that_the_demo_shop_shows_takes_a_payment(
    integrator: Integrator, server: Server, shop: str, page: Page
) -> None:
    reference, token = await opened(integrator, shop)
    await page.goto(f"{shop}/copied?token={token}")
    payer = Visitor(server, page)
    await payer.lay_down(50_00)
    await payer.press("Pay 20.00")
    await page.wait_for_url(f"{shop}/back?paymentReference={reference}")


async def test_a_payment_is_refused_on_any_other_origin_than_its_own(
    integrator: Integrator, server: Server, shop: str, page: Page
) -> None:
    reference, token = await opened(integrator, shop)
    async with served(shop_with(server)) as stranger:
        for origin in (stranger, stranger.replace("127.0.0.1", "localhost"), shop.replace("localhost", "127.0.0.1")):
            await page.clock.install()
            await page.goto(f"{origin}/?token={token}")
            await page.clock.fast_forward(6_000)
            await says(page, "refused: ")
            inside = page.frame_locator("#pay iframe")
            await expect(inside.get_by_role("button", name="Card")).to_have_count(0)
    assert await status_of(integrator, reference) == "open"


@pytest.mark.parametrize("forgery", ["altered", "of another kind", "made up"])
async def test_a_forged_session_token_opens_nothing(
    integrator: Integrator, server: Server, shop: str, page: Page, forgery: str
) -> None:
    _, token = await opened(integrator, shop)
    link = (await integrator.initiate_weblink(originUrl=shop, returnUrl=shop, postbackUrl=shop)).body["paymentLinkUrl"]
    value, ends, mark = token.split(".")
    forged = {
        "altered": f"{value}.{int(ends, 16) + 1:x}.{mark}",
        "of another kind": link.rpartition("/")[2],
        "made up": "open-sesame",
    }
    await page.clock.install()
    await page.goto(f"{shop}/?token={forged[forgery]}")
    await page.clock.fast_forward(6_000)
    await says(page, "refused: ")
    async with aiohttp.ClientSession() as session:
        for address in ("", "/state", "/return"):
            async with session.get(f"{server.url}/embed/{forged[forgery]}{address}", allow_redirects=False) as answer:
                assert answer.status == 404


@pytest.mark.parametrize(("third_party_cookies", "kept"), [(True, "probe=1"), (False, "")])
async def test_it_works_with_and_without_third_party_cookies(
    integrator: Integrator, server: Server, shop: str, tmp_path: Path, third_party_cookies: bool, kept: str
) -> None:
    reference, token = await opened(integrator, shop)
    async with profile(tmp_path / "profile", third_party_cookies=third_party_cookies) as context:
        page = await context.new_page()
        await page.goto(f"{shop}/?token={token}")
        await says(page, "Choose how you want to pay.")
        assert await page.frames[1].evaluate(COOKIE) == kept
        payer = Visitor(server, page)
        await payer.lay_down(10_00)
        await payer.press("Card Debit or credit")
        await page.wait_for_url(f"{acquirer_url(server)}/**")
        await page.get_by_role("textbox", name="Test card number").fill(PAYS)
        await page.get_by_role("button", name="Pay 10.00").click()
        await page.wait_for_url(f"{shop}/?back=1&paymentReference={reference}")
    assert await status_of(integrator, reference) == "success"


async def test_how_a_payment_stands_is_told_to_its_own_frame_only(
    integrator: Integrator, server: Server, shop: str
) -> None:
    _, token = await opened(integrator, shop)
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{server.url}/embed/{token}/state", headers={"origin": shop}) as answer,
    ):
        assert (answer.status, await answer.json()) == (200, {"state": "open"})
        assert answer.headers["cache-control"] == "no-store"
        assert "access-control-allow-origin" not in answer.headers
