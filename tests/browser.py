"""A real Chromium for page tests: the machine's own where there is one, else the one Playwright brought.

Playwright's asynchronous interface is used: its synchronous one keeps an event loop running in the test's thread, and
no other asynchronous test could run beside it.
"""

import asyncio
import shutil
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, Error, async_playwright

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
    executable = next((path for path in map(shutil.which, NAMES) if path), None)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        try:
            yield browser
        finally:
            await browser.close()


async def _version() -> str:
    async with chromium() as browser:
        return browser.version


if __name__ == "__main__":
    try:
        print(f"Chromium for page tests: version {asyncio.run(_version())}")
    except Error as failure:
        sys.exit(failure.message)
