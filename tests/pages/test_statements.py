"""The sandbox's page for bank statements: a file is taken in once, and what cannot be is refused with a reason."""

from base64 import b64decode
from io import BytesIO
from urllib.parse import unquote

import aiohttp
import pytest
from playwright.async_api import Page, expect

from tests.bank_account import ACCOUNT, PAYER, Account, bank_account
from tests.journeys.test_bad_forms import FORMS
from tests.pages.counter import Counter
from tillway.domain.money import Money
from tillway.domain.payments import PaymentState
from tillway.queries import ledger, statements
from tillway.surfaces.sandbox.pretended_statements import PretendedEntry, written

pytestmark = pytest.mark.anyio

AMOUNT = 100_00
NOON = 1_795_176_000_000_000
SHOWS_THE_PAYMENT = written(PretendedEntry("bank-1", ACCOUNT, Money(AMOUNT, "EUR"), NOON, symbols=(("VS", "7001"),)))
MEGABYTE = b" " * 1024 * 1024


async def send(page: Page, counter: Counter, content: bytes, account: str = "") -> None:
    """Choose a file on the page and send it."""
    await page.goto(f"{counter.url}/statements")
    await page.get_by_label("File").set_input_files(
        {"name": "statement.xml", "mimeType": "application/xml", "buffer": content}
    )
    await page.get_by_label("Account (IBAN)").fill(account)
    await page.get_by_role("button", name="Take it in").click()


async def tally(page: Page, name: str) -> str:
    """How many entries of the statement just sent came to that."""
    return await page.locator(".tallies div", has_text=name).locator("dd").inner_text()


async def state_of(account: Account) -> PaymentState:
    """How the payment of the account's only order stands."""
    [payment] = (await account.standing(account.orders[0])).payments
    return payment.state


async def test_a_statement_pays_what_it_shows_and_nothing_when_it_is_sent_again(counter: Counter, phone: Page) -> None:
    account = await bank_account(counter.tools)
    await account.order(AMOUNT)
    await phone.goto(f"{counter.url}/statements")
    await expect(phone.get_by_text("Statements appear here")).to_be_visible()
    await send(phone, counter, SHOWS_THE_PAYMENT)
    await expect(phone.get_by_role("heading", name="1 statement taken in")).to_be_visible()
    assert (await tally(phone, "New"), await tally(phone, "Found their payment")) == ("1", "1")
    assert await state_of(account) is PaymentState.BOOKED
    await send(phone, counter, SHOWS_THE_PAYMENT)
    await expect(phone.get_by_role("heading", name="1 statement taken in")).to_be_visible()
    assert (await tally(phone, "New"), await tally(phone, "Found their payment")) == ("0", "1")
    assert (await ledger.verify(counter.tools.store)).is_sound


async def test_the_example_belongs_to_nothing_and_waits_for_a_person(counter: Counter, phone: Page) -> None:
    account = await bank_account(counter.tools)
    await phone.goto(f"{counter.url}/statements")
    address = await phone.get_by_role("link", name="Download an example").get_attribute("href")
    assert address is not None
    await send(phone, counter, b64decode(unquote(address.partition("base64,")[2])))
    await expect(phone.get_by_role("heading", name="Waiting for you")).to_be_visible()
    await expect(phone.get_by_role("heading", name="10.00 €")).to_be_visible()
    [entry] = await statements.waiting(counter.tools.store, account.client.merchant_id, 10)
    await expect(phone.get_by_text(f"tillway statements decide {entry.id} accept")).to_be_visible()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"\x00\xff\xfe rubbish", "NUL"),
        (b"<Document", "no camt.053"),
        (SHOWS_THE_PAYMENT.replace(b"UTF-8", b"UTF-16"), "not well-formed"),
        (
            b'<!DOCTYPE Document [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]><Document>&b;</Document>',
            "has a DTD",
        ),
        (SHOWS_THE_PAYMENT.replace(ACCOUNT.encode(), PAYER.encode()), "no client is paid at AT61"),
    ],
    ids=["empty", "rubbish", "cut off", "of another encoding", "with entities", "of an account that is nobody's"],
)
async def test_a_file_that_cannot_be_taken_in_says_why_and_changes_nothing(
    counter: Counter, page: Page, content: bytes, said: str
) -> None:
    account = await bank_account(counter.tools)
    await account.order(AMOUNT)
    await send(page, counter, content, " sk31 1200 ")
    await expect(page.get_by_text("Nothing of this file was booked.")).to_be_visible()
    assert said in await page.locator(".reason").inner_text()
    await expect(page.get_by_label("Account (IBAN)")).to_have_value("SK311200")
    assert await statements.newest(counter.tools.store, 10) == []


def multipart(content: bytes, name: str = "statement.xml") -> tuple[str, bytes]:
    """A form with a file as a browser sends it."""
    head = f'--x\r\ncontent-disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode()
    return "multipart/form-data; boundary=x", head + content + b"\r\n--x--\r\n"


BODIES = {
    **{name: (*form, 422 if name.startswith("parts") else 400) for name, form in FORMS.items()},
    "a file that was not chosen": (*multipart(b"", ""), 422),
    "a file of eight megabytes and more": (*multipart(MEGABYTE * 9), 413),
    "a file of twenty megabytes": (*multipart(MEGABYTE * 20), 413),
    "no boundary": ("multipart/form-data", b"--x\r\n", 400),
    "another boundary": ("multipart/form-data; boundary=y", multipart(b"a")[1], 400),
    "a boundary that is too long": (f"multipart/form-data; boundary={'x' * 5000}", multipart(b"a")[1], 400),
    "a charset that is none": ("multipart/form-data; boundary=x; charset=undefined", FORMS["parts"][1], 400),
    "two files": ("multipart/form-data; boundary=x", multipart(b"a")[1].replace(b"--x--", multipart(b"b")[1]), 400),
    "a part without a name": ("multipart/form-data; boundary=x", b"--x\r\n\r\na\r\n--x--\r\n", 400),
    "a long field": (
        "multipart/form-data; boundary=x",
        FORMS["parts"][1].replace(b"\r\n1\r\n", b"\r\n" + b"1" * 900_000 + b"\r\n"),
        400,
    ),
    "a long header": ("multipart/form-data; boundary=x", b"--x\r\nx-long: " + b"a" * 900_000 + b"\r\n\r\n", 400),
    "a name that is no text": (*multipart(b"a", "\xff\x00../../etc/passwd"), 422),
}


@pytest.mark.parametrize("name", BODIES)
async def test_a_form_that_makes_no_sense_is_refused(counter: Counter, name: str) -> None:
    media_type, body, status = BODIES[name]
    headers = {"content-type": media_type, "sec-fetch-site": "same-origin"}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{counter.url}/statements", data=BytesIO(body), headers=headers) as answer,
    ):
        assert answer.status == status
        assert (answer.headers.get("connection") == "close") is (status in {400, 413})
        assert "<title>" in await answer.text()
    assert await statements.newest(counter.tools.store, 10) == []


async def test_a_form_of_another_site_is_not_read(counter: Counter) -> None:
    await bank_account(counter.tools)
    media_type, body = multipart(SHOWS_THE_PAYMENT)
    headers = {"content-type": media_type, "sec-fetch-site": "cross-site"}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{counter.url}/statements", data=BytesIO(body), headers=headers) as answer,
    ):
        assert answer.status == 403
    assert await statements.newest(counter.tools.store, 10) == []
