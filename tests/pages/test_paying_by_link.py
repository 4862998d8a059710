"""Paying a web payment by its link, as a payer does it: with scripts and without, on a phone."""

import pytest
from playwright.async_api import Page, expect

from tests import gateway
from tests.pages.test_paying import type_card
from tests.pages.webshop import WebShop
from tillway.commands.cards import IssuedCard
from tillway.domain.outcomes import Declined, Pending
from tillway.domain.payments import AttemptState, PaymentState
from tillway.surfaces.common.barcodes import qr_svg

pytestmark = pytest.mark.anyio


async def lay_down(page: Page, card: IssuedCard) -> None:
    """Open the gift cards' row if it is closed, and lay a card down."""
    if not await page.get_by_label("Card number").is_visible():
        await page.locator("summary.method-face").click()
    await type_card(page, card.number, card.cvc)


async def choose(page: Page, method: str) -> None:
    """Press a method's row."""
    await page.locator(".methods").get_by_role("button", name=method).click()


async def test_a_payer_chooses_a_method_confirms_at_the_bank_and_has_a_receipt(shop: WebShop, phone: Page) -> None:
    payment = await shop.payment()
    await phone.goto(shop.link(payment))
    await choose(phone, "iDEAL")
    await expect(phone.get_by_role("heading", name="Bank")).to_be_visible()
    await phone.get_by_role("button", name="Confirm").click()
    await expect(phone.get_by_role("heading", name="Paid", exact=True)).to_be_visible()
    await expect(phone.get_by_text("Visa …4242")).to_be_visible()
    back = phone.get_by_role("link", name="Back to Corner shop")
    reference = payment.payment.id
    await expect(back).to_have_attribute("href", f"{shop.origin}/done?order=7&paymentReference={reference}")
    assert phone.url == shop.link(payment)
    after = await shop.now(payment)
    assert (after.payment.state, after.attempts[0].method) == (PaymentState.BOOKED, "ideal")
    assert shop.far.journeys[shop.operation(payment)].country == "NL"


async def test_methods_are_those_of_the_country_and_the_shop(shop: WebShop, page: Page) -> None:
    await page.goto(shop.link(await shop.payment()))
    await expect(page.locator(".method-text strong")).to_have_text(["Card", "iDEAL", "Pay by bank", "Gift card"])
    await page.goto(shop.link(await shop.payment(country="BE")))
    await expect(page.locator(".method-text strong")).to_have_text(["Card", "Bancontact", "Pay by bank", "Gift card"])
    await page.goto(shop.link(await shop.payment(country="US")))
    await expect(page.locator(".method-text strong")).to_have_text(["Card", "Gift card"])


async def test_a_decline_is_said_in_words_and_another_try_is_open(shop: WebShop, phone: Page) -> None:
    payment = await shop.payment()
    await phone.goto(shop.link(payment))
    await choose(phone, "Card")
    await phone.get_by_role("button", name="Refuse").click()
    said = phone.get_by_role("alert")
    await expect(said).to_contain_text("Card: not paid")
    await expect(said).to_contain_text("There is not enough money on the card or account. Nothing was taken.")
    await choose(phone, "Pay by bank")
    await phone.get_by_role("button", name="Confirm").click()
    await expect(phone.get_by_role("heading", name="Paid", exact=True)).to_be_visible()


async def test_a_decline_without_a_page_of_the_bank_is_said_at_once(shop: WebShop, phone: Page) -> None:
    shop.far.begins = Declined("a_word_nobody_knows")
    await phone.goto(shop.link(await shop.payment()))
    await choose(phone, "Card")
    await expect(phone.get_by_role("alert")).to_contain_text("The payment was not approved.")


async def test_after_the_last_decline_the_payment_has_failed(shop: WebShop, phone: Page) -> None:
    shop.far.begins = Declined("lost_card")
    await phone.goto(shop.link(await shop.payment(most_declines=1)))
    await choose(phone, "Card")
    await expect(phone.get_by_role("heading", name="The payment has failed")).to_be_visible()
    await expect(phone.get_by_text("This card or account cannot be used here.")).to_be_visible()
    assert "lost" not in await phone.inner_text("body")


