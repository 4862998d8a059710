"""The endpoint table of the web payments API: what its requests are served by and its document is made from."""

from collections.abc import Sequence
from typing import Any, Final

from tillway.domain import refusals
from tillway.surfaces.common.api import Endpoint
from tillway.surfaces.common.dialect import RefusalEntry
from tillway.surfaces.web_api import wire
from tillway.surfaces.web_api.calls import WebCalls
from tillway.surfaces.web_api.codes import BREAKING, Code
from tillway.surfaces.web_api.errors import fault_entry

PREFIXES: Final = ("/authenticationapi/v1", "/paymentapi/v1")

_PAYMENT = (refusals.PaymentUnknown, refusals.NotYourPayment, refusals.NotYourClientsPayment)
_OF_AMOUNTS = (Code.AMOUNT_NOT_POSITIVE, Code.TOO_MANY_DECIMALS, Code.AMOUNT_TOO_LARGE)


def endpoints(calls: WebCalls) -> tuple[Endpoint[Any, Any], ...]:
    """The table, with the handlers that serve it."""
    return (*_authentication(calls), *_initiations(calls), *_payments(calls))


def _authentication(calls: WebCalls) -> tuple[Endpoint[Any, Any], ...]:
    return (
        Endpoint(
            name="login",
            method="POST",
            path="/authenticationapi/v1/login",
            aliases=("/authenticationapi/v1/apis/login",),
            summary="Log in",
            description=(
                "Proves that you have the API secret. Take the text `apikey_timestamp`, its SHA-256 as 64 hexadecimal "
                "characters, encrypt those characters with the API secret (RSAES-PKCS1-v1_5) and write the result in "
                "base64.\n\nThe timestamp may be 15 minutes off. After 30 failed logins within an hour from one "
                "address the next are answered 429 until that hour is over."
            ),
            handler=calls.login,
            door=calls.credentials.login_door(),
            request=wire.LoginRequest,
            answer=wire.Pair,
            refusals=(refusals.ClientUnknown, refusals.TooManyLogins, refusals.LoginRefused),
            tags=("Authentication",),
        ),
        Endpoint(
            name="renew",
            method="POST",
            path="/authenticationapi/v1/renew",
            aliases=("/authenticationapi/v1/apis/renew",),
            summary="Renew the token",
            description=(
                "Answers a fresh pair. The old token keeps working until its own end and an hour longer; the refresh "
                "token is good for a day, and more than once."
            ),
            handler=calls.renew,
            door=calls.credentials.renewal_door(),
            request=wire.RenewRequest,
            answer=wire.Pair,
            refusals=(refusals.ClientUnknown, refusals.CredentialsRefused),
            tags=("Authentication",),
        ),
    )


def _initiations(calls: WebCalls) -> tuple[Endpoint[Any, Any], ...]:
    return (
        Endpoint(
            name="initiateWebPayment",
            method="POST",
            path="/paymentapi/v1/payments/web",
            summary="Initiate a web payment",
            description="For the widget in your own page, which shows it by the `sessionToken`.",
            handler=calls.initiate_web,
            request=wire.InitiationRequest,
            terms=calls.terms,
            answer=wire.WebPayment,
            refusals=(refusals.ClientUnknown, refusals.KeyReused),
            faults=_faults(*BREAKING),
            tags=("Payments",),
            idempotent=True,
        ),
        Endpoint(
            name="initiateLinkPayment",
            method="POST",
            path="/paymentapi/v1/payments/weblink",
            summary="Initiate a payment by link",
            description="For a page of ours: send the payer to `paymentLinkUrl`, or send it to the payer.",
            handler=calls.initiate_weblink,
            request=wire.InitiationRequest,
            terms=calls.terms,
            answer=wire.LinkPayment,
            refusals=(refusals.ClientUnknown, refusals.KeyReused),
            faults=_faults(*BREAKING),
            tags=("Payments",),
            idempotent=True,
        ),
    )


def _payments(calls: WebCalls) -> tuple[Endpoint[Any, Any], ...]:
    refused = (
        refusals.ClientUnknown,
        *_PAYMENT,
        refusals.NotInThatState,
        refusals.NothingLeftToRefund,
        refusals.RefundAboveLeft,
        refusals.KeyReused,
    )
    return (
        Endpoint(
            name="getPayment",
            method="GET",
            path="/paymentapi/v1/payments/{reference}",
            summary="Get a payment",
            description="How the payment stands now; ask as often as you like.",
            handler=calls.get,
            answer=wire.PaymentAnswer,
            refusals=(refusals.ClientUnknown, *_PAYMENT),
            tags=("Payments",),
        ),
        Endpoint(
            name="refundPayment",
            method="PUT",
            path="/paymentapi/v1/payments/{reference}/refund",
            summary="Refund a payment in full",
            description=(
                "Gives back all that is left; an `amount` is ignored. The outcome comes to the refund's own "
                "`postbackUrl`."
            ),
            handler=calls.refund,
            request=wire.FullRefundRequest,
            terms=calls.terms,
            answer=wire.RefundAnswer,
            status=202,
            refusals=refused,
            faults=_faults(Code.NOT_AN_HTTPS_URL),
            tags=("Refunds",),
            idempotent=True,
        ),
        Endpoint(
            name="refundPart",
            method="POST",
            path="/paymentapi/v1/payments/{reference}/refunds",
            summary="Refund a part of a payment",
            description="However many come at once, never more is given back than was paid.",
            handler=calls.refund_part,
            request=wire.PartRefundRequest,
            terms=calls.terms,
            answer=wire.RefundAnswer,
            status=202,
            refusals=refused,
            faults=_faults(*_OF_AMOUNTS, Code.NOT_AN_HTTPS_URL),
            tags=("Refunds",),
            idempotent=True,
        ),
    )


def _faults(*codes: Code) -> Sequence[RefusalEntry]:
    return tuple(fault_entry(422, code, BREAKING[code]) for code in codes)
