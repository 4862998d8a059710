"""The sandbox's pages: test cards of every behaviour, and a first payment to open."""

from base64 import b64decode
from urllib.parse import unquote

import pytest
from playwright.async_api import Page, expect

from tests.pages.counter import Counter
from tests.pages.test_paying import lay_down, type_card
from tillway.commands.cards import IssuedCard
from tillway.domain.giftcards import GiftCard
from tillway.domain.ids import CardId
from tillway.queries import giftcards

pytestmark = pytest.mark.anyio


async def make(page: Page, counter: Counter, **fields: str) -> None:
    """Open the generator, fill in these fields and send them."""
    await page.goto(f"{counter.url}/card-gen")
    for name, text in fields.items():
        field = page.locator(f"[name={name}]")
        if name == "behaviour":
            await field.select_option(text)
        else:
            await field.fill(text)
    await page.get_by_role("button", name="Make cards").click()


async def made(page: Page, counter: Counter) -> list[IssuedCard]:
    """The cards that the page offers for download, with their rows."""
    address = await page.get_by_role("link", name="Download CSV").get_attribute("href")
    assert address is not None
    lines = b64decode(unquote(address.partition("base64,")[2])).decode().splitlines()[1:]
    issued: list[IssuedCard] = []
    for line in lines:
        number, cvc, *_ = line.split(",")
        issued.append(IssuedCard(await books(counter, number), number, cvc))
    return issued


async def books(counter: Counter, number: str) -> GiftCard:
    """A card as it stands in the books."""
    card = await giftcards.card(counter.tools.store, CardId(counter.tools.vault.card_id(number)))
    assert card is not None
    return card


async def test_several_cards_are_made_at_once_and_shown_with_everything(counter: Counter, phone: Page) -> None:
    await make(phone, counter, amount="1 250,50", count="3")
    await expect(phone.get_by_role("heading", name="3 new cards")).to_be_visible()
    cards = await made(phone, counter)
    assert [one.card.balance for one in cards] == [125_050] * 3
    for issued in cards:
        ending = issued.number[-5:]
        await expect(phone.get_by_role("img", name=f"Barcode of the card ending in {ending}")).to_be_visible()
        await expect(phone.get_by_role("img", name=f"QR code of the card ending in {ending}")).to_be_visible()
        await expect(phone.get_by_text(issued.number[-7:-3])).to_be_visible()


async def test_a_generated_card_pays(counter: Counter, phone: Page) -> None:
    await make(phone, counter, amount="100")
    [issued] = await made(phone, counter)
    await phone.goto(counter.link(await counter.payment(10_000)))
    await lay_down(phone, issued)
    await phone.get_by_role("button", name="Pay 100.00").click()
    await expect(phone.get_by_role("heading", name="Paid")).to_be_visible()


@pytest.mark.parametrize(
    ("behaviour", "said"),
    [
        ("empty", "There is no money left on this card."),
        ("expired", "This card has expired."),
        ("cvc_unreadable", "This number and CVC do not belong to a card we know."),
    ],
)
async def test_a_card_that_is_to_be_refused_is_refused(counter: Counter, page: Page, behaviour: str, said: str) -> None:
    await make(page, counter, behaviour=behaviour)
    [issued] = await made(page, counter)
    await page.goto(counter.link(await counter.payment(10_000)))
    await lay_down(page, issued)
    await expect(page.get_by_text(said)).to_be_visible()


@pytest.mark.parametrize(
    ("behaviour", "said"),
    [
        ("issuer_silent", "We are checking with the card's issuer"),
        ("issuer_silent_but_paid", "We are checking with the card's issuer"),
        ("issuer_failing", "the card's issuer refused"),
    ],
)
async def test_a_card_whose_issuer_misbehaves_does_so(counter: Counter, page: Page, behaviour: str, said: str) -> None:
    await make(page, counter, behaviour=behaviour)
    [issued] = await made(page, counter)
    await page.goto(counter.link(await counter.payment(10_000)))
    await lay_down(page, issued)
    await page.get_by_role("button", name="Pay 100.00").click()
    await expect(page.get_by_text(said)).to_be_visible()


@pytest.mark.parametrize(
    ("field", "text", "said"),
    [
        ("client_id", "nobody", "There is no client with this id."),
        ("amount", "10000.01", "Enter an amount from 0 to 10,000 kroner."),
        ("amount", "-1", "Enter an amount in kroner"),
        ("amount", "1.005", "Enter an amount in kroner"),
        ("amount", "NaN", "Enter an amount in kroner"),
        ("count", "0", "Enter a number from 1 to 100."),
        ("count", "101", "Enter a number from 1 to 100."),
        ("last_day", "2099-01-01", "Enter a day within ten years."),
    ],
)
async def test_a_field_that_cannot_be_says_why(counter: Counter, page: Page, field: str, text: str, said: str) -> None:
    await make(page, counter, **{field: text})
    faulty = page.locator(f"[name={field}]")
    await expect(faulty).to_have_attribute("aria-invalid", "true")
    await expect(page.locator(f"#{field}-fault")).to_contain_text(said)
    await expect(page.get_by_role("link", name="Download CSV")).to_have_count(0)


async def test_a_hundred_cards_fit_on_one_page(counter: Counter, page: Page) -> None:
    await make(page, counter, count="100")
    await expect(page.get_by_role("heading", name="100 new cards")).to_be_visible()
    assert len(await made(page, counter)) == 100


async def test_a_number_is_copied_with_one_press(counter: Counter, page: Page) -> None:
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await make(page, counter)
    [issued] = await made(page, counter)
    await page.get_by_role("button", name="Copy card number").click()
    await expect(page.get_by_role("button", name="Copied card number")).to_be_visible()
    assert await page.evaluate("navigator.clipboard.readText()") == issued.number


async def test_the_table_can_be_downloaded(counter: Counter, page: Page) -> None:
    await make(page, counter, count="2")
    async with page.expect_download() as awaited:
        await page.get_by_role("link", name="Download CSV").click()
    download = await awaited.value
    assert download.suggested_filename == "test-cards.csv"


async def test_a_visitor_opens_a_first_payment_and_pays_it(counter: Counter, phone: Page) -> None:
    await phone.goto(counter.url)
    numbers = await phone.locator(".test-card .digits").all_inner_texts()
    await phone.get_by_role("button", name="Open a payment of 649 kroner").click()
    for number, cvc in zip(numbers[::2], numbers[1::2], strict=True):
        await type_card(phone, number, cvc)
    await phone.get_by_role("button", name="Pay 649.00 NOK").click()
    await expect(phone.get_by_role("heading", name="Paid")).to_be_visible()


async def test_the_front_door_says_where_to_look(counter: Counter, phone: Page) -> None:
    await phone.goto(counter.url)
    await expect(phone.get_by_role("link", name="Gift-card payments")).to_have_attribute("href", "/docs-v1/")
    await expect(phone.get_by_role("link", name="Payment orders")).to_have_attribute("href", "/docs-orders/")
    await expect(phone.get_by_role("link", name="Bank statements")).to_have_attribute("href", "/statements")
    await expect(phone.get_by_role("link", name="Test gift cards")).to_have_attribute("href", "/card-gen")
    await expect(phone.locator("pre")).to_contain_text("/v1/payments")
