"""Where payers may be sent back to: what begins as an address on the client's list, however slyly it is written."""

from dataclasses import replace

import pytest

from tests.domain.order_shop import CLIENT
from tillway.domain.returning import is_beginning, may_return

ALLOWED = "https://shop.example/back http://localhost:3000 https://other.example:8443/a/b/"


@pytest.mark.parametrize(
    "url",
    [
        "https://shop.example/back",
        "https://shop.example/back/",
        "https://shop.example/back/done?order=1&to=https://evil.example/..#top",
        "https://shop.example/back?x=/../..",
        "https://shop.example/back#/../..",
        "https://shop.example/back/a..b/...",
        "https://shop.example/back/d%C4%9Bkujeme",
        "https://shop.example/back/děkujeme",
        "HTTPS://SHOP.Example/back",
        "https://shop.example:443/back",
        "https://shop.example:0443/back",
        "https://shop.example:/back",
        "http://localhost:3000",
        "http://localhost:3000?x",
        "http://localhost:3000/anything",
        "https://other.example:8443/a/b",
        "https://other.example:8443/a/b/c",
    ],
)
def test_what_begins_as_an_allowed_address_may_be_returned_to(url: str) -> None:
    assert may_return(replace(CLIENT, return_urls=ALLOWED), url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        " ",
        "/back",
        "//shop.example/back",
        "https:shop.example/back",
        "https:/shop.example/back",
        "https:///shop.example/back",
        "javascript://shop.example/back",
        "ftp://shop.example/back",
        "http://shop.example/back",
        "https://shop.example",
        "https://shop.example/",
        "https://shop.example/backwards",
        "https://shop.example/Back",
        "https://shop.example//back",
        "https://shop.example/%62ack",
        "https://shop.example./back",
        "https://.shop.example/back",
        "https://www.shop.example/back",
        "https://shop.example.evil.example/back",
        "https://evil.example/shop.example/back",
        "https://evil.example/https://shop.example/back",
        "https://shop.example:8443/back",
        "https://shop.example:0/back",
        "https://shop.example:443443/back",
        "https://shop.example:x/back",
        "https://shop.example:\u0664\u0664\u0663/back",
        "https://other.example/a/b",
        "http://localhost/",
        "https://shop.example@evil.example/back",
        "https://evil.example@shop.example/back",
        "https://user:word@shop.example/back",
        "https://@shop.example/back",
        "https://evil.example\\@shop.example/back",
        "https://shop.example\\back",
        "https://shop.example/back\\..\\admin",
        "https://evil.example#@shop.example/back",
        "https://evil.example?@shop.example/back",
        "https://shop.example;evil.example/back",
        "https://shop.example%2eevil.example/back",
        "https://shop%2eexample/back",
        "https://shop.example/back/../admin",
        "https://shop.example/back/..",
        "https://shop.example/back/%2e%2e/admin",
        "https://shop.example/back/.%2E/admin",
        "https://shop.example/back/%2e./admin",
        "https://shop.example/back/..%2fadmin",
        "https://shop.example/back/%2e%2e%2fadmin",
        "https://shop.example/back/..%5cadmin",
        "https://shop.example/back/..;/admin",
        "https://shop.example/back/..;jsessionid=1/admin",
        "https://shop.example/back/.\t./admin",
        "https://shop.example/back/.\n./admin",
        "https://shop.example/back\r\nset-cookie: a=b",
        "https://shop.example/back\x00",
        "https://shop.example/back\x7f",
        " https://shop.example/back",
        "https://shop.example/back ",
        "\x01https://shop.example/back",
        "h\nttps://shop.example/back",
        "https://shop.example\u2028/back",
        "https://shop.example\uff0fback",
        "https://\uff53hop.example/back",
        "https://\u017fhop.example/back",
        "https://shop\u3002example/back",
        "https://shop.e\u00adxample/back",
        "https://\u0161hop.example/back",
        "https://[shop.example/back",
        "https://[::1]/back",
        "https://shop.example]/back",
    ],
)
def test_nothing_else_may_be_returned_to(url: str) -> None:
    assert not may_return(replace(CLIENT, return_urls=ALLOWED), url)


def test_an_international_name_is_allowed_as_it_travels() -> None:
    allowed = replace(CLIENT, return_urls="https://xn--hop-7xa.example/")
    assert may_return(allowed, "https://XN--hop-7xa.example/back")
    assert not may_return(allowed, "https://\u0161hop.example/back")


def test_a_name_that_folds_to_an_allowed_one_is_not_it() -> None:
    assert not may_return(replace(CLIENT, return_urls="https://book.example/"), "https://boo\u212a.example/")


def test_a_client_without_addresses_may_return_nowhere() -> None:
    for url in ("", "https://shop.example/", "http://", "https://"):
        assert not may_return(replace(CLIENT, return_urls=""), url)


@pytest.mark.parametrize("text", [*ALLOWED.split(" "), "https://[2001:db8::1]:8443/x", "https://xn--hop-7xa.example"])
def test_plain_addresses_can_be_allowed(text: str) -> None:
    assert is_beginning(text)
    assert may_return(replace(CLIENT, return_urls=text), text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "shop.example",
        "https://",
        "https://shop.example/?x",
        "https://shop.example/#x",
        "https://shop.example/a b",
        "https://shop.example/a/../b",
        "https://shop.example/a/%2e%2e/b",
        "https://user@shop.example/",
        "https://shop.example\\a",
        "https://\u0161hop.example/",
        "https://shop.example/\t",
    ],
)
def test_what_would_be_read_in_two_ways_cannot_be_allowed(text: str) -> None:
    assert not is_beginning(text)
