"""Paying an order by bank on its page: choose, authorise, come back, whatever came of it."""

import pytest
from playwright.async_api import Browser, Page, expect

from tests.pages.accessibility import violations
from tests.pages.bank_samples import CZECH
from tests.pages.bank_stage import CODE, BankShop
from tests.pages.far_side import PAID
from tillway.domain.outcomes import Confirmed, Pending
from tillway.domain.payments import Payment, PaymentState
from tillway.domain.reasons import Reason

pytestmark = pytest.mark.anyio


async def test_a_payer_chooses_a_bank_confirms_there_and_is_back_at_the_shop(bank_shop: BankShop, phone: Page) -> None:
    payment = await bank_shop.order()
    await phone.goto(bank_shop.link(payment))
    assert (await bank_shop.now(payment)).payment.state is PaymentState.SEEN
    await expect(phone.get_by_role("heading", name="Pay Horský obchod, s. r. o.")).to_be_visible()
    await expect(phone.get_by_text("129.90 €").first).to_be_visible()
    await expect(phone.get_by_text("0020240418")).to_be_visible()
    await choose_slovak(phone, "Tatra banka")
    await phone.get_by_role("button", name="Confirm").click()
    await phone.wait_for_url(bank_shop.done(payment))
    stands = await bank_shop.now(payment)
    assert stands.payment.state is PaymentState.BOOKED
    assert (await bank_shop.told(payment)).bank_id == "tatra"


@pytest.mark.parametrize(("answer", "state"), [("Refuse", PaymentState.FAILED), ("Confirm", PaymentState.BOOKED)])
async def test_the_shop_is_reached_by_the_same_address_however_it_went(
    bank_shop: BankShop, page: Page, answer: str, state: PaymentState
) -> None:
    payment = await bank_shop.order()
    await page.goto(bank_shop.link(payment))
    await choose_slovak(page, "Tatra banka")
    await page.get_by_role("button", name=answer).click()
    await page.wait_for_url(bank_shop.done(payment))
    assert (await bank_shop.now(payment)).payment.state is state


async def test_who_leaves_the_bank_unfinished_may_go_on_there_or_to_the_shop(bank_shop: BankShop, phone: Page) -> None:
    payment = await bank_shop.order()
    await phone.goto(bank_shop.link(payment))
    await choose_slovak(phone, "Tatra banka")
    await phone.get_by_role("button", name="Leave").click()
    await expect(phone.get_by_role("heading", name="Waiting for your bank")).to_be_visible()
    shop = phone.get_by_role("link", name="Do not wait, go on to Horský obchod")
    assert await shop.get_attribute("href") == bank_shop.done(payment)
    await phone.get_by_role("link", name="Go on at your bank").click()
    await phone.get_by_role("button", name="Confirm").click()
    await phone.wait_for_url(bank_shop.done(payment))


async def test_who_waits_for_the_outcome_goes_on_by_themselves_once_it_is_known(
    bank_shop: BankShop, phone: Page
) -> None:
    payment = await bank_shop.order()
    await phone.goto(bank_shop.link(payment))
    await choose_slovak(phone, "Tatra banka")
    await phone.get_by_role("button", name="Leave").click()
    await expect(phone.get_by_role("heading", name="Waiting for your bank")).to_be_visible()
    looked_up = (await bank_shop.now(payment)).attempts[0].look_ups
    bank_shop.bank.pays(bank_shop.operation(payment))
    await bank_shop.resolved(payment)
    await phone.wait_for_url(bank_shop.done(payment), timeout=15_000)
    assert looked_up == 1


async def test_a_bank_that_says_nothing_is_waited_for_on_the_page(bank_shop: BankShop, phone: Page) -> None:
    bank_shop.bank.begins = Pending()
    payment = await bank_shop.order()
    await phone.goto(bank_shop.link(payment))
    await choose_slovak(phone, "Tatra banka")
    await expect(phone.get_by_role("heading", name="Waiting for your bank")).to_be_visible()
    bank_shop.pays(payment)
    await bank_shop.resolved(payment)
    await expect(phone.get_by_role("heading", name="Paid", exact=True)).to_be_visible(timeout=15_000)


