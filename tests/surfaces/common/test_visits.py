"""Leading people on: by redirects to our own pages and to others, and by a page where no redirect may go."""

import pytest

from tillway.surfaces.common.visits import lead_elsewhere, see_elsewhere, see_other


def test_after_a_form_people_look_at_a_page() -> None:
    reply = see_other("/pay/token")
    assert (reply.status, dict(reply.headers)[b"location"]) == (303, b"/pay/token")


def test_an_address_of_others_is_kept_as_it_is() -> None:
    reply = see_elsewhere("https://shop.example/done?order=7&x=%20#end")
    assert dict(reply.headers)[b"location"] == b"https://shop.example/done?order=7&x=%20#end"


def test_a_page_leads_on_by_itself_and_by_a_link() -> None:
    reply = lead_elsewhere("https://shop.example/done?order=7&paymentReference=1")
    page = reply.body.decode()
    assert reply.status == 200
    assert b"location" not in dict(reply.headers)
    assert 'content="0; url=https://shop.example/done?order=7&amp;paymentReference=1"' in page
    assert '<a href="https://shop.example/done?order=7&amp;paymentReference=1">shop.example</a>' in page


@pytest.mark.parametrize("url", ['https://shop.example/"><script>alert(1)</script>', "https://shop.example/?a='\"<b>"])
def test_no_address_becomes_part_of_the_page(url: str) -> None:
    page = lead_elsewhere(url).body.decode()
    assert "<script" not in page
    assert "<b>" not in page
    assert page.count('"') == lead_elsewhere("https://shop.example/").body.decode().count('"')
