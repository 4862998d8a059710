"""Performing payments: cards in the order given, all of them or none, in part and in full."""

import asyncio

import pytest

from tests.clients.till import Till, card
from tests.shop import Shop

pytestmark = pytest.mark.anyio


def masked(number: str) -> str:
    return "*" * 14 + number[-5:]


async def test_one_card_pays_the_whole_and_the_answer_is_as_verify(shop: Shop, till: Till) -> None:
    gift = await shop.card(500_00)
    payment = await till.open(250)
    performed = await till.perform(payment, card(gift.number))
    assert performed.status == 200
    assert performed.body == (await till.verify(payment)).body
    assert performed.body["status"] == "completed"
    assert (performed.body["paymentTotal"], performed.body["paidAmount"]) == (250, 250)
    assert performed.body["cards"] == [{"cardNumber": masked(gift.number), "deductedAmount": 250, "refundedAmount": 0}]
    assert performed.body["completedOn"] is not None
    assert (await till.balance(gift.number)).body["balance"] == 250


async def test_the_short_form_is_one_card(shop: Shop, till: Till) -> None:
    gift = await shop.card(500_00)
    payment = await till.open(250)
    asked = {"cardNumber": gift.number, "amount": 250, "cvc": gift.cvc}
    performed = await till.call("POST", f"/v1/payments/{payment}/perform", asked)
    assert performed.body["status"] == "completed"
    assert performed.body["cards"][0]["deductedAmount"] == 250


async def test_cards_are_used_in_the_order_given(shop: Shop, till: Till) -> None:
    first, second = await shop.cards(100_00, 500_00)
    payment = await till.open(250)
    performed = await till.perform(payment, card(second.number, 200), card(first.number))
    assert [(used["cardNumber"], used["deductedAmount"]) for used in performed.body["cards"]] == [
        (masked(second.number), 200),
        (masked(first.number), 50),
    ]


async def test_all_cards_of_a_call_are_taken_or_none(shop: Shop, till: Till) -> None:
    rich, poor = await shop.cards(500_00, 10_00)
    payment = await till.open(250)
    assert (await till.perform(payment, card(rich.number, 200), card(poor.number))).error == 250
    assert (await shop.books(rich.number)).balance == 500_00
    assert (await till.verify(payment)).body["status"] == "created"


async def test_a_card_may_not_give_more_than_it_has_twice_in_one_call(shop: Shop, till: Till) -> None:
    gift = await shop.card(150_00)
    payment = await till.open(200)
    assert (await till.perform(payment, card(gift.number, 100), card(gift.number, 100))).error == 250
    performed = await till.perform(payment, card(gift.number, 100), card(gift.number), allowPartial=True)
    assert performed.body["paidAmount"] == 150
    assert (await shop.books(gift.number)).balance == 0


async def test_with_allow_partial_a_card_gives_what_it_has(shop: Shop, till: Till) -> None:
    poor = await shop.card(10_00)
    payment = await till.open(250)
    performed = await till.perform(payment, card(poor.number), allowPartial=True)
    assert performed.body["status"] == "completed"
    assert (performed.body["paidAmount"], performed.body["paymentTotal"]) == (10, 250)


async def test_final_false_leaves_the_payment_open_for_the_next_card(shop: Shop, till: Till) -> None:
    first, second = await shop.cards(100_00, 500_00)
    payment = await till.open(250)
    part = await till.perform(payment, card(first.number, 100), final=False)
    assert (part.body["status"], part.body["paidAmount"]) == ("partiallyPaid", 100)
    assert part.body["completedOn"] is None
    whole = await till.perform(payment, card(second.number))
    assert (whole.body["status"], whole.body["paidAmount"]) == ("completed", 250)
    assert [used["deductedAmount"] for used in whole.body["cards"]] == [100, 150]
    assert (await shop.books(first.number)).held == 0


async def test_reaching_the_total_completes_even_with_final_false(shop: Shop, till: Till) -> None:
    gift = await shop.card(250_00)
    payment = await till.open(250)
    assert (await till.perform(payment, card(gift.number), final=False)).body["status"] == "completed"


async def test_final_without_allow_partial_does_not_complete_with_less(shop: Shop, till: Till) -> None:
    gift = await shop.card(500_00)
    payment = await till.open(250)
    assert (await till.perform(payment, card(gift.number, 100))).error == 250
    assert (await shop.books(gift.number)).balance == 500_00


