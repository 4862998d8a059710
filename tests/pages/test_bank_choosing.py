"""Finding a bank: by country, by name, in groups, and the one used before."""

import re

import pytest
from playwright.async_api import Browser, Page, expect

from tests.pages.bank_stage import BankShop
from tillway.domain.banks import Bank, BankKind, Directory
from tillway.surfaces.bank_checkout.accounts import grouped, read_iban
from tillway.surfaces.bank_checkout.listing import MOST_ROWS, Listing, country_of, folded
from tillway.surfaces.bank_checkout.views import IbanFault

pytestmark = pytest.mark.anyio

ORIGIN = "https://pay.example"


async def test_a_name_is_found_by_a_part_of_it_without_its_marks(bank_shop: BankShop, phone: Page) -> None:
    await phone.goto(f"{bank_shop.link(await bank_shop.order())}?country=SK")
    await phone.get_by_label("Find your bank").fill("vseobec")
    await phone.get_by_label("Find your bank").press("Enter")
    await expect(phone.get_by_role("button", name="Všeobecná úverová banka")).to_be_visible()
    await expect(phone.get_by_role("button", name="Tatra banka")).to_be_hidden()
    await expect(phone.get_by_text("1 bank found.")).to_be_visible()
    await phone.get_by_role("link", name="Show all banks").click()
    await expect(phone.get_by_role("button", name="Tatra banka")).to_be_visible()


async def test_the_list_narrows_while_a_name_is_typed_and_opens_its_group(bank_shop: BankShop, page: Page) -> None:
    await page.goto(f"{bank_shop.link(await bank_shop.order())}?country=SK")
    field = page.get_by_label("Find your bank")
    await field.press_sequentially("SPORI multi")
    await expect(page.get_by_role("button", name="MultiCash")).to_be_visible()
    await expect(page.get_by_role("button", name="Tatra banka")).to_be_hidden()
    await expect(page.get_by_role("button", name="Business24")).to_be_hidden()
    await field.fill("no such bank")
    await expect(page.get_by_text("No bank of this country is called that.")).to_be_visible()
    await field.fill("")
    await expect(page.get_by_role("button", name="Tatra banka")).to_be_visible()
    await expect(page.get_by_role("button", name="MultiCash")).to_be_hidden()
    await expect(page.get_by_text("No bank of this country is called that.")).to_be_hidden()


async def test_a_bank_of_another_country_is_found_and_said_to_be_there(bank_shop: BankShop, phone: Page) -> None:
    await phone.goto(f"{bank_shop.link(await bank_shop.order())}?country=SK&q=ceska")
    await expect(phone.get_by_text("“ceska” was found in other countries only.")).to_be_visible()
    await expect(phone.get_by_role("button", name=re.compile("Česká spořitelna Czechia"))).to_be_visible()


async def test_a_bank_inside_a_group_is_two_presses_away(bank_shop: BankShop, phone: Page) -> None:
    await phone.goto(f"{bank_shop.link(await bank_shop.order())}?country=SK")
    await expect(phone.get_by_role("button", name="George")).to_be_hidden()
    await phone.locator("summary", has_text="Slovenská sporiteľňa").click()
    await phone.get_by_role("button", name="George").click()
    await expect(phone.get_by_role("heading", name="Bank")).to_be_visible()


async def test_another_country_shows_its_banks(bank_shop: BankShop, phone: Page) -> None:
    await phone.goto(f"{bank_shop.link(await bank_shop.order())}?country=SK")
    country = phone.get_by_label("Country")
    assert await country.locator("option").all_inner_texts() == ["Austria", "Czechia", "Germany", "Slovakia"]
    goes_on_by_itself = await phone.evaluate("typeof folded !== 'undefined'")
    await country.select_option("AT")
    if not goes_on_by_itself:
        await phone.get_by_role("button", name="Search").click()
    await expect(phone.get_by_role("button", name="Erste Bank")).to_be_visible()
    await expect(phone.get_by_role("button", name="Tatra banka")).to_have_count(0)


async def test_the_bank_used_before_comes_first_and_its_country_wins_over_the_orders(
    bank_shop: BankShop, phone: Page
) -> None:
    await phone.goto(f"{bank_shop.link(await bank_shop.order())}?country=SK")
    await phone.get_by_role("button", name="Tatra banka").click()
    await expect(phone.get_by_role("heading", name="Bank")).to_be_visible()
    await phone.goto(bank_shop.link(await bank_shop.order(country="CZ")))
    await expect(phone.get_by_label("Country")).to_have_value("SK")
    await expect(phone.get_by_role("heading", name="You used this bank before")).to_be_visible()
    first = phone.get_by_role("list", name="You used this bank before")
    await first.get_by_role("button", name="Tatra banka").click()
    await expect(phone.get_by_role("heading", name="Bank")).to_be_visible()


