"""The public document: what it says is true of the server, for everything that a program can make up from it."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

import aiohttp
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.specs.openapi import checks

from tests.clients.merchant_client import API, TOKEN, MerchantClient
from tests.server import Server, serving
from tillway.surfaces.sandbox.seeding import read_file

EXAMPLES = 16
OPERATIONS = (
    f"POST {TOKEN}",
    f"POST {API}/orders",
    f"GET {API}/orders",
    f"GET {API}/payments",
    f"GET {API}/orders/{{orderId}}",
    f"PATCH {API}/orders/{{orderId}}",
    f"PUT {API}/orders/{{orderId}}",
    f"DELETE {API}/orders/{{orderId}}",
    f"GET {API}/orders/{{orderId}}/payments/{{paymentId}}",
    f"PATCH {API}/orders/{{orderId}}/payments/{{paymentId}}",
    f"GET {API}/payments/{{paymentId}}",
    f"PATCH {API}/payments/{{paymentId}}",
    f"POST {API}/orders/{{orderId}}/refunds",
    f"GET {API}/orders/{{orderId}}/refunds",
    f"GET {API}/orders/{{orderId}}/refunds/{{refundId}}",
    f"PATCH {API}/orders/{{orderId}}/refunds/{{refundId}}",
    f"DELETE {API}/orders/{{orderId}}/refunds/{{refundId}}",
    f"GET {API}/refunds/{{refundId}}",
    f"PATCH {API}/refunds/{{refundId}}",
    f"DELETE {API}/refunds/{{refundId}}",
    f"GET {API}/banks",
)

NOT_FORESEEN = ("positive_data_acceptance", "negative_data_rejection", "ignored_auth")
"""A schema cannot say all that the calls ask for, and members that the document does not name are ignored."""


@pytest.fixture(scope="module")
async def server(anyio_backend: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    """A sandbox with what `tillway sandbox` makes."""
    async with serving(tmp_path_factory.mktemp("server")) as started:
        yield started


@pytest.fixture(scope="module")
async def shop(server: Server) -> AsyncIterator[MerchantClient]:
    """The shop of the sandbox's file, with a token."""
    content = read_file(server.folder)
    assert content is not None
    keys = content.payment_orders
    assert keys is not None
    async with aiohttp.ClientSession() as session:
        client = MerchantClient(session, server.url, keys.client_id, keys.client_secret)
        assert (await client.login("refunds")).status == 200
        yield client


@pytest.fixture(scope="module")
async def known(server: Server, shop: MerchantClient) -> Mapping[str, str]:
    """Ids of an order and its payment, which no program can make up."""
    content = read_file(server.folder)
    assert content is not None
    assert content.payment_orders is not None
    keys = content.payment_orders
    answer = await shop.create(recipientIban=keys.recipient_ibans[0], redirectUrl=keys.redirect_urls[0])
    assert answer.status == 200, answer
    made = answer.body["data"]
    refund = f"{made['id'][:33]}801"
    return {"orderId": made["id"], "paymentId": made["processablePaymentId"], "refundId": refund}


@pytest.fixture(scope="module")
def operations(server: Server) -> dict[str, Any]:
    """The operations as an independent library reads them from the running server."""
    schema: Any = schemathesis.openapi.from_url(f"{server.url}/docs-orders/openapi.json")
    return {found.ok().label: found.ok() for found in schema.get_all_operations()}


def test_a_stranger_library_finds_every_call_in_the_document(operations: dict[str, Any]) -> None:
    assert set(operations) >= set(OPERATIONS)


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["fitting", "unfitting"])
@pytest.mark.parametrize("label", OPERATIONS)
def test_whatever_fits_the_document_or_does_not_is_answered_as_it_says(
    shop: MerchantClient, known: Mapping[str, str], operations: dict[str, Any], label: str, mode: GenerationMode
) -> None:
    operation = operations[label]
    skipped = [vars(checks)[name] for name in NOT_FORESEEN if name in vars(checks)]

    @given(data=st.data())
    @settings(
        max_examples=EXAMPLES if operation.body else EXAMPLES // 4,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
        derandomize=True,
        database=None,
    )
    def answers_as_documented(data: st.DataObject) -> None:
        case = data.draw(operation.as_strategy(generation_mode=mode))
        parameters: dict[str, str] = case.path_parameters or {}
        for name in parameters:
            if data.draw(st.booleans()):
                parameters[name] = known[name]
        case.call_and_validate(headers={"authorization": f"Bearer {shop.token}"}, excluded_checks=skipped)

    answers_as_documented()


@pytest.mark.anyio
async def test_the_reference_page_shows_every_call_with_its_own_credentials(shop: MerchantClient) -> None:
    async with shop.session.get(f"{shop.url}/docs-orders/") as response:
        assert response.status == 200
        page = await response.text()
    for operation in OPERATIONS:
        assert operation.partition(" ")[2] in page
    token = page[page.index('id="issueToken"') : page.index('id="createOrder"')]
    assert "grant_type=client_credentials" in token
    assert "Bearer YOUR-ACCESS-TOKEN" not in token
