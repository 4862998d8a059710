"""The three credentials of a call on payments: all of one client, each good, and one answer if any is not."""

import asyncio
from base64 import urlsafe_b64encode
from dataclasses import replace

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from tests.clients.integrator import AUTHENTICATION, PAYMENTS, Integrator, faults
from tests.surfaces.web_api.market import Market, market_on
from tillway.commands import records
from tillway.commands.tools import Tools
from tillway.domain.clients import SecretUse
from tillway.workers.settle import Settler

pytestmark = pytest.mark.anyio

HOUR_SECONDS = 3600
REFUSED = (401, [(1300, "")])
CALLS: tuple[tuple[str, str, object], ...] = (
    ("POST", f"{PAYMENTS}/web", {}),
    ("POST", f"{PAYMENTS}/weblink", {}),
    ("GET", f"{PAYMENTS}/019a9f1e-7c1a-7b52-8f6e-2f1d3c4b5001", None),
    ("PUT", f"{PAYMENTS}/019a9f1e-7c1a-7b52-8f6e-2f1d3c4b5001/refund", {}),
    ("POST", f"{PAYMENTS}/019a9f1e-7c1a-7b52-8f6e-2f1d3c4b5001/refunds", {}),
)


async def asked(shop: Integrator, **headers: str) -> tuple[int, object]:
    """Status and faults of a call whose body is not looked at, with these header fields instead."""
    more = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = await shop.call("POST", f"{PAYMENTS}/web", b"{", more=more)
    return answer.status, faults(answer)


LET_IN = (400, [(1000, "")])


@pytest.mark.parametrize("call", CALLS, ids=lambda call: f"{call[0]} {call[1].rpartition('/')[2]}")
async def test_every_call_on_payments_needs_all_three(market: Market, call: tuple[str, str, object]) -> None:
    method, path, body = call
    for missing, status in (("x-api-key", 403), ("x-tenantsecretkey", 401), ("authorization", 401)):
        headers = {name: value for name, value in market.shop.credentials().items() if name != missing}
        assert (await market.shop.call(method, path, body, headers=headers)).status == status


async def test_what_is_wrong_with_tenant_key_or_token_is_not_told(market: Market) -> None:
    shop, stranger = market.shop, await market.integrator(merchant="Another shop")
    token, key = shop.token, market.tools.vault.access_token_key
    head, claims, mark = token.split(".")
    nothing = urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
    own = {"sub": shop.api_key, "jti": "x", "iat": 0, "exp": 10**11}
    wrong = [
        {"x_tenantsecretkey": ""},
        {"x_tenantsecretkey": stranger.tenant_key},
        {"x_tenantsecretkey": shop.tenant_key + "x"},
        {"x_tenantsecretkey": shop.tenant_key.swapcase()},
        {"x_tenantsecretkey": "x" * 5000},
        {"authorization": ""},
        {"authorization": token},
        {"authorization": f"Basic {token}"},
        {"authorization": "Bearer"},
        {"authorization": f"Bearer {stranger.token}"},
        {"authorization": f"Bearer {token}x"},
        {"authorization": f"Bearer {token[:-1]}"},
        {"authorization": f"Bearer {head}.{claims}."},
        {"authorization": f"Bearer {nothing}.{claims}."},
        {"authorization": f"Bearer {nothing}.{claims}.{mark}"},
        {"authorization": f"Bearer {jwt.encode({'alg': 'HS256'}, own, OctKey.import_key(b'0' * 32))}"},
        {"authorization": f"Bearer {jwt.encode({'alg': 'HS512'}, own, OctKey.import_key(key), ['HS512'])}"},
        {"authorization": f"Bearer {shop.refresh_token}"},
        {"authorization": "Bearer " + "." * 5000},
        {"authorization": "Bearer " + "é" * 50},
        {"x_api_key": stranger.api_key},
        {"x_api_key": stranger.api_key, "x_tenantsecretkey": stranger.tenant_key},
        {"x_api_key": stranger.api_key, "authorization": f"Bearer {stranger.token}"},
    ]
    assert [await asked(shop, **headers) for headers in wrong] == [REFUSED] * len(wrong)
    assert await asked(shop) == LET_IN


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", " Bearer "])
async def test_the_tokens_scheme_may_be_in_any_case(market: Market, scheme: str) -> None:
    assert await asked(market.shop, authorization=f"{scheme} {market.shop.token}") == LET_IN


async def test_a_token_is_good_for_an_hour(market: Market) -> None:
    market.advance(HOUR_SECONDS - 1)
    assert await asked(market.shop) == LET_IN
    market.advance(1)
    assert await asked(market.shop) == REFUSED
    assert (await market.shop.login()).status == 200
    assert await asked(market.shop) == LET_IN


async def test_a_token_is_still_good_where_it_was_never_seen(market: Market, tools: Tools) -> None:
    async with market_on(tools) as another:
        another.shop = Integrator(
            another.session, another.url, market.shop.api_key, "", market.shop.tenant_key, token=market.shop.token
        )
        assert await asked(another.shop) == LET_IN


