"""Paying an order by an ordinary transfer: its details, its codes, and how long the payment waits."""

import pytest
from playwright.async_api import Browser, Page, expect

from tests.pages.bank_samples import CZECH
from tests.pages.bank_stage import BankShop
from tillway.domain.payments import PaymentState

pytestmark = pytest.mark.anyio


async def test_the_details_are_there_to_be_copied_and_the_payment_waits_longer(
    bank_shop: BankShop, phone: Page
) -> None:
    payment = await bank_shop.order()
    await phone.goto(bank_shop.link(payment))
    await phone.get_by_role("button", name="Pay by transfer").click()
    await expect(phone.get_by_role("heading", name="Transfer to Horský obchod, s. r. o.")).to_be_visible()
    for detail in ("SK31 1200 0000 1987 4263 7541", "0020240418", "Topánky"):
        await expect(phone.get_by_text(detail, exact=True)).to_be_visible()
    await expect(phone.get_by_role("img", name="QR code with this transfer")).to_have_count(2)
    await expect(phone.get_by_text("The money has to arrive by 6 January 2026, 01:00.")).to_be_visible()
    after = (await bank_shop.now(payment)).payment
    assert (after.state, after.expires_at) == (
        PaymentState.SEEN,
        bank_shop.tools.now() + bank_shop.tools.lasts.processing,
    )
    assert await phone.get_by_role("link", name="Back to Horský obchod").get_attribute("href") == bank_shop.done(
        payment
    )


async def test_looking_at_the_details_again_does_not_put_the_end_off(bank_shop: BankShop, page: Page) -> None:
    payment = await bank_shop.order()
    await page.goto(f"{bank_shop.link(payment)}/transfer")
    await expect(page.get_by_text("The money has to arrive by 1 January 2026, 02:00.")).to_be_visible()
    assert (await bank_shop.now(payment)).payment.expires_at == payment.expires_at


async def test_a_press_copies_a_detail_without_its_spaces(bank_shop: BankShop, browser: Browser) -> None:
    context = await browser.new_context(permissions=["clipboard-read", "clipboard-write"], locale="en-GB")
    page = await context.new_page()
    await page.goto(f"{bank_shop.link(await bank_shop.order())}/transfer")
    for name, copied in (("Copy IBAN", "SK3112000000198742637541"), ("Copy Amount", "129.9")):
        await page.get_by_role("button", name=name).click()
        await expect(page.get_by_role("status")).to_have_text("Copied")
        assert await page.evaluate("navigator.clipboard.readText()") == copied
    await context.close()


async def test_a_press_on_a_detail_marks_the_whole_of_it(bank_shop: BankShop, page: Page) -> None:
    await page.goto(f"{bank_shop.link(await bank_shop.order())}/transfer")
    await page.get_by_text("SK31 1200 0000 1987 4263 7541").click()
    assert await page.evaluate("getSelection().toString().trim()") == "SK31 1200 0000 1987 4263 7541"


async def test_an_order_that_only_waits_for_a_transfer_shows_its_details_at_once(
    bank_shop: BankShop, phone: Page
) -> None:
    payment = await bank_shop.order(is_external=1)
    await phone.goto(bank_shop.link(payment))
    await expect(phone.get_by_role("heading", name="Transfer to Horský obchod, s. r. o.")).to_be_visible()
    await expect(phone.get_by_role("link", name="Choose a bank instead")).to_have_count(0)
    await expect(phone.get_by_role("link", name="Cancel payment")).to_have_count(0)


async def test_who_has_seen_the_details_may_still_choose_a_bank(bank_shop: BankShop, phone: Page) -> None:
    payment = await bank_shop.order(creditor_iban=CZECH, currency="CZK")
    await phone.goto(bank_shop.link(payment))
    await phone.get_by_role("button", name="Pay by transfer").click()
    await expect(phone.get_by_text("QR Platba")).to_be_visible()
    await phone.get_by_role("link", name="Choose a bank instead").click()
    await expect(phone.get_by_role("heading", name="Choose your bank")).to_be_visible()


async def test_who_does_not_find_the_bank_may_transfer_instead(bank_shop: BankShop, phone: Page) -> None:
    payment = await bank_shop.order()
    await phone.goto(bank_shop.link(payment))
    await phone.get_by_role("link", name="My bank is not here").click()
    await phone.get_by_role("button", name="Pay by transfer").click()
    await expect(phone.get_by_role("heading", name="Transfer to Horský obchod, s. r. o.")).to_be_visible()
    assert (await bank_shop.now(payment)).payment.state is PaymentState.SEEN
