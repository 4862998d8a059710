"""Links to payments, and forms that did not come from the page: what opens, what does not, what is sent along."""

import asyncio

import aiohttp
import pytest
from playwright.async_api import Page, expect

from tests import gateway
from tests.pages.counter import Counter
from tests.pages.test_paying import lay_down
from tillway.commands import payments
from tillway.domain.payments import PaymentState
from tillway.surfaces.common.payment_links import OPENS_AFTER_EXPIRY_SECONDS

pytestmark = pytest.mark.anyio


async def test_opening_the_page_is_noted_once(counter: Counter, page: Page) -> None:
    payment = await counter.payment(10_000)
    await page.goto(counter.link(payment))
    await page.reload()
    after = (await counter.now(payment)).payment
    assert (after.state, after.version) == (PaymentState.SEEN, 1)


async def test_a_link_that_was_tampered_with_opens_nothing(counter: Counter, phone: Page) -> None:
    link = counter.link(await counter.payment(10_000))
    flipped = link[:-1] + ("A" if link[-1] != "A" else "B")
    async with aiohttp.ClientSession() as session, session.get(flipped) as response:
        assert response.status == 404
        assert "This link does not open a payment" in await response.text()


async def test_an_old_link_says_that_it_has_expired(counter: Counter) -> None:
    payment = await counter.payment(10_000, lasts_seconds=60)
    link = counter.link(payment)
    gateway.clock_of(counter.tools).advance(61 + OPENS_AFTER_EXPIRY_SECONDS)
    async with aiohttp.ClientSession() as session, session.get(link) as response:
        assert response.status == 410
        assert "This link has expired" in await response.text()


async def test_a_payment_that_is_overdue_takes_no_more_cards(counter: Counter, phone: Page) -> None:
    payment, card = await counter.payment(10_000, lasts_seconds=60), await counter.card(50_000)
    await phone.goto(counter.link(payment))
    await lay_down(phone, card)
    await expect(phone.get_by_role("button", name="Pay 100.00")).to_be_visible()
    gateway.clock_of(counter.tools).advance(61)
    await phone.get_by_role("button", name="Pay 100.00").click()
    await expect(phone.get_by_role("heading", name="The time to pay is over")).to_be_visible()
    assert await counter.left_on(card) == 50_000


async def test_a_payment_that_the_shop_withdrew_says_so(counter: Counter, phone: Page) -> None:
    payment = await counter.payment(10_000)
    await phone.goto(counter.link(payment))
    await payments.withdraw(counter.tools, counter.client, payment.payment.id)
    await phone.get_by_role("button", name="Check balance and add").click()
    await expect(phone.get_by_role("heading", name="The payment is cancelled")).to_be_visible()


async def test_what_is_left_on_a_card_is_told_only_to_the_payer_who_used_it(counter: Counter, page: Page) -> None:
    payment, card = await counter.payment(10_000), await counter.card(50_000)
    link = counter.link(payment)
    await page.goto(link)
    await lay_down(page, card)
    await page.get_by_role("button", name="Pay 100.00").click()
    await expect(page.get_by_text("Left on the card")).to_be_visible()
    async with aiohttp.ClientSession() as session, session.get(link) as response:
        seen = await response.text()
    assert "Paid" in seen
    assert "Left on the card" not in seen


async def test_a_form_from_another_site_does_nothing(counter: Counter) -> None:
    payment = await counter.payment(10_000)
    async with aiohttp.ClientSession() as session:
        for headers in ({"sec-fetch-site": "cross-site"}, {"origin": "https://elsewhere.example"}, {}):
            async with session.post(f"{counter.link(payment)}/cancel", data={"x": "y"}, headers=headers) as response:
                assert response.status == 403
    assert (await counter.now(payment)).payment.state is PaymentState.CREATED


async def test_the_same_form_sent_many_times_at_once_pays_once(counter: Counter, page: Page) -> None:
    payment, card = await counter.payment(10_000), await counter.card(50_000)
    await page.goto(counter.link(payment))
    await lay_down(page, card)
    form = page.locator("form[action$='/perform']")
    fields = {name: await form.locator(f"[name={name}]").input_value() for name in ("pay_key", "amount")}
    cookies = {one.get("name", ""): one.get("value", "") for one in await page.context.cookies(counter.link(payment))}
    async with aiohttp.ClientSession(cookies=cookies) as session:

        async def send() -> int:
            async with session.post(
                f"{counter.link(payment)}/perform",
                data=fields,
                headers={"sec-fetch-site": "same-origin"},
                allow_redirects=False,
            ) as response:
                return response.status

        statuses = await asyncio.gather(*(send() for _ in range(10)))
    assert statuses == [303] * 10
    assert await counter.left_on(card) == 40_000


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"number=1&cvc=" + b"1" * 20_000, {}),
        (b"number=%FF%FE&cvc=1", {}),
        (b'{"number": "1"}', {"content-type": "application/json"}),
        (b"&".join(b"a=b" for _ in range(100)), {}),
    ],
)
async def test_a_form_that_cannot_be_read_is_answered_with_a_page(
    counter: Counter, body: bytes, headers: dict[str, str]
) -> None:
    link = counter.link(await counter.payment(10_000))
    sent = {"content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin"} | headers
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{link}/cards", data=body, headers=sent) as response,
    ):
        assert response.status == 400
        assert "could not be read" in await response.text()


async def test_a_page_may_not_be_kept_framed_or_told_onward(counter: Counter) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.get(counter.link(await counter.payment(10_000))) as response,
    ):
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]
        assert "unsafe" not in response.headers["Content-Security-Policy"]


async def test_the_tray_is_out_of_reach_of_scripts_and_of_other_pages(counter: Counter, page: Page) -> None:
    payment, card = await counter.payment(10_000), await counter.card(50_000)
    await page.goto(counter.link(payment))
    await lay_down(page, card)
    await expect(page.get_by_role("button", name="Pay 100.00")).to_be_visible()
    [tray] = [one for one in await page.context.cookies() if one.get("name") == "tray"]
    assert tray.get("httpOnly")
    assert f"{counter.url}{tray.get('path')}" == counter.link(payment)
    assert await page.evaluate("document.cookie") == ""


async def test_a_tray_of_one_payment_is_empty_in_another(counter: Counter, page: Page) -> None:
    first, second, card = await counter.payment(10_000), await counter.payment(20_000), await counter.card(50_000)
    await page.goto(counter.link(first))
    await lay_down(page, card)
    await expect(page.get_by_role("button", name="Pay 100.00")).to_be_visible()
    [tray] = [one for one in await page.context.cookies() if one.get("name") == "tray"]
    value = tray.get("value", "")
    async with (
        aiohttp.ClientSession(cookies={"tray": value}) as session,
        session.get(counter.link(second)) as response,
    ):
        assert "Your cards" not in await response.text()


@pytest.mark.parametrize("path", ["/pay", "/pay/x/y/z", "/pay/%00", "/card-gen/nothing"])
async def test_what_is_not_there_is_answered_with_a_page(counter: Counter, path: str) -> None:
    async with aiohttp.ClientSession() as session, session.get(counter.url + path) as response:
        assert response.status == 404
        assert "Tillway" in await response.text()
