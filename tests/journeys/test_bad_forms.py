"""Forms and links that no browser of a payer sends: a page that says no, never a crash, and nothing changed."""

import pytest

from tests.clients.till import Till
from tests.shop import Shop

pytestmark = pytest.mark.anyio

FORMS: dict[str, tuple[str, bytes]] = {
    "nothing": ("application/x-www-form-urlencoded", b""),
    "no such fields": ("application/x-www-form-urlencoded", b"a=b&c"),
    "only marks": ("application/x-www-form-urlencoded", b"&&&===&%&%zz"),
    "not UTF-8": ("application/x-www-form-urlencoded", b"number=%ff%fe&cvc=%c0%af&place=%ff&pay_key=%ff&amount=%ff"),
    "NUL": ("application/x-www-form-urlencoded", b"number=%00&cvc=%00&place=%00&pay_key=%00&amount=%00"),
    "line feeds": ("application/x-www-form-urlencoded", b"number=%0d%0aset-cookie:a=b&cvc=%0d%0a&pay_key=%0d%0a"),
    "digits of another script": ("application/x-www-form-urlencoded", "number=٩٩٩٩&cvc=٣٣٣&place=٣&amount=٣".encode()),
    "superscripts": ("application/x-www-form-urlencoded", "number=²&cvc=²²²&place=²&amount=²".encode()),
    "very long": ("application/x-www-form-urlencoded", b"number=" + b"9" * 30_000 + b"&pay_key=" + b"k" * 30_000),
    "very large": ("application/x-www-form-urlencoded", b"number=" + b"9" * 900_000),
    "many fields": ("application/x-www-form-urlencoded", b"&".join(b"f%d=1" % number for number in range(5000))),
    "a field many times": ("application/x-www-form-urlencoded", b"number=1&" * 500),
    "negative": ("application/x-www-form-urlencoded", b"place=-1&amount=-5&pay_key=k&part=agreed"),
    "JSON": ("application/json", b'{"number":"1"}'),
    "parts": (
        "multipart/form-data; boundary=x",
        b'--x\r\ncontent-disposition: form-data; name="number"\r\n\r\n1\r\n--x--',
    ),
    "parts without an end": ("multipart/form-data; boundary=x", b"--x\r\n"),
    "rubbish": ("text/plain", bytes(range(256))),
}


async def sent(till: Till, path: str, media_type: str, body: bytes) -> tuple[int, str]:
    """Status and text of the answer to a form, without going where it leads."""
    headers = {"content-type": media_type, "sec-fetch-site": "same-origin"}
    async with till.session.post(till.url + path, data=body, headers=headers, allow_redirects=False) as response:
        assert "set-cookie: a=b" not in str(response.headers).lower()
        return response.status, await response.text()


@pytest.mark.parametrize("target", ["/cards", "/cards/remove", "/perform"])
@pytest.mark.parametrize("name", FORMS)
async def test_a_form_that_makes_no_sense_changes_nothing(shop: Shop, name: str, target: str) -> None:
    created = await shop.till.create(250, accessMode="web", returnUrl="http://localhost/")
    page = created.body["url"].removeprefix(shop.till.url)
    before = await shop.state_of_books()
    status, _ = await sent(shop.till, page + target, *FORMS[name])
    assert status in {303, 400, 403, 413, 415}
    assert await shop.state_of_books() == before


@pytest.mark.parametrize(
    "token",
    [
        "",
        ".",
        "...",
        "a.b.c",
        "a" * 3000,
        "%00",
        "%ff",
        "%2e%2e%2f",
        "019a9f1e-7c1a-7b52-8f6e-2f1d3c4b5001.zz.aa",
        "019a9f1e-7c1a-7b52-8f6e-2f1d3c4b5001..",
        "æøå",
        "<script>alert(1)</script>",
    ],
)
async def test_a_link_that_is_none_of_ours_opens_nothing(shop: Shop, token: str) -> None:
    for ending in ("", "/cancel"):
        async with shop.session.get(f"{shop.till.url}/pay/{token}{ending}") as page:
            assert page.status == 404
            assert "<script>alert" not in await page.text()


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"{}", b'{"seconds":0}', b'{"seconds":1e9}', b'{"seconds":"60"}', b'{"seconds":1.5}']
)
async def test_time_does_not_pass_by_mistake(shop: Shop, body: bytes) -> None:
    refused = await shop.till.call("POST", "/sandbox/v1/clock/advance", body)
    assert (refused.status, list(refused.body)) == (400, ["message"])
