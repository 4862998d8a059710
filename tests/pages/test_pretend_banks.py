"""The pretend banks' pages in a browser: on a phone, with and without scripts, and back to the gateway."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from playwright.async_api import Page, expect
from starlette.responses import HTMLResponse

from tests import gateway
from tests.banking import BankShop, bank_shop
from tests.pages.accessibility import violations
from tests.pages.serving import served
from tillway.commands import pretend_banking
from tillway.connectors.protocol import Journey
from tillway.domain.payments import PaymentState
from tillway.domain.pretended_banks import BANKS, USERS, accounts_of
from tillway.domain.pretended_transfers import BankTransfer, Stage, TransferStatus, code_of
from tillway.domain.standing import Standing
from tillway.store.opening import open_store

pytestmark = pytest.mark.anyio

BACK = (
    "<!doctype html><html lang='en'><link rel='icon' href='data:,'><title>Back</title><h1>Back at the shop</h1></html>"
)
PHONE_WIDTH = 360
CONFIRM, SMS, PUSH, KNOWS_THE_ACCOUNT = "karpatska", "dunajska", "alpen", "wislany"


@dataclass(frozen=True, slots=True)
class Visit:
    """A payer on a bank's page for a payment."""

    shop: BankShop
    begun: Standing

    @property
    def url(self) -> str:
        """Where the gateway sends the payer."""
        return self.begun.attempts[-1].step_url

    async def known(self) -> BankTransfer:
        """What the bank has noted of the payment."""
        return await self.shop.known_there(self.begun)


@pytest.fixture
async def shop(anyio_backend: str, sqlite_database: str) -> AsyncIterator[BankShop]:
    store = open_store(sqlite_database)
    tools = gateway.tools_on(store)
    async with served(HTMLResponse(BACK)) as back, bank_shop(tools) as made:
        made.journey = Journey(f"{back}/return", back, "en", "SK", "", "Order 7", "203.0.113.7", "Browser")
        yield made
    await tools.committer.close()
    await store.close()


async def visit(shop: BankShop, page: Page, bank_id: str = CONFIRM, language: str = "en") -> Visit:
    """Choose a bank, and open the page that the payer is sent to."""
    iban = accounts_of(bank_id)[0].iban if bank_id == KNOWS_THE_ACCOUNT else ""
    made = Visit(shop, await shop.begin(await shop.open(), bank_id, iban))
    await page.goto(f"{made.url}?language={language}")
    return made


async def pick(page: Page, user: str, account: str = "Current account") -> None:
    """Log in as a published user, and choose an account."""
    await page.get_by_role("button", name=f"Use {user}:").click()
    await page.get_by_role("button", name=account).click()


async def is_back(page: Page) -> None:
    """The payer has arrived at the gateway."""
    await expect(page.get_by_role("heading", name="Back at the shop")).to_be_visible()


async def test_a_customer_logs_in_chooses_an_account_and_confirms(shop: BankShop, phone: Page) -> None:
    made = await visit(shop, phone)
    await expect(phone.get_by_role("heading", name="Karpatská banka")).to_be_visible()
    await expect(phone.get_by_text("250.00")).to_be_visible()
    await expect(phone.get_by_text("/VS0012345678/KS0308")).to_be_visible()
    await phone.get_by_role("textbox", name="Test user name").fill("Books")
    await phone.get_by_role("button", name="Log in").click()
    await phone.get_by_role("button", name="Savings account").click()
    await expect(phone.get_by_text("It is paid from SK")).to_be_visible()
    await phone.get_by_role("button", name="Confirm", exact=True).click()
    await is_back(phone)
    known = await made.known()
    assert (known.status, known.debtor_iban) == (TransferStatus.COMPLETED, accounts_of(CONFIRM)[1].iban)
    assert (await shop.back(made.begun)).payment.state is PaymentState.BOOKED


