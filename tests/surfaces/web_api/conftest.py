"""Fixtures of the web payments API's tests: the API on both databases, in production's manners."""

from collections.abc import AsyncIterator

import pytest

from tests.surfaces.web_api.market import Market, market_on
from tillway.commands.tools import Tools


@pytest.fixture
async def market(tools: Tools) -> AsyncIterator[Market]:
    """The API with a shop that has logged in."""
    async with market_on(tools) as opened:
        yield opened
