"""A real Chromium for page tests: the machine's own where there is one, else the one Playwright brought.

Playwright's asynchronous interface is used: its synchronous one keeps an event loop running in the test's thread, and
no other asynchronous test could run beside it.
"""

import asyncio
import json
import shutil
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Browser, BrowserContext, Error, async_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
# Nothing but what the page asks for: no sandbox (root has none), no graphics card, and no calls home.
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@asynccontextmanager
async def chromium() -> AsyncGenerator[Browser]:
    """Start a headless Chromium, and close it at the end."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=_executable(), args=ARGUMENTS)
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def profile(folder: Path, *, third_party_cookies: bool) -> AsyncGenerator[BrowserContext]:
    """The browser of somebody who has allowed third-party cookies, or blocked them; the profile lies in `folder`."""
    (folder / "Default").mkdir(parents=True)
    chosen = {"profile": {"cookie_controls_mode": 0 if third_party_cookies else 1}}
    (folder / "Default" / "Preferences").write_text(json.dumps(chosen))
    async with async_playwright() as playwright:
        context = await playwright.chromium.launch_persistent_context(
            folder, executable_path=_executable(), args=ARGUMENTS
        )
        try:
            yield context
        finally:
            await context.close()


def _executable() -> str | None:
    return next((path for path in map(shutil.which, NAMES) if path), None)


async def _version() -> str:
    async with chromium() as browser:
        return browser.version


if __name__ == "__main__":
    try:
        print(f"Chromium for page tests: version {asyncio.run(_version())}")
    except Error as failure:
        sys.exit(failure.message)
