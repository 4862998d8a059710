"""What Stripe tells by itself: only what it signed lately is believed, and only of what we asked for."""

import json
from typing import Any

import pytest

from tests.connectors.stripe.pretend import API_KEY, WEBHOOK_SECRET, Told, event, said, signed
from tillway.connectors.addresses import Reach
from tillway.connectors.outbound import Outbound
from tillway.connectors.protocol import Callback, CallbackRefused
from tillway.connectors.stripe.connector import StripeAccount, StripeConnector
from tillway.domain.outcomes import Declined, Outcome, Paid
from tillway.domain.reasons import Reason

NOW = 1_795_197_600_000_000
SECOND = 1_000_000
OURS = {"operation": "p-1"}
REFERENCE = said("payment_intent")["id"]
REFUND = said("refund")["id"]


@pytest.fixture
def connector() -> StripeConnector:
    return StripeConnector(StripeAccount(API_KEY, WEBHOOK_SECRET), Outbound(Reach.PUBLIC))


def intent(status: str, **members: Any) -> Told:
    return said("payment_intent", metadata=OURS, status=status, **members)


def heard(connector: StripeConnector, kind: str, told: Told) -> tuple[Callback, ...]:
    body = event(kind, told)
    return connector.read_callback(signed(body, NOW), body, NOW)


@pytest.mark.parametrize(
    ("kind", "told", "outcome"),
    [
        (
            "payment_intent.succeeded",
            intent("succeeded", amount_received=10_00, latest_charge="ch_1"),
            Paid(REFERENCE),
        ),
        (
            "payment_intent.succeeded",
            intent("succeeded", amount_received=10_00, latest_charge=said("charge")),
            Paid(REFERENCE, "Visa", "4242"),
        ),
        ("charge.succeeded", said("charge", metadata=OURS), Paid(REFERENCE, "Visa", "4242")),
        ("payment_intent.canceled", intent("canceled"), Declined(Reason.CANCELLED, REFERENCE)),
        ("refund.created", said("refund", metadata=OURS), Paid(REFUND)),
        ("refund.updated", said("refund", metadata=OURS), Paid(REFUND)),
        ("charge.refund.updated", said("refund", metadata=OURS), Paid(REFUND)),
        (
            "refund.failed",
            said("refund", metadata=OURS, status="failed", failure_reason="expired_or_canceled_card"),
            Declined(Reason.REFUND_REFUSED, REFUND),
        ),
        (
            "charge.refunded",
            said("charge", refunds={"object": "list", "data": [said("refund", metadata=OURS)]}),
            Paid(REFUND),
        ),
    ],
)
def test_an_event_tells_what_became_of_an_operation(
    connector: StripeConnector, kind: str, told: Told, outcome: Outcome
) -> None:
    assert heard(connector, kind, told) == (Callback("p-1", outcome),)


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("payment_intent.payment_failed", intent("requires_payment_method")),
        ("payment_intent.processing", intent("processing")),
        ("payment_intent.succeeded", intent("processing")),
        ("payment_intent.succeeded", said("payment_intent", status="succeeded")),
        ("charge.succeeded", said("charge", metadata=OURS, captured=False)),
        ("charge.succeeded", said("charge", metadata=OURS, status="pending")),
        ("charge.succeeded", said("charge", metadata=OURS, payment_intent=None)),
        ("charge.succeeded", said("charge")),
        ("refund.created", said("refund", metadata=OURS, status="pending")),
        ("refund.updated", said("refund", metadata=None)),
        ("charge.refunded", said("charge")),
        ("customer.created", {"id": "cus_1"}),
        ("payment_intent.succeeded", {"id": REFERENCE}),
        ("payment_intent.succeeded", {"metadata": {"operation": 5}}),
        ("charge.succeeded", {"metadata": ["operation"]}),
        ("charge.refunded", {"refunds": {"data": [{"id": "re_1"}]}}),
    ],
)
def test_what_is_no_end_or_none_of_ours_concerns_nobody(connector: StripeConnector, kind: str, told: Told) -> None:
    assert heard(connector, kind, told) == ()


