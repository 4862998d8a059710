"""No refusal is forgotten: what commands say they refuse, the endpoints' lists and the table of codes agree."""

import inspect
import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.surfaces.web_api.market import login_pair
from tillway.commands import logins, payments, refunds
from tillway.domain import refusals
from tillway.domain.refusals import ClientUnknown, CredentialsRefused, Overloaded, Refusal
from tillway.queries.overviews import Overviews
from tillway.surfaces.common.api import Endpoint
from tillway.surfaces.web_api.auth import Credentials
from tillway.surfaces.web_api.calls import WebCalls
from tillway.surfaces.web_api.codes import BREAKING, MALFORMED, Code
from tillway.surfaces.web_api.errors import TABLE, entry_of, refused
from tillway.surfaces.web_api.routes import endpoints

ASKED: dict[str, tuple[Callable[..., Any], ...]] = {
    "login": (logins.check_tries, logins.refuse),
    "renew": (logins.renew,),
    "initiateWebPayment": (payments.open_payment,),
    "initiateLinkPayment": (payments.open_payment,),
    "getPayment": (Overviews.of,),
    "refundPayment": (refunds.refund,),
    "refundPart": (refunds.refund,),
}
"""What each call asks for."""


def _table() -> tuple[Endpoint[Any, Any], ...]:
    """The table itself; its handlers are read, not called."""
    calls = WebCalls.__new__(WebCalls)
    calls.credentials = Credentials.__new__(Credentials)
    return endpoints(calls)


ENDPOINTS = _table()


def refuses(function: Callable[..., Any]) -> set[type[Refusal]]:
    """What a docstring lists under `Refuses:`."""
    listed = re.search(r"Refuses: (.*?)\.(?:\s|$)", inspect.getdoc(function) or "", re.DOTALL)
    return {getattr(refusals, name) for name in re.findall(r"\w+", listed[1])} if listed else set()


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.name)
def test_an_endpoint_lists_what_is_refused_to_it(endpoint: Any) -> None:
    possible = {refusal for function in ASKED[endpoint.name] for refusal in refuses(function)}
    of_doors = {CredentialsRefused} if endpoint.name == "renew" else set[type[Refusal]]()
    assert set(endpoint.refusals) == possible | {ClientUnknown} | of_doors


def test_the_table_has_every_refusal_of_an_endpoint_and_no_other() -> None:
    listed = {refusal for endpoint in ENDPOINTS for refusal in endpoint.refusals}
    assert set(TABLE) == listed | {CredentialsRefused, Overloaded}


@pytest.mark.parametrize("refusal", TABLE, ids=lambda refusal: refusal.__name__)
def test_a_refusal_is_answered_as_its_line_of_the_table_says(refusal: Any) -> None:
    reply, entry = refused(refusal(*[1] * len(inspect.signature(refusal).parameters))), entry_of(refusal)
    assert reply.status == entry.status
    assert entry.message.endswith(".")


def test_every_code_is_told_of_in_one_place() -> None:
    of_refusals = {code for _, code in TABLE.values()}
    assert set(Code) == set(MALFORMED) | set(BREAKING) | (of_refusals & set(Code))
    assert not set(MALFORMED) & set(BREAKING)
    assert not of_refusals & (set(MALFORMED) | set(BREAKING))


def test_keys_do_not_show_themselves() -> None:
    assert "PRIVATE" not in repr(login_pair())
