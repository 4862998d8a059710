"""What is wrong with an initiation: every rule of every member, and all faults of a body told at once."""

from collections.abc import AsyncIterator
from decimal import Decimal

import pytest

from tests.clients.integrator import PAYMENTS, PURCHASE, Integrator, faults
from tests.surfaces.web_api.market import Market, market_on
from tillway.commands.tools import Tools

pytestmark = pytest.mark.anyio

DAY_SECONDS = 86_400
REQUIRED = ("amount", "originUrl", "returnUrl", "countryCode", "language", "postbackUrl")
NOTHINGS: tuple[object, ...] = (True, [], {})

BROKEN: tuple[tuple[str, object, int], ...] = (
    *(("amount", value, 1100) for value in (0, -1, Decimal("-0.01"))),
    *(("amount", Decimal(value), 1101) for value in ("10.234", "0.001", "0.0000000001")),
    ("amount", 10_000_000_000, 1109),
    *(
        ("originUrl", value, 1102)
        for value in (
            "",
            "string",
            "my-webshop.com",
            "http://my-webshop.com",
            "http://localhost",
            "https://my-webshop.com/",
            "https://my-webshop.com/tickets",
            "https://my-webshop.com?a=b",
            "https://my-webshop.com#a",
            "https://me@my-webshop.com",
            "https://me:secret@my-webshop.com",
            "https://my-webshop.com:",
            "https://my-webshop.com:0",
            "https://my-webshop.com:65536",
            "https://my-webshop.com:443x",
            "https://my_webshop.com",
            "https://-shop.com",
            "https://shop..com",
            "https://*.shop.com",
            "https://shop.com https://evil.com",
            "https://shop.com;script-src *",
            "https://shop.com\n",
            "https://måneskinn.no",
            "https://[::1]",
            "javascript:alert(1)",
            "null",
            "*",
            "https://" + "a" * 64 + ".com",
            "https://" + "a." * 500 + "com",
        )
    ),
    *(
        ("returnUrl", value, 1103)
        for value in (
            "",
            "string",
            "/back",
            "//shop.com/back",
            "javascript:alert(1)",
            "data:text/html,x",
            "https://",
            "https:///back",
            "https://me:secret@shop.com/",
            "https://shop.com/a b",
            "https://shop.com\\evil",
            "https://shop.com:99999/",
            "https://shop.com/" + "a" * 2000,
        )
    ),
    *(
        ("postbackUrl", value, 1103)
        for value in (
            "",
            "string",
            "http://my-webshop.com/x",
            "http://localhost/x",
            "http://127.0.0.1:8080/x",
            "ftp://my-webshop.com/x",
            "HTTP://my-webshop.com/x",
            "https://me:secret@shop.com/",
            "https:/shop.com",
            "https://shop.com/" + "a" * 2000,
        )
    ),
    *(("countryCode", value, 1104) for value in ("", "B", "BEL", "XX", "UK", "EU", "XK", "ZZ", "B ", "ßE")),
    *(("language", value, 1105) for value in ("", "n", "nld", "xx", "nl-BE", "sh", "ñl")),
    *(
        ("email", value, 1106)
        for value in (
            "string",
            "@",
            "a@",
            "@b.com",
            "a b@c.com",
            "a@b@c.com",
            "a@b..com",
            "a@-b.com",
            "a@b.com\n",
            "a@b.com, c@d.com",
            "x" * 65 + "@b.com",
            "a@" + "b" * 250 + ".com",
        )
    ),
    *(("expiresOn", value, 1107) for value in ("2019-08-24T14:15:22Z", "1970-01-01T00:00:00Z", "9999-12-31T00:00:00Z")),
)
"""What breaks a rule: member, value, and the code that tells of it."""


@pytest.fixture
async def sandbox(tools: Tools) -> AsyncIterator[Market]:
    """The API in a sandbox's manners."""
    async with market_on(tools, loopback=True) as opened:
        yield opened


async def refused(shop: Integrator, **members: object) -> tuple[int, list[tuple[int, str]]]:
    """Status and faults; the same for both ways of initiating."""
    web, link = await shop.initiate_web(**members), await shop.initiate_weblink(**members)
    assert (web.status, faults(web)) == (link.status, faults(link))
    return web.status, faults(web)


@pytest.mark.parametrize(("currency", "amount", "code"), [("JPY", "1.5", 1101), ("KWD", "1.234", None)])
async def test_an_amount_has_its_currencys_decimals(
    market: Market, currency: str, amount: str, code: int | None
) -> None:
    shop = await market.integrator(currency=currency, vendors=())
    answer = await shop.initiate_web(amount=Decimal(amount))
    assert (answer.status, code and faults(answer)) == ((422, [(code, "amount")]) if code else (200, None))


async def test_a_required_member_that_is_missing_is_a_400(market: Market) -> None:
    for member in REQUIRED:
        body = {name: value for name, value in PURCHASE.items() if name != member}
        answer = await market.shop.call("POST", f"{PAYMENTS}/web", body)
        assert (answer.status, faults(answer)) == (400, [(1001, member)])


async def test_a_member_of_the_wrong_type_is_a_400(market: Market) -> None:
    texts = [member for member in (*REQUIRED, "email") if member != "amount"]
    wrong: list[tuple[str, object]] = [
        *((member, value) for member in REQUIRED for value in (None, *NOTHINGS)),
        *((member, value) for member in ("email", "expiresOn") for value in (7, *NOTHINGS)),
        *((member, 7) for member in texts),
        ("amount", "7"),
        ("expiresOn", "7"),
    ]
    for member, value in wrong:
        assert await refused(market.shop, **{member: value}) == (400, [(1002, member)]), (member, value)


