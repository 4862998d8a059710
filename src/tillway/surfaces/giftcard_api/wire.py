"""The bodies of the gift-card API: every field name, and how money and moments are written."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Literal, Self

import msgspec
from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

from tillway.domain.giftcards import GiftCard, masked
from tillway.domain.money import LARGEST_MINOR, exponent
from tillway.domain.payments import WAITING, Payment, PaymentState
from tillway.domain.refunding import Returned
from tillway.domain.refunds import RefundState
from tillway.domain.standing import Standing
from tillway.surfaces.common.amounts import major
from tillway.surfaces.common.faults import bad_value
from tillway.surfaces.common.fields import Moment, PositiveNumber
from tillway.surfaces.common.moments import iso_moment

LONGEST_REFERENCE = 255
LONGEST_URL = 2000
MOST_CARDS = 20
MOST_METADATA = 20

_Text = Annotated[str, Field(max_length=LONGEST_REFERENCE)]
_Url = Annotated[str, Field(min_length=1, max_length=LONGEST_URL)]
_CardNumber = Annotated[str, Field(max_length=64, examples=["9999001234567890123"])]
_Cvc = Annotated[str, Field(max_length=16, examples=["123"])]


class Wire(BaseModel):
    """Members are camelCase; unknown ones are ignored, and optional ones may be null."""

    model_config = ConfigDict(strict=True, extra="ignore", alias_generator=to_camel, frozen=True)


class CreateRequest(Wire):
    """What is to be paid, and where payer and answer go."""

    amount: PositiveNumber = Field(description="The total to pay, in the major unit.", examples=[250])
    access_mode: Literal["web", "api"] | None = Field(
        None, description="`api` lets the caller perform the payment itself; otherwise a payer does, on our page."
    )
    reference: _Text | None = Field(None, description="The caller's own; echoed.", examples=["till-7/receipt-1042"])
    return_url: _Url | None = Field(
        None,
        description="Required for `web`: where the payer comes back to, done or not. Its host is on the client's list.",
        examples=["http://localhost/done"],
    )
    webhook_url: _Url | None = Field(None, description="Where the webhook goes once the payment is complete.")
    language: Annotated[str, Field(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$", max_length=35)] | None = Field(
        None, description="Of the pages; otherwise the payer's browser decides.", examples=["nb"]
    )
    expires_on: Moment | None = Field(None, description="In 24 hours, unless given; at most a year ahead.")
    metadata: (
        Annotated[
            dict[
                Annotated[str, Field(min_length=1, max_length=64)],
                Annotated[str, Field(max_length=500)],
            ],
            Field(max_length=MOST_METADATA),
        ]
        | None
    ) = Field(None, description="Texts of the caller's; returned by verify.", examples=[{"store": "Oslo S"}])
    currency: Annotated[str, Field(min_length=3, max_length=3)] | None = Field(
        None, description="Only to be sure: it must be the client's.", examples=["NOK"]
    )


class CardUse(Wire):
    """One card, and what it is to give."""

    card_number: _CardNumber = Field(description="19 digits.")
    amount: PositiveNumber | None = Field(None, description="In the major unit; otherwise all that is still due.")
    cvc: _Cvc | None = Field(None, description="Checked when it is sent.")


class PerformRequest(Wire):
    """The cards in the order of use; or, for one card, its members alone."""

    cards: Annotated[list[CardUse], Field(min_length=1, max_length=MOST_CARDS)] | None = None
    card_number: _CardNumber | None = None
    amount: PositiveNumber | None = None
    cvc: _Cvc | None = None
    allow_partial: bool | None = Field(None, description="A card that cannot cover its part gives what it has.")
    final: bool | None = Field(None, description="False leaves the payment open for the next card.")

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        if (self.cards is None) == (self.card_number is None):
            raise ValueError("send either `cards` or `cardNumber`")
        if self.cards is not None and (self.amount is not None or self.cvc is not None):
            raise ValueError("`amount` and `cvc` belong to each of the `cards`")
        return self

    def uses(self) -> list[CardUse]:
        """The cards, whichever form they came in."""
        if self.cards is not None:
            return self.cards
        return [CardUse.model_construct(card_number=self.card_number, amount=self.amount, cvc=self.cvc)]


class RefundRequest(Wire):
    """How much goes back."""

    amount: PositiveNumber | None = Field(None, description="In the major unit; otherwise all that is left.")
    reference: _Text | None = None


class BalanceRequest(Wire):
    """The card asked about."""

    card_number: _CardNumber = Field(description="19 digits.")
    cvc: _Cvc | None = Field(None, description="Checked when it is sent.")


class Created(Wire):
    """The payment, and its page: for `api` payments the page may be ignored."""

    payment_id: str
    url: str


class UsedCard(Wire):
    """What one card gave; its number is masked."""

    card_number: str = Field(examples=["**************90123"])
    deducted_amount: float = Field(examples=[250])
    refunded_amount: float = Field(examples=[0])


class Verified(Wire):
    """How a payment stands."""

    payment_id: str
    status: Literal["created", "partiallyPaid", "completed", "aborted", "expired"]
    reference: str
    payment_total: float
    paid_amount: float
    refunded_amount: float
    currency: str
    cards: list[UsedCard]
    metadata: dict[str, str]
    created_on: str
    completed_on: str | None
    expires_on: str


class RefundedCard(Wire):
    """What one card got back."""

    card_number: str
    refunded_amount: float


class Refunded(Wire):
    """A refund; `processing` while a card's issuer has not confirmed."""

    refund_id: str
    refunded_amount: float
    cards: list[RefundedCard]
    status: Literal["booked", "processing", "failed"]


