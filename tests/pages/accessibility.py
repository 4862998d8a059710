"""Whether a page can be used by everybody: axe-core's verdict, asked in the page as it stands."""

from importlib.resources import files
from typing import Any, cast

from playwright.async_api import Page

AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")

COLOURS = ["color-contrast", "link-in-text-block"]
"""The rules that light and dark can make a difference to."""


async def violations(page: Page, *, of_colours: bool = False) -> list[str]:
    """What axe-core finds, or finds in the colours only, one line each: the rule, and the elements that break it.

    The script comes in through the browser's own debugger, so that the page's policy need not let it in.
    """
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(AXE)
    options = {"runOnly": {"type": "rule", "values": COLOURS}} if of_colours else {}
    found = cast("dict[str, Any]", await page.evaluate("(options) => axe.run(options)", options))
    return [
        f"{one['id']}: {one['help']}: " + " | ".join(node["html"][:120] for node in one["nodes"])
        for one in found["violations"]
    ]
