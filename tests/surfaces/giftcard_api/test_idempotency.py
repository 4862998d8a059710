"""Retries by the till: the same key and body are answered as the first time, and done once."""

import asyncio
from uuid import uuid4

import pytest

from tests.clients.till import Till, card
from tests.shop import Shop

pytestmark = pytest.mark.anyio


def fresh_key() -> str:
    return f"key-{uuid4()}"


async def test_the_same_key_and_body_are_answered_as_the_first_time(till: Till) -> None:
    key = fresh_key()
    first = await till.create(250, reference="a", key=key)
    again = await till.create(250, reference="a", key=key)
    assert (again.status, again.text) == (first.status, first.text)
    assert not first.is_replayed
    assert again.is_replayed
    assert again.headers["content-type"] == first.headers["content-type"]


@pytest.mark.parametrize(
    "again",
    [
        b'{"reference":"a","amount":250.5,"accessMode":"api"}',
        b' {\n\t"accessMode" : "api", "amount": 250.50 , "reference": "\\u0061" }\r\n',
        b'{"accessMode":"api","amount":2505e-1,"reference":"a"}',
    ],
)
async def test_a_body_is_compared_as_parsed_not_as_bytes(till: Till, again: bytes) -> None:
    key = fresh_key()
    first = await till.call("POST", "/v1/payments", b'{"amount":250.5,"accessMode":"api","reference":"a"}', key=key)
    repeated = await till.call("POST", "/v1/payments", again, key=key)
    assert (repeated.is_replayed, repeated.text) == (True, first.text)


@pytest.mark.parametrize("change", [{"amount": 251}, {"reference": "b"}, {"reference": None}, {"metadata": {}}])
async def test_the_same_key_with_another_body_is_422_and_does_nothing(
    shop: Shop, till: Till, change: dict[str, object]
) -> None:
    key = fresh_key()
    await till.create(250, reference="a", key=key)
    before = await shop.state_of_books()
    reused = await till.call(
        "POST", "/v1/payments", {"amount": 250, "accessMode": "api", "reference": "a"} | change, key=key
    )
    assert reused.status == 422
    assert reused.body.keys() == {"message"}
    assert await shop.state_of_books() == before


async def test_the_same_key_for_another_call_is_422(shop: Shop, till: Till) -> None:
    key = fresh_key()
    gift = await shop.card(500_00)
    payment, other = await till.open(250), await till.open(250)
    assert (await till.perform(payment, card(gift.number), key=key)).status == 200
    assert (await till.perform(other, card(gift.number), key=key)).status == 422
    assert (await till.abort(other, key=key)).status == 422
    assert (await till.refund(payment, key=key)).status == 422
    assert (await shop.books(gift.number)).balance == 250_00


async def test_fifty_at_once_do_the_work_once(shop: Shop, till: Till) -> None:
    gift = await shop.card(500_00)
    key = fresh_key()
    created = await asyncio.gather(*(till.create(1, key=key) for _ in range(50)))
    assert {(answer.status, answer.text) for answer in created} == {(200, created[0].text)}
    assert sum(not answer.is_replayed for answer in created) == 1
    payment, key = created[0].body["paymentId"], fresh_key()
    performed = await asyncio.gather(*(till.perform(payment, card(gift.number), key=key) for _ in range(50)))
    assert {(answer.status, answer.text) for answer in performed} == {(200, performed[0].text)}
    assert sum(not answer.is_replayed for answer in performed) == 1
    assert (await shop.books(gift.number)).balance == 499_00


async def test_every_call_that_changes_something_takes_a_key(shop: Shop, till: Till) -> None:
    gift = await shop.card(500_00)
    payment, given_up = await till.open(250), await till.open(250)
    keys = [fresh_key() for _ in range(3)]

    async def all_calls() -> list[tuple[str, bool]]:
        answers = (
            await till.perform(payment, card(gift.number), key=keys[0]),
            await till.abort(given_up, key=keys[1]),
            await till.refund(payment, 100, key=keys[2]),
        )
        return [(answer.text, answer.is_replayed) for answer in answers]

    first, again = await all_calls(), await all_calls()
    assert again == [(text, True) for text, _ in first]
    assert (await shop.books(gift.number)).balance == 350_00


async def test_a_replay_tells_what_was_answered_then_not_how_things_are_now(shop: Shop, till: Till) -> None:
    gift = await shop.card(500_00)
    payment, key = await till.open(250), fresh_key()
    first = await till.perform(payment, card(gift.number), key=key)
    await till.refund(payment)
    assert (await till.perform(payment, card(gift.number), key=key)).text == first.text
    assert (await till.verify(payment)).body["refundedAmount"] == 250


async def test_what_was_refused_did_not_happen_and_may_be_tried_again(shop: Shop, till: Till) -> None:
    poor, rich = await shop.cards(1_00, 500_00)
    payment, key = await till.open(250), fresh_key()
    assert (await till.perform(payment, card(poor.number), key=key)).error == 250
    assert (await till.perform(payment, card(rich.number), key=key)).status == 200
    key = fresh_key()
    assert (await till.create("250", key=key)).error == 950
    assert (await till.create(250, key=key)).status == 200


async def test_keys_of_different_clients_have_nothing_to_do_with_each_other(shop: Shop, till: Till) -> None:
    colleague, key = await shop.other_till(), fresh_key()
    mine, theirs = await till.create(1, key=key), await colleague.create(2, key=key)
    assert theirs.status == 200
    assert mine.body["paymentId"] != theirs.body["paymentId"]
    assert (await colleague.operation(key)).body["body"] == theirs.body


@pytest.mark.parametrize("key", ["k", "k" * 255, "!#$%&'*+-.^_`|~{}()<>@,;:\\\"/[]?=", "/", "a/../b", "%2F"])
async def test_a_key_is_up_to_255_visible_characters(till: Till, key: str) -> None:
    first = await till.create(1, key=key)
    assert first.status == 200
    assert (await till.operation(key)).body == {"state": "done", "status": 200, "body": first.body}


@pytest.mark.parametrize("key", ["", "k" * 256, "two words", "æøå", "tab\tbed"])
async def test_any_other_key_is_950_and_does_nothing(shop: Shop, till: Till, key: str) -> None:
    before = await shop.state_of_books()
    assert (await till.create(1, key=key)).error == 950
    assert await shop.state_of_books() == before


async def test_a_caller_without_an_answer_asks_what_became_of_its_call(shop: Shop, till: Till) -> None:
    gift = await shop.card(500_00)
    key = fresh_key()
    assert (await till.operation(key)).body == {"state": "unknown", "status": None, "body": None}
    performed = await till.perform(await till.open(250), card(gift.number), key=key)
    asked = await till.operation(key)
    assert asked.body == {"state": "done", "status": 200, "body": performed.body}


async def test_a_refused_call_is_unknown_since_nothing_came_of_it(till: Till) -> None:
    key = fresh_key()
    assert (await till.create(-1, key=key)).error == 950
    assert (await till.operation(key)).body["state"] == "unknown"


async def test_a_refund_is_kept_with_its_answer(shop: Shop, till: Till) -> None:
    gift = await shop.card(500_00)
    payment, key = await till.open(250), fresh_key()
    await till.perform(payment, card(gift.number))
    refunded = await till.refund(payment, 10.5, key=key)
    assert (await till.operation(key)).body["body"] == refunded.body
