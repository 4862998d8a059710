"""Whatever a payer's browser does, it pays once: double clicks, two tabs, the back button, a tab closed too soon."""

import asyncio
import io

import aiohttp
import pytest
from playwright.async_api import Page, expect

from tests.pages.far_side import SIGNATURE
from tests.pages.test_paying_by_link import choose, lay_down
from tests.pages.webshop import FAR, WebShop
from tillway.commands.outcomes import resolve_call
from tillway.domain.payments import PaymentState
from tillway.surfaces.checkout.callbacks import MOST_BYTES

pytestmark = pytest.mark.anyio


async def fields_of(page: Page, method: str) -> dict[str, str]:
    """What the form of a method's row sends."""
    form = page.locator(f"form:has(button[value={method}])")
    names = ("pay_key", "amount", "rest")
    return {name: await form.locator(f"[name={name}]").input_value() for name in names} | {"method": method}


async def send(session: aiohttp.ClientSession, shop: WebShop, link: str, fields: dict[str, str]) -> tuple[int, str]:
    """Status and target of the answer to a method's form."""
    headers = {"sec-fetch-site": "same-origin"}
    async with session.post(f"{link}/perform", data=fields, headers=headers, allow_redirects=False) as response:
        return response.status, response.headers.get("Location", "")


async def test_a_form_sent_many_times_at_once_begins_one_payment_and_leads_to_one_place(
    shop: WebShop, page: Page
) -> None:
    payment, card = await shop.payment(), await shop.card(4_000)
    link = shop.link(payment)
    await page.goto(link)
    await lay_down(page, card)
    await expect(page.get_by_role("heading", name="Pay the rest, 24.90 €, with")).to_be_visible()
    fields = await fields_of(page, "ideal")
    cookies = {one.get("name", ""): one.get("value", "") for one in await page.context.cookies(link)}
    async with aiohttp.ClientSession(cookies=cookies) as session:
        answers = await asyncio.gather(*(send(session, shop, link, fields) for _ in range(10)))
        answers.append(await send(session, shop, link, fields))
    far_page = f"{shop.far.url}/confirm/{shop.operation(payment, 2)}"
    assert set(answers) <= {(303, far_page), (303, link.removeprefix(shop.url))}
    assert answers[-1] == (303, far_page)
    assert list(shop.far.journeys) == [shop.operation(payment, 2)]
    assert await shop.left_on(card) == (0, 4_000)


async def test_a_double_click_without_scripts_begins_one_payment(shop: WebShop, phone: Page) -> None:
    payment = await shop.payment()
    await phone.goto(shop.link(payment))
    await phone.locator(".methods").get_by_role("button", name="iDEAL").dblclick(no_wait_after=True)
    await expect(phone.get_by_role("heading", name="Bank")).to_be_visible()
    await phone.get_by_role("button", name="Confirm").click()
    await expect(phone.get_by_role("heading", name="Paid", exact=True)).to_be_visible()
    assert len((await shop.now(payment)).attempts) == 1


async def test_a_second_tab_does_not_begin_a_second_payment(shop: WebShop, phone: Page) -> None:
    payment = await shop.payment()
    other = await phone.context.new_page()
    for tab in (phone, other):
        await tab.goto(shop.link(payment))
    await choose(phone, "iDEAL")
    await expect(phone.get_by_role("heading", name="Bank")).to_be_visible()
    await choose(other, "Card")
    await expect(other.get_by_role("heading", name="Finish your payment")).to_be_visible()
    await phone.get_by_role("button", name="Confirm").click()
    await expect(phone.get_by_role("heading", name="Paid", exact=True)).to_be_visible()
    await other.get_by_role("button", name="Pay in another way").click()
    await expect(other.get_by_role("heading", name="Paid", exact=True)).to_be_visible()
    assert len((await shop.now(payment)).attempts) == 1


async def test_the_back_button_leads_back_to_the_payment_that_was_begun(shop: WebShop, phone: Page) -> None:
    payment = await shop.payment()
    await phone.goto(shop.link(payment))
    await choose(phone, "iDEAL")
    await expect(phone.get_by_role("heading", name="Bank")).to_be_visible()
    await phone.go_back()
    await phone.get_by_role("button", name="iDEAL").or_(phone.get_by_role("link", name="Go on to confirm it")).click()
    await expect(phone.get_by_role("heading", name="Bank")).to_be_visible()
    await phone.get_by_role("button", name="Confirm").click()
    await expect(phone.get_by_role("heading", name="Paid", exact=True)).to_be_visible()
    await phone.go_back()
    await phone.go_back()
    await expect(phone.get_by_role("heading", name="Paid", exact=True)).to_be_visible()
    assert len((await shop.now(payment)).attempts) == 1


