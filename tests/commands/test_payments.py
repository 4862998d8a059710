"""Opening, seeing and withdrawing payments through the commands, on both databases."""

import pytest

from tests import gateway
from tillway.commands.tools import Tools
from tillway.domain.payments import PaymentState
from tillway.queries import payments as queries

pytestmark = pytest.mark.anyio


async def test_an_open_payment_is_found_as_it_was_answered(tools: Tools) -> None:
    till = await gateway.client(tools)
    opened = await gateway.payment(tools, till, 50_00)
    assert opened.payment.state is PaymentState.CREATED
    assert await queries.standing_of(tools.store, till, opened.payment.id) == opened


async def test_builders_work(tools: Tools) -> None:
    till = await gateway.client(tools)
    assert await gateway.client(tools) == till
    assert len(await gateway.cards(tools, 100, 200)) == 2
