"""A till's days: two cards, a silent issuer, a customer who never comes back, a deaf receiver, a power cut."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable

import aiohttp
import pytest

from tests.clients.receiver import OK, Receiver, is_signed, receiving
from tests.clients.till import Json, Till, card
from tests.server import Server
from tests.shop import Shop
from tillway.connectors.simulator import SILENT_AND_NEVER_RECEIVED, SILENT_BUT_PAID

pytestmark = pytest.mark.anyio

HOUR = 3600
WAIT_SECONDS = 20


async def let_pass(shop: Shop, seconds: int) -> None:
    """Let time pass in the sandbox."""
    answer = await shop.till.call("POST", "/sandbox/v1/clock/advance", {"seconds": seconds})
    assert answer.status == 200, answer


async def until(look: Callable[[], Awaitable[Json]], status: str) -> Json:
    """What is seen, once it says this status."""
    deadline = time.monotonic() + WAIT_SECONDS
    while (seen := await look())["status"] != status:
        assert time.monotonic() < deadline, seen
        await asyncio.sleep(0.05)
    return seen


async def test_a_stranger_pays_with_two_cards_of_the_sandboxs_own_file(server: Server) -> None:
    known = json.loads((server.folder / "sandbox.json").read_text())
    given = known["gift_cards"]
    first, second = given["cards"][:2]
    async with aiohttp.ClientSession() as session:
        till = Till(session, known["url"], given["client_id"], given["client_secret"])
        payment = await till.open(649, reference="first payment")
        performed = await till.perform(payment, card(first["number"], 500, first["cvc"]), card(second["number"]))
        assert performed.body["status"] == "completed", performed
        assert [used["deductedAmount"] for used in performed.body["cards"]] == [500, 149]
        assert (await till.balance(second["number"], cvc=second["cvc"])).body["balance"] == 351
        refunded = await till.refund(payment)
        assert (refunded.body["refundedAmount"], refunded.body["status"]) == (649, "booked")
        assert (await till.balance(first["number"])).body["balance"] == 500


async def test_after_a_silent_issuer_verify_tells_what_became_of_the_payment(shop: Shop) -> None:
    till = shop.till
    paid = await shop.card(100_00, connector="simulator", marker=SILENT_BUT_PAID)
    unheard = await shop.card(100_00, connector="simulator", marker=SILENT_AND_NEVER_RECEIVED)
    first, second = await till.open(60), await till.open(60)
    performed = await asyncio.gather(till.perform(first, card(paid.number)), till.perform(second, card(unheard.number)))
    assert [answer.error for answer in performed] == [253, 253]
    assert [(await till.verify(payment)).body["status"] for payment in (first, second)] == ["created", "created"]
    assert (await shop.books(paid.number)).held == 60_00
    assert (await till.perform(first, card((await shop.card(100_00)).number))).error == 251
    await let_pass(shop, 60)

    async def verified() -> Json:
        return (await till.verify(first)).body

    done = await until(verified, "completed")
    assert (done["paidAmount"], done["cards"][0]["deductedAmount"]) == (60, 60)
    books = await shop.books(paid.number)
    assert (books.balance, books.held) == (40_00, 0)
    other = await shop.card(100_00)
    await until_open(shop, second)
    assert (await till.perform(second, card(other.number))).body["status"] == "completed"
    books = await shop.books(unheard.number)
    assert (books.balance, books.held) == (100_00, 0)


async def until_open(shop: Shop, payment: str) -> None:
    """Wait until a payment takes cards again: a number that is too short is only looked at then."""
    deadline = time.monotonic() + WAIT_SECONDS
    while (await shop.till.perform(payment, card("1"))).error == 251:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)


async def test_a_retry_after_a_silent_issuer_gets_the_outcome_and_charges_once(shop: Shop) -> None:
    till = shop.till
    gift = await shop.card(100_00, connector="simulator", marker=SILENT_BUT_PAID)
    payment = await till.open(60)
    assert (await till.perform(payment, card(gift.number), key="silent")).error == 253
    assert (await till.operation("silent")).body["state"] == "unknown"
    assert (await till.perform(payment, card(gift.number, 59), key="silent", final=False)).status == 422
    again = await till.perform(payment, card(gift.number), key="silent")
    assert again.error == 253 or again.body["status"] == "completed"
    await let_pass(shop, 60)

    async def verified() -> Json:
        return (await till.verify(payment)).body

    done = await until(verified, "completed")
    last = await till.perform(payment, card(gift.number), key="silent")
    assert (last.status, last.body) == (200, done)
    assert (await till.operation("silent")).body == {"state": "done", "status": 200, "body": done}
    assert (await shop.books(gift.number)).balance == 40_00


async def test_expiry_gives_the_part_payment_back(shop: Shop) -> None:
    till = shop.till
    gift = await shop.card(100_00)
    payment = await till.open(250)
    assert (await till.perform(payment, card(gift.number, 60), final=False)).body["status"] == "partiallyPaid"
    assert (await shop.books(gift.number)).balance == 40_00
    await let_pass(shop, 25 * HOUR)
    assert (await till.verify(payment)).body["status"] == "expired"
    assert (await till.perform(payment, card(gift.number))).error == 251
    assert (await till.abort(payment)).error == 251
    deadline = time.monotonic() + WAIT_SECONDS
    while (await shop.books(gift.number)).balance != 100_00:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)
    verified = (await till.verify(payment)).body
    assert (verified["status"], verified["paidAmount"], verified["cards"]) == ("expired", 0, [])


async def test_a_receiver_that_fails_is_told_again_with_the_same_id_and_body(shop: Shop) -> None:
    gift = await shop.card(100_00)
    answers = [500, 302, 404]
    async with receiving(Receiver(lambda: answers.pop(0) if answers else OK)) as receiver:
        payment = await shop.till.open(60, webhookUrl=receiver.url)
        await shop.till.perform(payment, card(gift.number))
        for times in range(1, 4):
            await receiver.told(payment, times)
            await let_pass(shop, 150)
        told = await receiver.told(payment, 4)
        assert len({(delivery.id, delivery.text) for delivery in told}) == 1
        assert all(is_signed(delivery, shop.signing_secret) for delivery in told)
        assert [delivery.status for delivery in told] == [500, 302, 404, OK]
        await let_pass(shop, HOUR)
        other = await shop.till.open(1, webhookUrl=receiver.url)
        await shop.till.perform(other, card(gift.number))
        await receiver.told(other)
        assert len(receiver.of(payment)) == 4


async def test_a_restart_keeps_everything(shop: Shop, server: Server) -> None:
    till = shop.till
    gift = await shop.card(500_00)
    payment, part = await till.open(100, metadata={"a": "b"}), await till.open(100)
    first = await till.perform(payment, card(gift.number), key="before the cut".replace(" ", "-"))
    await till.perform(part, card(gift.number, 30), final=False)
    before = [(await till.verify(one)).text for one in (payment, part)]
    now = (await till.call("POST", "/sandbox/v1/clock/advance", {"seconds": HOUR})).body["now"]
    await server.restart()
    assert [(await till.verify(one)).text for one in (payment, part)] == before
    again = await till.perform(payment, card(gift.number), key="before-the-cut")
    assert (again.text, again.is_replayed) == (first.text, True)
    assert (await till.perform(payment, card(gift.number), key="before-the-cut", final=False)).status == 422
    assert (await till.operation("before-the-cut")).body["body"] == first.body
    assert (await till.call("POST", "/sandbox/v1/clock/advance", {"seconds": 1})).body["now"] > now
    assert (await till.perform(part, card(gift.number))).body["status"] == "completed"
    assert (await till.balance(gift.number)).body["balance"] == 300


async def test_a_clean_stop_answers_what_was_asked(shop: Shop, server: Server) -> None:
    silent = await shop.card(100_00, connector="simulator", marker=SILENT_AND_NEVER_RECEIVED)
    payment = await shop.till.open(60)
    asked = asyncio.create_task(shop.till.perform(payment, card(silent.number)))
    deadline = time.monotonic() + WAIT_SECONDS
    while (await shop.books(silent.number)).held == 0:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)
    await server.stop()
    assert (await asked).error in {253, 254}
    assert "Finished server process" in server.said()
    await server.start()
