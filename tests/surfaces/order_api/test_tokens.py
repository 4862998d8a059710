"""The token endpoint, in OAuth's own words, and what tokens are good for."""

import asyncio
from collections.abc import Mapping
from urllib.parse import urlencode

import pytest

from tests.clients.integrator import PURCHASE
from tests.clients.merchant_client import API, ORDER, TOKEN, MerchantClient, codes
from tests.clients.till import Answer
from tests.surfaces.order_api.stall import Stall, data
from tillway.commands import records
from tillway.domain.clients import SecretUse
from tillway.domain.guesses import HOUR, LIMITS

pytestmark = pytest.mark.anyio

GRANT = {"grant_type": "client_credentials"}


def form(client: MerchantClient, **fields: str) -> dict[str, str]:
    return {**GRANT, "client_id": client.client_id, "client_secret": client.secret, **fields}


def error(answer: Answer) -> tuple[int, str]:
    assert set(answer.body) == {"error", "error_description"}
    return answer.status, answer.body["error"]


async def test_a_token_is_answered_bare_as_the_document_says(stall: Stall) -> None:
    answer = await stall.shop.ask_token(form(stall.shop))
    assert answer.status == 200
    assert answer.headers["cache-control"] == "no-store"
    body = answer.body
    assert body.pop("access_token").count(".") == 2
    assert body == {
        "expires_in": 300,
        "refresh_expires_in": 0,
        "token_type": "Bearer",
        "not-before-policy": 0,
        "scope": "profile email",
    }


async def test_the_scope_refunds_is_there_for_whoever_asks_and_was_granted_it(stall: Stall) -> None:
    assert (await stall.shop.login("refunds")).body["scope"] == "profile email refunds"
    plain = await stall.client(scope="", grants=())
    assert error(await plain.login("refunds")) == (400, "invalid_scope")
    assert error(await stall.shop.login("everything")) == (400, "invalid_scope")
    assert (await stall.shop.login("openid email")).body["scope"] == "profile email"


async def test_credentials_may_come_by_http_basic(stall: Stall) -> None:
    assert (await stall.shop.ask_token(GRANT, basic=True)).status == 200
    named = {**GRANT, "client_id": stall.shop.client_id}
    assert (await stall.shop.ask_token(named, basic=True)).status == 200
    assert error(await stall.shop.ask_token(form(stall.shop), basic=True)) == (400, "invalid_request")
    other = {**GRANT, "client_id": "other"}
    assert error(await stall.shop.ask_token(other, basic=True)) == (401, "invalid_client")


@pytest.mark.parametrize(
    "basic",
    ["", "not base64 at all", "bm9jb2xvbg==", "Og==", "YTo=", "OmI=", "/w==", "YSUwMDpi", "YTol/w==", "YTpi" * 1000],
)
async def test_http_basic_that_names_nobody_is_an_unknown_client(stall: Stall, basic: str) -> None:
    headers = {"content-type": "application/x-www-form-urlencoded", "authorization": f"Basic {basic}"}
    answer = await stall.shop.call("POST", TOKEN, urlencode(GRANT).encode(), headers=headers)
    assert error(answer) == (401, "invalid_client")
    assert answer.headers["www-authenticate"].startswith("Basic")


async def test_a_wrong_secret_and_an_unknown_client_are_answered_alike(stall: Stall) -> None:
    wrong = await stall.shop.ask_token(form(stall.shop, client_secret="wrong"))
    unknown = await stall.shop.ask_token(form(stall.shop, client_id="nobody"))
    assert error(wrong) == error(unknown) == (401, "invalid_client")
    assert wrong.text == unknown.text


async def test_tries_are_bounded_for_clients_that_are_there_and_that_are_not(stall: Stall) -> None:
    other = await stall.client()
    for name in (stall.shop.client_id, "nobody"):
        tries = (stall.shop.ask_token(form(stall.shop, client_id=name, client_secret="wrong")) for _ in range(35))
        answers = await asyncio.gather(*tries)
        assert sorted(answer.status for answer in answers) == [401] * LIMITS["login"] + [429] * (35 - LIMITS["login"])
    answer = await stall.shop.login()
    assert error(answer) == (429, "temporarily_unavailable")
    assert int(answer.headers["retry-after"]) <= HOUR // 1_000_000
    assert (await other.login()).status == 200
    stall.advance(HOUR / 1_000_000)
    assert (await stall.shop.login()).status == 200


