"""The expiry worker: payments past their time end, and cards get their money back."""

import pytest

from tests import gateway
from tests.commands.doubt import Till
from tests.gateway import clock_of
from tillway.commands import giftcards
from tillway.commands.giftcards import CardPart
from tillway.commands.tools import Tools
from tillway.domain.payments import PaymentState
from tillway.domain.schedules import DAY, SECOND
from tillway.domain.standing import Standing
from tillway.workers.expire import AT_ONCE, Expirer

pytestmark = pytest.mark.anyio


@pytest.fixture
async def till(tools: Tools) -> Till:
    return Till(tools, await gateway.client(tools))


async def expire_all(till: Till) -> None:
    expirer = Expirer(till.tools)
    while await expirer.turn():
        pass


async def test_a_payment_ends_at_its_time_and_not_before(till: Till) -> None:
    payment = await till.open(100_00)
    clock_of(till.tools).advance(DAY / SECOND - 1)
    await expire_all(till)
    assert (await till.standing(payment)).payment.state is PaymentState.CREATED
    clock_of(till.tools).advance(1)
    await expire_all(till)
    assert (await till.standing(payment)).payment.state is PaymentState.EXPIRED


async def test_what_was_paid_in_part_goes_back_to_the_cards(till: Till) -> None:
    first, second = await gateway.cards(till.tools, 60_00, 30_00)
    payment = await till.open(100_00)
    parts = [CardPart(card.number, "", card.card.balance) for card in (first, second)]
    paid = await giftcards.perform(till.tools, till.client, payment, parts, (gateway.PREFIX,), final=False)
    assert isinstance(paid, Standing)
    assert paid.payment.paid == 90_00
    clock_of(till.tools).advance(DAY / SECOND)
    await expire_all(till)
    assert (await till.standing(payment)).payment.state is PaymentState.EXPIRED
    assert [await till.money(card) for card in (first, second)] == [(60_00, 0), (30_00, 0)]
    await till.proves_sound()


async def test_a_complete_payment_does_not_expire(till: Till) -> None:
    (card,) = await gateway.cards(till.tools, 100_00)
    payment = await till.open(100_00)
    await till.pay(payment, [card])
    clock_of(till.tools).advance(DAY / SECOND)
    await expire_all(till)
    assert (await till.standing(payment)).payment.state is PaymentState.BOOKED


async def test_more_than_fit_in_one_turn_are_all_ended(till: Till) -> None:
    opened = [await till.open(100) for _ in range(AT_ONCE + 5)]
    clock_of(till.tools).advance(DAY / SECOND)
    expirer = Expirer(till.tools)
    assert await expirer.turn() is True
    assert await expirer.turn() is False
    for payment in opened:
        assert (await till.standing(payment)).payment.state is PaymentState.EXPIRED