async def test_what_can_be_understood_and_cannot_be_is_a_422(market: Market) -> None:
    for member, value, code in BROKEN:
        assert await refused(market.shop, **{member: value}) == (422, [(code, member)]), (member, value)


async def test_an_expiry_is_in_the_future_and_within_a_year(market: Market) -> None:
    assert await refused(market.shop, expiresOn=market.moment()) == (422, [(1107, "expiresOn")])
    assert (await market.shop.initiate_web(expiresOn=market.moment(1))).status == 200
    assert (await market.shop.initiate_web(expiresOn=market.moment(366 * DAY_SECONDS))).status == 200
    assert await refused(market.shop, expiresOn=market.moment(366 * DAY_SECONDS + 1)) == (422, [(1107, "expiresOn")])


async def test_a_date_that_is_none_is_a_400(market: Market) -> None:
    for text in ("tomorrow", "", "2026-13-01T00:00:00Z", "14:15:22", "2026-02-30", "20260101T25"):
        assert await refused(market.shop, expiresOn=text) == (400, [(1002, "expiresOn")])


async def test_all_faults_of_a_body_are_told_at_once(market: Market) -> None:
    wrong = {
        "amount": Decimal("-1.234"),
        "originUrl": "https://my-webshop.com/tickets",
        "returnUrl": "back",
        "countryCode": "XX",
        "language": "xx",
        "email": "nobody",
        "postbackUrl": "http://my-webshop.com",
        "expiresOn": "2019-08-24T14:15:22Z",
    }
    answer = await market.shop.initiate_web(**wrong)
    assert answer.status == 422
    assert faults(answer) == [
        (1100, "amount"),
        (1102, "originUrl"),
        (1103, "returnUrl"),
        (1104, "countryCode"),
        (1105, "language"),
        (1106, "email"),
        (1103, "postbackUrl"),
        (1107, "expiresOn"),
    ]


async def test_one_fault_that_keeps_a_body_from_being_understood_makes_it_a_400_with_all_the_others(
    market: Market,
) -> None:
    body = {"amount": 0, "originUrl": 5, "returnUrl": "back", "countryCode": "XX", "language": "nl"}
    answer = await market.shop.call("POST", f"{PAYMENTS}/web", body)
    assert answer.status == 400
    assert faults(answer) == [
        (1100, "amount"),
        (1002, "originUrl"),
        (1103, "returnUrl"),
        (1104, "countryCode"),
        (1001, "postbackUrl"),
    ]


async def test_every_error_has_a_message_and_the_requests_id_as_its_trace(market: Market) -> None:
    answer = await market.shop.call("POST", f"{PAYMENTS}/web", {}, more={"x-request-id": "shop-7"})
    assert answer.headers["x-request-id"] == "shop-7"
    for error in answer.body["errors"]:
        assert set(error) == {"code", "message", "propertyName", "trace"}
        assert error["message"]
        assert error["trace"] == "shop-7"
    other = await market.shop.call("POST", f"{PAYMENTS}/web", {})
    assert {error["trace"] for error in other.body["errors"]} == {other.headers["x-request-id"]}


async def test_what_is_no_json_object_is_a_400(market: Market) -> None:
    for body in (b"", b"{", b"[]", b"null", b'"x"', b'{"amount": NaN}', b'{"amount": 1, "amount": 2}', b"\xff"):
        answer = await market.shop.call("POST", f"{PAYMENTS}/web", body)
        assert answer.status == 400, body
        ((code, member),) = faults(answer)
        assert code in {1000, 1002}
        assert member == ""


async def test_a_member_given_in_two_cases_is_not_guessed_at(market: Market) -> None:
    answer = await market.shop.initiate_web(Amount=1)
    assert (answer.status, faults(answer)) == (400, [(1000, "")])


@pytest.mark.parametrize("media_type", ["text/plain", "application/xml", "application/json; charset=latin-1"])
async def test_what_is_no_json_is_not_read(market: Market, media_type: str) -> None:
    more = {"content-type": media_type}
    answer = await market.shop.call("POST", f"{PAYMENTS}/web", dict(PURCHASE), more=more)
    assert (answer.status, faults(answer)) == (415, [(415, "")])


async def test_a_tenant_with_a_list_of_origins_shows_payments_there_alone(market: Market) -> None:
    shop = await market.integrator(origins=("https://my-webshop.com", "https://other.example:8443"))
    for origin in ("https://my-webshop.com", "https://MY-webshop.com:443", "https://other.example:8443"):
        assert (await shop.initiate_web(originUrl=origin)).status == 200
    for origin in ("https://evil.com", "https://other.example", "https://my-webshop.com.evil.com"):
        assert await refused(shop, originUrl=origin) == (422, [(1108, "originUrl")])


async def test_in_a_sandbox_plain_http_is_allowed_on_loopback_alone(sandbox: Market) -> None:
    for host in ("localhost", "localhost:3000", "127.0.0.1:8082"):
        answer = await sandbox.shop.initiate_web(originUrl=f"http://{host}", postbackUrl=f"http://{host}/x")
        assert answer.status == 200, answer
    assert (await sandbox.shop.initiate_web(postbackUrl="http://[::1]:8082/x")).status == 200
    for host in ("shop.example", "localhost.evil.com", "10.0.0.1", "169.254.169.254"):
        wrong = await refused(sandbox.shop, originUrl=f"http://{host}", postbackUrl=f"http://{host}/x")
        assert wrong == (422, [(1102, "originUrl"), (1103, "postbackUrl")])
