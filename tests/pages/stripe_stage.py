"""Stripe's three origins as a browser meets them, played from here: its script, its frames, its API for browsers."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.async_api import BrowserContext, FrameLocator, Page, Route

from tests.localstripe import PUBLISHABLE_KEY, LocalStripe

SCRIPT = (Path(__file__).parent / "stripe_js.js").read_text()

ENTRY = """<!doctype html><html lang="en"><title>Card</title><main><label>Card number <input></label></main><script>
addEventListener("message", async (event) => {
  const asked = { ...event.data, card: document.querySelector("input").value };
  const answer = await fetch("https://api.stripe.com/confirm", { method: "POST", body: JSON.stringify(asked) });
  event.source.postMessage(await answer.json(), event.origin);
});
</script></html>"""

BANK = """<!doctype html><html lang="en"><title>Your bank</title>
<main><button>Confirm</button> <button>Refuse</button></main><script>
addEventListener("message", (event) => {
  for (const button of document.querySelectorAll("button")) button.onclick = async () => {
    const asked = { ...event.data, succeeds: button.textContent === "Confirm" };
    const answer = await fetch("https://api.stripe.com/authenticate", { method: "POST", body: JSON.stringify(asked) });
    event.source.postMessage(await answer.json(), event.origin);
  };
});
</script></html>"""

Handler = Callable[[Route], Awaitable[None]]


@dataclass
class StripeStage:
    """What a browser reaches under Stripe's names; `far` does what is asked there. `asked` are the addresses."""

    far: LocalStripe
    asked: list[str] = field(default_factory=list[str])

    async def play(self, context: BrowserContext) -> None:
        """Let this browser meet it."""
        await context.route("https://js.stripe.com/**", self._script)
        await context.route("https://hooks.stripe.com/**", _page(BANK))
        await context.route("https://api.stripe.com/**", self._api)

    async def _script(self, route: Route) -> None:
        self.asked.append(route.request.url)
        if route.request.url == "https://js.stripe.com/v3/":
            await route.fulfill(body=SCRIPT, content_type="text/javascript")
        else:
            await _page(ENTRY)(route)

    async def _api(self, route: Route) -> None:
        asked: dict[str, Any] = route.request.post_data_json or {}
        assert asked["key"] == PUBLISHABLE_KEY
        reference = asked["client_secret"].partition("_secret_")[0]
        if route.request.url.endswith("/confirm"):
            said = await self.far.pay(reference, asked["card"])
        else:
            said = await self.far.authenticate(reference, succeeds=asked["succeeds"])
        intent = await self.far.intent(reference)
        error = said.get("error") or intent["last_payment_error"]
        told = {"status": intent["status"], "error": error and {**error, "payment_intent": intent}}
        await route.fulfill(json=told, headers={"access-control-allow-origin": "*"})


def entry(page: Page) -> FrameLocator:
    """Stripe's frame with the card's fields."""
    return page.frame_locator("iframe[title='js.stripe.com']")


def bank(page: Page) -> FrameLocator:
    """Stripe's frame with the bank's question."""
    return page.frame_locator("iframe[title='hooks.stripe.com']")


def _page(body: str) -> Handler:
    async def answer(route: Route) -> None:
        await route.fulfill(body=body, content_type="text/html")

    return answer
