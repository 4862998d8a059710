"""What the demo shop sends to the gateway: as the documentation of the web payments API says, and no more often."""

import base64
import hashlib
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from tests.demo_shop.stand import KEYS, LOGIN_KEY, REFUSAL, Stand

pytestmark = pytest.mark.anyio


def paths(stand: Stand) -> list[str]:
    return [asked.path.rpartition("/")[2] for asked in stand.wire.asked]


async def test_the_login_is_the_documents(stand: Stand) -> None:
    await stand.buy()
    login = stand.wire.asked[0]
    key = load_pem_private_key(LOGIN_KEY.private.encode(), None)
    assert isinstance(key, RSAPrivateKey)
    proven = key.decrypt(base64.b64decode(login.body["signature"]), PKCS1v15())
    text = f"{KEYS.api_key}_{login.body['timestamp']}"
    assert proven == hashlib.sha256(text.encode()).hexdigest().encode()
    assert login.body["timestamp"] == "2026-01-01T00:00:00.000Z"
    assert login.headers["x-api-key"] == KEYS.api_key
    assert "authorization" not in login.headers


@pytest.mark.parametrize(("way", "path"), [("widget", "web"), ("link", "weblink")])
async def test_a_sale_is_initiated_at_the_shops_own_origin(stand: Stand, way: str, path: str) -> None:
    await stand.buy(way, pencils="2", print="0")
    initiated = stand.wire.asked[1]
    assert (initiated.method, initiated.path) == ("POST", f"/paymentapi/v1/payments/{path}")
    assert initiated.headers["authorization"] == "Bearer token-1"
    assert initiated.headers["x-tenantsecretkey"] == KEYS.tenant_key
    assert initiated.body == {
        "amount": 32.7,
        "originUrl": stand.url,
        "returnUrl": f"{stand.url}/back",
        "countryCode": "NL",
        "language": "en",
        "postbackUrl": "http://shop.internal/postbacks",
    }


async def test_one_login_serves_many_calls_and_is_renewed_in_time(stand: Stand) -> None:
    await stand.buy()
    await stand.buy()
    stand.clock.advance(51 * 60)
    await stand.buy()
    assert paths(stand) == ["login", "web", "web", "renew", "web"]
    renewal = stand.wire.asked[3]
    assert (renewal.headers["authorization"], renewal.body) == ("Bearer token-1", {"refreshToken": "refresh-1"})
    assert stand.wire.asked[4].headers["authorization"] == "Bearer token-4"


async def test_a_renewal_that_is_refused_is_followed_by_a_login(stand: Stand) -> None:
    await stand.buy()
    stand.clock.advance(51 * 60)
    stand.wire.answers["/renew"] = (401, REFUSAL)
    await stand.buy()
    assert paths(stand) == ["login", "web", "renew", "login", "web"]


async def test_a_token_that_is_refused_is_replaced_once(stand: Stand) -> None:
    stand.wire.answers["/web"] = (401, REFUSAL)
    status, _, page = await stand.post("/sales", notebook="1")
    assert (status, paths(stand)) == (502, ["login", "web", "login", "web"])
    assert "The gateway refused" in page


@pytest.mark.parametrize(
    ("fields", "call", "body"),
    [
        ({"how": "all"}, ("PUT", "refund"), {}),
        ({"how": "part", "amount": "50"}, ("POST", "refunds"), {"amount": 50}),
        ({"how": "part", "amount": "49,90"}, ("POST", "refunds"), {"amount": 49.9}),
        ({"how": "part", "amount": "-1"}, ("POST", "refunds"), {"amount": -1}),
    ],
)
async def test_refunds_are_of_an_amount_or_of_all_that_is_left(
    stand: Stand, fields: dict[str, str], call: tuple[str, str], body: dict[str, Any]
) -> None:
    reference = await stand.buy()
    status, location, _ = await stand.post(f"/sales/{reference}/refunds", **fields)
    asked = stand.wire.asked[-1]
    assert (status, location) == (303, f"/sales/{reference}")
    assert (asked.method, asked.path) == (call[0], f"/paymentapi/v1/payments/{reference}/{call[1]}")
    assert asked.body == {**body, "postbackUrl": "http://shop.internal/postbacks"}


@pytest.mark.parametrize("amount", ["", "fifty", "NaN", "1e", "Infinity"])
async def test_an_amount_that_is_none_is_not_sent(stand: Stand, amount: str) -> None:
    reference = await stand.buy()
    before = len(stand.wire.asked)
    assert (await stand.post(f"/sales/{reference}/refunds", how="part", amount=amount))[0] == 303
    assert len(stand.wire.asked) == before


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((422, REFUSAL), "is not refundable in this state"),
        ((500, b"<html>oops & such"), "oops &amp; such"),
        ((200, b""), "The gateway refused"),
        ((200, b"[]"), "The gateway refused"),
        (None, "The gateway did not answer"),
    ],
)
async def test_a_refusal_is_shown_as_it_came(stand: Stand, answer: tuple[int, Any] | None, said: str) -> None:
    stand.wire.answers["/web"] = answer
    status, _, page = await stand.post("/sales", notebook="1")
    assert status == 502
    assert said in page
    reference = await stand.buy("link")
    stand.wire.answers[reference] = stand.wire.answers["/refund"] = answer
    for path, fields in (("status", {}), ("refunds", {"how": "all"})):
        assert (await stand.post(f"/sales/{reference}/{path}", **fields))[0] == 303
        assert said in (await stand.get(f"/sales/{reference}"))[1]


@pytest.mark.parametrize("count", ["-1", "1.5", "many", "9999999999", "٣"])
async def test_a_basket_takes_no_nonsense(stand: Stand, count: str) -> None:
    await stand.post("/sales", notebook=count, pencils="1", country="XX", language="xx")
    assert stand.wire.asked[-1].body["amount"] == 8.9
    assert stand.wire.asked[-1].body["countryCode"] == "NL"
    assert stand.wire.asked[-1].body["language"] == "en"


async def test_a_payment_is_shown_in_the_language_that_was_chosen(stand: Stand) -> None:
    await stand.buy(language="sk")
    assert stand.wire.asked[-1].body["language"] == "sk"
