"""Fixtures of the page tests: a counter, and pages with and without scripts at a phone's width."""

import io
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page

from tests import gateway
from tests.pages.bank_stage import BankShop, open_bank_shop
from tests.pages.counter import Counter, sites
from tests.pages.serving import served
from tests.pages.webshop import WebShop, open_webshop
from tillway.queries import ledger
from tillway.store.opening import open_store
from tillway.surfaces.sandbox.making import Welcome

TYPED_AT_ONCE = "Autofocus processing was blocked because a document already has a focused element."
"""What a browser remarks on where a test has typed before it could put the cursor there itself, as no person can."""


@pytest.fixture
async def counter(anyio_backend: str, sqlite_database: str) -> AsyncIterator[Counter]:
    """A counter on a fresh gateway; its log is searched for card numbers when the test is over."""
    store = open_store(sqlite_database)
    tools = gateway.tools_on(store)
    credentials = await gateway.credentials(tools)
    shown = await gateway.cards(tools, 50_000, 20_000)
    welcome = Welcome(
        "http://127.0.0.1:8080",
        credentials.client.id,
        credentials.secret,
        tuple((issued.number, issued.cvc) for issued in shown),
    )
    log = io.BytesIO()
    async with served(sites(tools, log, welcome)) as url:
        yield Counter(tools, credentials.client, url, log)
    assert all(issued.number.encode() not in log.getvalue() for issued in shown)
    await tools.committer.close()
    await store.close()


@pytest.fixture
async def shop(anyio_backend: str, sqlite_database: str) -> AsyncIterator[WebShop]:
    """A shop on the web on a fresh gateway; when the test is over, the books must be sound."""
    store = open_store(sqlite_database)
    tools = gateway.tools_on(store)
    async with open_webshop(tools) as opened:
        yield opened
    await tools.committer.close()
    verdict = await ledger.verify(store)
    assert verdict.is_sound, verdict.violations
    await store.close()


@pytest.fixture
async def bank_shop(anyio_backend: str, sqlite_database: str) -> AsyncIterator[BankShop]:
    """A shop whose payers pay by bank on a fresh gateway; when the test is over, the books must be sound."""
    store = open_store(sqlite_database)
    tools = gateway.tools_on(store)
    async with open_bank_shop(tools) as opened:
        yield opened
    await tools.committer.close()
    verdict = await ledger.verify(store)
    assert verdict.is_sound, verdict.violations
    await store.close()


@pytest.fixture(params=["with scripts", "without scripts"])
async def phone(request: pytest.FixtureRequest, browser: Browser) -> AsyncIterator[Page]:
    """A page at a phone's width, with and without scripts; it must have nothing to complain of."""
    context = await browser.new_context(
        viewport={"width": 360, "height": 740}, java_script_enabled=request.param == "with scripts", locale="en-GB"
    )
    page = await context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.text != TYPED_AT_ONCE else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    await context.close()
    assert complaints == []
