"""Paying on the hosted page, as a payer does it: with scripts and without, on a phone."""

import pytest
from playwright.async_api import Page, expect

from tests.pages.counter import Counter
from tillway.commands.cards import IssuedCard
from tillway.commands.outcomes import resolve_call
from tillway.domain.giftcards import CardState
from tillway.domain.orders import Access
from tillway.domain.payments import PaymentState

pytestmark = pytest.mark.anyio


async def lay_down(page: Page, card: IssuedCard, cvc: str | None = None) -> None:
    """Type a card's number and CVC and send them."""
    await type_card(page, card.number, card.cvc if cvc is None else cvc)


async def type_card(page: Page, number: str, cvc: str) -> None:
    """Type a card and send it."""
    await page.get_by_label("Card number").fill(number)
    await page.get_by_label("CVC").fill(cvc)
    await page.get_by_role("button", name="Check balance and add").click()


async def test_a_card_pays_the_whole_amount(counter: Counter, phone: Page) -> None:
    payment, card = await counter.payment(64_900), await counter.card(70_000)
    await phone.goto(counter.link(payment))
    await lay_down(phone, card)
    await expect(phone.get_by_text("**************")).to_contain_text(card.number[-5:])
    await phone.get_by_role("button", name="Pay 649.00 NOK").click()
    await expect(phone.get_by_role("heading", name="Paid")).to_be_visible()
    await expect(phone.get_by_text("51.00 NOK")).to_be_visible()
    back = phone.get_by_role("link", name="Back to Corner shop")
    await expect(back).to_have_attribute("href", f"https://shop.example/done?order=7&paymentId={payment.payment.id}")
    assert (await counter.now(payment)).payment.state is PaymentState.BOOKED
    assert await counter.left_on(card) == 5_100


async def test_several_cards_pay_in_the_order_they_were_laid_down(counter: Counter, phone: Page) -> None:
    payment = await counter.payment(64_900)
    first, second = await counter.card(30_000), await counter.card(50_000)
    await phone.goto(counter.link(payment))
    await lay_down(phone, first)
    await lay_down(phone, second)
    await phone.get_by_role("button", name="Pay 649.00 NOK").click()
    await expect(phone.get_by_role("heading", name="Paid")).to_be_visible()
    assert [await counter.left_on(first), await counter.left_on(second)] == [0, 15_100]


async def test_a_card_taken_back_is_not_used(counter: Counter, phone: Page) -> None:
    payment = await counter.payment(20_000)
    first, second = await counter.card(30_000), await counter.card(50_000)
    await phone.goto(counter.link(payment))
    await lay_down(phone, first)
    await phone.get_by_role("button", name=f"Remove Card ending in {first.number[-5:]}").click()
    await lay_down(phone, second)
    await phone.get_by_role("button", name="Pay 200.00 NOK").click()
    await expect(phone.get_by_role("heading", name="Paid")).to_be_visible()
    assert [await counter.left_on(first), await counter.left_on(second)] == [30_000, 30_000]


async def test_a_part_is_paid_only_by_a_payer_who_says_so(counter: Counter, phone: Page) -> None:
    payment, card = await counter.payment(64_900), await counter.card(30_000)
    await phone.goto(counter.link(payment))
    await lay_down(phone, card)
    await expect(phone.get_by_text("the remaining 349.00 NOK")).to_be_visible()
    pay = phone.get_by_role("button", name="Pay 300.00 NOK")
    await pay.click()
    assert (await counter.now(payment)).payment.state is PaymentState.SEEN
    await phone.get_by_label("Yes, pay only this part now").check()
    await pay.click()
    await expect(phone.get_by_role("heading", name="This part is paid")).to_be_visible()
    after = (await counter.now(payment)).payment
    assert (after.state, after.paid) == (PaymentState.BOOKED, 30_000)


