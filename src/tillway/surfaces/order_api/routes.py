"""The endpoint table of the payment orders API: what its requests are served by and its document is made from."""

from collections.abc import Sequence
from typing import Any, Final

from tillway.domain import refusals
from tillway.domain.refusals import Refusal
from tillway.surfaces.common.api import Endpoint
from tillway.surfaces.common.dialect import Parameter
from tillway.surfaces.order_api import oauth, rendering, wire
from tillway.surfaces.order_api.banks import BanksAnswer
from tillway.surfaces.order_api.calls import COUNTRY, OrderCalls
from tillway.surfaces.order_api.errors import BOTH_NAMES, NOT_ENOUGH
from tillway.surfaces.order_api.list_routes import list_endpoints
from tillway.surfaces.order_api.refund_routes import refund_endpoints

ROOM: Final = "/api/v2"
TOKEN_ROOM: Final = "/auth/realms/everifin_paygate/protocol/openid-connect"  # noqa: S105 - a path, not a token
PREFIXES: Final = (TOKEN_ROOM, ROOM)

ORDER: Final = f"{ROOM}/orders/{{orderId}}"
PAYMENT: Final = "payments/{paymentId}"

_KNOWN: Final[Sequence[type[Refusal]]] = (refusals.CredentialsMissing,)
_OF_A_PAYMENT: Final = (*_KNOWN, refusals.PaymentUnknown)
_OF_AN_ORDERS_PAYMENT: Final = (*_KNOWN, refusals.OrderUnknown, refusals.PaymentUnknown)


def endpoints(calls: OrderCalls) -> tuple[Endpoint[Any, Any], ...]:
    """The table, with the handlers that serve it."""
    return (
        *_tokens(calls),
        *_orders(calls),
        *_payments(calls),
        *list_endpoints(calls.lists),
        *refund_endpoints(calls),
        *_banks(calls),
    )


def _tokens(calls: OrderCalls) -> tuple[Endpoint[Any, Any], ...]:
    return (
        Endpoint(
            name="issueToken",
            method="POST",
            path=f"{TOKEN_ROOM}/token",
            summary="Fetch an access token",
            description=(
                "OAuth 2.0 client credentials (RFC 6749, 4.4); the credentials come in the form or by HTTP Basic. A "
                "token is good for five minutes: fetch the next one when it is not.\n\n"
                "After 30 failed tries within an hour from one address the next are answered 429 until that hour is "
                "over."
            ),
            handler=calls.desk.issue,
            request=oauth.TokenRequest,
            answer=oauth.TokenAnswer,
            dialect=oauth.TokenDialect(),
            faults=(oauth.UNSUPPORTED, oauth.TWICE, oauth.NO_SUCH_SCOPE),
            refusals=tuple(oauth.TABLE),
            tags=("Tokens",),
            public=True,
        ),
    )


def _orders(calls: OrderCalls) -> tuple[Endpoint[Any, Any], ...]:
    updated: dict[str, Any] = {
        "path": ORDER,
        "summary": "Change an order",
        "description": (
            "A payment that nobody has seen yet gets the new amount. Where one is paid already, a further payment of "
            "the difference is added and answered. The refund limit may always change."
        ),
        "handler": calls.update,
        "request": wire.UpdateRequest,
        "terms": calls.terms,
        "answer": wire.OpenedAnswer,
        "refusals": (*_KNOWN, refusals.OrderUnknown, refusals.AmountBelowPaid, refusals.OrderNotUpdatable),
        "tags": ("Orders",),
    }
    return (
        Endpoint(
            name="createOrder",
            method="POST",
            path=f"{ROOM}/orders",
            summary="Open an order",
            description=(
                "Opens an order with one payment. Send the payer to `link`; the payer comes back to `redirectUrl` with "
                "`id=` the payment's id, whatever became of it: ask, or wait for the webhook."
            ),
            handler=calls.create,
            request=wire.OrderRequest,
            terms=calls.terms,
            answer=wire.OpenedAnswer,
            faults=(BOTH_NAMES,),
            refusals=(
                *_KNOWN,
                refusals.BankUnknown,
                refusals.AccountNotAllowed,
                refusals.ReturnUrlNotAllowed,
                refusals.InstructionProcessed,
                refusals.InstructionDiffers,
            ),
            tags=("Orders",),
        ),
        Endpoint(
            name="getOrder",
            method="GET",
            path=ORDER,
            summary="Get an order",
            description="With its payments and refunds, first to last.",
            handler=calls.get,
            answer=rendering.OrderDetailAnswer,
            refusals=(*_KNOWN, refusals.OrderUnknown),
            tags=("Orders",),
        ),
        Endpoint(name="updateOrder", method="PATCH", **updated),
        Endpoint(name="replaceOrder", method="PUT", **updated),
        Endpoint(
            name="withdrawOrder",
            method="DELETE",
            path=ORDER,
            summary="Withdraw an order",
            description="While nobody has begun to pay it; the payment is WITHDRAWN.",
            handler=calls.withdraw,
            answer=wire.WithdrawnAnswer,
            refusals=(*_KNOWN, refusals.OrderUnknown, refusals.OrderNotWithdrawable),
            tags=("Orders",),
        ),
    )


def _payments(calls: OrderCalls) -> tuple[Endpoint[Any, Any], ...]:
    gotten: dict[str, Any] = {
        "method": "GET",
        "summary": "Get a payment",
        "description": "A failed payment is a success of this call: only `status` tells, and `reasonCode` says why.",
        "handler": calls.get_payment,
        "answer": rendering.PaymentDetailAnswer,
        "tags": ("Payments",),
    }
    processed: dict[str, Any] = {
        "method": "PATCH",
        "summary": "Process a payment in your own program",
        "description": (
            "Leads the payer through the bank's authorisation without our page. Each answer says by `type` what is to "
            "be done; call again with what was asked for, until the status is final. Tell the payer's address in the "
            "header `x-ef-sender-ip` and the payer's browser in `x-ef-sender-user-agent`."
        ),
        "handler": calls.process,
        "request": wire.ProcessRequest,
        "body_optional": True,
        "answer": wire.ProcessedAnswer,
        "faults": (NOT_ENOUGH,),
        "tags": ("Payments",),
    }
    stopped = (refusals.BankUnknown, refusals.DebtorMissing, refusals.BankRefused, refusals.NotInThatState)
    return (
        Endpoint(name="getOrderPayment", path=f"{ORDER}/{PAYMENT}", refusals=_OF_AN_ORDERS_PAYMENT, **gotten),
        Endpoint(name="getPayment", path=f"{ROOM}/{PAYMENT}", refusals=_OF_A_PAYMENT, **gotten),
        Endpoint(
            name="processOrderPayment",
            path=f"{ORDER}/{PAYMENT}",
            refusals=(*_OF_AN_ORDERS_PAYMENT, *stopped),
            **processed,
        ),
        Endpoint(name="processPayment", path=f"{ROOM}/{PAYMENT}", refusals=(*_OF_A_PAYMENT, *stopped), **processed),
    )


def _banks(calls: OrderCalls) -> tuple[Endpoint[Any, Any], ...]:
    return (
        Endpoint(
            name="listBanks",
            method="GET",
            path=f"{ROOM}/banks",
            summary="List the banks",
            description="Groups hold other groups, and banks; only what is a BANK can be chosen.",
            handler=calls.banks,
            query={COUNTRY: Parameter("Only those of a country, ISO 3166-1 alpha-3.", "SVK")},
            answer=BanksAnswer,
            refusals=_KNOWN,
            tags=("Banks",),
        ),
    )
