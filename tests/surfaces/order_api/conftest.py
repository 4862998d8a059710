"""Fixtures of the payment orders API's tests: the API on both databases, in production's manners."""

from collections.abc import AsyncIterator

import pytest

from tests.surfaces.order_api.stall import Stall, stall_on
from tillway.commands.tools import Tools


@pytest.fixture
async def stall(tools: Tools) -> AsyncIterator[Stall]:
    """The API with a shop that has a token."""
    async with stall_on(tools) as opened:
        yield opened