async def test_a_server_takes_no_part_without_consent_even_if_a_browser_sends_it(counter: Counter, phone: Page) -> None:
    payment, card = await counter.payment(64_900), await counter.card(30_000)
    await phone.goto(counter.link(payment))
    await lay_down(phone, card)
    await phone.locator("form[action$='/perform']").evaluate("form => form.noValidate = true")
    await phone.get_by_role("button", name="Pay 300.00 NOK").click()
    await expect(phone.get_by_role("alert")).to_contain_text("Nothing is paid yet")
    assert await counter.left_on(card) == 30_000


async def test_a_cancelled_payment_leads_back_and_takes_nothing(counter: Counter, phone: Page) -> None:
    payment, card = await counter.payment(64_900), await counter.card(70_000)
    await phone.goto(counter.link(payment))
    await lay_down(phone, card)
    await phone.get_by_role("link", name="Cancel payment").click()
    await phone.get_by_role("button", name="Yes, cancel").click()
    await expect(phone.get_by_role("heading", name="The payment is cancelled")).to_be_visible()
    await expect(phone.get_by_role("link", name="Back to Corner shop")).to_have_attribute(
        "href", f"https://shop.example/done?order=7&paymentId={payment.payment.id}"
    )
    assert (await counter.now(payment)).payment.state is PaymentState.WITHDRAWN
    assert await counter.left_on(card) == 70_000


async def test_a_silent_issuer_is_waited_for_and_nothing_can_be_paid_twice(counter: Counter, phone: Page) -> None:
    payment = await counter.payment(10_000)
    card = await counter.card(50_000, connector="simulator", marker="53")
    await phone.goto(counter.link(payment))
    await lay_down(phone, card)
    await phone.get_by_role("button", name="Pay 100.00 NOK").click()
    await expect(phone.get_by_role("heading", name="We are checking with the card's issuer")).to_be_visible()
    await phone.get_by_role("link", name="Check again").click()
    await expect(phone.get_by_role("heading", name="We are checking with the card's issuer")).to_be_visible()
    assert (await counter.now(payment)).payment.state is PaymentState.PROCESSING


async def test_a_failing_issuer_leaves_the_card_on_the_tray(counter: Counter, phone: Page) -> None:
    payment = await counter.payment(10_000)
    card = await counter.card(50_000, connector="simulator", marker="54")
    await phone.goto(counter.link(payment))
    await lay_down(phone, card)
    await phone.get_by_role("button", name="Pay 100.00 NOK").click()
    await expect(phone.get_by_role("alert")).to_contain_text("the card's issuer refused")
    assert await counter.left_on(card) == 50_000


async def test_a_balance_that_fell_meanwhile_is_shown_before_anything_is_taken(counter: Counter, phone: Page) -> None:
    first, second = await counter.payment(40_000), await counter.payment(40_000)
    card = await counter.card(50_000)
    await phone.goto(counter.link(first))
    await lay_down(phone, card)
    elsewhere = await phone.context.new_page()
    await elsewhere.goto(counter.link(second))
    await lay_down(elsewhere, card)
    await elsewhere.get_by_role("button", name="Pay 400.00 NOK").click()
    await expect(elsewhere.get_by_role("heading", name="Paid")).to_be_visible()
    await phone.get_by_role("button", name="Pay 400.00 NOK").click()
    await expect(phone.get_by_role("alert")).to_contain_text("something changed meanwhile")
    await expect(phone.get_by_role("button", name="Pay 100.00 NOK")).to_be_visible()
    assert await counter.left_on(card) == 10_000


async def test_reloading_and_going_back_after_paying_charge_nothing_more(counter: Counter, phone: Page) -> None:
    payment, card = await counter.payment(10_000), await counter.card(50_000)
    await phone.goto(counter.link(payment))
    await lay_down(phone, card)
    await phone.get_by_role("button", name="Pay 100.00 NOK").click()
    await expect(phone.get_by_role("heading", name="Paid")).to_be_visible()
    await phone.reload()
    await phone.go_back()
    await expect(phone.get_by_role("heading", name="Paid")).to_be_visible()
    assert await counter.left_on(card) == 40_000


