"""Typing and scanning on the hosted page: by keyboard alone, with a scanner, with mistakes."""

import re

import pytest
from playwright.async_api import Browser, Page, expect

from tests.pages.counter import Counter
from tests.pages.test_paying import lay_down
from tillway.surfaces.checkout.views import MOST_CARDS

pytestmark = pytest.mark.anyio


async def test_a_keyboard_is_enough(counter: Counter, page: Page) -> None:
    payment, card = await counter.payment(10_000), await counter.card(50_000)
    await page.goto(counter.link(payment))
    await expect(page.get_by_label("Card number")).to_be_focused()
    await page.keyboard.type(card.number)
    await page.keyboard.press("Tab")
    await page.keyboard.type(card.cvc)
    await page.keyboard.press("Enter")
    pay = page.get_by_role("button", name="Pay 100.00")
    await expect(pay).to_be_visible()
    for _ in range(20):
        if await pay.evaluate("button => button === document.activeElement"):
            break
        await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Paid")).to_be_visible()


async def test_the_first_tab_offers_to_skip_to_the_content(counter: Counter, page: Page) -> None:
    payment, card = await counter.payment(10_000), await counter.card(50_000)
    await page.goto(counter.link(payment))
    await lay_down(page, card)
    await expect(page.get_by_role("button", name="Pay 100.00")).to_be_visible()
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator("main")).to_be_focused()


async def test_a_scanner_types_and_presses_enter_and_the_code_is_next(counter: Counter, page: Page) -> None:
    payment, card = await counter.payment(10_000), await counter.card(50_000)
    await page.goto(counter.link(payment))
    await page.keyboard.type(card.number)
    await page.keyboard.press("Enter")
    await expect(page.get_by_label("CVC")).to_be_focused()
    await page.keyboard.type(card.cvc)
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Balance 500.00 NOK")).to_be_visible()


async def test_a_scan_without_scripts_keeps_the_number_and_asks_for_the_code(
    counter: Counter, browser: Browser
) -> None:
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    payment, card = await counter.payment(10_000), await counter.card(50_000)
    await page.goto(counter.link(payment))
    await page.get_by_label("Card number").press_sequentially(card.number)
    await page.get_by_label("Card number").press("Enter")
    code = page.get_by_label("CVC")
    await expect(code).to_be_focused()
    await expect(code).to_have_attribute("aria-invalid", "true")
    await expect(page.get_by_label("Card number")).to_have_value(card.number)
    await context.close()


async def test_digits_are_grouped_as_they_are_typed_and_stay_correctable(counter: Counter, page: Page) -> None:
    await page.goto(counter.link(await counter.payment(10_000)))
    number = page.get_by_label("Card number")
    await number.press_sequentially("1234567890123456789")
    await expect(number).to_have_value("1234 5678 9012 3456 789")
    await number.press("Home")
    for _ in range(4):
        await number.press("ArrowRight")
    await number.press("Backspace")
    await expect(number).to_have_value("1235 6789 0123 4567 89")
    await number.press("4")
    await expect(number).to_have_value("1234 5678 9012 3456 789")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Enter or scan the card number."),
        ("1234", "The card number has 19 digits."),
        ("1234567890123456789", "A digit of the card number is wrong."),
        ("12345678901234567ab", "A digit of the card number is wrong."),
    ],
)
async def test_a_mistyped_number_is_pointed_out_at_its_field(
    counter: Counter, phone: Page, typed: str, said: str
) -> None:
    await phone.goto(counter.link(await counter.payment(10_000)))
    await phone.get_by_label("Card number").fill(typed)
    await phone.get_by_label("CVC").fill("123")
    await phone.get_by_role("button", name="Check balance and add").click()
    number = phone.get_by_label("Card number")
    await expect(number).to_have_accessible_description(re.compile(rf"^Error: {re.escape(said)}"))
    await expect(number).to_have_attribute("aria-invalid", "true")
    assert (await phone.title()).startswith("Error:")


async def test_spaces_and_hyphens_in_a_number_do_no_harm(counter: Counter, phone: Page) -> None:
    payment, card = await counter.payment(10_000), await counter.card(50_000)
    await phone.goto(counter.link(payment))
    spaced = f"{card.number[:6]} {card.number[6:12]}-{card.number[12:]} "
    await phone.get_by_label("Card number").fill(spaced)
    await phone.get_by_label("CVC").fill(card.cvc)
    await phone.get_by_role("button", name="Check balance and add").click()
    await expect(phone.get_by_text("Balance 500.00 NOK")).to_be_visible()


async def test_the_same_card_is_not_laid_down_twice(counter: Counter, phone: Page) -> None:
    payment, card = await counter.payment(60_000), await counter.card(50_000)
    await phone.goto(counter.link(payment))
    await lay_down(phone, card)
    await lay_down(phone, card)
    await expect(phone.get_by_text("This card is already added.")).to_be_visible()


async def test_a_full_tray_asks_for_no_more(counter: Counter, page: Page) -> None:
    payment = await counter.payment(60_000)
    await page.goto(counter.link(payment))
    for _ in range(MOST_CARDS):
        await lay_down(page, await counter.card(100))
    await expect(page.get_by_role("button", name="Pay 10.00")).to_be_visible()
    await expect(page.get_by_label("Card number")).to_have_count(0)


async def test_what_was_wrong_is_said_once(counter: Counter, phone: Page) -> None:
    await phone.goto(counter.link(await counter.payment(10_000)))
    await phone.get_by_role("button", name="Check balance and add").click()
    await expect(phone.get_by_text("Enter or scan the card number.")).to_be_visible()
    await phone.reload()
    await expect(phone.get_by_text("Enter or scan the card number.")).to_have_count(0)
