"""Whether a page can be used by everybody: axe-core's verdict, asked in the page as it stands."""

from importlib.resources import files
from typing import Any, cast

from playwright.async_api import Page

AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")


async def violations(page: Page) -> list[str]:
    """What axe-core finds, one line each: the rule, and the elements that break it.

    The script comes in through the browser's own debugger, so that the page's policy need not let it in.
    """
    await page.evaluate(AXE)
    found = cast("dict[str, Any]", await page.evaluate("axe.run()"))
    return [
        f"{one['id']}: {one['help']}: " + " | ".join(node["html"][:120] for node in one["nodes"])
        for one in found["violations"]
    ]
