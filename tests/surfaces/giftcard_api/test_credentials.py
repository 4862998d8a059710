"""Credentials: two headers on every call, and one and the same answer to whatever is wrong with them."""

from collections.abc import Mapping

import pytest

from tests.clients.till import Till, card
from tests.shop import Shop
from tillway.commands import records

pytestmark = pytest.mark.anyio

CALLS: tuple[tuple[str, str, object], ...] = (
    ("POST", "/v1/payments", {"amount": 1, "accessMode": "api"}),
    ("GET", "/v1/payments/019a9f1e-7c1a-7b52-8f6e-2f1d3c4b5001", None),
    ("POST", "/v1/payments/019a9f1e-7c1a-7b52-8f6e-2f1d3c4b5001/perform", {"cardNumber": "1"}),
    ("POST", "/v1/payments/019a9f1e-7c1a-7b52-8f6e-2f1d3c4b5001/abort", None),
    ("POST", "/v1/payments/019a9f1e-7c1a-7b52-8f6e-2f1d3c4b5001/refunds", {}),
    ("POST", "/v1/cards/balance", {"cardNumber": "1"}),
    ("GET", "/v1/operations/key", None),
)


async def refused(till: Till, headers: Mapping[str, str], call: tuple[str, str, object] = CALLS[0]) -> tuple[int, str]:
    method, path, body = call
    answer = await till.call(method, path, body, headers=headers)
    return answer.status, answer.text


@pytest.mark.parametrize("call", CALLS)
async def test_every_call_needs_credentials(till: Till, call: tuple[str, str, object]) -> None:
    status, text = await refused(till, {"x-client-id": "", "x-client-secret": ""}, call)
    assert (status, text) == (401, '{"message":"The credentials are missing or wrong."}')


async def test_an_unknown_client_and_a_wrong_secret_are_answered_alike(shop: Shop, till: Till) -> None:
    stranger = await shop.other_till(merchant="Another shop")
    answers = {
        await refused(till, headers)
        for headers in (
            {"x-client-id": "nobody"},
            {"x-client-id": "nobody", "x-client-secret": ""},
            {"x-client-secret": "wrong"},
            {"x-client-secret": stranger.secret},
            {"x-client-secret": till.secret[:-1]},
            {"x-client-secret": till.secret + "x"},
            {"x-client-secret": till.secret + "é"},
            {"x-client-secret": till.secret.swapcase()},
            {"x-client-id": till.client_id.upper()},
            {"x-client-id": till.client_id + "é"},
            {"x-client-id": "x" * 5000},
            {"x-client-secret": "x" * 5000},
            {"x-client-id": "'; DROP TABLE clients; --"},
        )
    }
    assert answers == {(401, '{"message":"The credentials are missing or wrong."}')}


async def test_credentials_are_checked_before_anything_else(till: Till) -> None:
    for body in (b"{", b'{"amount": NaN}', b"x" * 100_000):
        assert (await till.call("POST", "/v1/payments", body, headers={"x-client-secret": "wrong"})).status == 401


async def test_secrets_in_the_query_are_no_credentials(till: Till) -> None:
    path = f"/v1/operations/key?x-client-id={till.client_id}&x-client-secret=guess"
    assert (await till.call("GET", path, headers={"x-client-id": ""})).status == 401


async def test_a_client_that_was_closed_calls_no_more(shop: Shop) -> None:
    former = await shop.other_till()
    await records.close(shop.tools, former.client_id)
    assert (await former.create(1)).status == 401


async def test_a_new_secret_works_at_once_and_the_old_one_for_a_day(shop: Shop) -> None:
    till = await shop.other_till()
    fresh = await records.replace_secret(shop.tools, till.client_id, records.SecretUse.CALLING)
    shop.unmentionable.add(fresh)
    assert (await till.create(1)).status == 200
    assert (await till.call("POST", "/v1/payments", CALLS[0][2], headers={"x-client-secret": fresh})).status == 200


async def test_a_till_of_another_merchant_pays_with_its_own_vendors_only(shop: Shop) -> None:
    gift = await shop.card(10_00)
    await shop.other_issuer()
    stranger = await shop.other_till(merchant="Another shop", vendors=("other-cards",))
    assert (await stranger.perform(await stranger.open(10), card(gift.number))).error == 105
    assert (await stranger.balance(gift.number)).error == 100