@pytest.mark.parametrize("late", [-300, 0, 300])
def test_a_signature_is_good_for_five_minutes_either_way(connector: StripeConnector, late: int) -> None:
    body = event("payment_intent.canceled", intent("canceled"))
    assert connector.read_callback(signed(body, NOW), body, NOW + late * SECOND)


@pytest.mark.parametrize("late", [-301, 301, 86_400])
def test_an_old_event_sent_again_is_refused(connector: StripeConnector, late: int) -> None:
    body = event("payment_intent.canceled", intent("canceled"))
    with pytest.raises(CallbackRefused):
        connector.read_callback(signed(body, NOW), body, NOW + late * SECOND)


def test_while_a_secret_is_rolled_either_signature_will_do(connector: StripeConnector) -> None:
    body = event("payment_intent.canceled", intent("canceled"))
    old = signed(body, NOW, "whsec_of_yesterday")["stripe-signature"]
    new = signed(body, NOW)["stripe-signature"].partition(",")[2]
    assert connector.read_callback({"stripe-signature": f"{old},{new}"}, body, NOW)


GOOD = event("payment_intent.succeeded", intent("succeeded", amount_received=10_00))


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "t=1",
        "v1=0",
        "rubbish",
        "t=,v1=",
        f"t={NOW // SECOND}",
        f"t={NOW // SECOND},v0=" + signed(GOOD, NOW)["stripe-signature"].partition("v1=")[2],
        f"t={NOW // SECOND + 1},v1=" + signed(GOOD, NOW)["stripe-signature"].partition("v1=")[2],
        f"t={NOW // SECOND},v1=é",
        "t=99999999999999999999,v1=0",
        signed(GOOD, NOW, "whsec_of_another")["stripe-signature"],
        signed(GOOD, NOW, "")["stripe-signature"],
        "t=1," * 5000,
    ],
)
def test_what_is_not_signed_by_stripe_is_refused(connector: StripeConnector, signature: str) -> None:
    with pytest.raises(CallbackRefused):
        connector.read_callback({"stripe-signature": signature}, GOOD, NOW)


def test_a_changed_body_is_refused(connector: StripeConnector) -> None:
    with pytest.raises(CallbackRefused):
        connector.read_callback(signed(GOOD, NOW), GOOD.replace(b"1000", b"1001"), NOW)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b'{"type": "payment_intent.succeeded"}',
        b'{"type": "payment_intent.succeeded", "data": {"object": []}}',
        b'{"type": 5, "data": {"object": {}}}',
        event("payment_intent.succeeded", {"id": REFERENCE, "metadata": OURS}),
        event("charge.succeeded", {"metadata": OURS}),
        event("refund.updated", {"id": 1, "metadata": OURS}),
        event("charge.refunded", {"refunds": {"data": [{"metadata": OURS}]}}),
        b"[" * 100_000,
        b'{"type": "x", "data": {"object": {"deep": ' + b"[" * 100_000,
    ],
)
def test_a_signed_body_that_is_no_event_is_refused(connector: StripeConnector, body: bytes) -> None:
    with pytest.raises(CallbackRefused):
        connector.read_callback(signed(body, NOW), body, NOW)


def test_a_body_that_is_no_text_is_refused(connector: StripeConnector) -> None:
    with pytest.raises(CallbackRefused):
        connector.read_callback(signed(GOOD, NOW), b"\xff" + GOOD, NOW)


def test_events_of_other_api_versions_are_read_too(connector: StripeConnector) -> None:
    told = json.loads(GOOD) | {"api_version": "2020-08-27", "account": "acct_1"}
    told["data"]["object"]["charges"] = {"object": "list", "data": [said("charge")]}
    body = json.dumps(told).encode()
    assert connector.read_callback(signed(body, NOW), body, NOW) == (Callback("p-1", Paid(REFERENCE)),)