class Balance(Wire):
    """What a card is good for."""

    card_number: str
    balance: float
    currency: str
    expires_on: str
    vendor: str


class Operation(Wire):
    """What became of a call: `done` with its answer, or `unknown`: it did not happen."""

    state: Literal["done", "unknown"]
    status: int | None
    body: Verified | Created | Refunded | None


_STATES = {
    PaymentState.BOOKED: "completed",
    PaymentState.WITHDRAWN: "aborted",
    PaymentState.EXPIRED: "expired",
    PaymentState.PROCESSING_EXPIRED: "expired",
}
_REFUND_STATES = {
    RefundState.BOOKED: "booked",
    RefundState.PROCESSING: "processing",
    RefundState.FAILED: "failed",
}


def status_of(payment: Payment, now: int) -> str:
    """The document's word for a payment's state; one that is overdue is expired already."""
    word = _STATES.get(payment.state)
    if word is not None:
        return word
    if payment.state in WAITING and now >= payment.expires_at:
        return "expired"
    return "partiallyPaid" if payment.paid else "created"


def verified(standing: Standing, now: int) -> dict[str, object]:
    """The answer of verify, perform and abort."""
    order, payment = standing.order, standing.payment
    currency = payment.currency
    return {
        "paymentId": payment.id,
        "status": status_of(payment, now),
        "reference": order.reference,
        "paymentTotal": major(payment.amount, currency),
        "paidAmount": major(payment.paid, currency),
        "refundedAmount": major(payment.refunded, currency),
        "currency": currency,
        "cards": [
            {
                "cardNumber": masked(attempt.mask),
                "deductedAmount": major(attempt.amount, currency),
                "refundedAmount": major(attempt.refunded, currency),
            }
            for attempt in standing.taken()
        ],
        "metadata": msgspec.Raw(order.metadata.encode()),
        "createdOn": iso_moment(payment.created_at),
        "completedOn": iso_moment(payment.completed_at) if payment.completed_at else None,
        "expiresOn": iso_moment(payment.expires_at),
    }


def refunded(returned: Returned) -> dict[str, object]:
    """The answer of refund."""
    payment = returned.standing.payment
    masks = {attempt.number: attempt.mask for attempt in returned.standing.attempts}
    return {
        "refundId": returned.refund.id,
        "refundedAmount": major(returned.refund.amount, payment.currency),
        "cards": [
            {"cardNumber": masked(masks[part.attempt]), "refundedAmount": major(part.amount, payment.currency)}
            for part in returned.parts
        ],
        "status": _REFUND_STATES[returned.refund.state],
    }


def balance(card: GiftCard, vendor: str) -> dict[str, object]:
    """The answer of balance; a card is good through the last instant before `expires_at`."""
    return {
        "cardNumber": masked(card.last5),
        "balance": major(card.balance, card.currency),
        "currency": card.currency,
        "expiresOn": iso_moment(card.expires_at - 1000),
        "vendor": vendor,
    }


def minor(amount: Decimal, currency: str, member: str = "amount") -> int:
    """A number of major units as minor units. Raises Invalid for more decimals than the currency has, or too much."""
    scaled = amount.scaleb(exponent(currency))
    whole = int(scaled)
    if whole != scaled:
        raise bad_value(member, f"{currency} has {exponent(currency)} decimals")
    if whole > LARGEST_MINOR:
        raise bad_value(member, "is too large")
    return whole


def metadata_text(metadata: Mapping[str, str] | None) -> str:
    """Metadata as the order keeps it."""
    return msgspec.json.encode(metadata).decode() if metadata else "{}"
