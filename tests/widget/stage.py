"""A stage for the widget: a gateway whose pages say what a test wants, and a shop on another site, under a policy.

The gateway is `127.0.0.1` and the shop `localhost`: two sites, so that the browser keeps their cookies apart too.
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import Page
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Mount, Route, Router

from tests.pages.serving import served
from tillway.surfaces.checkout.embedding import WIDGET
from tillway.surfaces.common.static_files import StaticFiles

REFERENCE = "019a9f1e-7c1a-7b52-8f6e-2f1d3c4b5001"

_SHOP = """<!doctype html><html lang="{language}"><title>Shop</title><h1>Shop</h1>
<div id="pay"></div><div id="second"></div>
<script src="{gateway}/widget/v1.js"></script><script src="/shop.js"></script></html>"""

_SHOP_SCRIPT = """window.calls = [];
const names = ["onReady", "onStateChange", "onCompleted", "onFailed", "onExpired", "onError"];
window.show = (target, sessionToken) => Tillway.mount(target, {sessionToken,
  ...Object.fromEntries(names.map((name) => [name, (told) => calls.push({name, target, ...told})]))});"""

_FRAME = """<!doctype html><html lang="en"><title>A payment</title><p>A payment</p><script>
const say = (message, origin = "{shop}") => parent.postMessage(message, origin);
const tell = (type, more) => say({{tillway: 1, type, paymentReference: "{reference}", ...more}});
{script}</script></html>"""


@dataclass(slots=True)
class Stage:
    """`scripts` are what each page of the gateway's runs, by session token: with `tell` it speaks as a page of ours.

    `more_frames` are what the shop allows frames of, beside the gateway.
    """

    gateway: str = ""
    shop: str = ""
    more_frames: str = ""
    scripts: dict[str, str] = field(default_factory=dict[str, str])

    async def open(self, page: Page, language: str = "en") -> Page:
        """The shop's page, with the widget loaded and nothing mounted."""
        await page.goto(f"{self.shop}/?language={language}")
        return page

    def page_of_shop(self, request: Request) -> Response:
        """The shop's page, whose policy lets in no more than the documentation asks for."""
        policy = f"default-src 'none'; script-src 'self' {self.gateway}; frame-src {self.gateway} {self.more_frames}"
        body = _SHOP.format(gateway=self.gateway, language=request.query_params.get("language", "en"))
        return HTMLResponse(body, headers={"content-security-policy": policy})

    def frame(self, request: Request) -> Response:
        """A page of the gateway's; a token without a script is refused."""
        script = self.scripts.get(request.path_params["token"])
        if script is None:
            return HTMLResponse("no", 404, {"content-security-policy": "frame-ancestors 'none'"})
        return HTMLResponse(_FRAME.format(shop=self.shop, reference=REFERENCE, script=script))


@asynccontextmanager
async def staged(more: Sequence[BaseRoute] = ()) -> AsyncGenerator[Stage]:
    """Both sides, served; `more` are further routes of the gateway's."""
    stage = Stage()
    files = StaticFiles([WIDGET], "/widget", for_any_origin=True)
    gateway = Router([*more, Mount("/widget", files), Route("/embed/{token}", stage.frame)])
    shop = Router([Route("/", stage.page_of_shop), Route("/shop.js", _shop_script)])
    async with served(gateway) as gateway_url, served(shop) as shop_url:
        stage.gateway = gateway_url
        stage.shop = shop_url.replace("127.0.0.1", "localhost")
        yield stage


async def calls(page: Page, at_least: int = 1) -> list[dict[str, Any]]:
    """What the widget has called, first to last, once it was so many times."""
    await page.wait_for_function("most => calls.length >= most", arg=at_least)
    return await page.evaluate("calls")


def _shop_script(_: Request) -> Response:
    return Response(_SHOP_SCRIPT, media_type="text/javascript")
