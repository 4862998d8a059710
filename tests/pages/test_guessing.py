"""Guess protection on the hosted page: one message for every wrong guess, and an end to guessing."""

import pytest
from playwright.async_api import Page, expect

from tests import gateway
from tests.pages.counter import Counter
from tests.pages.test_paying import lay_down
from tillway.commands.cards import IssuedCard
from tillway.domain.giftcards import CardState
from tillway.domain.guesses import HOUR, LIMITS
from tillway.domain.issuing import full_number

pytestmark = pytest.mark.anyio

REFUSED = "This number and CVC do not belong to a card we know. Check both."


def other_cvc(card: IssuedCard) -> str:
    """Three digits that are not the card's."""
    return "111" if card.cvc != "111" else "222"


async def guess_wrong(counter: Counter, page: Page) -> None:
    """Type a new card's number with a code that is not its own."""
    card = await counter.card(100)
    await lay_down(page, card, other_cvc(card))
    await expect(page.locator(".fault")).to_be_visible()
    await page.reload()


async def refusal(page: Page) -> str:
    """What the page says of the last entry."""
    return await page.locator(".fault").inner_text()


async def test_an_unknown_card_and_a_wrong_code_get_the_same_message(counter: Counter, phone: Page) -> None:
    payment, card = await counter.payment(10_000), await counter.card(50_000)
    await phone.goto(counter.link(payment))
    await lay_down(phone, card, other_cvc(card))
    of_wrong_code = await refusal(phone)
    await phone.get_by_label("Card number").fill(full_number(gateway.PREFIX, 4711))
    await phone.get_by_label("CVC").fill("123")
    await phone.get_by_role("button", name="Check balance and add").click()
    assert await refusal(phone) == of_wrong_code
    assert REFUSED in of_wrong_code


@pytest.mark.parametrize("plan", [{"balance": 0}, {"expires_at": gateway.START}, {"state": CardState.BLOCKED}])
async def test_nothing_is_told_of_a_card_to_someone_who_does_not_know_its_code(
    counter: Counter, page: Page, plan: dict[str, int]
) -> None:
    payment = await counter.payment(10_000)
    card = await counter.card(plan.pop("balance", 50_000), **plan)
    await page.goto(counter.link(payment))
    await lay_down(page, card, other_cvc(card))
    assert REFUSED in await refusal(page)


async def test_too_many_guesses_in_one_payment_end_in_a_wait_of_an_hour(counter: Counter, page: Page) -> None:
    payment, good = await counter.payment(10_000), await counter.card(50_000)
    await page.goto(counter.link(payment))
    for _ in range(LIMITS["payment"]):
        await guess_wrong(counter, page)
    await lay_down(page, good)
    assert "Too many tries" in await refusal(page)
    gateway.clock_of(counter.tools).advance(HOUR / 1_000_000)
    after = await counter.payment(10_000)
    await page.goto(counter.link(after))
    await lay_down(page, good)
    await expect(page.get_by_text("Balance 500.00 NOK")).to_be_visible()


async def test_a_card_that_was_guessed_at_too_often_is_closed_in_every_payment(counter: Counter, page: Page) -> None:
    card = await counter.card(50_000)
    for _ in range(2):
        await page.goto(counter.link(await counter.payment(10_000)))
        for _ in range(LIMITS["card"] // 2):
            await lay_down(page, card, other_cvc(card))
    await page.goto(counter.link(await counter.payment(10_000)))
    await lay_down(page, card)
    assert "Too many tries" in await refusal(page)


async def test_one_address_cannot_go_on_guessing_with_ever_new_payments(counter: Counter, page: Page) -> None:
    for _ in range(LIMITS["address"] // 5):
        await page.goto(counter.link(await counter.payment(10_000)))
        for _ in range(5):
            await guess_wrong(counter, page)
    await page.goto(counter.link(await counter.payment(10_000)))
    await lay_down(page, await counter.card(50_000))
    assert "Too many tries" in await refusal(page)


async def test_mistyped_numbers_are_no_guesses(counter: Counter, page: Page) -> None:
    payment, card = await counter.payment(10_000), await counter.card(50_000)
    await page.goto(counter.link(payment))
    for _ in range(LIMITS["payment"] + 1):
        await page.get_by_label("Card number").fill(card.number[:-1])
        await page.get_by_label("CVC").fill(card.cvc)
        await page.get_by_role("button", name="Check balance and add").click()
    await lay_down(page, card)
    await expect(page.get_by_text("Balance 500.00 NOK")).to_be_visible()
