"""What the web payments API's postbacks say, and of which events."""

from collections.abc import Sequence
from typing import Final

import msgspec

from tillway.domain.events import (
    Event,
    PaymentExpired,
    PaymentFailed,
    PaymentSucceeded,
    PaymentWithdrawn,
    RefundBooked,
    RefundFailed,
)
from tillway.domain.telling import Audience, Telling
from tillway.surfaces.common.amounts import major
from tillway.surfaces.web_api.wire import method_name

SCHEDULE: Final = "web"
EXPIRED: Final = "expired"
WITHDRAWN: Final = "cancelled"

_encode = msgspec.json.Encoder(decimal_format="number").encode


def announce(event: Event, audience: Audience) -> Sequence[Telling]:
    """The postback of an event: payments and refunds are told of when their final state is reached.

    `reason` is there only for what did not succeed: a word of `domain/reasons.py`, or why nobody paid.
    """
    body = _body(event) if audience.url else None
    return () if body is None else (Telling(_encode(body).decode(), SCHEDULE, audience.url),)


def _body(event: Event) -> dict[str, object] | None:
    match event:
        case PaymentSucceeded():
            method = method_name(event.method, event.scheme)
            return {"paymentReference": event.payment_id, "isSuccess": True, "paymentMethod": method}
        case PaymentFailed():
            return _unpaid(event.payment_id, event.reason)
        case PaymentWithdrawn():
            return _unpaid(event.payment_id, WITHDRAWN)
        case PaymentExpired():
            return _unpaid(event.payment_id, EXPIRED)
        case RefundBooked():
            return _refund(event, is_success=True)
        case RefundFailed():
            return _refund(event, is_success=False) | {"reason": event.reason}
        case _:
            return None


def _unpaid(reference: str, reason: str) -> dict[str, object]:
    return {"paymentReference": reference, "isSuccess": False, "paymentMethod": None, "reason": reason}


def _refund(event: RefundBooked | RefundFailed, *, is_success: bool) -> dict[str, object]:
    return {
        "paymentReference": event.payment_id,
        "refundReference": event.refund_id,
        "isSuccess": is_success,
        "amount": major(event.amount, event.currency),
    }