async def test_a_payment_of_a_till_can_be_finished_on_the_page(counter: Counter, phone: Page) -> None:
    payment = await counter.payment(64_900, access=Access.API, return_url="")
    first, second = await counter.card(20_000), await counter.card(50_000)
    await counter.performed(payment, first)
    await phone.goto(counter.link(payment))
    await expect(phone.get_by_text(f"Paid with …{first.number[-5:]}")).to_be_visible()
    await lay_down(phone, second)
    await phone.get_by_role("button", name="Pay 449.00 NOK").click()
    await expect(phone.get_by_role("heading", name="Paid")).to_be_visible()
    await expect(phone.get_by_text("You can close this page.")).to_be_visible()
    assert [await counter.left_on(first), await counter.left_on(second)] == [0, 5_100]


async def test_cancelling_after_a_part_gives_every_card_its_money_back(counter: Counter, phone: Page) -> None:
    payment = await counter.payment(64_900, access=Access.API)
    card = await counter.card(20_000)
    await counter.performed(payment, card)
    await phone.goto(counter.link(payment))
    await phone.get_by_role("link", name="Cancel payment").click()
    await expect(phone.get_by_text("The 200.00 NOK already paid goes back to the cards")).to_be_visible()
    await phone.get_by_role("button", name="Yes, cancel").click()
    await expect(phone.get_by_text("200.00 NOK went back to the cards.")).to_be_visible()
    assert await counter.left_on(card) == 20_000


async def test_a_blocked_card_is_refused_with_a_word_of_help(counter: Counter, phone: Page) -> None:
    payment = await counter.payment(10_000)
    card = await counter.card(50_000, state=CardState.BLOCKED)
    await phone.goto(counter.link(payment))
    await lay_down(phone, card)
    await expect(phone.get_by_text("This card cannot be used. Ask the staff for help.")).to_be_visible()


async def test_the_language_chosen_stays_while_paying(counter: Counter, phone: Page) -> None:
    payment, card = await counter.payment(10_000), await counter.card(50_000)
    await phone.goto(counter.link(payment))
    await phone.locator(".languages summary").click()
    await phone.get_by_role("link", name="Norsk bokmål").click()
    await phone.get_by_label("Kortnummer").fill(card.number)
    await phone.get_by_label("CVC").fill(card.cvc)
    await phone.get_by_role("button", name="Sjekk saldo og legg til").click()
    await phone.get_by_role("button", name="Betal 100,00 kr").click()
    await expect(phone.get_by_role("heading", name="Betalt")).to_be_visible()
    assert await phone.locator("html").get_attribute("lang") == "nb"


async def test_no_card_number_is_in_an_address_a_title_or_the_page_once_it_is_laid_down(
    counter: Counter, phone: Page
) -> None:
    payment, card = await counter.payment(10_000), await counter.card(50_000)
    requested: list[str] = []
    phone.on("request", lambda request: requested.append(request.url))
    await phone.goto(counter.link(payment))
    await lay_down(phone, card)
    seen = f"{await phone.content()} {await phone.title()} {requested} {await phone.context.cookies()}"
    assert card.number not in seen
    assert card.number not in counter.log.getvalue().decode()


async def test_a_page_that_waits_moves_on_by_itself_when_the_issuer_has_answered(counter: Counter, page: Page) -> None:
    payment = await counter.payment(10_000)
    card = await counter.card(50_000, connector="simulator", marker="55")
    await page.goto(counter.link(payment))
    await lay_down(page, card)
    await page.get_by_role("button", name="Pay 100.00 NOK").click()
    await expect(page.get_by_role("heading", name="We are checking with the card's issuer")).to_be_visible()
    await resolve_call(counter.tools, payment.payment.id, may_begin=False)
    await expect(page.get_by_role("heading", name="Paid")).to_be_visible(timeout=20_000)
    assert await counter.left_on(card) == 40_000
