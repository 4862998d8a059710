"""Initiating payments: what is answered, what is kept, and every leniency in how it is asked."""

import json
from typing import Any

import pytest

from tests.clients.integrator import PAYMENTS, PURCHASE
from tests.surfaces.web_api.market import Market
from tillway.domain.clients import Surface
from tillway.domain.money import LARGEST_MINOR
from tillway.domain.orders import Access
from tillway.domain.payments import PaymentState
from tillway.surfaces.common.payment_links import payment_of_link, payment_of_session
from tillway.surfaces.web_api.rules import COUNTRIES, LANGUAGES

pytestmark = pytest.mark.anyio

DAY_SECONDS = 86_400


AMOUNTS = {
    "1": 100,
    "10.23": 1023,
    "0.01": 1,
    "1.10": 110,
    "1.2300000": 123,
    "1e2": 10_000,
    "102.3E-1": 1023,
    "0.29": 29,
    "1.15": 115,
    "4.35": 435,
    "9999999999.99": LARGEST_MINOR,
}
"""Amounts as they are written, and in cents."""


async def test_a_web_payment_is_for_the_widget(market: Market) -> None:
    answer = await market.shop.initiate_web()
    assert answer.status == 200
    assert set(answer.body) == {"paymentReference", "reference", "sessionToken"}
    reference = answer.body["paymentReference"]
    assert answer.body["reference"] == reference
    assert payment_of_session(market.tools.vault, answer.body["sessionToken"], market.tools.now()) == reference
    order = (await market.standing(reference)).order
    assert (order.access, order.surface, order.amount, order.currency) == (Access.WIDGET, Surface.WEB, 1023, "EUR")
    assert (order.origin, order.return_url) == (PURCHASE["originUrl"], PURCHASE["returnUrl"])
    assert (order.country, order.language, order.email) == ("BE", "nl", PURCHASE["email"])
    assert (order.webhook_url, order.most_declines) == (PURCHASE["postbackUrl"], 5)


async def test_a_link_payment_is_for_a_page_of_ours(market: Market) -> None:
    answer = await market.shop.initiate_weblink()
    assert answer.status == 200
    assert set(answer.body) == {"paymentReference", "expiresOn", "paymentLinkUrl", "paymentLink"}
    url = answer.body["paymentLinkUrl"]
    assert answer.body["paymentLink"] == {"url": url}
    place, _, token = url.rpartition("/")
    assert place == "https://gateway.example/pay"
    reference = answer.body["paymentReference"]
    assert payment_of_link(market.tools.vault, token, market.tools.now()) == reference
    assert (await market.standing(reference)).order.access is Access.LINK


async def test_a_web_payment_lasts_two_days_and_a_link_three_weeks_unless_told_otherwise(market: Market) -> None:
    web, link = await market.shop.initiate_web(), await market.shop.initiate_weblink()
    assert (await market.shop.get(web.body["paymentReference"])).body["expiresOn"] == market.moment(2 * DAY_SECONDS)
    assert link.body["expiresOn"] == market.moment(21 * DAY_SECONDS)
    wanted = market.moment(60)
    assert (await market.shop.initiate_weblink(expiresOn=wanted)).body["expiresOn"] == wanted


@pytest.mark.parametrize("way", ["web", "weblink"])
async def test_orders_are_numbered_by_whole_numbers_each_its_own(market: Market, way: str) -> None:
    references = [
        (await market.shop.call("POST", f"{PAYMENTS}/{way}", dict(PURCHASE))).body["paymentReference"] for _ in range(3)
    ]
    topics = [(await market.shop.get(reference)).body["topic"] for reference in references]
    assert {topic["type"] for topic in topics} == {"order"}
    assert len({topic["id"] for topic in topics}) == 3
    assert all(isinstance(topic["id"], int) and topic["id"] > 0 for topic in topics)


