"""The gateway's page inside the frame: whom it tells, how it follows the payment, and how high it is."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import aiohttp
import pytest
from playwright.async_api import Page, expect
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount, Route

from tests import gateway
from tests.widget.stage import Stage, calls, staged
from tillway.commands import payments
from tillway.commands.tools import Tools
from tillway.domain.clients import Client
from tillway.domain.ids import PaymentId
from tillway.domain.orders import Access
from tillway.domain.payments import Payment, PaymentState
from tillway.queries import payments as payment_queries
from tillway.surfaces.checkout.drawing import STATIC_PREFIX, checkout_pages
from tillway.surfaces.checkout.embedding import state_word, widget_routes
from tillway.surfaces.common.payment_links import session_token

pytestmark = pytest.mark.anyio

LASTS_SECONDS = 3600
STATIC = checkout_pages().static

_PAGE = """<!doctype html><html lang="en"><title>A payment</title>
<body data-parent-origin="{origin}" data-payment-reference="{reference}" data-state="{state}">
<details><summary>How it stands: {state}</summary><p>{more}</p></details>
<script src="{script}" defer></script></body></html>"""


@dataclass(slots=True)
class Framed:
    """A payment whose page is as bare as can be, with the gateway's own script in it and its own routes below it."""

    tools: Tools
    client: Client
    payment: Payment
    token: str
    stage: Stage
    speaks_to: str = ""

    async def show(self, _: Request) -> Response:
        """The page, as the payment stands."""
        standing = await payment_queries.standing(self.tools.store, self.payment.id)
        body = _PAGE.format(
            origin=self.speaks_to or self.stage.shop,
            reference=self.payment.id,
            state=state_word(standing.payment, self.tools.now()),
            more="More. " * 2000,
            script=STATIC.url("embed.js"),
        )
        return HTMLResponse(body)

    async def state(self, token: str = "") -> tuple[int, object]:
        """What the gateway tells the frame."""
        address = f"{self.stage.gateway}/embed/{token or self.token}/state"
        async with aiohttp.ClientSession() as session, session.get(address) as answer:
            return answer.status, await answer.json()

    async def mounted(self, page: Page) -> None:
        """Show it in the shop's page, and wait until it is there."""
        await self.stage.open(page)
        await page.evaluate(f'void show("#pay", "{self.token}")')
        await calls(page, 2)


@pytest.fixture
async def framed(tools: Tools) -> AsyncIterator[Framed]:
    client = await gateway.client(tools)
    ends = tools.now() + LASTS_SECONDS * 1_000_000
    asked = replace(gateway.opening(100_00, access=Access.WIDGET), expires_at=ends)
    opened = await gateway.payment(tools, client, 100_00, asked)
    token = session_token(tools.vault, opened.payment.id, ends)
    made = Framed(tools, client, opened.payment, token, Stage())
    own = [Mount(STATIC_PREFIX, STATIC), *widget_routes(tools), Route("/embed/{token}", made.show)]
    async with staged(own) as stage:
        made.stage = stage
        yield made


async def test_the_shops_page_is_told_how_the_payment_stands(framed: Framed, page: Page) -> None:
    await framed.mounted(page)
    reference = framed.payment.id
    assert await calls(page) == [
        {"name": "onReady", "target": "#pay", "paymentReference": reference},
        {"name": "onStateChange", "target": "#pay", "paymentReference": reference, "state": "open"},
    ]


async def test_a_page_at_another_origin_is_told_nothing(framed: Framed, page: Page) -> None:
    framed.speaks_to = "https://shop.example"
    await framed.stage.open(page)
    await page.evaluate(
        """() => new Promise((loaded) => {
          window.addEventListener("message", ({data}) => calls.push(data));
          show("#pay", "token");
          document.querySelector("iframe").addEventListener("load", loaded);
        })"""
    )
    await expect(page.frame_locator("iframe").get_by_text("How it stands: open")).to_be_visible()
    assert await page.evaluate("calls") == []


