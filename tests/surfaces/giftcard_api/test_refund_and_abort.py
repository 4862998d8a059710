"""Giving money back: aborts before a payment is complete, refunds after it."""

import asyncio

import pytest

from tests.clients.till import Till, card
from tests.shop import Shop

pytestmark = pytest.mark.anyio


async def paid(shop: Shop, *parts: int) -> tuple[str, list[str]]:
    """A payment completed with cards that gave these kroner and have none left, and their numbers."""
    gifts = await shop.cards(*(part * 100 for part in parts))
    payment = await shop.till.open(sum(parts))
    performed = await shop.till.perform(
        payment, *[card(gift.number, part) for gift, part in zip(gifts, parts, strict=True)]
    )
    assert performed.body["status"] == "completed", performed
    return payment, [gift.number for gift in gifts]


async def test_an_abort_gives_every_card_its_money_back(shop: Shop, till: Till) -> None:
    first, second = await shop.cards(100_00, 60_00)
    payment = await till.open(250)
    await till.perform(payment, card(first.number, 100), card(second.number, 50), final=False)
    aborted = await till.abort(payment)
    assert aborted.status == 200
    assert aborted.body == (await till.verify(payment)).body
    assert (aborted.body["status"], aborted.body["paidAmount"], aborted.body["cards"]) == ("aborted", 0, [])
    assert [(await shop.books(gift.number)).balance for gift in (first, second)] == [100_00, 60_00]


async def test_an_abort_takes_an_empty_object_or_nothing_for_a_body(till: Till) -> None:
    bodies: tuple[object, ...] = (None, b"", {})
    for body in bodies:
        payment = await till.open(250)
        answer = await till.call("POST", f"/v1/payments/{payment}/abort", body)
        assert answer.body["status"] == "aborted"


async def test_only_a_payment_that_has_not_ended_is_aborted(shop: Shop, till: Till) -> None:
    complete, _ = await paid(shop, 10)
    aborted = await till.open(10)
    assert (await till.abort(aborted)).status == 200
    assert [(await till.abort(payment)).error for payment in (complete, aborted)] == [251, 251]


async def test_abort_against_perform_has_one_winner(shop: Shop, till: Till) -> None:
    for _ in range(5):
        gift = await shop.card(100_00)
        payment = await till.open(100)
        performed, aborted = await asyncio.gather(till.perform(payment, card(gift.number)), till.abort(payment))
        assert sorted((performed.error or 0, aborted.error or 0)) == [0, 251]
        left = (await shop.books(gift.number)).balance
        assert left == (0 if performed.status == 200 else 100_00)


async def test_a_refund_without_an_amount_gives_back_all_that_is_left(shop: Shop, till: Till) -> None:
    payment, (number,) = await paid(shop, 250)
    refunded = await till.refund(payment)
    assert refunded.status == 200
    assert refunded.body.keys() >= {"refundId", "refundedAmount", "cards"}
    assert refunded.body["refundedAmount"] == 250
    assert refunded.body["cards"] == [{"cardNumber": "*" * 14 + number[-5:], "refundedAmount": 250}]
    assert (await shop.books(number)).balance == 250_00
    verified = (await till.verify(payment)).body
    assert (verified["status"], verified["paidAmount"], verified["refundedAmount"]) == ("completed", 250, 250)
    assert verified["cards"][0]["refundedAmount"] == 250


@pytest.mark.parametrize("body", [None, b"", {}, {"amount": None, "reference": None}, {"reference": "broken cup"}])
async def test_a_refund_needs_no_body(shop: Shop, till: Till, body: object) -> None:
    payment, _ = await paid(shop, 10)
    assert (await till.call("POST", f"/v1/payments/{payment}/refunds", body)).body["refundedAmount"] == 10


async def test_a_refund_goes_back_in_reverse_order_of_use_to_each_card_at_most_what_it_paid(
    shop: Shop, till: Till
) -> None:
    payment, numbers = await paid(shop, 100, 50, 30)
    first = await till.refund(payment, 60)
    assert [(one["cardNumber"][-5:], one["refundedAmount"]) for one in first.body["cards"]] == [
        (numbers[2][-5:], 30),
        (numbers[1][-5:], 30),
    ]
    second = await till.refund(payment, 70.5)
    assert [(one["cardNumber"][-5:], one["refundedAmount"]) for one in second.body["cards"]] == [
        (numbers[1][-5:], 20),
        (numbers[0][-5:], pytest.approx(50.5)),
    ]
    assert [(await shop.books(number)).balance for number in numbers] == [50_50, 50_00, 30_00]


async def test_more_than_is_left_is_refused(shop: Shop, till: Till) -> None:
    payment, _ = await paid(shop, 100)
    assert (await till.refund(payment, 100.01)).error == 250
    assert (await till.refund(payment, 60)).status == 200
    assert (await till.refund(payment, 40.01)).error == 250
    assert (await till.refund(payment, 40)).status == 200
    assert (await till.refund(payment)).error == 250


async def test_refunds_at_once_never_give_back_more_than_was_paid(shop: Shop, till: Till) -> None:
    payment, (number,) = await paid(shop, 100)
    answers = await asyncio.gather(*(till.refund(payment, 30) for _ in range(8)))
    assert sorted(answer.error or 0 for answer in answers) == [0, 0, 0, 250, 250, 250, 250, 250]
    assert (await shop.books(number)).balance == 90_00


@pytest.mark.parametrize("amount", [0, -1, "10", True, [], 1.005])
async def test_a_refund_is_a_number_above_zero(shop: Shop, till: Till, amount: object) -> None:
    payment, _ = await paid(shop, 10)
    assert (await till.refund(payment, amount)).error == 950


async def test_only_a_complete_payment_is_refunded(shop: Shop, till: Till) -> None:
    gift = await shop.card(100_00)
    created, part, aborted = await till.open(10), await till.open(10), await till.open(10)
    await till.perform(part, card(gift.number, 5), final=False)
    await till.abort(aborted)
    assert [(await till.refund(payment, 1)).error for payment in (created, part, aborted)] == [251, 251, 251]


async def test_what_was_refunded_can_be_spent_again(shop: Shop, till: Till) -> None:
    payment, (number,) = await paid(shop, 100)
    await till.refund(payment)
    again = await till.perform(await till.open(100), card(number))
    assert again.body["status"] == "completed"


async def test_a_payment_that_gave_its_part_back_has_nothing_to_refund(shop: Shop, till: Till) -> None:
    gift = await shop.card(100_00)
    payment = await till.open(10)
    await till.perform(payment, card(gift.number, 5), final=False)
    await till.abort(payment)
    assert (await till.refund(payment)).error == 251
    assert (await shop.books(gift.number)).balance == 100_00
