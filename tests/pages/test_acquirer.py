"""The pretend acquirer's pages in a browser: on a phone, with and without scripts, and back to the shop."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from playwright.async_api import Page, expect
from starlette.responses import HTMLResponse

from tests import gateway
from tests.acquiring import FarShop, far_shop
from tests.pages.accessibility import violations
from tests.pages.serving import served
from tillway.commands import pretending
from tillway.connectors.protocol import Journey
from tillway.domain.payments import Attempt
from tillway.domain.pretended import Pretended, PretendedState
from tillway.domain.published import BY_CODE, PUBLISHED
from tillway.domain.reasons import Reason
from tillway.store.opening import open_store

pytestmark = pytest.mark.anyio

REAL_NUMBER = "4111 1111 1111 1111"
BACK = (
    "<!doctype html><html lang='en'><link rel='icon' href='data:,'><title>Back</title><h1>Back at the shop</h1></html>"
)
PHONE_WIDTH = 360


@dataclass(frozen=True, slots=True)
class Visit:
    """A payer on the acquirer's page for a payment."""

    shop: FarShop
    attempt: Attempt

    @property
    def url(self) -> str:
        """Where the gateway sends the payer."""
        return self.attempt.step_url

    async def known(self) -> Pretended:
        """What the acquirer has noted of the payment."""
        return await self.shop.known_there(self.attempt.operation_id)


@pytest.fixture
async def shop(anyio_backend: str, sqlite_database: str) -> AsyncIterator[FarShop]:
    store = open_store(sqlite_database)
    tools = gateway.tools_on(store)
    async with served(HTMLResponse(BACK)) as back, far_shop(tools) as made:
        made.journey = Journey(f"{back}/return", back, "en", "NO", "", "Order 7")
        yield made
    await tools.committer.close()
    await store.close()


async def visit(shop: FarShop, page: Page, method: str = "card", language: str = "en") -> Visit:
    """Begin a payment by a method, and open the page that the payer is sent to."""
    shop.journey = Journey(shop.journey.return_url, shop.journey.page_url, language, "NO", "", "Order 7")
    begun = await shop.begin(await shop.open(), method)
    made = Visit(shop, begun.attempts[-1])
    await page.goto(made.url)
    return made


async def is_back(page: Page) -> None:
    """The payer has arrived at the shop."""
    await expect(page.get_by_role("heading", name="Back at the shop")).to_be_visible()


async def test_a_typed_test_number_pays_and_leads_back(shop: FarShop, phone: Page) -> None:
    made = await visit(shop, phone)
    await expect(phone.get_by_text("250.00")).to_have_count(2)
    await expect(phone.get_by_text("Order 7")).to_be_visible()
    await phone.get_by_role("textbox", name="Test card number").fill("9999 0101 0000 0002")
    await phone.get_by_role("button", name="Pay 250.00").click()
    await is_back(phone)
    known = await made.known()
    assert (known.state, known.scheme, known.mask) == (PretendedState.PAID, "Visa", "0002")


async def test_every_published_number_is_told_and_can_be_picked(shop: FarShop, phone: Page) -> None:
    made = await visit(shop, phone)
    for one in PUBLISHED:
        grouped = " ".join(one.number[place : place + 4] for place in range(0, 16, 4))
        await expect(phone.get_by_role("button", name=grouped)).to_have_count(1)
    await phone.get_by_role("button", name="9999 0203 0000 0009").click()
    await is_back(phone)
    assert (await made.known()).reason == Reason.LOST_CARD


async def test_a_real_number_is_not_taken_not_shown_and_not_kept(shop: FarShop, page: Page) -> None:
    made = await visit(shop, page)
    field = page.get_by_role("textbox", name="Test card number")
    await field.fill(REAL_NUMBER)
    await field.press("Enter")
    await expect(page.get_by_text("Never type a real card number here.")).to_be_visible()
    await expect(field).to_have_value("")
    await expect(field).to_have_attribute("aria-invalid", "true")
    await page.locator("summary").click()
    await page.get_by_role("link", name="Norsk bokmål").click()
    await expect(page.get_by_role("heading", name="Betal med kort")).to_be_visible()
    assert "1111" not in repr(await made.known())
    assert "1111" not in await page.content()


@pytest.mark.parametrize(
    ("press", "state", "reason"),
    [
        ("Approve", PretendedState.PAID, ""),
        ("Refuse", PretendedState.DECLINED, Reason.AUTHENTICATION_FAILED),
    ],
)
async def test_a_challenge_ends_as_the_payer_answers(
    shop: FarShop, phone: Page, press: str, state: PretendedState, reason: str
) -> None:
    made = await visit(shop, phone)
    await phone.get_by_role("button", name="9999 0301").click()
    await expect(phone.get_by_text("3-D Secure")).to_be_visible()
    await phone.get_by_role("button", name=press).click()
    await is_back(phone)
    known = await made.known()
    assert (known.state, known.reason) == (state, reason)


