"""The parts of pages under `docs/` that list what the code says; `python -m tests.checks.documents` writes them anew.

A page marks such a part by a line `<!-- made: name -->` before it and `<!-- end -->` behind it.
"""

import inspect
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from enum import StrEnum
from pathlib import Path
from typing import Any, get_args

from pydantic import SecretStr

from tests.checks.hook_documents import order_webhooks, webhook_of
from tests.checks.order_documents import order_codes, order_reasons, order_rules, order_states, token_errors
from tests.checks.tables import table
from tests.checks.web_documents import SOMEBODY, postback_of, web_calls, web_codes, web_postbacks, web_words
from tests.order_rules import PAYMENTS, REFUNDS
from tillway.domain import events
from tillway.domain.giftcards import CARD
from tillway.domain.ids import PaymentId
from tillway.domain.machine import Machine
from tillway.domain.payments import ATTEMPT, PAYMENT, Payment, PaymentState
from tillway.domain.pretended_banks import USERS
from tillway.domain.proof import MEANINGS
from tillway.domain.published import PUBLISHED
from tillway.domain.reasons import Reason
from tillway.domain.refunds import REFUND
from tillway.domain.refusals import Refusal
from tillway.settings import Settings
from tillway.store.rules_of_transfers import WAYS
from tillway.surfaces.common.api import Api, Endpoint
from tillway.surfaces.common.dialect import Dialect
from tillway.surfaces.common.limits import Addresses
from tillway.surfaces.common.openapi import entries_of
from tillway.surfaces.giftcard_api import errors, routes, wire
from tillway.surfaces.giftcard_api.calls import GiftCardCalls
from tillway.surfaces.giftcard_api.dialect import GiftCardDialect
from tillway.surfaces.giftcard_api.notices import announce
from tillway.surfaces.management_api import routes as management_routes
from tillway.surfaces.management_api.dialect import ManagementDialect
from tillway.surfaces.management_api.routes import ManagementCalls
from tillway.surfaces.sandbox.acquirer.drawing import acquirer_pages, rows_of
from tillway.surfaces.sandbox.banks.drawing import users_of
from tillway.surfaces.web_api import routes as web_routes
from tillway.surfaces.web_api.dialect import WebDialect

DOCS = Path(__file__).parents[2] / "docs"

Calls = Sequence[Endpoint[Any, Any]]


def meaning(thing: object) -> str:
    """The docstring, on one line."""
    return " ".join((inspect.getdoc(thing) or "").split())


def renewed(text: str) -> str:
    """A page with every marked part as the code has it now."""
    return _MARKED.sub(lambda found: f"{found[1]}\n\n{PARTS[found[2]]()}\n\n{found[3]}", text)


def marked(text: str) -> list[str]:
    """The names of the parts that a page has marked."""
    return [found[2] for found in _MARKED.finditer(text)]


def _numbers() -> str:
    rows = (
        (str(number), f"`{refusal.__name__}`", refusal.message(), _answered_by(_giftcard_calls(), refusal))
        for refusal, number in errors.NUMBERS.items()
    )
    return table(("error", "refusal", "message", "answered by"), rows)


def _giftcard_statuses() -> str:
    return _statuses(_api(GiftCardDialect.__new__(GiftCardDialect), _giftcard_calls(), [routes.PREFIX]))


def _management_statuses() -> str:
    calls = management_routes.endpoints(ManagementCalls.__new__(ManagementCalls))
    api = _api(ManagementDialect.__new__(ManagementDialect), calls, [management_routes.PREFIX])
    return _statuses(api, coded=True)


def _words() -> str:
    """What a payment in each state is called, without and with something paid."""
    rows: list[Sequence[str]] = []
    for state in PaymentState:
        payments = (Payment(PaymentId(""), 2, "NOK", state, paid, 0, 0, 0, 0, 0, 0, 0, 1) for paid in (0, 1))
        words = dict.fromkeys(f"`{wire.status_of(payment, 0)}`" for payment in payments)
        rows.append((f"`{state}`", ", ".join(words)))
    return table(("state", "`status`"), rows)


def _events() -> str:
    rows: list[Sequence[str]] = []
    for kind in get_args(events.Event):
        members = ", ".join(f"`{one.name}`" for one in fields(kind))
        told = "`payment processed`" if kind is events.PaymentSucceeded else "no"
        rows.append((f"`{kind.kind}`", meaning(kind), members, told, postback_of(kind), webhook_of(kind)))
    heads = ("event", "meaning", "members", "told by webhook of a gift-card payment", "of a web payment")
    return table((*heads, "of a payment order"), rows)


def _webhook() -> str:
    payment = PaymentId("019a9f1e-7c1a-7b52-8f6e-2f1d3c4b5001")
    cards = (events.CardPart("90123", 100_00), events.CardPart("45678", 150_50))
    event = events.PaymentSucceeded(payment, 250_50, 250_50, "NOK", "till-7/receipt-1042", cards, "gift_card", "")
    (told,) = announce(event, SOMEBODY)
    return f"```json\n{json.dumps(json.loads(told.body), indent=2)}\n```"


