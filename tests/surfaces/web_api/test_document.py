"""The public document: what it says is true of the server, for everything that a program can make up from it."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.specs.openapi import checks

from tests.clients.integrator import Integrator
from tests.server import Server, serving
from tillway.surfaces.sandbox.seeding import read_file

EXAMPLES = 24
OPERATIONS = (
    "POST /authenticationapi/v1/login",
    "POST /authenticationapi/v1/renew",
    "POST /paymentapi/v1/payments/web",
    "POST /paymentapi/v1/payments/weblink",
    "GET /paymentapi/v1/payments/{reference}",
    "PUT /paymentapi/v1/payments/{reference}/refund",
    "POST /paymentapi/v1/payments/{reference}/refunds",
)

NOT_FORESEEN = ("positive_data_acceptance", "negative_data_rejection", "ignored_auth")
"""A schema cannot say all that the calls ask for, and members that the document does not name are ignored."""


@pytest.fixture(scope="module")
async def server(anyio_backend: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    """A sandbox with what `tillway sandbox` makes."""
    async with serving(tmp_path_factory.mktemp("server")) as started:
        yield started


@pytest.fixture(scope="module")
async def shop(server: Server) -> AsyncIterator[Integrator]:
    """The shop of the sandbox's file, logged in."""
    content = read_file(server.folder)
    assert content is not None
    keys = content.web_payments
    assert keys is not None
    async with aiohttp.ClientSession() as session:
        integrator = Integrator(session, server.url, keys.api_key, keys.api_secret, keys.tenant_key)
        assert (await integrator.login()).status == 200
        yield integrator


@pytest.fixture(scope="module")
async def payments(shop: Integrator) -> list[str]:
    """References of payments, which no program can make up."""
    return [(await shop.initiate_web()).body["paymentReference"] for _ in range(2)]


@pytest.fixture(scope="module")
def operations(server: Server) -> dict[str, Any]:
    """The operations as an independent library reads them from the running server."""
    schema: Any = schemathesis.openapi.from_url(f"{server.url}/docs-web/openapi.json")
    return {found.ok().label: found.ok() for found in schema.get_all_operations()}


def test_a_stranger_library_finds_every_call_in_the_document(operations: dict[str, Any]) -> None:
    assert tuple(operations) == OPERATIONS


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["fitting", "unfitting"])
@pytest.mark.parametrize("label", OPERATIONS)
def test_whatever_fits_the_document_or_does_not_is_answered_as_it_says(
    shop: Integrator, payments: list[str], operations: dict[str, Any], label: str, mode: GenerationMode
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
        if "reference" in (case.path_parameters or {}) and data.draw(st.booleans()):
            case.path_parameters["reference"] = data.draw(st.sampled_from(payments))
        case.call_and_validate(headers=shop.credentials(), excluded_checks=skipped)

    answers_as_documented()


@pytest.mark.anyio
async def test_the_reference_page_shows_every_call_with_its_own_credentials(shop: Integrator) -> None:
    async with shop.session.get(f"{shop.url}/docs-web/") as response:
        assert response.status == 200
        page = await response.text()
    for operation in OPERATIONS:
        assert operation.partition(" ")[2] in page
    login = page[page.index('id="login"') : page.index('id="renew"')]
    assert "x-api-key" in login
    assert "x-tenantsecretkey: YOUR" not in login