async def test_a_renewed_token_works_until_an_hour_after_its_own_end(market: Market, tools: Tools) -> None:
    shop, old = market.shop, market.shop.token
    market.advance(HOUR_SECONDS // 2)
    assert (await shop.renew()).status == 200
    assert shop.token != old
    market.advance(HOUR_SECONDS // 2 + HOUR_SECONDS - 1)
    assert await asked(shop) == REFUSED
    async with market_on(tools) as another:
        there = Integrator(another.session, another.url, shop.api_key, "", shop.tenant_key, token=old)
        assert await asked(there) == LET_IN
    assert await asked(shop, authorization=f"Bearer {old}") == LET_IN
    market.advance(1)
    assert await asked(shop, authorization=f"Bearer {old}") == REFUSED


async def test_renewing_again_does_not_make_an_old_token_last_for_ever(market: Market) -> None:
    shop = market.shop
    old, refresh = shop.token, shop.refresh_token
    for _ in range(2):
        shop.token, shop.refresh_token = old, refresh
        market.advance(HOUR_SECONDS - 1)
        assert (await shop.renew()).status == 200
    market.advance(2)
    shop.token, shop.refresh_token = old, refresh
    assert (await shop.renew()).status == 401


async def test_a_token_renewed_in_two_processes_at_once_is_noted_once(market: Market, second: Tools) -> None:
    shop, old = market.shop, market.shop.token
    async with market_on(second) as another:
        there = replace(shop, session=another.session, url=another.url)
        answers = await asyncio.gather(*(replace(one).renew() for one in (shop, there) for _ in range(5)))
    assert {answer.status for answer in answers} == {200}
    assert await market.renewals() == 1
    market.advance(2 * HOUR_SECONDS - 1)
    assert await asked(shop, authorization=f"Bearer {old}") == LET_IN


@pytest.mark.parametrize("path", ["/renew", "/renew/", "/apis/renew"])
async def test_renewals_older_path_and_a_slash_are_served(market: Market, path: str) -> None:
    shop = market.shop
    headers = {name: value for name, value in shop.credentials().items() if name != "x-tenantsecretkey"}
    answer = await shop.call("POST", AUTHENTICATION + path, {"RefreshToken": shop.refresh_token}, headers=headers)
    assert answer.status == 200


async def test_only_a_clients_own_refresh_token_renews_and_for_a_day_only(market: Market) -> None:
    shop, stranger = market.shop, await market.integrator(merchant="Another shop")
    own = shop.refresh_token
    for refresh in ("", "x", stranger.refresh_token, shop.token, own + "x", own[:-1], "x" * 5000, "é"):
        shop.refresh_token = refresh
        answer = await shop.renew()
        assert (answer.status, faults(answer)) == REFUSED, refresh
    market.advance(24 * HOUR_SECONDS)
    assert (await shop.login()).status == 200
    shop.refresh_token = own
    assert (await shop.renew()).status == 401


async def test_renewing_needs_a_good_token_of_the_same_client(market: Market) -> None:
    shop, stranger = market.shop, await market.integrator(merchant="Another shop")
    own = shop.token
    for token in ("", stranger.token, own + "x"):
        shop.token = token
        assert (await shop.renew()).status == 401
    shop.token = own
    market.advance(HOUR_SECONDS)
    assert (await shop.renew()).status == 401


async def test_a_replaced_tenant_key_works_at_once_and_the_old_one_for_a_day(market: Market) -> None:
    shop = await market.integrator(logged_in=False)
    fresh = await records.replace_secret(market.tools, shop.api_key, SecretUse.TENANT)
    assert (await shop.login()).status == 200
    assert await asked(shop) == LET_IN
    assert await asked(shop, x_tenantsecretkey=fresh) == LET_IN
    market.advance(24 * HOUR_SECONDS)
    assert (await shop.login()).status == 200
    assert await asked(shop) == REFUSED
    assert await asked(shop, x_tenantsecretkey=fresh) == LET_IN


async def test_renewals_that_are_over_are_swept_away(market: Market) -> None:
    shop, settler = market.shop, Settler(market.tools)
    old = shop.token
    assert (await shop.renew()).status == 200
    while await settler.sweep():
        pass
    market.advance(HOUR_SECONDS)
    assert await asked(shop, authorization=f"Bearer {old}") == LET_IN
    market.advance(HOUR_SECONDS + 1)
    while await settler.sweep():
        pass
    assert await market.renewals() == 0


async def test_credentials_are_not_in_the_log(market: Market) -> None:
    shop = market.shop
    reference = await market.opened()
    assert (await shop.get(reference)).status == 200
    said = market.said()
    assert shop.api_key in said
    for secret in (shop.token, shop.refresh_token, shop.tenant_key, reference):
        assert secret not in said
