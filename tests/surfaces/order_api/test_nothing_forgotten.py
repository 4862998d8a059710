"""No refusal is forgotten: what commands say they refuse, the endpoints' lists and the tables of codes agree."""

import inspect
import re
from collections.abc import Callable
from typing import Any

import pytest

from tillway.commands import logins, orders
from tillway.domain import refusals
from tillway.domain.payments import PaymentState
from tillway.domain.reasons import Reason
from tillway.domain.refusals import CredentialsMissing, CredentialsRefused, GrantMissing, Overloaded, Refusal
from tillway.queries.payment_orders import PaymentOrders
from tillway.queries.searching import search
from tillway.surfaces.common.api import Endpoint
from tillway.surfaces.order_api import oauth
from tillway.surfaces.order_api.auth import Credentials
from tillway.surfaces.order_api.calls import OrderCalls
from tillway.surfaces.order_api.codes import Code
from tillway.surfaces.order_api.errors import TABLE, entry_of, refused
from tillway.surfaces.order_api.lists import Lists
from tillway.surfaces.order_api.oauth import TokenDesk
from tillway.surfaces.order_api.processing import Leading
from tillway.surfaces.order_api.rendering import REASON_CODES, ReasonCode
from tillway.surfaces.order_api.routes import endpoints

_FOUND = (PaymentOrders.payment,)
_FOUND_IN_ORDER = (*_FOUND, orders.known_order)
_REFUND = (PaymentOrders.refund,)
_REFUND_IN_ORDER = (*_REFUND, orders.known_order)

ASKED: dict[str, tuple[Callable[..., Any], ...]] = {
    "issueToken": (logins.check_tries, logins.refuse),
    "createOrder": (orders.open_order,),
    "getOrder": (PaymentOrders.order,),
    "updateOrder": (orders.update_order,),
    "replaceOrder": (orders.update_order,),
    "withdrawOrder": (orders.withdraw_order,),
    "getOrderPayment": _FOUND_IN_ORDER,
    "getPayment": _FOUND,
    "processOrderPayment": (*_FOUND_IN_ORDER, Leading.lead),
    "processPayment": (*_FOUND, Leading.lead),
    "createRefund": (orders.open_refund,),
    "listRefunds": (PaymentOrders.order,),
    "getOrderRefund": _REFUND_IN_ORDER,
    "getRefund": _REFUND,
    "processOrderRefund": (*_REFUND_IN_ORDER, Leading.lead),
    "processRefund": (*_REFUND, Leading.lead),
    "withdrawOrderRefund": (*_REFUND_IN_ORDER, orders.withdraw_refund),
    "withdrawRefund": (*_REFUND,),
    "listOrders": (search,),
    "listPayments": (search,),
    "listBanks": (),
}
"""What each call asks for."""

NOT_THERE = frozenset({refusals.OrderUnknown})
"""A refund that was found has an order."""


def _table() -> tuple[Endpoint[Any, Any], ...]:
    """The table itself; its handlers are read, not called."""
    calls = OrderCalls.__new__(OrderCalls)
    calls.credentials = Credentials.__new__(Credentials)
    calls.desk = TokenDesk.__new__(TokenDesk)
    calls.lists = Lists.__new__(Lists)
    return endpoints(calls)


ENDPOINTS = _table()
OWN = [endpoint for endpoint in ENDPOINTS if endpoint.name in ASKED]


def refuses(function: Callable[..., Any]) -> set[type[Refusal]]:
    """What a docstring lists under `Refuses:`."""
    listed = re.search(r"Refuses: (.*?)\.(?:\s|$)", inspect.getdoc(function) or "", re.DOTALL)
    return {getattr(refusals, name) for name in re.findall(r"\w+", listed[1])} if listed else set()


@pytest.mark.parametrize("endpoint", OWN, ids=lambda endpoint: endpoint.name)
def test_an_endpoint_lists_what_is_refused_to_it(endpoint: Any) -> None:
    possible = {refusal for function in ASKED[endpoint.name] for refusal in refuses(function)}
    if endpoint.name == "withdrawRefund":
        possible |= refuses(orders.withdraw_refund) - NOT_THERE
    of_doors: set[type[Refusal]] = set() if endpoint.public else {CredentialsMissing}
    if endpoint.door is not None:
        of_doors |= {CredentialsRefused, GrantMissing}
    assert set(endpoint.refusals) == possible | of_doors


def test_the_tables_have_every_refusal_of_an_endpoint_and_no_other() -> None:
    listed = {refusal for endpoint in ENDPOINTS if endpoint.dialect is None for refusal in endpoint.refusals}
    assert set(TABLE) == listed | {CredentialsRefused, Overloaded}
    (token,) = [endpoint for endpoint in ENDPOINTS if endpoint.dialect is not None]
    assert set(oauth.TABLE) == set(token.refusals)


@pytest.mark.parametrize("refusal", TABLE, ids=lambda refusal: refusal.__name__)
def test_a_refusal_is_answered_as_its_line_of_the_table_says(refusal: Any) -> None:
    reply, entry = refused(refusal(*[1] * len(inspect.signature(refusal).parameters))), entry_of(refusal)
    assert reply.status == entry.status
    assert entry.message.endswith(".")


def test_every_code_of_the_document_is_answered_somewhere() -> None:
    of_refusals = {code for _, code in TABLE.values()}
    of_faults = {entry.code for endpoint in ENDPOINTS for entry in endpoint.faults}
    of_http = {
        Code.NOT_FOUND,
        Code.METHOD_NOT_ALLOWED,
        Code.REQUEST_TIMEOUT,
        Code.PAYLOAD_TOO_LARGE,
        Code.UNSUPPORTED_MEDIA_TYPE,
        Code.INTERNAL_SERVER_ERROR,
    }
    assert set(Code) == {*of_refusals, *(of_faults & set(Code)), *of_http}


def test_every_reason_has_a_code_and_every_code_a_reason() -> None:
    assert set(REASON_CODES) <= set(Reason)
    assert set(REASON_CODES.values()) | {ReasonCode.OTHER} == set(ReasonCode)
    assert len(PaymentState) == 9