FORMS: tuple[tuple[Mapping[str, str] | bytes, int, str], ...] = (
    ({}, 400, "invalid_request"),
    (b"", 400, "invalid_request"),
    ({"grant_type": ""}, 400, "unsupported_grant_type"),
    ({"grant_type": "password"}, 400, "unsupported_grant_type"),
    (GRANT, 401, "invalid_client"),
    ({**GRANT, "client_id": "x"}, 401, "invalid_client"),
    ({**GRANT, "client_id": "x" * 200, "client_secret": "y"}, 401, "invalid_client"),
    ({**GRANT, "client_id": "x", "client_secret": "y" * 2000}, 401, "invalid_client"),
    (b"grant_type=client_credentials&grant_type=client_credentials", 400, "invalid_request"),
    (b"grant_type=client_credentials&client_id=%00&client_secret=a", 400, "invalid_request"),
    (b"grant_type=client_credentials&client_id=%ff&client_secret=a", 400, "invalid_request"),
    (b"grant_type=\xff", 400, "invalid_request"),
    (b"&".join(b"a%d=1" % number for number in range(60)), 400, "invalid_request"),
    (b"a=" + b"b" * 20_000, 413, "invalid_request"),
)


@pytest.mark.parametrize("number", range(len(FORMS)))
async def test_a_bad_form_is_answered_in_oauths_words(stall: Stall, number: int) -> None:
    fields, status, word = FORMS[number]
    assert error(await stall.shop.ask_token(fields)) == (status, word)


async def test_what_is_no_form_is_not_read(stall: Stall) -> None:
    answer = await stall.shop.call("POST", TOKEN, GRANT)
    assert error(answer) == (415, "invalid_request")
    assert (await stall.shop.call("GET", TOKEN)).status == 405


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic YTpi", "Token abc", "Bearer a b"])
async def test_a_call_without_a_token_has_a_bad_header(stall: Stall, header: str | None) -> None:
    headers = {} if header is None else {"authorization": header}
    for method, path in (("GET", "/banks"), ("POST", "/orders"), ("GET", "/refunds/x")):
        answer = await stall.shop.call(method, API + path, headers=headers)
        assert (answer.status, codes(answer)) == (401, ["INVALID_AUTH_HEADER"])


async def test_a_token_that_is_none_of_ours_or_has_ended_is_refused(stall: Stall) -> None:
    good, shop = stall.shop.token, stall.shop
    head, body, mark = good.split(".")
    for token in ("x", f"{head}.{body}.", f"{head}.{body}.{mark[::-1]}", "ey." * 500, good + "x"):
        shop.token = token
        answer = await shop.banks()
        assert (answer.status, codes(answer)) == (401, ["INVALID_ACCESS_TOKEN"])
    shop.token = good
    stall.advance(299)
    assert (await shop.banks()).status == 200
    stall.advance(1)
    assert codes(await shop.banks()) == ["INVALID_ACCESS_TOKEN"]


async def test_a_closed_clients_token_is_good_for_nothing(stall: Stall) -> None:
    late = await stall.client()
    await records.close(stall.tools, late.client_id)
    stall.registry.__init__(stall.tools.store, stall.tools.vault)
    assert codes(await late.banks()) == ["INVALID_ACCESS_TOKEN"]
    assert error(await late.login()) == (401, "invalid_client")


async def test_a_replaced_secret_stays_good_for_a_day(stall: Stall) -> None:
    fresh = await records.replace_secret(stall.tools, stall.shop.client_id, SecretUse.CALLING)
    stall.registry.__init__(stall.tools.store, stall.tools.vault)
    for secret in (stall.shop.secret, fresh):
        assert (await stall.shop.ask_token(form(stall.shop, client_secret=secret))).status == 200


async def test_refunds_ask_for_their_scope(stall: Stall) -> None:
    plain = await stall.client(scope="")
    order = data(await plain.create())
    refund = order["id"][:33] + "801"
    answers = [
        await plain.refund(order["id"], 1),
        await plain.refunds(order["id"]),
        await plain.refund_detail(refund),
        await plain.refund_detail(refund, order["id"]),
        await plain.process_refund(refund),
        await plain.process_refund(refund, order["id"]),
        await plain.withdraw_refund(refund),
        await plain.withdraw_refund(refund, order["id"]),
    ]
    assert [(one.status, codes(one)) for one in answers] == [(401, ["NOT_AUTHORIZED"])] * 8


async def test_secrets_and_tokens_are_not_logged(stall: Stall) -> None:
    await stall.shop.create()
    said = stall.said()
    assert stall.shop.client_id in said
    assert stall.shop.secret not in said
    assert stall.shop.token not in said
    assert str(ORDER["senderEmail"]) not in said
    assert str(PURCHASE["email"]) not in said
