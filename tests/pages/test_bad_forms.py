"""Forms of web payments that no payer's browser sends: a page that says no, never a crash, and nothing taken."""

import aiohttp
import pytest

from tests.journeys.test_bad_forms import FORMS
from tests.pages.webshop import WebShop
from tillway.domain.orders import Access

pytestmark = pytest.mark.anyio

TRAYS = (
    b"tray=",
    b"tray=%00",
    b"tray=%ff",
    "tray=å".encode(),
    b"tray=" + b"A" * 8000,
    b"tray=AAAAAAAAAAAAAAAAAAAAAAAAAAAA",
)


@pytest.mark.parametrize("access", [Access.LINK, Access.WIDGET])
async def test_a_form_that_makes_no_sense_changes_nothing(shop: WebShop, access: Access) -> None:
    payment = await shop.payment(access=access)
    page = shop.link(payment) if access is Access.LINK else shop.frame(payment)
    urlencoded = "application/x-www-form-urlencoded"
    bodies = [*FORMS.values(), *((urlencoded, tray) for tray in TRAYS)]
    async with aiohttp.ClientSession() as session:
        for path in ("perform", "cards", "cards/remove", "turn-back"):
            for media_type, body in bodies:
                headers = {"content-type": media_type, "sec-fetch-site": "same-origin"}
                async with session.post(f"{page}/{path}", data=body, headers=headers, allow_redirects=False) as answer:
                    assert answer.status in {200, 303, 400}
                    assert "a=b" not in str(answer.headers.getall("Set-Cookie", []))
    assert (await shop.now(payment)).attempts == ()


@pytest.mark.parametrize("door", ["pay", "embed"])
@pytest.mark.parametrize("token", ["%00", "%ff", "..", "a" * 900, "a.b.c", "<script>alert(1)</script>", "æøå"])
async def test_a_token_that_is_none_of_ours_opens_nothing(shop: WebShop, door: str, token: str) -> None:
    async with aiohttp.ClientSession() as session:
        for ending in ("", "/return"):
            async with session.get(f"{shop.url}/{door}/{token}{ending}") as page:
                assert page.status == 404
                assert "<script>alert" not in await page.text()
