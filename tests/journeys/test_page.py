"""A payer's way over the hosted page, by links and forms alone: no scripts, as in the simplest browser."""

from urllib.parse import parse_qs, urlsplit

import pytest

from tests.clients.payer import paying
from tests.clients.receiver import Receiver, receiving
from tests.shop import Shop
from tillway.domain.issuing import full_number
from tillway.surfaces.sandbox.seeding import PREFIX

pytestmark = pytest.mark.anyio

RETURN_URL = "http://localhost:9/done?order=7"
UNKNOWN = full_number(PREFIX, 1)
"""A number that could be a card's, and is nobody's."""


async def page_of(shop: Shop, amount: float, **members: str) -> tuple[str, str]:
    """A payment for the page: its id and its link."""
    answer = await shop.till.create(amount, accessMode="web", returnUrl=RETURN_URL, **members)
    return answer.body["paymentId"], answer.body["url"]


async def test_a_payer_pays_with_two_cards_and_goes_back_to_the_shop(shop: Shop) -> None:
    first, second = await shop.cards(100_00, 500_00)
    async with receiving(Receiver()) as receiver, paying() as payer:
        payment, url = await page_of(shop, 250, reference="order 7", webhookUrl=receiver.url)
        await payer.go(url)
        assert payer.status == 200
        assert "order 7" in payer.text
        await payer.submit("/cards", number=first.number, cvc=first.cvc)
        assert first.number not in payer.html
        assert first.number[-5:] in payer.html
        await payer.submit("/cards", number=second.number, cvc=second.cvc)
        await payer.submit("/perform")
        assert "Paid" in payer.text
        back = next(link for link in payer.links if link.startswith("http://localhost:9/done"))
        assert parse_qs(urlsplit(back).query) == {"order": ["7"], "paymentId": [payment]}
        (delivery,) = await receiver.told(payment)
    verified = (await shop.till.verify(payment)).body
    assert (verified["status"], verified["paidAmount"]) == ("completed", 250)
    assert [one["deductedAmount"] for one in delivery.body["cards"]] == [100, 150]
    assert [(await shop.books(gift.number)).balance for gift in (first, second)] == [0, 350_00]


async def test_a_part_payment_must_be_agreed_to(shop: Shop) -> None:
    gift = await shop.card(100_00)
    payment, url = await page_of(shop, 250)
    async with paying() as payer:
        await payer.go(url)
        await payer.submit("/cards", number=gift.number, cvc=gift.cvc)
        await payer.submit("/perform")
        assert (await shop.till.verify(payment)).body["status"] == "created"
        await payer.submit("/perform", part="agreed")
    verified = (await shop.till.verify(payment)).body
    assert (verified["status"], verified["paidAmount"], verified["paymentTotal"]) == ("completed", 100, 250)


async def test_pressing_pay_twice_pays_once(shop: Shop) -> None:
    gift = await shop.card(500_00)
    payment, url = await page_of(shop, 250)
    async with paying() as payer:
        await payer.go(url)
        await payer.submit("/cards", number=gift.number, cvc=gift.cvc)
        form = next(form for form in payer.forms if form.action.endswith("/perform"))
        await payer.submit("/perform")
        payer.forms = [form]
        await payer.submit("/perform")
        assert payer.status == 200
    assert (await shop.till.verify(payment)).body["paidAmount"] == 250
    assert (await shop.books(gift.number)).balance == 250_00


async def test_a_wrong_number_and_a_wrong_cvc_are_told_alike(shop: Shop) -> None:
    gift = await shop.card(500_00)
    wrong = f"{(int(gift.cvc) + 1) % 1000:03d}"
    _, url = await page_of(shop, 250)
    texts: list[str] = []
    for number, cvc in ((gift.number, wrong), (UNKNOWN, gift.cvc)):
        async with paying() as payer:
            await payer.go(url)
            await payer.submit("/cards", number=number, cvc=cvc)
            texts.append(payer.text)
    assert texts[0] == texts[1]


async def test_a_payer_who_cancels_goes_back_and_the_till_sees_it(shop: Shop) -> None:
    payment, url = await page_of(shop, 250)
    async with paying() as payer:
        await payer.go(url)
        await payer.go(next(link for link in payer.links if link.endswith("/cancel")))
        await payer.submit("/cancel")
        assert any(link.startswith("http://localhost:9/done") for link in payer.links)
    assert (await shop.till.verify(payment)).body["status"] == "aborted"


async def test_a_link_that_was_tampered_with_shows_nothing(shop: Shop) -> None:
    _, url = await page_of(shop, 250, reference="a secret order")
    async with paying() as payer:
        await payer.go(url[:-1] + ("a" if url[-1] != "a" else "b"))
        assert payer.status == 404
        assert "a secret order" not in payer.text


async def test_a_form_of_another_site_does_nothing(shop: Shop) -> None:
    payment, url = await page_of(shop, 250)
    async with (
        paying() as payer,
        payer.session.post(url + "/cancel", headers={"origin": "https://elsewhere.example"}) as refused,
    ):
        assert refused.status == 403
    assert (await shop.till.verify(payment)).body["status"] == "created"
