"""The bodies of the web payments API: every member's name, and our states in the document's words."""

from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from tillway.domain.methods import BY_CODE
from tillway.domain.payments import WAITING, Attempt, AttemptState, Payment, PaymentState
from tillway.domain.refunds import Refund, RefundState
from tillway.domain.standing import Standing
from tillway.queries.overviews import Overview
from tillway.surfaces.common.amounts import major
from tillway.surfaces.common.moments import iso_moment
from tillway.surfaces.web_api.rules import Amount, Country, Email, Expiry, Language, Origin, PostbackUrl, ReturnUrl


class Wire(BaseModel):
    """Members are camelCase, in any case when they are sent; unknown ones are ignored, optional ones may be null."""

    model_config = ConfigDict(strict=True, extra="ignore", alias_generator=to_camel, frozen=True)


class LoginRequest(Wire):
    """The proof that the caller has the API secret."""

    api_key: str = Field(alias="apikey", description="The same as in the header.")
    timestamp: str = Field(
        description="Now, UTC; at most 15 minutes off.", examples=["2026-11-20T14:30:00.871Z"], max_length=64
    )
    signature: str = Field(
        description="SHA-256 of `apikey_timestamp` as 64 hexadecimal characters, encrypted with the API secret "
        "(RSAES-PKCS1-v1_5), in base64.",
        examples=["kEdL…=="],
    )


class RenewRequest(Wire):
    """The refresh token of the last pair."""

    refresh_token: str


class Pair(Wire):
    """A token for an hour of calls, and one for fetching the next pair within a day."""

    auth_token: str
    refresh_token: str


class InitiationRequest(Wire):
    """What is to be paid, by whom, and where payer and answer go."""

    amount: Amount = Field(description="In the major unit of the tenant's currency.")
    origin_url: Origin = Field(description="The web origin that shows the payment: scheme, host and port only.")
    return_url: ReturnUrl = Field(description="Where the payer comes back to from a method that leaves the page.")
    country_code: Country = Field(description="The payer's, ISO 3166-1 alpha-2; it selects the methods offered.")
    language: Language = Field(description="ISO 639-1; pages we have no translation of are English.")
    email: Email | None = Field(None, description="The payer's; some methods want it.")
    postback_url: PostbackUrl = Field(description="Where the outcome is posted to; https.")
    expires_on: Expiry | None = Field(
        None, description="UTC. In 2 days (`web`) or 21 days (`weblink`) unless given; at most a year ahead."
    )


class FullRefundRequest(Wire):
    """Who is told of the outcome."""

    postback_url: PostbackUrl


class PartRefundRequest(Wire):
    """How much goes back, and who is told of the outcome."""

    postback_url: PostbackUrl
    amount: Amount = Field(description="In the major unit of the payment's currency.")


class WebPayment(Wire):
    """The payment, and the token that the widget shows it with."""

    payment_reference: str
    reference: str
    session_token: str


class PaymentLink(Wire):
    """A page to pay on."""

    url: str


class LinkPayment(Wire):
    """The payment, and the page to send the payer to."""

    payment_reference: str
    expires_on: str
    payment_link_url: str
    payment_link: PaymentLink


class Sum(Wire):
    """An amount in the major unit."""

    value: float = Field(examples=[10.23])
    currency: str = Field(examples=["EUR"])


class Topic(Wire):
    """What the payment is for."""

    type: Literal["order"]
    id: int


class Status(Wire):
    """Where the payment stands; `tentative` while that may change."""

    value: Literal["open", "requested", "success", "failed", "cancelled"]
    tentative: bool


class RefundEntry(Wire):
    """One refund of the payment."""

    refund_reference: str
    amount: float
    status: Literal["requested", "success", "failed"]
    created_on: str


class PaymentAnswer(Wire):
    """How a payment stands."""

    id: str
    amount: Sum
    topic: Topic
    status: Status
    psp_reference: str | None = Field(description="Its name at whoever moves the money; null until one is asked.")
    payment_method: str | None = Field(description="Null until the payer has chosen one.", examples=["Visa"])
    postback_url: str
    last_notification_date: str | None = Field(description="When `postbackUrl` was last tried with the outcome.")
    last_modified: str
    expires_on: str
    refunds: list[RefundEntry]


class RefundAnswer(Wire):
    """The refund; its outcome comes by postback."""

    refund_reference: str


_STATES = {
    PaymentState.PROCESSING: "requested",
    PaymentState.CONFIRMED: "requested",
    PaymentState.BOOKED: "success",
    PaymentState.FAILED: "failed",
    PaymentState.WITHDRAWN: "cancelled",
    PaymentState.EXPIRED: "cancelled",
    PaymentState.PROCESSING_EXPIRED: "cancelled",
}
_REFUND_STATES = {
    RefundState.PROCESSING: "requested",
    RefundState.BOOKED: "success",
    RefundState.FAILED: "failed",
}
_TENTATIVE = frozenset({"open", "requested"})


def status_of(payment: Payment, now: int) -> str:
    """The document's word for a payment's state; one that is overdue is cancelled already."""
    if payment.state in WAITING:
        return "open" if now < payment.expires_at else "cancelled"
    return _STATES[payment.state]


def method_name(method: str, scheme: str) -> str | None:
    """What a method is called: by its brand where that is known (`Visa`); None where no method was chosen."""
    if scheme or not method:
        return scheme or None
    return BY_CODE[method].name if method in BY_CODE else method


def payment(found: Overview, now: int) -> dict[str, object]:
    """The answer of get."""
    order, standing = found.standing.order, found.standing
    stands, currency = standing.payment, standing.payment.currency
    status = status_of(stands, now)
    last = _telling(standing)
    return {
        "id": stands.id,
        "amount": {"value": major(stands.amount, currency), "currency": currency},
        "topic": {"type": "order", "id": order.number},
        "status": {"value": status, "tentative": status in _TENTATIVE},
        "pspReference": None if last is None else _psp_reference(last),
        "paymentMethod": None if last is None else method_name(last.method, last.scheme),
        "postbackUrl": order.webhook_url,
        "lastNotificationDate": iso_moment(found.told_at) if found.told_at else None,
        "lastModified": iso_moment(stands.changed_at),
        "expiresOn": iso_moment(stands.expires_at),
        "refunds": [_refund(refund, currency) for refund in found.refunds],
    }


def web_payment(standing: Standing, session: str) -> dict[str, object]:
    """The answer of a payment in the widget."""
    reference = standing.payment.id
    return {"paymentReference": reference, "reference": reference, "sessionToken": session}


def link_payment(standing: Standing, url: str) -> dict[str, object]:
    """The answer of a payment by link."""
    return {
        "paymentReference": standing.payment.id,
        "expiresOn": iso_moment(standing.payment.expires_at),
        "paymentLinkUrl": url,
        "paymentLink": {"url": url},
    }


def _telling(standing: Standing) -> Attempt | None:
    """The attempt that tells how the payment is paid: the last that paid, else the last that was made."""
    paid = (attempt for attempt in reversed(standing.attempts) if attempt.state is AttemptState.PAID)
    return next(paid, standing.attempts[-1] if standing.attempts else None)


def _psp_reference(attempt: Attempt) -> str | None:
    """The far side's name for an attempt once it has told it; where our own books decide, ours."""
    return (attempt.reference or None) if attempt.connector else attempt.operation_id


def _refund(refund: Refund, currency: str) -> dict[str, str | int | Decimal]:
    return {
        "refundReference": refund.id,
        "amount": major(refund.amount, currency),
        "status": _REFUND_STATES[refund.state],
        "createdOn": iso_moment(refund.created_at),
    }
