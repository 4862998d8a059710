"""Fixtures of the widget's tests: a stage, and a shop's page on it that must have nothing to complain of."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page

from tests.widget.stage import Stage, staged


@pytest.fixture
async def stage(anyio_backend: str) -> AsyncIterator[Stage]:
    async with staged() as made:
        yield made


@pytest.fixture
async def shop(stage: Stage, page: Page) -> AsyncIterator[Page]:
    """The shop's page; the browser must not have refused anything that the widget did on it."""
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield await stage.open(page)
    assert complaints == []
