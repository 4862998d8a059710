"""Pages may load nothing foreign, forms come from our own pages, and cookies are out of reach of scripts."""

import pytest

from tillway.surfaces.common.security_headers import cookie, is_own_form, own_origin, page_headers

OURS = "https://pay.example"


@pytest.mark.parametrize(
    ("headers", "own"),
    [
        ({b"sec-fetch-site": b"same-origin"}, True),
        ({b"sec-fetch-site": b"none"}, True),
        ({b"sec-fetch-site": b"same-site"}, False),
        ({b"sec-fetch-site": b"cross-site"}, False),
        ({b"sec-fetch-site": b"cross-site", b"origin": OURS.encode()}, False),
        ({b"origin": OURS.encode()}, True),
        ({b"origin": b"https://evil.example"}, False),
        ({b"origin": b"http://pay.example"}, False),
        ({b"origin": b"null"}, False),
        ({}, False),
    ],
)
def test_a_form_is_ours_only_if_the_browser_says_so(headers: dict[bytes, bytes], own: bool) -> None:
    assert is_own_form(headers, OURS) is own


def test_without_a_public_address_we_are_who_the_browser_asked_for() -> None:
    assert own_origin({"scheme": "http"}, {b"host": b"127.0.0.1:8080"}) == "http://127.0.0.1:8080"


def test_a_page_may_load_nothing_foreign_and_stand_in_no_frame() -> None:
    headers = dict(page_headers())
    policy = headers[b"content-security-policy"].decode()
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers[b"x-frame-options"] == b"DENY"
    assert headers[b"cache-control"] == b"no-store"
    assert headers[b"referrer-policy"] == b"no-referrer"
    assert headers[b"x-content-type-options"] == b"nosniff"


def test_a_page_may_be_framed_and_lead_to_those_who_were_named() -> None:
    headers = dict(page_headers(frame_ancestors=["https://shop.example"], form_targets=["https://shop.example"]))
    policy = headers[b"content-security-policy"].decode()
    assert "frame-ancestors https://shop.example" in policy
    assert "form-action 'self' https://shop.example" in policy
    assert b"x-frame-options" not in headers


@pytest.mark.parametrize(
    "origin", ["https://a.example; script-src *", "https://a.example *", "https://å.example", "a\r\nb"]
)
def test_an_origin_cannot_write_another_directive(origin: str) -> None:
    with pytest.raises(ValueError, match="origin"):
        page_headers(frame_ancestors=[origin])


def test_a_cookie_is_out_of_reach_of_scripts_and_sister_domains() -> None:
    assert cookie("session", "abc", secure=True, lasts_seconds=60, same_site="Strict") == (
        b"set-cookie",
        b"__Host-session=abc; Path=/; HttpOnly; SameSite=Strict; Max-Age=60; Secure",
    )
    assert cookie("session", "abc", secure=False) == (b"set-cookie", b"session=abc; Path=/; HttpOnly; SameSite=Lax")


@pytest.mark.parametrize("value", ["a;b", "a b", 'a"b', "a\r\nset-cookie: x=y", "å"])
def test_a_cookie_cannot_carry_more_than_its_value(value: str) -> None:
    with pytest.raises(ValueError, match="cookie"):
        cookie("session", value, secure=True)


def test_a_page_shows_the_widgets_of_origins_that_it_names_and_no_others() -> None:
    policy = dict(page_headers(widgets=(OURS,)))[b"content-security-policy"].decode()
    assert f"script-src 'self' {OURS}; frame-src {OURS};" in policy
    assert "frame-src" not in dict(page_headers())[b"content-security-policy"].decode()
    with pytest.raises(ValueError, match="origin"):
        page_headers(widgets=("https://pay.example; script-src *",))
