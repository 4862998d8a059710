"""What pages under `docs/` list of the web payments API, as the code has it."""

import json
from collections.abc import Sequence
from typing import Any

from tests.checks.event_samples import sample_of
from tests.checks.tables import table
from tillway.domain.events import (
    Event,
    PaymentExpired,
    PaymentFailed,
    PaymentSucceeded,
    RefundBooked,
    RefundFailed,
)
from tillway.domain.ids import EventId, PaymentId
from tillway.domain.orders import Order
from tillway.domain.payments import Payment, PaymentState
from tillway.domain.refusals import CredentialsRefused, Refusal
from tillway.domain.telling import Audience
from tillway.surfaces.common.api import Endpoint
from tillway.surfaces.web_api.auth import Credentials
from tillway.surfaces.web_api.calls import WebCalls
from tillway.surfaces.web_api.codes import BREAKING, MALFORMED, Code
from tillway.surfaces.web_api.errors import TABLE
from tillway.surfaces.web_api.notices import announce
from tillway.surfaces.web_api.routes import endpoints
from tillway.surfaces.web_api.wire import status_of

SOMEBODY = Audience(EventId(""), 0, Order.__new__(Order), "https://shop.example/hooks")
"""Someone to tell; what of the order is not looked at is not there."""

_PAYMENT = PaymentId("019a9f1e-7c1a-7b52-8f6e-2f1d3c4b5001")
_REFUND = "019a9f20-11c3-7d0e-9a51-5b6c7d8e9002"


def web_calls() -> Sequence[Endpoint[Any, Any]]:
    """The endpoint table, to be read."""
    calls = WebCalls.__new__(WebCalls)
    calls.credentials = Credentials.__new__(Credentials)
    return endpoints(calls)


def web_codes() -> str:
    """Every code with its status, its meaning and the calls that may answer it."""
    rows: list[tuple[int, str, str, str]] = []
    for code, meant in MALFORMED.items():
        rows.append((code, "400", meant, "every call with a body"))
    for code, meant in BREAKING.items():
        rows.append((code, "422", meant, _calls_with_fault(code)))
    told: set[int] = set()
    for refusal, (status, code) in TABLE.items():
        if code in set(Code) and code not in told:
            told.add(code)
            rows.append((code, str(status), refusal.message(), ", ".join(_calls_with(refusal))))
    return table(("code", "status", "meaning", "answered by"), ((str(int(row[0])), *row[1:]) for row in sorted(rows)))


def web_words() -> str:
    """What a payment in each state is called."""
    payments = (Payment(PaymentId(""), 2, "EUR", state, 0, 0, 0, 0, 0, 0, 0, 0, 1) for state in PaymentState)
    rows = ((f"`{payment.state}`", f"`{status_of(payment, 0)}`") for payment in payments)
    return table(("state", "`status.value`"), rows)


def web_postbacks() -> str:
    """An example of every postback."""
    shown: tuple[Event, ...] = (
        PaymentSucceeded(_PAYMENT, 1023, 1023, "EUR", "", (), "card", "Visa"),
        PaymentFailed(_PAYMENT, "insufficient_funds"),
        PaymentExpired(_PAYMENT, 0, "EUR"),
        RefundBooked(_PAYMENT, _REFUND, 500, "EUR"),
        RefundFailed(_PAYMENT, _REFUND, 500, 500, "EUR", "refund_refused"),
    )
    return "```json\n" + "\n".join(json.dumps(_body(event)) for event in shown) + "\n```"


def postback_of(kind: Any) -> str:
    """Which postback tells of an event, if any does."""
    body = _body(sample_of(kind))
    if body is None:
        return "no"
    return "refund postback" if "refundReference" in body else "payment postback"


def _body(event: Event) -> dict[str, Any] | None:
    told = announce(event, SOMEBODY)
    return json.loads(told[0].body) if told else None


def _calls_with(refusal: type[Refusal]) -> list[str]:
    """The calls that list a refusal, and where it is about credentials those that ask for all of them."""
    usual = refusal is CredentialsRefused
    return [call.name for call in web_calls() if refusal in call.refusals or (usual and call.door is None)]


def _calls_with_fault(code: Code) -> str:
    return ", ".join(call.name for call in web_calls() if str(int(code)) in {fault.code for fault in call.faults})