async def test_a_gift_card_pays_all_of_it(shop: WebShop, phone: Page) -> None:
    payment, card = await shop.payment(), await shop.card(10_000)
    await phone.goto(shop.link(payment))
    await lay_down(phone, card)
    await phone.get_by_role("button", name="Pay 64.90 €").click()
    await expect(phone.get_by_role("heading", name="Paid", exact=True)).to_be_visible()
    assert await shop.left_on(card) == (3_510, 0)


async def test_a_gift_card_pays_a_part_and_another_method_the_rest(shop: WebShop, phone: Page) -> None:
    payment, card = await shop.payment(), await shop.card(4_000)
    await phone.goto(shop.link(payment))
    await lay_down(phone, card)
    await expect(phone.get_by_role("heading", name="Pay the rest, 24.90 €, with")).to_be_visible()
    await choose(phone, "iDEAL")
    assert await shop.left_on(card) == (0, 4_000)
    await phone.get_by_role("button", name="Confirm").click()
    await expect(phone.get_by_text(f"Gift card …{card.number[-5:]}")).to_be_visible()
    await expect(phone.get_by_text("24.90 €")).to_be_visible()
    assert await shop.left_on(card) == (0, 0)
    assert [attempt.amount for attempt in (await shop.now(payment)).taken()] == [4_000, 2_490]


async def test_when_the_rest_is_declined_the_gift_card_keeps_its_money_and_stays_on_the_tray(
    shop: WebShop, phone: Page
) -> None:
    payment, card = await shop.payment(), await shop.card(4_000)
    await phone.goto(shop.link(payment))
    await lay_down(phone, card)
    await choose(phone, "iDEAL")
    await phone.get_by_role("button", name="Refuse").click()
    await expect(phone.get_by_role("alert")).to_contain_text("Your gift cards keep their money.")
    assert await shop.left_on(card) == (4_000, 0)
    await choose(phone, "Card")
    await phone.get_by_role("button", name="Confirm").click()
    await expect(phone.get_by_role("heading", name="Paid", exact=True)).to_be_visible()


async def test_who_left_the_bank_may_go_on_there(shop: WebShop, phone: Page) -> None:
    payment = await shop.payment()
    await phone.goto(shop.link(payment))
    await choose(phone, "iDEAL")
    await phone.get_by_role("button", name="Leave").click()
    await expect(phone.get_by_role("heading", name="Finish your payment")).to_be_visible()
    await phone.get_by_role("link", name="Go on to confirm it").click()
    await phone.get_by_role("button", name="Confirm").click()
    await expect(phone.get_by_role("heading", name="Paid", exact=True)).to_be_visible()
    assert shop.far.began == {shop.operation(payment): 1}


async def test_who_left_the_bank_may_pay_in_another_way(shop: WebShop, phone: Page) -> None:
    payment = await shop.payment()
    await phone.goto(shop.link(payment))
    await choose(phone, "iDEAL")
    await phone.get_by_role("button", name="Leave").click()
    await phone.get_by_role("button", name="Pay in another way").click()
    await expect(phone.get_by_role("alert")).to_contain_text("You turned back before the payment was finished.")
    await choose(phone, "Card")
    await phone.get_by_role("button", name="Confirm").click()
    await expect(phone.get_by_role("heading", name="Paid", exact=True)).to_be_visible()
    states = [attempt.state for attempt in (await shop.now(payment)).attempts]
    assert states == [AttemptState.DECLINED, AttemptState.PAID]


async def test_what_the_bank_does_not_let_go_of_is_waited_for(shop: WebShop, phone: Page) -> None:
    shop.far.lets_go = False
    payment = await shop.payment()
    await phone.goto(shop.link(payment))
    await choose(phone, "iDEAL")
    await phone.get_by_role("button", name="Leave").click()
    await phone.get_by_role("button", name="Pay in another way").click()
    await expect(phone.get_by_role("alert")).to_contain_text("could not be stopped yet")
    assert (await shop.now(payment)).payment.state is PaymentState.PROCESSING