async def test_a_payer_who_leaves_the_challenge_may_come_back_to_it(shop: FarShop, phone: Page) -> None:
    made = await visit(shop, phone)
    await phone.get_by_role("button", name="9999 0301").click()
    await phone.get_by_role("link", name="Leave without an answer").click()
    await is_back(phone)
    assert (await made.known()).is_waiting
    await phone.goto(made.url)
    await phone.get_by_role("button", name="Approve").click()
    await is_back(phone)
    assert (await made.known()).state is PretendedState.PAID


async def test_a_bank_that_asks_nothing_can_only_be_left(shop: FarShop, phone: Page) -> None:
    made = await visit(shop, phone)
    await phone.get_by_role("button", name="9999 0303").click()
    await expect(phone.get_by_role("button", name="Approve")).to_have_count(0)
    await phone.get_by_role("link", name="Leave without an answer").click()
    await is_back(phone)
    assert (await made.known()).is_waiting


@pytest.mark.parametrize(
    ("method", "press", "state"),
    [
        ("bank", "Approve", PretendedState.PAID),
        ("ideal", "Approve, and have it booked later", PretendedState.PENDING),
        ("bancontact", "Refuse", PretendedState.DECLINED),
    ],
)
async def test_a_bank_is_chosen_and_asks_its_customer(
    shop: FarShop, phone: Page, method: str, press: str, state: PretendedState
) -> None:
    made = await visit(shop, phone, method)
    await phone.get_by_role("button", name="Delta Bank").click()
    await expect(phone.get_by_role("heading", name="Delta Bank")).to_be_visible()
    await phone.get_by_role("button", name=press, exact=True).click()
    await is_back(phone)
    assert (await made.known()).state is state


@pytest.mark.parametrize("method", ["card", "bank"])
async def test_a_payer_may_cancel_and_is_taken_back(shop: FarShop, phone: Page, method: str) -> None:
    made = await visit(shop, phone, method)
    await phone.get_by_role("button", name="Cancel payment").click()
    await is_back(phone)
    assert (await made.known()).reason == Reason.PAYER_CANCELLED


async def test_a_page_that_is_opened_again_says_how_it_ended(shop: FarShop, phone: Page) -> None:
    made = await visit(shop, phone)
    await phone.get_by_role("button", name="9999 0101").click()
    await is_back(phone)
    await phone.goto(made.url)
    await expect(phone.get_by_role("heading", name="Paid")).to_be_visible()
    await phone.get_by_role("link", name="Back to the shop").click()
    await is_back(phone)


async def test_two_tabs_pay_once(shop: FarShop, page: Page) -> None:
    made = await visit(shop, page)
    other = await page.context.new_page()
    await other.goto(made.url)
    await page.get_by_role("button", name="9999 0101").click()
    await is_back(page)
    await other.get_by_role("button", name="9999 0203").click()
    await is_back(other)
    known = await made.known()
    assert (known.state, known.mask) == (PretendedState.PAID, "0002")


async def test_a_payment_that_the_gateway_cancelled_takes_nothing(shop: FarShop, page: Page) -> None:
    made = await visit(shop, page)
    await pretending.cancel(shop.tools, made.attempt.operation_id)
    await page.get_by_role("button", name="9999 0101").click()
    await is_back(page)
    await page.goto(made.url)
    await expect(page.get_by_role("heading", name="Cancelled by the shop")).to_be_visible()


@pytest.mark.parametrize("token", ["{}x", "x{}", "nobody", "%00"])
async def test_an_address_that_is_not_ours_opens_no_payment(shop: FarShop, page: Page, token: str) -> None:
    begun = await shop.begin(await shop.open())
    place, _, ours = begun.attempts[-1].step_url.rpartition("/")
    answer = await page.goto(f"{place}/{token.format(ours)}")
    assert answer is not None
    assert answer.status == 404
    await expect(page.get_by_role("textbox")).to_have_count(0)


@pytest.mark.parametrize("language", ["en", "nb"])
async def test_every_page_is_usable_by_everybody(shop: FarShop, page: Page, language: str) -> None:
    await page.set_viewport_size({"width": PHONE_WIDTH, "height": 740})
    await page.goto(f"{shop.acquirer}/?language={language}")
    await is_usable(page, language)
    made = await visit(shop, page, language=language)
    await is_usable(page, language)
    await page.locator("#number").fill(REAL_NUMBER)
    await page.locator("#number").press("Enter")
    await is_usable(page, language)
    await pretending.enter_card(shop.tools, made.attempt.operation_id, BY_CODE["challenge"])
    await page.goto(made.url)
    await is_usable(page, language)
    await pretending.prove(shop.tools, made.attempt.operation_id)
    await page.goto(made.url)
    await is_usable(page, language)
    made = await visit(shop, page, "bank", language)
    await is_usable(page, language)
    await pretending.choose_bank(shop.tools, made.attempt.operation_id, "fjord")
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