async def test_a_promise_of_the_bank_is_enough_to_go_on_to_the_shop(bank_shop: BankShop, page: Page) -> None:
    payment = await bank_shop.order()
    await page.goto(bank_shop.link(payment))
    await choose_slovak(page, "Tatra banka")
    bank_shop.bank.outcomes[bank_shop.operation(payment)] = Confirmed("far-1")
    await page.get_by_role("button", name="Leave").click()
    await page.wait_for_url(bank_shop.done(payment))
    await page.goto(bank_shop.link(payment))
    await expect(page.get_by_role("heading", name="Payment accepted by your bank")).to_be_visible()


async def test_a_bank_that_wants_the_account_first_is_given_one_that_is_right(bank_shop: BankShop, phone: Page) -> None:
    payment = await bank_shop.order(country="CZ")
    await phone.goto(bank_shop.link(payment))
    await phone.get_by_role("button", name="Fio banka").click()
    account = phone.get_by_label("IBAN of the account that pays")
    await expect(phone.get_by_role("heading", name="Your account at Fio banka")).to_be_visible()
    for entered, said in (("", "Enter the IBAN"), ("CZ65 0800 0000 1920 0014 5398", "A digit of the IBAN is wrong")):
        await account.fill(entered)
        await phone.get_by_role("button", name="Go on to the bank").click()
        await expect(phone.get_by_text(said)).to_be_visible()
        await expect(account).to_have_attribute("aria-invalid", "true")
        await expect(account).to_have_value(entered)
        assert (await phone.title()).startswith("Error:")
    assert (await bank_shop.now(payment)).payment.state is PaymentState.SEEN
    await account.fill("cz65 0800-0000-1920-0014-5399")
    await phone.get_by_role("button", name="Go on to the bank").click()
    await expect(phone.get_by_role("heading", name="Bank")).to_be_visible()
    assert (await bank_shop.told(payment)).debtor_iban == CZECH


async def test_a_bank_without_a_page_asks_on_ours_and_then_in_its_app(bank_shop: BankShop, phone: Page) -> None:
    payment = await bank_shop.order()
    await phone.goto(bank_shop.link(payment))
    await choose_slovak(phone, "Led bank")
    for entered in ("111111", CODE):
        await expect(phone.get_by_role("heading", name="Confirm with your bank")).to_be_visible()
        await phone.get_by_label("Code").fill(entered)
        await phone.get_by_role("button", name="Go on").click()
        if entered != CODE:
            await expect(phone.get_by_text("Your bank did not accept that. Try again.")).to_be_visible()
            await expect(phone.get_by_text("That code was wrong.")).to_be_visible()
    await expect(phone.get_by_role("heading", name="Confirm in your bank's app")).to_be_visible()
    assert {"code": CODE} in bank_shop.led.given
    bank_shop.pays(payment)
    await phone.wait_for_url(bank_shop.done(payment), timeout=15_000)
    assert (await bank_shop.now(payment)).payment.state is PaymentState.BOOKED


@pytest.mark.parametrize(
    ("way", "button", "reason"),
    [
        ("Cancel payment", "Yes, cancel", Reason.LEFT_THE_PAGE),
        ("My bank is not here", "Back to Horský obchod", Reason.BANK_NOT_FOUND),
    ],
)
async def test_who_gives_up_is_asked_once_more_and_is_then_back_at_the_shop(
    bank_shop: BankShop, phone: Page, way: str, button: str, reason: Reason
) -> None:
    payment = await bank_shop.order()
    await phone.goto(bank_shop.link(payment))
    await phone.get_by_role("link", name=way).click()
    assert (await bank_shop.now(payment)).payment.state is PaymentState.SEEN
    await phone.get_by_role("button", name=button).click()
    await phone.wait_for_url(bank_shop.done(payment))
    assert (await bank_shop.now(payment)).payment.state is PaymentState.FAILED
    assert (await bank_shop.told(payment)).reason == reason


async def test_who_only_thought_of_giving_up_goes_on(bank_shop: BankShop, phone: Page) -> None:
    payment = await bank_shop.order()
    await phone.goto(bank_shop.link(payment))
    await phone.get_by_role("link", name="Cancel payment").click()
    await phone.get_by_role("link", name="No, go on").click()
    await expect(phone.get_by_role("heading", name="Choose your bank")).to_be_visible()