def _rules() -> str:
    return table(("rule", "what holds"), ((f"`{rule}`", sense) for rule, sense in MEANINGS.items()))


def _transfers() -> str:
    """Every kind of transfer with the kinds of accounts it goes between."""
    rows = (
        (f"`{kind}`", " or ".join(f"`{source}` → `{target}`" for source, target in ways)) for kind, ways in WAYS.items()
    )
    return table(("kind", "goes"), rows)


def _settings() -> str:
    rows: list[Sequence[str]] = []
    for name, field in Settings.model_fields.items():
        default = field.get_default()
        shown = default.get_secret_value() if isinstance(default, SecretStr) else default or ""
        rows.append((f"`TILLWAY_{name.upper()}`", field.description or "", f"`{shown}`" if shown else ""))
    return table(("variable", "meaning", "default"), rows)


def _test_numbers() -> str:
    rows = rows_of(PUBLISHED, acquirer_pages().text("en"))
    codes = (one.behaviour.code for one in PUBLISHED)
    lines = ((row.grouped, row.scheme, row.does, f"`{code}`") for row, code in zip(rows, codes, strict=True))
    return table(("number", "brand", "what it does", "outcome of the helper"), lines)


def _test_users() -> str:
    rows = ((f"`{row.name}`", row.does) for row in users_of(USERS, str))
    return table(("user name", "what becomes of the payment"), rows)


PARTS: Mapping[str, Callable[[], str]] = {
    "gift-card numbers": _numbers,
    "gift-card statuses": _giftcard_statuses,
    "management statuses": _management_statuses,
    "web payment codes": web_codes,
    "web payment statuses": lambda: _statuses(_api(WebDialect.__new__(WebDialect), web_calls(), web_routes.PREFIXES)),
    "web payment words": web_words,
    "web payment postbacks": web_postbacks,
    "payment order codes": order_codes,
    "payment order reasons": order_reasons,
    "payment order states": order_states,
    "payment order rules": lambda: order_rules(PAYMENTS),
    "order refund rules": lambda: order_rules(REFUNDS),
    "token errors": token_errors,
    "payment order webhooks": order_webhooks,
    "payment machine": lambda: _machine(PAYMENT),
    "attempt machine": lambda: _machine(ATTEMPT),
    "refund machine": lambda: _machine(REFUND),
    "gift card machine": lambda: _machine(CARD),
    "payment words": _words,
    "events": _events,
    "gift-card webhook": _webhook,
    "ledger rules": _rules,
    "transfers": _transfers,
    "settings": _settings,
    "reasons": lambda: ", ".join(f"`{reason}`" for reason in Reason),
    "test numbers": _test_numbers,
    "test users": _test_users,
}

_MARKED = re.compile(r"(<!-- made: ([\w -]+?) -->)\n.*?(<!-- end -->)", re.DOTALL)


def _giftcard_calls() -> Calls:
    return routes.endpoints(GiftCardCalls.__new__(GiftCardCalls))


def _api(dialect: Dialect[Any], calls: Calls, prefixes: Sequence[str]) -> Api[Any]:
    """An API to be read, not served."""
    return Api(dialect, calls, prefixes=prefixes, telemetry=Any, addresses=Addresses())  # pyright: ignore[reportArgumentType]


def _answered_by(calls: Calls, refusal: type[Refusal]) -> str:
    return ", ".join(call.name for call in calls if refusal in call.refusals) or "every call with a body or a key"


def _statuses(api: Api[Any], *, coded: bool = False) -> str:
    """Every answer that is not numbered, and the calls that may be given it."""
    found: dict[tuple[int, str, str], list[str]] = {}
    for call in api.endpoints:
        for entry in entries_of(api, call):
            if coded or not entry.code:
                found.setdefault((entry.status, entry.code, entry.message), []).append(call.name)
    rows: list[Sequence[str]] = []
    for (status, code, message), names in sorted(found.items()):
        every = len(names) == len(api.endpoints)
        cells = (str(status), *((f"`{code}`" if code else "none",) if coded else ()), message)
        rows.append((*cells, "every call" if every else ", ".join(names)))
    return table(("status", *(("error",) if coded else ()), "meaning", "answered by"), rows)


def _machine(machine: Machine[Any]) -> str:
    moves = [(source, sorted(targets, key=list(machine.moves).index)) for source, targets in machine.moves.items()]
    lines = [f"    {source.name} --> {target.name}" for source, targets in moves for target in targets]
    first: StrEnum = next(iter(machine.moves))
    diagram = "\n".join(("```mermaid", "stateDiagram-v2", f"    [*] --> {first.name}", *lines, "```"))
    rows = ((f"`{source.name}`", ", ".join(f"`{one.name}`" for one in targets) or "final") for source, targets in moves)
    return f"{diagram}\n\n{table(('from', 'to'), rows)}"


if __name__ == "__main__":
    for page in DOCS.glob("*.md"):
        text = page.read_text()
        if renewed(text) != text:
            page.write_text(renewed(text))