async def test_an_amount_is_read_to_the_last_digit(market: Market) -> None:
    for digits, minor in AMOUNTS.items():
        body = json.dumps({**PURCHASE, "amount": 0}).replace('"amount": 0', f'"amount": {digits}').encode()
        answer = await market.shop.call("POST", f"{PAYMENTS}/web", body)
        assert answer.status == 200, answer
        assert (await market.standing(answer.body["paymentReference"])).payment.amount == minor, digits


@pytest.mark.parametrize(
    "text",
    ["2026-01-01T14:15:22Z", "2026-01-01T14:15:22.5Z", "2026-01-01T14:15:22", "2026-01-01T16:15:22.0000000+02:00"],
)
async def test_a_date_is_read_as_iso_8601_writes_it_and_without_a_zone_as_utc(market: Market, text: str) -> None:
    answer = await market.shop.initiate_weblink(expiresOn=text)
    assert answer.body["expiresOn"][:19] == "2026-01-01T14:15:22", answer


@pytest.mark.parametrize("written", [str.upper, str.lower, str.title, str.swapcase])
async def test_members_may_be_written_in_any_case(market: Market, written: Any) -> None:
    body = {written(name): value for name, value in PURCHASE.items()}
    answer = await market.shop.call("POST", f"{PAYMENTS}/weblink/", body)
    assert answer.status == 200, answer


@pytest.mark.parametrize(
    "media_type",
    ["application/json", "application/json-patch+json", "application/vnd.shop+json; charset=UTF-8", "Application/JSON"],
)
async def test_any_json_is_read_and_json_is_answered(market: Market, media_type: str) -> None:
    for accept in ("text/plain", "*/*", "application/xml"):
        more = {"content-type": media_type, "accept": accept}
        answer = await market.shop.call("POST", f"{PAYMENTS}/web", dict(PURCHASE), more=more)
        assert answer.status == 200
        assert answer.headers["content-type"] == "application/json"


async def test_unknown_members_and_an_empty_e_mail_are_no_faults(market: Market) -> None:
    assert (await market.shop.initiate_web(email="", theme="dark", expiresOn=None)).status == 200
    assert (await market.shop.initiate_web(email=None)).status == 200


async def test_codes_are_taken_in_any_case(market: Market) -> None:
    answer = await market.shop.initiate_web(countryCode="be", language="NL")
    order = (await market.standing(answer.body["paymentReference"])).order
    assert (order.country, order.language) == ("BE", "nl")


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("https://My-Webshop.COM", "https://my-webshop.com"),
        ("https://my-webshop.com:443", "https://my-webshop.com"),
        ("https://my-webshop.com:8443", "https://my-webshop.com:8443"),
        ("https://xn--mneskinn-4za.no", "https://xn--mneskinn-4za.no"),
        ("https://192.0.2.7", "https://192.0.2.7"),
    ],
)
async def test_an_origin_is_kept_as_browsers_write_it(market: Market, sent: str, kept: str) -> None:
    answer = await market.shop.initiate_web(originUrl=sent)
    assert (await market.standing(answer.body["paymentReference"])).order.origin == kept


async def test_a_return_url_keeps_its_query_and_may_be_anywhere(market: Market) -> None:
    url = "http://tickets.example:8080/done?basket=7&x=%20y#top"
    answer = await market.shop.initiate_web(returnUrl=url)
    assert (await market.standing(answer.body["paymentReference"])).order.return_url == url


async def test_a_payment_begins_open_and_waits_for_its_payer(market: Market) -> None:
    standing = await market.standing(await market.opened())
    assert standing.payment.state is PaymentState.CREATED
    assert standing.attempts == ()


def test_countries_are_those_of_iso_3166_1() -> None:
    assert len(COUNTRIES) == 249
    assert {"BE", "NL", "NO", "SK", "CZ", "GB", "AX", "SS"} <= COUNTRIES


def test_languages_are_those_of_iso_639_1() -> None:
    assert len(LANGUAGES) == 183
    assert {"en", "nl", "fr", "de", "nb", "sk", "cs", "no", "zu"} <= LANGUAGES
