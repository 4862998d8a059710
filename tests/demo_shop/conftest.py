"""The stand of the demo shop's tests."""

from collections.abc import AsyncIterator

import pytest

from tests.demo_shop.stand import Stand, standing


@pytest.fixture
async def stand(anyio_backend: str) -> AsyncIterator[Stand]:
    async with standing() as made:
        yield made
