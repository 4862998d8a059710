"""The public document: what it says is true of the server, for everything that a program can make up from it."""

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi import checks

from tests.clients.document import read_document
from tests.clients.till import Answer, Till, card
from tests.shop import Shop

EXAMPLES = 32
OPERATIONS = (
    "POST /v1/payments",
    "GET /v1/payments/{paymentId}",
    "POST /v1/payments/{paymentId}/perform",
    "POST /v1/payments/{paymentId}/abort",
    "POST /v1/payments/{paymentId}/refunds",
    "POST /v1/cards/balance",
    "GET /v1/operations/{idempotencyKey}",
)

NOT_FORESEEN = ("positive_data_acceptance", "negative_data_rejection")
"""A schema cannot say all that the calls ask for, and members that the document does not name are ignored."""


@pytest.fixture(scope="session")
async def payments(shop: Shop) -> list[str]:
    """A payment of each sort that a program cannot make up."""
    till, gift = shop.till, await shop.card(1000_00)
    created, part, complete, aborted = [await till.open(100) for _ in range(4)]
    await till.perform(part, card(gift.number, 10), final=False)
    await till.perform(complete, card(gift.number))
    await till.abort(aborted)
    return [created, part, complete, aborted]


@pytest.fixture(scope="session")
def operations(shop: Shop) -> dict[str, Any]:
    """The operations as an independent library reads them from the running server."""
    schema: Any = schemathesis.openapi.from_url(f"{shop.server.url}/docs-v1/openapi.json")
    return {found.ok().label: found.ok() for found in schema.get_all_operations()}


def test_a_stranger_library_finds_every_call_in_the_document(operations: dict[str, Any]) -> None:
    assert tuple(operations) == OPERATIONS


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["fitting", "unfitting"])
@pytest.mark.parametrize("label", OPERATIONS)
def test_whatever_fits_the_document_or_does_not_is_answered_as_it_says(
    till: Till, payments: list[str], operations: dict[str, Any], label: str, mode: GenerationMode
) -> None:
    operation = operations[label]
    skipped = [vars(checks)[name] for name in NOT_FORESEEN]

    @given(data=st.data())
    @settings(
        max_examples=EXAMPLES if operation.body else EXAMPLES // 4,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
        derandomize=True,
        database=None,
    )
    def answers_as_documented(data: st.DataObject) -> None:
        case = data.draw(operation.as_strategy(generation_mode=mode))
        if "paymentId" in (case.path_parameters or {}) and data.draw(st.booleans()):
            case.path_parameters["paymentId"] = data.draw(st.sampled_from(payments))
        credentials = {"x-client-id": till.client_id, "x-client-secret": till.secret}
        case.call_and_validate(headers=credentials, excluded_checks=skipped)

    answers_as_documented()


@pytest.mark.anyio
async def test_an_answer_that_is_not_as_documented_is_noticed(shop: Shop, till: Till) -> None:
    document = await read_document(shop.session, shop.server.url)
    payment = await till.open(1)
    path = f"/v1/payments/{payment}"
    good = await till.verify(payment)
    document.check("GET", path, good)
    for wrong in (
        Answer(200, good.headers, "{}"),
        Answer(200, good.headers, good.text.replace('"created"', '"lost"')),
        Answer(200, good.headers, good.text.replace('"paymentTotal":1', '"paymentTotal":"1"')),
        Answer(418, good.headers, '{"message":"I am a teapot."}'),
        Answer(400, good.headers, '{"error":"259"}'),
        Answer(400, {"content-type": "text/html"}, '{"error":259,"message":"no"}'),
    ):
        with pytest.raises((AssertionError, FailureGroup)):
            document.check("GET", path, wrong)