async def test_the_bank_that_the_shop_named_comes_first_with_its_group(bank_shop: BankShop, page: Page) -> None:
    await page.goto(bank_shop.link(await bank_shop.order(bank_id="sporitelna-multicash", country="DE")))
    await expect(page.get_by_label("Country")).to_have_value("SK")
    named = page.get_by_role("list", name="Named by Horský obchod")
    await expect(named.get_by_text("Slovenská sporiteľňa · Firmy")).to_be_visible()


@pytest.mark.parametrize(
    ("country", "locale", "shown"),
    [("DE", "sk-SK", "DE"), ("", "cs", "CZ"), ("", "de-AT", "AT"), ("FR", "fr-FR", "SK")],
)
async def test_the_country_is_the_orders_else_the_browsers_else_the_first(
    bank_shop: BankShop, browser: Browser, country: str, locale: str, shown: str
) -> None:
    context = await browser.new_context(locale=locale)
    page = await context.new_page()
    await page.goto(f"{bank_shop.link(await bank_shop.order(country=country))}?language=en")
    await expect(page.get_by_label("Country")).to_have_value(shown)
    await context.close()


def test_a_language_alone_stands_for_the_country_most_of_its_readers_live_in() -> None:
    assert country_of("en;q=0.5, cs", ("SK", "CZ")) == "CZ"
    assert country_of("sk-SK,sk;q=0.9", ("SK",)) == "SK"
    assert country_of("*, x, , en-GB-oed;q=bad", ("SK",)) == ""


@pytest.mark.parametrize(
    ("text", "words"), [("Všeobecná ÚVEROVÁ", "vseobecna uverova"), ("Łódź Sørbank Straße", "lodz sorbank strasse")]
)
def test_marks_and_capitals_do_not_matter_to_a_search(text: str, words: str) -> None:
    assert folded(text) == words


def test_a_list_that_is_too_long_is_cut_and_says_so() -> None:
    banks = [Bank(str(number), f"Bank {number}", "DE", "", connector="bank") for number in range(MOST_ROWS + 1)]
    listing = Listing(Directory(banks))
    for query in ("", "bank"):
        choosing = listing.choosing("DE", query, ORIGIN)
        assert (len(choosing.rows), choosing.cut) == (MOST_ROWS, True)
    assert not listing.choosing("DE", "bank 500", ORIGIN).cut


def test_a_group_with_no_bank_in_it_or_too_deep_down_is_not_shown() -> None:
    levels = [
        Bank("1", "One", "DE", "", BankKind.MAIN_GROUP),
        Bank("2", "Two", "DE", "", BankKind.PRODUCT_GROUP, group="1"),
        Bank("3", "Three", "DE", "", BankKind.PRODUCT_GROUP, group="2"),
        Bank("4", "Four", "DE", "", connector="bank", group="3"),
    ]
    assert Listing(Directory(levels)).choosing("DE", "", ORIGIN).rows == ()


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("/bank/static/logo.svg", True),
        (f"{ORIGIN}/logo.svg", True),
        ("data:image/png;base64,AA==", True),
        ("https://elsewhere.example/logo.svg", False),
        ("//elsewhere.example/logo.svg", False),
        (f"{ORIGIN}.elsewhere.example/logo.svg", False),
        ("", False),
    ],
)
def test_only_logos_of_our_own_are_shown(url: str, shown: bool) -> None:
    row = Listing(Directory([Bank("1", "One", "DE", "", connector="bank", logo_url=url)])).row("1", ORIGIN)
    assert row is not None
    assert row.logo == (url if shown else "")


@pytest.mark.parametrize(
    ("entered", "read"),
    [
        (" sk31 1200 0000 1987 4263 7541 ", "SK3112000000198742637541"),
        ("DE89-3704-0044-0532-0130-00", "DE89370400440532013000"),
        ("", IbanFault.MISSING),
        ("  - ", IbanFault.MISSING),
        ("SK3112000000198742637542", IbanFault.CHECK_DIGITS),
        ("SK31120000001987426375", IbanFault.LENGTH),
        ("XX3112000000198742637541", IbanFault.COUNTRY),
        ("1987426375/1200", IbanFault.FORM),
        ("198742637541", IbanFault.COUNTRY),
        ("SK31\uff11\uff1200000019874263754", IbanFault.FORM),
        ("S" * 10_000, IbanFault.FORM),
    ],
)
def test_an_iban_is_read_as_people_write_it(entered: str, read: str | IbanFault) -> None:
    assert read_iban(entered) == read


def test_an_iban_is_printed_in_groups_of_four() -> None:
    assert grouped("SK3112000000198742637541") == "SK31 1200 0000 1987 4263 7541"
