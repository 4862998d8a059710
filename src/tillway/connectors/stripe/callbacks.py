"""Reading what Stripe tells by itself: signed events, in any order and more than once.

| event | means |
|---|---|
| `charge.succeeded`, `payment_intent.succeeded` | paid; only the first tells of the card |
| `payment_intent.canceled` | declined: it can no longer be paid |
| `refund.created`, `refund.updated`, `refund.failed`, `charge.refund.updated` | a refund is back, or never will be |
| `charge.refunded` | the same, where Stripe lists the refunds in it (API versions before 2022-11-15) |

All else concerns nobody here; so does `payment_intent.payment_failed`, after which the payer may try again within the
same intent.
"""

from collections.abc import Callable, Iterator
from typing import Any, Final, cast

import msgspec
import stripe

from tillway.connectors.protocol import Callback, CallbackRefused
from tillway.connectors.stripe.reading import (
    OPERATION,
    Intent,
    Method,
    Refunded,
    instrument_of,
    outcome_of,
    outcome_of_refund,
)
from tillway.domain.outcomes import Outcome, Paid, Pending

TOLERANCE_SECONDS: Final = 300
"""How far the moment of signing may be from ours, either way; Stripe signs each delivery anew."""

LONGEST_EVENT: Final = 256 * 1024
"""Far more than an event of one payment has."""

_SECOND = 1_000_000


class _Event(msgspec.Struct):
    type: str
    data: "_Data"


class _Data(msgspec.Struct):
    object: dict[str, Any]


class _Taken(msgspec.Struct):
    """A charge as events tell of it: it has a copy of the metadata of its intent, whose id it names."""

    status: str
    captured: bool
    payment_intent: str | None = None
    payment_method_details: Method | None = None


class _Listed(msgspec.Struct):
    data: list[dict[str, Any]]


class _GivenBack(msgspec.Struct):
    refunds: _Listed | None = None


def read_event(signature: str, body: bytes, secret: str, now: int) -> tuple[Callback, ...]:
    """What an event tells, if it is signed and the signature is of about `now`. Raises CallbackRefused."""
    _check(signature, body, secret, now)
    try:
        event = msgspec.json.decode(body, type=_Event)
        return tuple(_told(event.type, event.data.object))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise CallbackRefused("not an event of Stripe") from None


def _check(signature: str, body: bytes, secret: str, now: int) -> None:
    """The SDK checks the signature; the moment is checked here, since the SDK would ask the machine's clock."""
    if len(body) > LONGEST_EVENT:
        raise CallbackRefused("too large")
    try:
        stripe.WebhookSignature.verify_header(body, signature, secret, tolerance=None)
        signed_at = next(int(text) for name, _, text in map(_halves, signature.split(",")) if name == "t")
    except (stripe.SignatureVerificationError, ValueError, TypeError):
        raise CallbackRefused("not signed by Stripe") from None
    if abs(now - signed_at * _SECOND) > TOLERANCE_SECONDS * _SECOND:
        raise CallbackRefused("signed too long ago, or not yet")


def _halves(part: str) -> tuple[str, str, str]:
    return part.partition("=")


def _told(kind: str, told: dict[str, Any]) -> Iterator[Callback]:
    match kind:
        case "payment_intent.succeeded" | "payment_intent.canceled":
            yield from _about(told, lambda: outcome_of(msgspec.convert(told, Intent)))
        case "charge.succeeded":
            yield from _about(told, lambda: _outcome_of_charge(msgspec.convert(told, _Taken)))
        case "refund.created" | "refund.updated" | "refund.failed" | "charge.refund.updated":
            yield from _about(told, lambda: outcome_of_refund(msgspec.convert(told, Refunded)))
        case "charge.refunded":
            listed = msgspec.convert(told, _GivenBack).refunds
            for refund in listed.data if listed else []:
                yield from _about(refund, lambda refund=refund: outcome_of_refund(msgspec.convert(refund, Refunded)))
        case _:
            return


def _about(told: dict[str, Any], outcome: Callable[[], Outcome]) -> Iterator[Callback]:
    """What is told of an operation of ours; others' objects, whatever their shape, are not looked at."""
    metadata = told.get("metadata")
    operation = cast("dict[str, object]", metadata).get(OPERATION) if isinstance(metadata, dict) else None
    if not isinstance(operation, str) or not operation:
        return
    found = outcome()
    if not isinstance(found, Pending):
        yield Callback(operation, found)


def _outcome_of_charge(charge: _Taken) -> Paid | Pending:
    """A charge that was only authorised takes no money yet, and one without an intent is none of ours."""
    if charge.status != "succeeded" or not charge.captured or not charge.payment_intent:
        return Pending()
    instrument = instrument_of(charge.payment_method_details) if charge.payment_method_details else ("", "")
    return Paid(charge.payment_intent, *instrument)
