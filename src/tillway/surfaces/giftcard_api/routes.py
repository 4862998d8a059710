"""The endpoint table of the gift-card API: every path, once."""

from typing import Any, Final

from tillway.domain import refusals
from tillway.surfaces.common.api import Endpoint
from tillway.surfaces.giftcard_api import wire
from tillway.surfaces.giftcard_api.calls import GiftCardCalls
from tillway.surfaces.giftcard_api.errors import CardEmptyForBalance, VendorNotAcceptedForBalance

PREFIX: Final = "/v1"

_PAYMENT = (refusals.PaymentUnknown, refusals.NotYourPayment, refusals.NotYourClientsPayment)
_NUMBER = (refusals.CardNumberLength, refusals.CardNumberDigits, refusals.CardNumberInvalid, refusals.CardUnknown)


def endpoints(calls: GiftCardCalls) -> tuple[Endpoint[Any, Any], ...]:
    """The table, with the handlers that serve it."""
    return (
        Endpoint(
            name="createPayment",
            method="POST",
            path="/v1/payments",
            summary="Create a payment",
            description="Answers the payment's id, and the page for payer or staff.",
            handler=calls.create,
            request=wire.CreateRequest,
            answer=wire.Created,
            refusals=(refusals.KeyReused,),
            tags=("Payments",),
            idempotent=True,
        ),
        Endpoint(
            name="verifyPayment",
            method="GET",
            path="/v1/payments/{paymentId}",
            summary="Verify a payment",
            description="How the payment stands now. After 253, ask again: the outcome is looked up in the background.",
            handler=calls.verify,
            answer=wire.Verified,
            refusals=_PAYMENT,
            tags=("Payments",),
        ),
        Endpoint(
            name="performPayment",
            method="POST",
            path="/v1/payments/{paymentId}/perform",
            summary="Perform a payment with cards",
            description="Cards are used in the order given; all cards of one call are taken, or none.",
            handler=calls.perform,
            request=wire.PerformRequest,
            answer=wire.Verified,
            refusals=(
                *_PAYMENT,
                refusals.NotApiPayment,
                refusals.NotInThatState,
                *_NUMBER,
                refusals.VendorNotAccepted,
                refusals.CardExpired,
                refusals.CardEmpty,
                refusals.CvcRefused,
                refusals.AmountAboveDue,
                refusals.BalanceTooLow,
                refusals.IssuerSilent,
                refusals.CardNotActive,
                refusals.IssuerFailed,
                refusals.KeyReused,
            ),
            tags=("Payments",),
            idempotent=True,
        ),
        Endpoint(
            name="abortPayment",
            method="POST",
            path="/v1/payments/{paymentId}/abort",
            summary="Abort a payment",
            description="Every card of a part-paid payment gets its money back.",
            handler=calls.abort,
            answer=wire.Verified,
            refusals=(*_PAYMENT, refusals.NotInThatState, refusals.KeyReused),
            tags=("Payments",),
            idempotent=True,
        ),
        Endpoint(
            name="refundPayment",
            method="POST",
            path="/v1/payments/{paymentId}/refunds",
            summary="Refund a payment",
            description="Goes back to the cards in reverse order of use, to each at most what it paid.",
            handler=calls.refund,
            request=wire.RefundRequest,
            body_optional=True,
            answer=wire.Refunded,
            refusals=(
                *_PAYMENT,
                refusals.NotInThatState,
                refusals.NothingLeftToRefund,
                refusals.RefundAboveLeft,
                refusals.KeyReused,
            ),
            tags=("Payments",),
            idempotent=True,
        ),
        Endpoint(
            name="cardBalance",
            method="POST",
            path="/v1/cards/balance",
            summary="Ask for a card's balance",
            handler=calls.balance,
            request=wire.BalanceRequest,
            answer=wire.Balance,
            refusals=(
                *_NUMBER,
                VendorNotAcceptedForBalance,
                refusals.CardExpired,
                CardEmptyForBalance,
                refusals.CvcRefused,
                refusals.CardNotActive,
            ),
            tags=("Cards",),
        ),
        Endpoint(
            name="operation",
            method="GET",
            path="/v1/operations/{idempotencyKey}",
            summary="Ask what became of a call",
            description="For a caller that got no answer: did the call with this Idempotency-Key happen?",
            handler=calls.operation,
            answer=wire.Operation,
            tags=("Operations",),
        ),
    )