async def test_a_refund_is_told_in_other_words_and_leads_back_with_its_own_id(bank_shop: BankShop, phone: Page) -> None:
    refund = await paid_and_refunded(bank_shop)
    await phone.goto(bank_shop.link(refund))
    await expect(phone.get_by_role("heading", name="Refund to Zuzana Kováčová")).to_be_visible()
    await expect(phone.get_by_text("To refund")).to_be_visible()
    await expect(phone.get_by_role("button", name="Pay by transfer")).to_have_count(0)
    await choose_slovak(phone, "Tatra banka")
    await phone.get_by_role("button", name="Confirm").click()
    await phone.wait_for_url(f"{bank_shop.shop}/done?refundId={refund.id}")
    assert (await bank_shop.now(refund)).payment.state is PaymentState.BOOKED


async def test_a_refund_with_nowhere_to_return_to_ends_on_its_own_page(bank_shop: BankShop, phone: Page) -> None:
    refund = await paid_and_refunded(bank_shop, "")
    await phone.goto(bank_shop.link(refund))
    await choose_slovak(phone, "Tatra banka")
    await phone.get_by_role("button", name="Confirm").click()
    await expect(phone.get_by_role("heading", name="Refunded", exact=True)).to_be_visible()
    await expect(phone.get_by_text("You can close this page.")).to_be_visible()


async def test_a_keyboard_is_enough(bank_shop: BankShop, page: Page) -> None:
    payment = await bank_shop.order()
    await page.goto(f"{bank_shop.link(payment)}?country=SK")
    await reached(page, "Slovenská sporiteľňa")
    await page.keyboard.press("Enter")
    await reached(page, "Firmy")
    await page.keyboard.press("Enter")
    await reached(page, "MultiCash")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Bank")).to_be_visible()
    assert (await bank_shop.told(payment)).bank_id == "sporitelna-multicash"


async def test_two_tabs_begin_once_and_the_second_shows_how_it_stands(bank_shop: BankShop, browser: Browser) -> None:
    payment = await bank_shop.order()
    context = await browser.new_context()
    first, second = await context.new_page(), await context.new_page()
    for tab in (first, second):
        await tab.goto(bank_shop.link(payment))
    await choose_slovak(first, "Tatra banka")
    await expect(first.get_by_role("heading", name="Bank")).to_be_visible()
    await second.get_by_label("Country").select_option("CZ")
    await expect(second.get_by_role("link", name="Go on at your bank")).to_be_visible()
    assert sum(bank_shop.bank.began.values()) == 1
    await context.close()


async def test_the_back_button_of_the_bank_leads_to_how_it_stands(bank_shop: BankShop, page: Page) -> None:
    payment = await bank_shop.order()
    await page.goto(bank_shop.link(payment))
    await choose_slovak(page, "Tatra banka")
    await expect(page.get_by_role("heading", name="Bank")).to_be_visible()
    await page.go_back()
    await expect(page.get_by_role("heading", name="Confirm it at your bank")).to_be_visible()
    assert await violations(page) == []


async def test_where_forms_may_not_lead_to_the_bank_a_page_leads_there(bank_shop: BankShop, phone: Page) -> None:
    payment = await bank_shop.order()
    bank_shop.bank.url = bank_shop.bank.url.replace("127.0.0.1", "localhost")
    await phone.goto(bank_shop.link(payment))
    await choose_slovak(phone, "Tatra banka")
    await expect(phone.get_by_role("heading", name="Bank")).to_be_visible()
    assert phone.url.startswith(bank_shop.bank.url)


async def choose_slovak(page: Page, bank: str) -> None:
    """Choose one of Slovakia's banks."""
    if "country=SK" not in page.url:
        await page.goto(f"{page.url}?country=SK")
    await page.get_by_role("button", name=bank).first.click()


async def reached(page: Page, text: str) -> None:
    """Tab until the focus is on a control that says so."""
    for _ in range(40):
        await page.keyboard.press("Tab")
        if await page.evaluate("text => document.activeElement.innerText.includes(text)", text):
            return
    raise AssertionError(f"{text} is not reached by keyboard")


async def paid_and_refunded(bank_shop: BankShop, return_url: str | None = None) -> Payment:
    """A refund of an order that was paid at once."""
    bank_shop.bank.begins = PAID
    payment = await bank_shop.order()
    await bank_shop.begun(payment, "tatra")
    bank_shop.bank.begins = None
    return await bank_shop.refund(payment, return_url)
