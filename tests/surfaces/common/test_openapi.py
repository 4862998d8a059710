"""The document says what the table says, and what it says is true of the server."""

from typing import Any

import jsonschema_rs
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.specs.openapi import checks
from starlette.applications import Starlette

from tests.surfaces.common.orchard import Orchard
from tillway.surfaces.common.examples import example_of
from tillway.surfaces.common.openapi import document, entries_of

API = Orchard().api
DOCUMENT = document(API)
OPERATIONS = [
    (path, method, operation) for path, methods in DOCUMENT["paths"].items() for method, operation in methods.items()
]


def test_every_entry_of_the_table_is_an_operation() -> None:
    named = {(endpoint.method.lower(), endpoint.path, endpoint.name) for endpoint in API.endpoints}
    assert {(method, path, operation["operationId"]) for path, method, operation in OPERATIONS} == named


@pytest.mark.parametrize("endpoint", API.endpoints, ids=lambda endpoint: endpoint.name)
def test_every_refusal_is_told_with_its_status_code_and_message(endpoint: Any) -> None:
    responses = DOCUMENT["paths"][endpoint.path][endpoint.method.lower()]["responses"]
    for entry in entries_of(API, endpoint):
        response = responses[str(entry.status)]
        assert entry.message in response["description"]
        assert entry.body in [
            example["value"] for example in response["content"]["application/json"]["examples"].values()
        ]


def test_a_refusal_and_an_example_fit_their_schemas() -> None:
    components = DOCUMENT["components"]["schemas"]
    for schema in components.values():
        jsonschema_rs.validator_for({**schema, "components": DOCUMENT["components"]}).validate(
            example_of(schema, components)
        )


def test_all_faults_that_any_body_may_have_are_told() -> None:
    responses = DOCUMENT["paths"]["/orchard/baskets/{basket}/apples"]["post"]["responses"]
    assert set(responses) == {"200", "400", "401", "402", "404", "408", "410", "413", "415", "422", "500", "503"}


def test_a_public_call_needs_no_credentials() -> None:
    operation = DOCUMENT["paths"]["/orchard/wishes"]["post"]
    assert operation["security"] == []
    assert "401" not in operation["responses"]
    assert not operation["requestBody"]["required"]


def operations() -> list[Any]:
    """The operations as an independent library reads them from the document, but for the one that fails on purpose."""
    schema: Any = schemathesis.openapi.from_dict(DOCUMENT)
    schema.app = Starlette(routes=[API])
    return [result.ok() for result in schema.get_all_operations() if "/trees/" not in result.ok().label]


def test_a_stranger_library_reads_the_document() -> None:
    assert {operation.label for operation in operations()} == {
        "POST /orchard/baskets/{basket}/apples",
        "GET /orchard/baskets/{basket}",
        "POST /orchard/wishes",
    }


@given(data=st.data())
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
def test_the_server_keeps_to_the_document(data: st.DataObject) -> None:
    operation = data.draw(st.sampled_from(operations()))
    case = data.draw(operation.as_strategy())
    # A schema cannot count a number's digits, so some of what fits it is refused all the same.
    case.call_and_validate(headers={"x-gardener": "rosa"}, excluded_checks=[vars(checks)["positive_data_acceptance"]])
