"""Opening, seeing, withdrawing and expiring payments through the commands, on both databases."""

from dataclasses import replace

import pytest

from tests import gateway
from tests.gateway import clock_of, money_on, part, recall
from tillway.commands import expiry, payments
from tillway.commands.tools import Tools
from tillway.domain.payments import PaymentState
from tillway.domain.refusals import KeyReused, NotInThatState, NotYourClientsPayment, NotYourPayment, PaymentUnknown
from tillway.domain.replays import Replay
from tillway.domain.schedules import DAY, SECOND
from tillway.queries import payments as queries
from tillway.store.finding import find_replay

pytestmark = pytest.mark.anyio

UNKNOWN = "019b76da-a800-7000-8000-000000000001"


async def test_an_open_payment_is_found_as_it_was_answered(tools: Tools) -> None:
    till = await gateway.client(tools)
    asked = replace(gateway.opening(50_00), metadata='{"table":"7, «æøå»"}', return_url="http://localhost/done?a=b")
    opened = await gateway.payment(tools, till, 50_00, asked)
    assert opened.payment.state is PaymentState.CREATED
    assert await queries.standing_of(tools.store, till, opened.payment.id) == opened


async def test_every_payment_has_an_id_of_its_own_that_follows_the_last(tools: Tools) -> None:
    till = await gateway.client(tools)
    ids: list[str] = []
    for _ in range(20):
        clock_of(tools).advance(0.001)
        ids.append((await gateway.payment(tools, till, 1)).payment.id)
    assert ids == sorted(set(ids))


async def test_an_opening_under_a_key_opens_once(tools: Tools) -> None:
    till = await gateway.client(tools)
    asked = gateway.opening(50_00)
    await payments.open_payment(tools, till, asked, recall(till))
    again = await payments.open_payment(tools, till, asked, recall(till))
    assert again == await tools.store.read(find_replay(till.id, "key"))
    with pytest.raises(KeyReused):
        await payments.open_payment(tools, till, asked, recall(till, fingerprint="another"))


async def test_the_page_moves_a_payment_to_seen_once(tools: Tools) -> None:
    till = await gateway.client(tools)
    opened = await gateway.payment(tools, till, 50_00)
    seen = await payments.see(tools, opened.payment.id)
    assert (seen.payment.state, seen.payment.version) == (PaymentState.SEEN, 1)
    assert await payments.see(tools, opened.payment.id) == seen
    clock_of(tools).advance(DAY / SECOND)
    assert await payments.see(tools, opened.payment.id) == seen


async def test_a_withdrawal_under_a_key_is_answered_again(tools: Tools) -> None:
    till = await gateway.client(tools)
    (card,) = await gateway.cards(tools, 100_00)
    opened = await gateway.payment(tools, till, 50_00)
    await gateway.perform(tools, till, opened.payment.id, part(card, 10_00), final=False)
    first = await payments.withdraw(tools, till, opened.payment.id, recall(till))
    assert not isinstance(first, Replay)
    assert first.payment.state is PaymentState.WITHDRAWN
    assert isinstance(await payments.withdraw(tools, till, opened.payment.id, recall(till)), Replay)
    with pytest.raises(NotInThatState):
        await payments.withdraw(tools, till, opened.payment.id)
    assert await money_on(tools, card) == [(100_00, 0)]


@pytest.mark.parametrize("text", ["", "x", "' OR 1=1", UNKNOWN, UNKNOWN.upper(), UNKNOWN + " ", "\0" * 36, "é" * 36])
async def test_what_is_not_a_payment_of_ours_is_unknown(tools: Tools, text: str) -> None:
    till = await gateway.client(tools)
    with pytest.raises(PaymentUnknown):
        await gateway.withdraw(tools, till, text)
    with pytest.raises(PaymentUnknown):
        await gateway.refund(tools, till, text)
    with pytest.raises(PaymentUnknown):
        await gateway.perform(tools, till, text)
    with pytest.raises(PaymentUnknown):
        await queries.standing(tools.store, text)


async def test_an_order_is_not_a_payment(tools: Tools) -> None:
    till = await gateway.client(tools)
    opened = await gateway.payment(tools, till, 50_00)
    with pytest.raises(PaymentUnknown):
        await gateway.withdraw(tools, till, opened.order.id)
    with pytest.raises(PaymentUnknown):
        await gateway.withdraw(tools, till, opened.payment.id[:33] + "002")


async def test_others_can_neither_see_nor_touch_a_payment(tools: Tools) -> None:
    till = await gateway.client(tools)
    opened = await gateway.payment(tools, till, 50_00)
    neighbour = await gateway.client(tools, "second till")
    stranger = await gateway.client(tools, "stranger", merchant_name="Another shop")
    for caller, refusal in ((neighbour, NotYourClientsPayment), (stranger, NotYourPayment)):
        with pytest.raises(refusal):
            await queries.standing_of(tools.store, caller, opened.payment.id)
        with pytest.raises(refusal):
            await gateway.withdraw(tools, caller, opened.payment.id)
        with pytest.raises(refusal):
            await gateway.refund(tools, caller, opened.payment.id)
    assert await queries.standing(tools.store, opened.payment.id) == opened


async def test_a_payment_expires_at_its_time_and_not_before(tools: Tools) -> None:
    till = await gateway.client(tools)
    (card,) = await gateway.cards(tools, 100_00)
    opened = await gateway.payment(tools, till, 50_00)
    await gateway.perform(tools, till, opened.payment.id, part(card, 10_00), final=False)
    clock_of(tools).advance(DAY / SECOND - 0.000_001)
    assert (await expiry.expire(tools, opened.payment.id)).payment.state is PaymentState.SEEN
    clock_of(tools).advance(0.000_001)
    assert (await expiry.expire(tools, opened.payment.id)).payment.state is PaymentState.EXPIRED
    assert (await expiry.expire(tools, opened.payment.id)).payment.state is PaymentState.EXPIRED
    assert await money_on(tools, card) == [(100_00, 0)]
