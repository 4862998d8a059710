"""Every page in every state: readable and usable by everybody, by day and by night, and fitting in every language."""

from collections.abc import AsyncIterator
from typing import Literal

import pytest
from playwright.async_api import Browser, Page
from starlette.types import Receive, Scope, Send

from tests.pages.accessibility import violations
from tests.pages.bank_samples import PAGES as BANK
from tests.pages.samples import PAGES, SANDBOX
from tests.pages.serving import served
from tests.pages.web_samples import FRAME, IN_A_FRAME
from tests.pages.web_samples import PAGES as WEB
from tillway.surfaces.bank_checkout.drawing import Drawing as BankDrawing
from tillway.surfaces.bank_checkout.drawing import bank_pages
from tillway.surfaces.bank_checkout.drawing import links_of as bank_links_of
from tillway.surfaces.checkout.drawing import Drawing, checkout_pages, links_of
from tillway.surfaces.common.security_headers import page_headers
from tillway.surfaces.sandbox.drawing import draw, sandbox_pages

pytestmark = pytest.mark.anyio

HOSTED = {**PAGES, **WEB}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
PHONE_WIDTH, DESK_WIDTH = 360, 1280


@pytest.fixture(scope="session")
async def album(anyio_backend: str) -> AsyncIterator[str]:
    """Every sample page at `/{language}/{name}`, those in a frame at `/{language}/embed/{name}`, as they are served."""
    checkout, sandbox = Drawing(checkout_pages(), sandbox=True), sandbox_pages()
    bank = BankDrawing(bank_pages(), sandbox=True)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        for pages in (checkout.pages, bank.pages, sandbox):
            if scope["path"].startswith(pages.static.prefix):
                await pages.static(scope, receive, send)
                return
        _, language, *_, name = scope["path"].split("/")
        if name == "state":
            body = b'{"state": "open"}'
        elif name in SANDBOX:
            body = draw(sandbox, SANDBOX[name], language)
        elif name in BANK:
            body = bank.draw(BANK[name], bank_links_of("t"), language)
        elif name in IN_A_FRAME:
            body = checkout.draw(IN_A_FRAME[name], links_of("t", "embed"), language, FRAME)
        else:
            body = checkout.draw(HOSTED[name], links_of("t"), language)
        await send({"type": "http.response.start", "status": 200, "headers": list(page_headers())})
        await send({"type": "http.response.body", "body": body})

    async with served(app) as url:
        yield url


@pytest.fixture(scope="session")
async def reader(anyio_backend: str, browser: Browser) -> AsyncIterator[Page]:
    """One page that leafs through the album, without animations."""
    context = await browser.new_context(reduced_motion="reduce")
    yield await context.new_page()
    await context.close()


@pytest.mark.parametrize("name", [*HOSTED, *IN_A_FRAME, *BANK, *SANDBOX])
async def test_a_page_is_usable_by_everybody(album: str, reader: Page, name: str) -> None:
    complaints: list[str] = []
    reader.on("console", lambda message: complaints.append(message.text))
    reader.on("pageerror", lambda error: complaints.append(str(error)))
    await _open(reader, album, "nb", name, PHONE_WIDTH)
    assert await _small_targets(reader) == []
    for scheme in SCHEMES:
        await reader.emulate_media(color_scheme=scheme)
        assert await violations(reader, of_colours=scheme == "dark") == []
    await _open(reader, album, "en", name, DESK_WIDTH)
    assert await violations(reader) == []
    assert complaints == []


@pytest.mark.parametrize("name", [*HOSTED, *IN_A_FRAME, *BANK, *SANDBOX])
async def test_a_page_fits_a_phone_in_every_language(album: str, reader: Page, name: str) -> None:
    for language in (sandbox_pages if name in SANDBOX else checkout_pages)().languages.names:
        await _open(reader, album, language, name, PHONE_WIDTH)
        assert await _overfull(reader) == [], language


@pytest.mark.parametrize("name", [*HOSTED, *IN_A_FRAME, *BANK])
async def test_a_hosted_page_has_one_main_heading_and_no_card_in_its_title(album: str, reader: Page, name: str) -> None:
    await reader.goto(f"{album}/en/{_place(name)}")
    headings = await reader.get_by_role("heading", level=1).all_inner_texts()
    assert len(headings) == 1
    assert "*" not in await reader.title()


async def _open(reader: Page, album: str, language: str, name: str, width: int) -> None:
    await reader.set_viewport_size({"width": width, "height": 740})
    await reader.goto(f"{album}/{language}/{_place(name)}")
    assert await reader.locator("html").get_attribute("lang") == language
    assert await _is_within(reader, width), language


def _place(name: str) -> str:
    return f"embed/{name}" if name in IN_A_FRAME else name


async def _is_within(page: Page, width: int) -> bool:
    return await page.evaluate("document.documentElement.scrollWidth") <= width


async def _overfull(page: Page) -> list[str]:
    """Boxes that are narrower than what stands in them, but for those that scroll or are there to be heard only."""
    return await page.evaluate(
        """[...document.querySelectorAll("main *, footer *")]
        .filter((one) => !one.closest("svg, input, pre, .visually-hidden"))
        .filter((one) => !["inline", "none"].includes(getComputedStyle(one).display))
        .filter((one) => getComputedStyle(one).overflowX === "visible" && one.scrollWidth > one.clientWidth + 1)
        .map((one) => one.outerHTML.slice(0, 100))"""
    )


async def _small_targets(page: Page) -> list[str]:
    """Controls smaller than 24 by 24 pixels (WCAG 2.2, 2.5.8), but for links inside a sentence."""
    return await page.evaluate(
        """[...document.querySelectorAll("a, button, input:not([type=hidden]), select, summary")]
        .filter((one) => one.getClientRects().length && !one.matches(".skip-link"))
        .filter((one) => { const box = one.getBoundingClientRect(); return box.width < 24 || box.height < 24; })
        .map((one) => one.outerHTML.slice(0, 100))"""
    )