async def test_what_was_paid_before_the_payer_turned_back_is_paid(shop: WebShop, phone: Page) -> None:
    payment = await shop.payment()
    await phone.goto(shop.link(payment))
    await choose(phone, "iDEAL")
    await phone.get_by_role("button", name="Leave").click()
    shop.far.pays(shop.operation(payment))
    await phone.get_by_role("button", name="Pay in another way").click()
    await expect(phone.get_by_role("heading", name="Paid", exact=True)).to_be_visible()


async def test_a_payment_whose_outcome_nobody_knows_is_waited_for(shop: WebShop, phone: Page) -> None:
    shop.far.begins = Pending()
    payment = await shop.payment()
    await phone.goto(shop.link(payment))
    await choose(phone, "Pay by bank")
    await expect(phone.get_by_role("heading", name="Waiting for the payment")).to_be_visible()
    await phone.get_by_role("link", name="Check again").click()
    await expect(phone.get_by_role("heading", name="Waiting for the payment")).to_be_visible()
    assert (await shop.now(payment)).payment.state is PaymentState.PROCESSING


async def test_until_when_to_pay_is_shown_by_the_shops_clock(shop: WebShop, phone: Page) -> None:
    await phone.goto(shop.link(await shop.payment()))
    await expect(phone.get_by_text("1 January 2026, 02:00")).to_be_visible()


async def test_a_payment_that_is_overdue_takes_nothing(shop: WebShop, phone: Page) -> None:
    payment = await shop.payment(lasts_seconds=60)
    await phone.goto(shop.link(payment))
    gateway.clock_of(shop.tools).advance(61)
    await choose(phone, "Card")
    await expect(phone.get_by_role("heading", name="The time to pay is over")).to_be_visible()
    assert shop.far.began == {}


async def test_who_opens_the_link_again_is_told_that_it_is_paid(shop: WebShop, phone: Page) -> None:
    payment, card = await shop.payment(), await shop.card(10_000)
    await phone.goto(shop.link(payment))
    await lay_down(phone, card)
    await phone.get_by_role("button", name="Pay 64.90 €").click()
    await expect(phone.get_by_role("heading", name="Paid", exact=True)).to_be_visible()
    gateway.clock_of(shop.tools).advance(3600)
    await phone.goto(shop.link(payment))
    await expect(phone.get_by_role("heading", name="Already paid")).to_be_visible()
    await expect(phone.get_by_text("There is nothing more to pay.")).to_be_visible()


async def test_what_was_refunded_stands_on_the_receipt(shop: WebShop, phone: Page) -> None:
    payment, card = await shop.payment(), await shop.card(10_000)
    await phone.goto(shop.link(payment))
    await lay_down(phone, card)
    await phone.get_by_role("button", name="Pay 64.90 €").click()
    await expect(phone.get_by_role("heading", name="Paid", exact=True)).to_be_visible()
    await gateway.refund(shop.tools, shop.client, payment.payment.id, 1_000)
    await phone.reload()
    await expect(phone.get_by_text("Given back since")).to_be_visible()
    await expect(phone.get_by_text("10.00 €")).to_be_visible()


async def test_a_code_carries_the_page_to_a_phone(shop: WebShop, page: Page) -> None:
    payment = await shop.payment()
    await page.set_viewport_size({"width": 1280, "height": 900})
    await page.goto(shop.link(payment))
    await page.get_by_text("Continue on your phone").click()
    code = page.get_by_role("img", name="QR code with the address of this page")
    await expect(code).to_be_visible()
    drawn = qr_svg(shop.link(payment), "").partition(' d="')[2].partition('"')[0]
    assert await code.locator("path").get_attribute("d") == drawn


async def test_no_number_of_the_order_is_shown(shop: WebShop, page: Page) -> None:
    await page.goto(shop.link(await shop.payment()))
    assert "4711042" not in await page.content()
