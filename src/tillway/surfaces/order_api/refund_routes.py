"""The part of the payment orders API's endpoint table that is about refunds, all of which ask for their own scope."""

from typing import Any, Final

from tillway.domain import refusals
from tillway.surfaces.common.api import Endpoint
from tillway.surfaces.order_api import rendering, wire
from tillway.surfaces.order_api.calls import OrderCalls
from tillway.surfaces.order_api.errors import BOTH_NAMES, NOT_ENOUGH

REFUNDS: Final = "/api/v2/orders/{orderId}/refunds"
_OF_AN_ORDER: Final = f"{REFUNDS}/{{refundId}}"
_ALONE: Final = "/api/v2/refunds/{refundId}"

_GRANTED: Final = (refusals.CredentialsMissing, refusals.CredentialsRefused, refusals.GrantMissing)
_OF_A_REFUND: Final = (*_GRANTED, refusals.RefundUnknown)
_OF_AN_ORDERS_REFUND: Final = (*_GRANTED, refusals.OrderUnknown, refusals.RefundUnknown)
_STOPPED: Final = (refusals.BankUnknown, refusals.DebtorMissing, refusals.BankRefused, refusals.NotInThatState)


def refund_endpoints(calls: OrderCalls) -> tuple[Endpoint[Any, Any], ...]:
    """The calls on refunds."""
    return (*_of_orders(calls), *_of_refunds(calls))


def _of_orders(calls: OrderCalls) -> tuple[Endpoint[Any, Any], ...]:
    door: Any = calls.credentials.refund_door()
    return (
        Endpoint(
            name="createRefund",
            method="POST",
            path=REFUNDS,
            summary="Open a refund",
            description=(
                "A refund is a payment the other way. Someone of yours opens `link`, authorises it at your bank, and "
                "comes back to `redirectUrl` with `refundId` added to its query.\n\n"
                "However many come at once, never more is given back than the order's refund limit allows."
            ),
            handler=calls.refund,
            door=door,
            request=wire.RefundRequest,
            terms=calls.terms,
            answer=wire.RefundOpenedAnswer,
            faults=(BOTH_NAMES,),
            refusals=(
                *_GRANTED,
                refusals.OrderUnknown,
                refusals.BankUnknown,
                refusals.InstructionProcessed,
                refusals.InstructionDiffers,
                refusals.CurrencyDiffers,
                refusals.ReturnUrlNotAllowed,
                refusals.RefundNotPossible,
                refusals.CreditorMissing,
                refusals.RefundDuplicated,
                refusals.RefundAboveLimit,
            ),
            tags=("Refunds",),
        ),
        Endpoint(
            name="listRefunds",
            method="GET",
            path=REFUNDS,
            summary="List the refunds of an order",
            handler=calls.refunds,
            door=door,
            answer=rendering.RefundListAnswer,
            refusals=(*_GRANTED, refusals.OrderUnknown),
            tags=("Refunds",),
        ),
    )


def _of_refunds(calls: OrderCalls) -> tuple[Endpoint[Any, Any], ...]:
    door: Any = calls.credentials.refund_door()
    common: dict[str, Any] = {"door": door, "tags": ("Refunds",)}
    gotten: dict[str, Any] = {
        "method": "GET",
        "summary": "Get a refund",
        "handler": calls.get_refund,
        "answer": rendering.RefundDetailAnswer,
        **common,
    }
    processed: dict[str, Any] = {
        "method": "PATCH",
        "summary": "Authorise a refund in your own program",
        "description": "As a payment is processed.",
        "handler": calls.process_refund,
        "request": wire.ProcessRequest,
        "body_optional": True,
        "answer": wire.ProcessedAnswer,
        "faults": (NOT_ENOUGH,),
        **common,
    }
    withdrawn: dict[str, Any] = {
        "method": "DELETE",
        "summary": "Withdraw a refund",
        "description": "While nobody has begun to authorise it.",
        "handler": calls.withdraw_refund,
        "answer": wire.WithdrawnAnswer,
        **common,
    }
    never = refusals.OrderNotWithdrawable
    return (
        Endpoint(name="getOrderRefund", path=_OF_AN_ORDER, refusals=_OF_AN_ORDERS_REFUND, **gotten),
        Endpoint(name="getRefund", path=_ALONE, refusals=_OF_A_REFUND, **gotten),
        Endpoint(
            name="processOrderRefund", path=_OF_AN_ORDER, refusals=(*_OF_AN_ORDERS_REFUND, *_STOPPED), **processed
        ),
        Endpoint(name="processRefund", path=_ALONE, refusals=(*_OF_A_REFUND, *_STOPPED), **processed),
        Endpoint(name="withdrawOrderRefund", path=_OF_AN_ORDER, refusals=(*_OF_AN_ORDERS_REFUND, never), **withdrawn),
        Endpoint(name="withdrawRefund", path=_ALONE, refusals=(*_OF_A_REFUND, never), **withdrawn),
    )