async def test_a_customer_types_the_code_of_the_text_message(shop: BankShop, page: Page) -> None:
    made = await visit(shop, page, SMS)
    await pick(page, "books")
    field = page.get_by_role("textbox", name="Code of the text message")
    await field.fill("not it")
    await page.get_by_role("button", name="Confirm", exact=True).click()
    await expect(page.get_by_text("That is not the code of the text message.")).to_be_visible()
    await expect(field).to_have_attribute("aria-invalid", "true")
    code = code_of(await made.known())
    await expect(page.get_by_text(f"the code is {code}")).to_be_visible()
    await field.fill(f"{code[:3]} {code[3:]}")
    await page.get_by_role("button", name="Confirm", exact=True).click()
    await is_back(page)
    assert (await made.known()).status is TransferStatus.COMPLETED


async def test_a_customer_agrees_in_the_app_with_a_button_or_by_waiting(shop: BankShop, phone: Page) -> None:
    made = await visit(shop, phone, PUSH)
    await pick(phone, "confirms")
    await phone.get_by_role("button", name="Agree in the app").click()
    await is_back(phone)
    assert (await made.known()).status is TransferStatus.IN_PROCESS
    waits = await visit(shop, phone, PUSH)
    await pick(phone, "books")
    gateway.clock_of(shop.tools).advance(11)
    assert (await waits.known()).status is TransferStatus.COMPLETED
    await phone.goto(waits.url)
    await expect(phone.get_by_role("heading", name="Booked")).to_be_visible()


async def test_a_bank_that_knows_the_account_does_not_ask_for_it(shop: BankShop, phone: Page) -> None:
    made = await visit(shop, phone, KNOWS_THE_ACCOUNT)
    await phone.get_by_role("button", name="Use books:").click()
    await expect(phone.get_by_role("button", name="Current account")).to_have_count(0)
    await phone.get_by_role("button", name="Confirm", exact=True).click()
    await is_back(phone)
    assert (await made.known()).debtor_iban == accounts_of(KNOWS_THE_ACCOUNT)[0].iban


async def test_every_published_user_can_be_picked(shop: BankShop, phone: Page) -> None:
    await visit(shop, phone)
    for user in USERS:
        await expect(phone.get_by_role("button", name=f"Use {user.name}:")).to_have_count(1)


async def test_a_real_user_name_is_not_taken_not_shown_and_not_kept(shop: BankShop, page: Page) -> None:
    made = await visit(shop, page)
    field = page.get_by_role("textbox", name="Test user name")
    await field.fill("jan.novak")
    await field.press("Enter")
    await expect(page.get_by_text("Never type a real one here.")).to_be_visible()
    await expect(field).to_have_value("")
    assert "novak" not in repr(await made.known())
    assert "novak" not in await page.content()


@pytest.mark.parametrize("steps", [0, 1, 2])
async def test_a_customer_may_turn_back_at_every_step(shop: BankShop, phone: Page, steps: int) -> None:
    made = await visit(shop, phone)
    if steps > 0:
        await phone.get_by_role("button", name="Use books:").click()
    if steps > 1:
        await phone.get_by_role("button", name="Current account").click()
    await phone.get_by_role("button", name="Cancel payment").click()
    await is_back(phone)
    assert (await made.known()).reason == "CUST"
    assert (await shop.back(made.begun)).payment.state is PaymentState.FAILED


async def test_a_customer_who_leaves_may_come_back_to_it(shop: BankShop, phone: Page) -> None:
    made = await visit(shop, phone)
    await pick(phone, "books")
    await phone.get_by_role("link", name="Leave without an answer").click()
    await is_back(phone)
    assert (await made.known()).stage is Stage.PROOF
    await phone.goto(made.url)
    await phone.get_by_role("button", name="Confirm", exact=True).click()
    await is_back(phone)