async def test_a_payment_that_ends_elsewhere_is_followed(framed: Framed, page: Page) -> None:
    await framed.mounted(page)
    await payments.withdraw(framed.tools, framed.client, framed.payment.id)
    told = await calls(page, 4)
    assert [(call["name"], call.get("state")) for call in told[2:]] == [
        ("onStateChange", "cancelled"),
        ("onExpired", None),
    ]
    await expect(page.frame_locator("iframe").get_by_text("How it stands: cancelled")).to_be_visible()


async def test_a_payment_whose_time_is_over_is_followed_past_the_end_of_its_session(framed: Framed, page: Page) -> None:
    await framed.mounted(page)
    gateway.clock_of(framed.tools).advance(LASTS_SECONDS + 1)
    assert (await calls(page, 4))[-1]["name"] == "onExpired"


async def test_the_frame_grows_and_shrinks_with_its_page(framed: Framed, page: Page) -> None:
    await framed.mounted(page)
    frame, inside = page.locator("#pay iframe"), page.frame_locator("#pay iframe")
    fitting = await _fits(page)
    await inside.locator("summary").click()
    await page.wait_for_function("(low) => document.querySelector('iframe').clientHeight > low + 300", arg=fitting)
    assert await _fits(page) > fitting + 300
    await inside.locator("summary").click()
    await expect(frame).to_have_css("height", f"{fitting}px")


async def test_a_page_that_is_opened_by_itself_complains_of_nothing(framed: Framed, page: Page) -> None:
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    await page.goto(f"{framed.stage.gateway}/embed/{framed.token}")
    await expect(page.get_by_text("How it stands: open")).to_be_visible()
    assert complaints == []


async def test_the_state_is_told_to_who_has_the_token_and_to_nobody_else(framed: Framed) -> None:
    value, ends, mark = framed.token.split(".")
    assert await framed.state() == (200, {"state": "open"})
    for forged in ("x", f"{value}.{int(ends, 16) + 1:x}.{mark}", f"{value}.{ends}.{mark[:-1]}", "%00", "ø" * 500):
        assert await framed.state(forged) == (404, {})
    of_nobody = session_token(
        framed.tools.vault, PaymentId(framed.payment.id[:-1] + "9"), framed.tools.now() + 1_000_000
    )
    assert await framed.state(of_nobody) == (404, {})
    gateway.clock_of(framed.tools).advance(LASTS_SECONDS)
    assert await framed.state() == (410, {"state": "cancelled"})


@pytest.mark.parametrize(
    ("state", "word", "overdue"),
    [
        (PaymentState.CREATED, "open", "cancelled"),
        (PaymentState.SEEN, "open", "cancelled"),
        (PaymentState.PROCESSING, "requested", "requested"),
        (PaymentState.CONFIRMED, "requested", "requested"),
        (PaymentState.BOOKED, "success", "success"),
        (PaymentState.FAILED, "failed", "failed"),
        (PaymentState.WITHDRAWN, "cancelled", "cancelled"),
        (PaymentState.EXPIRED, "cancelled", "cancelled"),
        (PaymentState.PROCESSING_EXPIRED, "cancelled", "cancelled"),
    ],
)
def test_every_state_has_its_word(state: PaymentState, word: str, overdue: str) -> None:
    payment = Payment(PaymentId(""), 100, "NOK", state, 0, 0, 0, 0, 0, 0, 0, 0, gateway.START)
    assert state_word(payment, gateway.START - 1) == word
    assert state_word(payment, gateway.START) == overdue


async def _fits(page: Page) -> int:
    """The frame's height, once it is that of the page inside."""
    inside = page.frames[1]
    content = await inside.evaluate("Math.ceil(document.documentElement.getBoundingClientRect().height)")
    await expect(page.locator("#pay iframe")).to_have_css("height", f"{content}px")
    return content