async def test_final_with_allow_partial_completes_a_part_payment_with_what_there_is(shop: Shop, till: Till) -> None:
    first, second = await shop.cards(100_00, 20_00)
    payment = await till.open(250)
    await till.perform(payment, card(first.number, 100), final=False)
    done = await till.perform(payment, card(second.number), allowPartial=True)
    assert (done.body["status"], done.body["paidAmount"]) == ("completed", 120)


async def test_more_than_is_due_is_refused(shop: Shop, till: Till) -> None:
    gift = await shop.card(500_00)
    payment = await till.open(250)
    assert (await till.perform(payment, card(gift.number, 251))).error == 950
    assert (await shop.books(gift.number)).balance == 500_00


async def test_a_card_that_never_came_to_its_turn_is_not_charged(shop: Shop, till: Till) -> None:
    first, second = await shop.cards(500_00, 500_00)
    payment = await till.open(250)
    performed = await till.perform(payment, card(first.number), card(second.number))
    assert [used["cardNumber"] for used in performed.body["cards"]] == [masked(first.number)]
    assert (await shop.books(second.number)).balance == 500_00


async def test_at_most_twenty_cards_are_taken_in_one_call(shop: Shop, till: Till) -> None:
    gifts = await shop.cards(*[1_00] * 20)
    payment = await till.open(20)
    too_many = [card(gift.number) for gift in [*gifts, gifts[0]]]
    assert (await till.perform(payment, *too_many)).error == 950
    performed = await till.perform(payment, *[card(gift.number, 1) for gift in gifts])
    assert (performed.body["status"], len(performed.body["cards"])) == ("completed", 20)


async def test_a_payment_for_the_page_is_not_performed_by_the_api(shop: Shop, till: Till) -> None:
    gift = await shop.card(500_00)
    answer = await till.create(250, accessMode="web", returnUrl="http://localhost/done")
    assert (await till.perform(answer.body["paymentId"], card(gift.number))).error == 257


async def test_many_tills_on_one_card_never_take_more_than_it_has(shop: Shop, till: Till) -> None:
    gift = await shop.card(100_00)
    payments = [await till.open(30) for _ in range(12)]
    answers = await asyncio.gather(*(till.perform(payment, card(gift.number)) for payment in payments))
    assert sorted((answer.status, answer.error) for answer in answers).count((200, None)) == 3
    assert {answer.error for answer in answers} == {None, 250}
    assert (await shop.books(gift.number)).balance == 10_00


async def test_two_performs_of_one_payment_at_once_take_the_money_once(shop: Shop, till: Till) -> None:
    gifts = await shop.cards(250_00, 250_00, 250_00, 250_00)
    payment = await till.open(250)
    answers = await asyncio.gather(*(till.perform(payment, card(gift.number)) for gift in gifts))
    assert sorted(answer.error or 0 for answer in answers) == [0, 251, 251, 251]
    assert sum([(await shop.books(gift.number)).balance for gift in gifts]) == 750_00


async def test_one_null_for_an_optional_member_is_as_good_as_none(shop: Shop, till: Till) -> None:
    gift = await shop.card(250_00)
    payment = await till.open(250)
    asked = {"cardNumber": gift.number, "amount": None, "cvc": None, "allowPartial": None, "final": None}
    assert (await till.call("POST", f"/v1/payments/{payment}/perform", asked)).body["status"] == "completed"


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"cards": []},
        {"cards": None},
        {"cards": "9999001234567890123"},
        {"cards": [{"amount": 1}]},
        {"cards": [{"cardNumber": 9999001234567890}]},
        {"cards": [{"cardNumber": "9999001234567890123", "amount": "1"}]},
        {"cards": [{"cardNumber": "9999001234567890123", "amount": 0}]},
        {"cards": [{"cardNumber": "9999001234567890123", "cvc": 123}]},
        {"cards": [{"cardNumber": "9999001234567890123"}], "cardNumber": "9999001234567890123"},
        {"cards": [{"cardNumber": "9999001234567890123"}], "amount": 1},
        {"cardNumber": "9999001234567890123", "final": "yes"},
        {"cardNumber": "9999001234567890123", "final": 1},
        {"cardNumber": "9999001234567890123", "allowPartial": "true"},
    ],
)
async def test_what_is_missing_or_of_the_wrong_type_is_950(till: Till, asked: object) -> None:
    payment = await till.open(250)
    assert (await till.call("POST", f"/v1/payments/{payment}/perform", asked)).error == 950
