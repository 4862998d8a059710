"""The webhook: the documented body, told once a payment is complete, and signed so that its receiver can trust it."""

import pytest

from tests.clients.receiver import Receiver, is_signed, receiving
from tests.clients.till import Till, card
from tests.shop import Shop

pytestmark = pytest.mark.anyio

SIGNED_HEADERS = ("webhook-id", "webhook-timestamp", "webhook-signature")


async def test_the_documented_body_is_pushed_once_the_payment_is_complete(shop: Shop, till: Till) -> None:
    first, second = await shop.cards(100_50, 500_00)
    async with receiving(Receiver()) as receiver:
        payment = await till.open(250.75, reference="till-7/receipt-1042", webhookUrl=receiver.url)
        await till.perform(payment, card(first.number, 100.5), final=False)
        assert receiver.of(payment) == []
        await till.perform(payment, card(second.number))
        (delivery,) = await receiver.told(payment)
    assert delivery.text == (
        f'{{"paymentId":"{payment}","paidAmount":250.75,"paymentTotal":250.75,"reference":"till-7/receipt-1042",'
        f'"cards":[{{"cardNumber":"**************{first.number[-5:]}","deductedAmount":100.5}},'
        f'{{"cardNumber":"**************{second.number[-5:]}","deductedAmount":150.25}}]}}'
    )


async def test_a_receiver_can_check_the_signature_and_notices_a_forged_body(shop: Shop, till: Till) -> None:
    gift = await shop.card(100_00)
    async with receiving(Receiver()) as receiver:
        payment = await till.open(10, webhookUrl=receiver.url)
        await till.perform(payment, card(gift.number))
        (delivery,) = await receiver.told(payment)
    assert all(name in delivery.headers for name in SIGNED_HEADERS)
    assert delivery.headers["content-type"] == "application/json"
    assert is_signed(delivery, shop.signing_secret)
    forged = type(delivery)(delivery.id, delivery.text.replace("10", "11"), delivery.headers, 204)
    assert not is_signed(forged, shop.signing_secret)


async def test_a_part_payment_that_is_complete_tells_what_was_paid(shop: Shop, till: Till) -> None:
    gift = await shop.card(100_00)
    async with receiving(Receiver()) as receiver:
        payment = await till.open(250, webhookUrl=receiver.url)
        await till.perform(payment, card(gift.number), allowPartial=True)
        (delivery,) = await receiver.told(payment)
    assert (delivery.body["paidAmount"], delivery.body["paymentTotal"]) == (100, 250)
    assert delivery.body["reference"] == ""


async def test_nothing_but_a_completed_payment_is_told(shop: Shop, till: Till) -> None:
    gift = await shop.card(100_00)
    async with receiving(Receiver()) as receiver:
        aborted = await till.open(10, webhookUrl=receiver.url)
        await till.perform(aborted, card(gift.number, 5), final=False)
        await till.abort(aborted)
        complete = await till.open(10, webhookUrl=receiver.url)
        await till.perform(complete, card(gift.number))
        await till.refund(complete)
        await receiver.told(complete)
        last = await till.open(1, webhookUrl=receiver.url)
        await till.perform(last, card(gift.number))
        await receiver.told(last)
        assert receiver.of(aborted) == []
        assert len(receiver.of(complete)) == 1


async def test_what_was_told_is_what_verify_says(shop: Shop, till: Till) -> None:
    gift = await shop.card(100_00)
    async with receiving(Receiver()) as receiver:
        payment = await till.open(10, webhookUrl=receiver.url, reference='"quoted" \\ æøå 🎁')
        await till.perform(payment, card(gift.number))
        (delivery,) = await receiver.told(payment)
    verified = (await till.verify(payment)).body
    shared = ("paymentId", "paidAmount", "paymentTotal", "reference")
    assert {name: delivery.body[name] for name in shared} == {name: verified[name] for name in shared}
    assert [one["deductedAmount"] for one in delivery.body["cards"]] == [
        one["deductedAmount"] for one in verified["cards"]
    ]