async def test_an_empty_account_is_rejected(shop: BankShop, phone: Page) -> None:
    made = await visit(shop, phone)
    await pick(phone, "books", "Empty account")
    await phone.get_by_role("button", name="Confirm", exact=True).click()
    await is_back(phone)
    await phone.goto(made.url)
    await expect(phone.get_by_role("heading", name="Rejected")).to_be_visible()
    await expect(phone.get_by_text("AM04")).to_be_visible()
    await phone.get_by_role("link", name="Back to the shop").click()
    await is_back(phone)


async def test_two_tabs_pay_once(shop: BankShop, page: Page) -> None:
    made = await visit(shop, page)
    other = await page.context.new_page()
    await other.goto(made.url)
    await pick(page, "books")
    await page.get_by_role("button", name="Confirm", exact=True).click()
    await is_back(page)
    await other.get_by_role("button", name="Use nomoney:").click()
    await is_back(other)
    assert (await made.known()).user == "books"


async def test_a_payment_that_the_gateway_cancelled_takes_nothing(shop: BankShop, page: Page) -> None:
    made = await visit(shop, page)
    await pretend_banking.cancel(shop.tools, made.begun.attempts[-1].reference)
    await page.get_by_role("button", name="Use books:").click()
    await is_back(page)
    await page.goto(made.url)
    await expect(page.get_by_role("heading", name="Cancelled by the shop")).to_be_visible()


@pytest.mark.parametrize("token", ["{}x", "x{}", "nobody", "%00"])
async def test_an_address_that_is_not_ours_opens_no_payment(shop: BankShop, page: Page, token: str) -> None:
    begun = await shop.begin(await shop.open())
    place, _, ours = begun.attempts[-1].step_url.rpartition("/")
    answer = await page.goto(f"{place}/{token.format(ours)}")
    assert answer is not None
    assert answer.status == 404
    await expect(page.get_by_role("textbox")).to_have_count(0)


async def test_the_front_page_publishes_every_bank_and_user(shop: BankShop, phone: Page) -> None:
    await phone.goto(f"{shop.url}/?language=en")
    for one in BANKS:
        await expect(phone.get_by_role("rowheader", name=one.bank.name)).to_have_count(1)
    for user in USERS:
        await expect(phone.get_by_role("rowheader", name=user.name, exact=True)).to_have_count(1)


@pytest.mark.parametrize("language", ["en", "nb"])
async def test_every_page_is_usable_by_everybody(shop: BankShop, page: Page, language: str) -> None:
    await page.set_viewport_size({"width": PHONE_WIDTH, "height": 740})
    await page.goto(f"{shop.url}/?language={language}")
    await is_usable(page, language)
    for bank_id in (SMS, PUSH):
        made = await visit(shop, page, bank_id, language)
        reference = made.begun.attempts[-1].reference
        await is_usable(page, language)
        await page.locator("#user").fill("somebody")
        await page.locator("#user").press("Enter")
        await is_usable(page, language)
        await pretend_banking.log_in(shop.tools, reference, "pending")
        await page.goto(made.url)
        await is_usable(page, language)
        await pretend_banking.choose_account(shop.tools, reference, accounts_of(bank_id)[0].iban)
        await page.goto(made.url)
        await is_usable(page, language)
        if bank_id == SMS:
            await page.locator("#code").fill("no")
            await page.locator("#code").press("Enter")
            await is_usable(page, language)
        await pretend_banking.prove(shop.tools, reference)
        await page.goto(made.url)
        await is_usable(page, language)
        await pretend_banking.settle(shop.tools, reference, "AM04")
        await page.goto(made.url)
        await is_usable(page, language)


async def is_usable(page: Page, language: str) -> None:
    """Nothing for axe-core to complain of, by day and by night, one main heading, and nothing beyond the edge."""
    assert await page.locator("html").get_attribute("lang") == language
    assert await page.locator("h1").count() == 1
    assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE_WIDTH
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        assert await violations(page) == []