async def test_an_old_form_after_a_decline_begins_nothing(shop: WebShop, page: Page) -> None:
    payment = await shop.payment()
    link = shop.link(payment)
    await page.goto(link)
    fields = await fields_of(page, "card")
    await choose(page, "Card")
    await page.get_by_role("button", name="Refuse").click()
    await expect(page.get_by_role("alert")).to_be_visible()
    async with aiohttp.ClientSession() as session:
        assert await send(session, shop, link, fields) == (303, link.removeprefix(shop.url))
    assert len((await shop.now(payment)).attempts) == 1


async def test_a_form_that_says_other_amounts_takes_nothing(shop: WebShop, page: Page) -> None:
    payment = await shop.payment()
    link = shop.link(payment)
    await page.goto(link)
    fields = await fields_of(page, "card")
    wrong = ({"rest": "1"}, {"amount": "1"}, {"method": "gift_card"}, {"method": "nothing"}, {"pay_key": ""})
    async with aiohttp.ClientSession() as session:
        for changed in (*wrong, {"pay_key": "k" * 65}, {"method": "bancontact"}, {"method": ""}):
            assert await send(session, shop, link, fields | changed) == (303, link.removeprefix(shop.url))
            async with session.get(link) as response:
                assert response.status == 200
    assert (await shop.now(payment)).attempts == ()


async def test_who_closes_the_tab_at_the_bank_finds_the_receipt_under_the_link(shop: WebShop, phone: Page) -> None:
    payment = await shop.payment()
    await phone.goto(shop.link(payment))
    await choose(phone, "iDEAL")
    await expect(phone.get_by_role("heading", name="Bank")).to_be_visible()
    shop.far.pays(shop.operation(payment))
    closed = await phone.context.new_page()
    await phone.goto("about:blank")
    status = await told(shop, f'{{"id": "{shop.operation(payment)}"}}'.encode())
    assert status == 200
    await closed.goto(shop.link(payment))
    await expect(closed.get_by_role("heading", name="Paid", exact=True)).to_be_visible()


async def test_a_page_that_waits_moves_on_by_itself_when_the_outcome_is_known(shop: WebShop, page: Page) -> None:
    payment = await shop.payment()
    await page.goto(shop.link(payment))
    await choose(page, "iDEAL")
    await page.get_by_role("button", name="Leave").click()
    await expect(page.get_by_role("heading", name="Finish your payment")).to_be_visible()
    shop.far.pays(shop.operation(payment))
    await resolve_call(shop.tools, payment.payment.id, may_begin=False)
    await expect(page.get_by_role("heading", name="Paid", exact=True)).to_be_visible(timeout=20_000)


async def told(shop: WebShop, body: bytes, *, name: str = FAR, signature: str = SIGNATURE) -> int:
    """The status that a far side is answered which tells something."""
    async with (
        aiohttp.ClientSession() as session,
        session.post(
            f"{shop.url}/callbacks/{name}", data=io.BytesIO(body), headers={"x-signature": signature}
        ) as response,
    ):
        assert response.headers["Content-Type"].startswith("text/plain")
        return response.status


async def test_a_callback_is_believed_only_if_it_is_signed_and_of_something_we_asked_for(
    shop: WebShop, page: Page
) -> None:
    payment = await shop.payment()
    await page.goto(shop.link(payment))
    await choose(page, "iDEAL")
    await expect(page.get_by_role("heading", name="Bank")).to_be_visible()
    body = f'{{"id": "{shop.operation(payment)}"}}'.encode()
    assert await told(shop, body, signature="wrong") == 400
    assert await told(shop, b"rubbish") == 400
    assert await told(shop, body, name="nobody") == 404
    assert await told(shop, body, name="simulator") == 400
    assert await told(shop, b'{"id": "0190-1"}') == 200
    assert await told(shop, f'{{"id": "{shop.operation(payment, 7)}"}}'.encode()) == 200
    assert (await shop.now(payment)).payment.state is PaymentState.PROCESSING
    assert [await told(shop, body) for _ in range(3)] == [200, 200, 200]
    assert (await shop.now(payment)).payment.state is PaymentState.BOOKED
    written = shop.written()
    assert "/callbacks/{connector}" in written
    assert shop.operation(payment) not in written


async def test_a_callback_that_is_too_large_or_not_posted_is_refused(shop: WebShop) -> None:
    assert await told(shop, b" " * (MOST_BYTES + 1)) == 413
    assert await told(shop, b" " * 10_000_000) == 413
    async with aiohttp.ClientSession() as session, session.get(f"{shop.url}/callbacks/{FAR}") as response:
        assert (response.status, response.headers["Allow"]) == (405, "POST")
