"""What the payment orders API's webhooks say, and of which events."""

from collections.abc import Sequence
from typing import Final, assert_never

import msgspec

from tillway.domain.events import (
    Event,
    HookTested,
    LateMoneyReceived,
    LateMoneyReturned,
    OrderStatusChanged,
    PaymentBegun,
    PaymentConfirmed,
    PaymentDeclined,
    PaymentExpired,
    PaymentFailed,
    PaymentPartPaid,
    PaymentSeen,
    PaymentSucceeded,
    PaymentWithdrawn,
    RefundBooked,
    RefundFailed,
    RefundPaidOutLate,
)
from tillway.domain.hooks import Hook, HookType
from tillway.domain.payment_orders import Instruction, OrderStatus, PaymentOrder
from tillway.domain.payments import PaymentState
from tillway.domain.schedules import ORDERS
from tillway.domain.telling import Audience, Telling
from tillway.surfaces.common.moments import iso_moment

TEST: Final = "test"
"""The `eventType` of a test; all else is as in the hook's own type, about an order that nobody has."""

NOBODYS: Final = "00000000-0000-0000-0000-000000000000"

_encode = msgspec.json.Encoder().encode


def announce(event: Event, audience: Audience) -> Sequence[Telling]:
    """The webhooks of an event: each hook of its type that is in force, unless the order is a silent one."""
    kind = _type_of(event)
    if kind is None or audience.terms is None or audience.instruction is None or audience.terms.is_silent:
        return ()
    data = (
        _order_data(audience.terms)
        if kind is HookType.ORDER_STATUS_CHANGE
        else payment_data(audience.terms, audience.instruction)
    )
    text = body(kind, kind, audience.event_id, audience.order.client_id, audience.at, data)
    return [Telling(text, ORDERS, hook.url) for hook in audience.hooks if hook.kind is kind and hook.is_on(audience.at)]


def trial(hook: Hook, event_id: str, at: int) -> Telling:
    """The webhook that tries a hook out, shaped as its own and about nothing that exists."""
    if hook.kind is HookType.ORDER_STATUS_CHANGE:
        data: dict[str, object] = {"orderId": NOBODYS, "status": OrderStatus.UNPAID}
    else:
        data = {"paymentId": NOBODYS, "orderId": NOBODYS, "status": PaymentState.CREATED}
    return Telling(body(TEST, hook.kind, event_id, hook.client_id, at, data), ORDERS, hook.url)


def body(event_type: str, hook_type: str, event_id: str, client_id: str, at: int, data: dict[str, object]) -> str:
    """The body of a webhook: compact JSON, its members in the documented order."""
    moment = iso_moment(at)
    members = {
        "eventType": event_type,
        "eventTimestamp": moment,
        "eventId": event_id,
        "clientId": client_id,
        "hookType": hook_type,
        "timestamp": moment,
        "data": data,
    }
    return _encode(members).decode()


def payment_data(terms: PaymentOrder, instruction: Instruction) -> dict[str, object]:
    """What is said of a payment or a refund; what was not given is not there."""
    data: dict[str, object] = {
        "refundId" if instruction.outgoing else "paymentId": instruction.payment_id,
        "orderId": terms.order_id,
    }
    if instruction.instruction_id:
        data["instructionId"] = instruction.instruction_id
    if terms.external_id:
        data["externalId"] = terms.external_id
    data["status"] = instruction.state
    if instruction.hook_data:
        data["hookData"] = msgspec.Raw(instruction.hook_data.encode())
    return data


def _order_data(terms: PaymentOrder) -> dict[str, object]:
    data: dict[str, object] = {"orderId": terms.order_id}
    if terms.external_id:
        data["externalId"] = terms.external_id
    data["status"] = terms.status
    return data


def _type_of(event: Event) -> HookType | None:
    """The type of hook that is told of an event; None for what changes no status."""
    match event:
        case (
            PaymentSeen()
            | PaymentBegun()
            | PaymentConfirmed()
            | PaymentSucceeded()
            | PaymentFailed()
            | PaymentWithdrawn()
            | PaymentExpired()
        ):
            return HookType.PAYMENT_STATUS_CHANGE
        case OrderStatusChanged():
            return HookType.ORDER_STATUS_CHANGE
        case PaymentPartPaid() | PaymentDeclined() | LateMoneyReceived() | LateMoneyReturned():
            return None
        case RefundBooked() | RefundFailed() | RefundPaidOutLate() | HookTested():
            return None
        case _:
            assert_never(event)
