"""No refusal is forgotten: the commands' docstrings, the endpoints' lists and the table of numbers say the same."""

import ast
import inspect
import re
from collections.abc import Callable, Iterator
from textwrap import dedent
from types import ModuleType
from typing import Any

import pytest

from tillway.domain import refusals
from tillway.domain.refusals import CredentialsRefused, Overloaded, Refusal, RequestInvalid, TooManyTries
from tillway.surfaces.giftcard_api import calls
from tillway.surfaces.giftcard_api.calls import GiftCardCalls
from tillway.surfaces.giftcard_api.errors import (
    NUMBERS,
    STATUSES,
    CardEmptyForBalance,
    VendorNotAcceptedForBalance,
    entry_of,
    refused,
)
from tillway.surfaces.giftcard_api.routes import endpoints

ENDPOINTS = endpoints(GiftCardCalls.__new__(GiftCardCalls))
"""The table itself; its handlers are read, not called."""

ASKED_ELSEWHERE: dict[str, set[type[Refusal]]] = {"cardBalance": {TooManyTries}}
"""Only those who count tries by who asks are told that there were too many: the page does, the API does not."""

TOLD_AS: dict[str, dict[type[Refusal], type[Refusal]]] = {
    "cardBalance": {
        refusals.VendorNotAccepted: VendorNotAcceptedForBalance,
        refusals.CardEmpty: CardEmptyForBalance,
    }
}

OF_ANY_CALL = {CredentialsRefused, Overloaded, RequestInvalid}
"""Told by the layer that serves every call."""


def asked_by(handler: Callable[..., Any]) -> Iterator[Callable[..., Any]]:
    """The commands and queries that a handler's source names."""
    source = dedent(inspect.getsource(handler))
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            module = vars(calls).get(node.value.id)
            if isinstance(module, ModuleType) and module.__name__.startswith(("tillway.commands", "tillway.queries")):
                yield getattr(module, node.attr)


def refuses(function: Callable[..., Any]) -> set[type[Refusal]]:
    """What a docstring lists under `Refuses:`."""
    listed = re.search(r"Refuses: (.*?)\.(?:\s|$)", inspect.getdoc(function) or "", re.DOTALL)
    return {getattr(refusals, name) for name in re.findall(r"\w+", listed[1])} if listed else set()


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.name)
def test_an_endpoint_lists_what_its_command_refuses(endpoint: Any) -> None:
    asked = list(asked_by(endpoint.handler))
    assert asked, "a handler that asks nothing"
    told = TOLD_AS.get(endpoint.name, {})
    possible = {refusal for function in asked for refusal in refuses(function)}
    expected = {told.get(refusal, refusal) for refusal in possible - ASKED_ELSEWHERE.get(endpoint.name, set())}
    assert set(endpoint.refusals) == expected


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.name)
def test_an_endpoint_lists_its_refusals_in_the_tables_order(endpoint: Any) -> None:
    numbered = [refusal for refusal in endpoint.refusals if refusal in NUMBERS]
    assert numbered == sorted(numbered, key=list(NUMBERS).index)


def test_the_table_has_every_refusal_of_an_endpoint_and_no_other() -> None:
    listed = {refusal for endpoint in ENDPOINTS for refusal in endpoint.refusals}
    assert NUMBERS.keys() | STATUSES.keys() == listed | OF_ANY_CALL
    assert not NUMBERS.keys() & STATUSES.keys()


@pytest.mark.parametrize("refusal", [*NUMBERS, *STATUSES], ids=lambda refusal: refusal.__name__)
def test_a_refusal_is_answered_as_its_line_of_the_table_says(refusal: Any) -> None:
    arguments = ["text"] * (len(inspect.signature(refusal).parameters))
    reply, entry = refused(refusal(*arguments)), entry_of(refusal)
    assert reply.status == entry.status
    assert (entry.code == "") == (refusal in STATUSES)
    assert refusal.message().endswith(".")
