"""The reference page is readable anywhere, asks no other host for anything, and says what the table says."""

import json
import re
from collections.abc import AsyncIterator
from html import unescape

import aiohttp
import pytest
from playwright.async_api import Browser
from starlette.routing import Router

from tests.surfaces.common.orchard import Orchard
from tests.surfaces.common.serving import serving
from tillway.surfaces.common.openapi import document, entries_of
from tillway.surfaces.common.reference import reference
from tillway.surfaces.common.reference_sections import coloured_json, section_of

pytestmark = pytest.mark.anyio

ORCHARD = Orchard()


@pytest.fixture
async def url() -> AsyncIterator[str]:
    routes = [ORCHARD.api, *reference(ORCHARD.api, "/docs", base_url="https://orchard.example/")]
    async with serving(Router(routes=routes)) as address:
        yield address


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        yield opened


async def test_the_page_and_the_document_are_served(url: str, session: aiohttp.ClientSession) -> None:
    async with session.get(f"{url}/docs") as page:
        text = unescape(await page.text())
        assert (page.status, str(page.url), page.content_type) == (200, f"{url}/docs/", "text/html")
        assert "default-src 'none'" in page.headers["content-security-policy"]
    for endpoint in ORCHARD.api.endpoints:
        assert endpoint.summary in text
        assert endpoint.path in text
        for entry in entries_of(ORCHARD.api, endpoint):
            assert entry.message in text
    async with session.get(f"{url}/docs/openapi.json") as document:
        assert (document.status, document.content_type) == (200, "application/json")
        assert (await document.json())["openapi"] == "3.1.0"


async def test_whoever_has_the_page_already_is_only_told_so(url: str, session: aiohttp.ClientSession) -> None:
    async with session.get(f"{url}/docs/") as page:
        tag = page.headers["etag"]
    async with session.get(f"{url}/docs/", headers={"if-none-match": tag}) as page:
        assert (page.status, await page.read()) == (304, b"")


async def test_nothing_is_asked_of_another_host_and_nothing_is_inline(url: str, session: aiohttp.ClientSession) -> None:
    async with session.get(f"{url}/docs/") as page:
        text = await page.text()
    addresses: list[str] = re.findall(r'(?:src|href)="([^"]*)"', text)
    assert addresses
    assert all(address.startswith(("/docs/", "#", "openapi.json")) for address in addresses)
    assert not re.search(r"<style|style=|<script>|onclick=", text)
    for address in {found for found in addresses if found.startswith("/docs/static/")}:
        async with session.get(url + address) as file:
            assert file.status == 200
            assert "immutable" in file.headers["cache-control"]


async def test_an_example_call_can_be_pasted(url: str, session: aiohttp.ClientSession) -> None:
    async with session.get(f"{url}/docs/") as page:
        text = unescape(await page.text())
    assert "curl https://orchard.example/orchard/baskets/b-1/apples" in text
    assert "-H 'x-gardener: rosa'" in text
    body = re.search(r"-d '(\{.*?\})'", text, re.DOTALL)
    assert body is not None
    async with session.post(
        f"{url}/orchard/baskets/b-1/apples", json=json.loads(body[1]), headers={"x-gardener": "rosa"}
    ) as answer:
        assert answer.status == 200


@pytest.mark.parametrize("width", [360, 800, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_it_fits_any_screen_and_the_browser_has_nothing_to_say(
    url: str, browser: Browser, width: int, scheme: str
) -> None:
    colours = "dark" if scheme == "dark" else "light"
    context = await browser.new_context(viewport={"width": width, "height": 800}, color_scheme=colours)
    page = await context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    await page.goto(f"{url}/docs/")
    for details in await page.locator("details:visible").all():
        await details.locator("summary").first.click()
    assert await page.evaluate("document.documentElement.scrollWidth") <= width
    assert said == []
    await context.close()


def test_json_is_coloured_and_escaped() -> None:
    marked = coloured_json({"a<b": '<script>"', "n": -1.5, "yes": True})
    assert '<span class="json-name">&#34;a&lt;b&#34;</span>' in marked
    assert "<script>" not in marked
    assert '<span class="json-number">-1.5</span>' in marked
    assert '<span class="json-word">true</span>' in marked


def test_the_rules_of_a_member_are_told_in_words() -> None:
    page = document(ORCHARD.api)
    section = section_of(ORCHARD.api, ORCHARD.api.endpoints[0], page, "https://orchard.example")
    told = {row.name: (row.type, row.required, row.rules) for row in section.request}
    assert told == {
        "kilograms": ("whole number", True, "above 0"),
        "price": ("number", True, "above 0"),
        "sort": ("text", False, 'at most 20 characters, default "Gravensteiner"'),
        "ripeAt": ("moment, ISO 8601", False, ""),
        "notes": ("object of texts", False, ""),
    }
