"""How orders, payments and refunds of the payment orders API are written: every member, and our words in its own."""

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Final, Literal

import msgspec
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from tillway.domain.payment_orders import WHOLE_PERCENT, Instruction, OrderStanding, OrderStatus, sum_of_paid
from tillway.domain.payments import Payment, PaymentState
from tillway.domain.reasons import Reason
from tillway.surfaces.common.amounts import major
from tillway.surfaces.common.moments import iso_moment


class Written(BaseModel):
    """Members are camelCase."""

    model_config = ConfigDict(alias_generator=to_camel, frozen=True)


class Meta(Written):
    """Whether the call succeeded."""

    status: Literal["SUCCESS"]


class ReasonCode(StrEnum):
    """Why a payment failed, in the document's words."""

    CANCELED_BY_PAYER_AT_EVERIFIN = "CANCELED_BY_PAYER_AT_EVERIFIN"
    BANK_NOT_FOUND = "BANK_NOT_FOUND"
    MANUAL_TRANSFER_REQUESTED = "MANUAL_TRANSFER_REQUESTED"
    CANCELED_BY_PAYER_AT_BANK = "CANCELED_BY_PAYER_AT_BANK"
    INSUFFICIENT_AMOUNT = "INSUFFICIENT_AMOUNT"
    AML_BLOCKED = "AML_BLOCKED"
    REJECTED_BY_BANK = "REJECTED_BY_BANK"
    OTHER = "OTHER"


REASON_CODES: Final[Mapping[str, ReasonCode]] = {
    Reason.LEFT_THE_PAGE: ReasonCode.CANCELED_BY_PAYER_AT_EVERIFIN,
    Reason.BANK_NOT_FOUND: ReasonCode.BANK_NOT_FOUND,
    Reason.TRANSFER_REQUESTED: ReasonCode.MANUAL_TRANSFER_REQUESTED,
    Reason.PAYER_CANCELLED: ReasonCode.CANCELED_BY_PAYER_AT_BANK,
    Reason.AUTHENTICATION_ABANDONED: ReasonCode.CANCELED_BY_PAYER_AT_BANK,
    Reason.INSUFFICIENT_FUNDS: ReasonCode.INSUFFICIENT_AMOUNT,
    Reason.LIMIT_EXCEEDED: ReasonCode.INSUFFICIENT_AMOUNT,
    Reason.AML_BLOCKED: ReasonCode.AML_BLOCKED,
    Reason.AUTHENTICATION_FAILED: ReasonCode.REJECTED_BY_BANK,
    Reason.DECLINED: ReasonCode.REJECTED_BY_BANK,
    Reason.DO_NOT_HONOUR: ReasonCode.REJECTED_BY_BANK,
    Reason.NOT_PERMITTED: ReasonCode.REJECTED_BY_BANK,
    Reason.REFUND_REFUSED: ReasonCode.REJECTED_BY_BANK,
    Reason.SUSPECTED_FRAUD: ReasonCode.REJECTED_BY_BANK,
}
"""Every other word of `domain/reasons.py` is OTHER."""

_ID = "019a9f1e-7c1a-7b52-8f6e-2f1d3c4b5001"
_ORDER_ID = "019a9f1e-7c1a-7b52-8f6e-2f1d3c4b5000"
_MOMENT = "2026-11-20T14:30:00.000Z"
_IBAN = "SK3112000000198742637541"


class PaymentDetail(Written):
    """A payment: what the bank is told, and how it stands. Every member is always there, null where there is nothing.

    Of a refund the recipient is whoever paid, and the sender is you.
    """

    id: str = Field(examples=[_ID])
    order_id: str = Field(examples=[_ORDER_ID])
    instruction_id: str | None
    amount: float = Field(description="In the major unit of the currency.", examples=[1.05])
    currency: str = Field(examples=["EUR"])
    recipient_iban: str = Field(examples=[_IBAN])
    recipient_name: str | None
    recipient_bank_bic: str | None
    sender_iban: str | None = Field(description="Once it is known.")
    sender_bank_id: str | None = Field(description="The bank that was chosen, or proposed.")
    sender_bank_bic: str | None
    variable_symbol: str | None
    constant_symbol: str | None
    specific_symbol: str | None
    reference: str | None
    payment_message: str | None
    status: PaymentState
    reason_code: ReasonCode | None = Field(description="Why it failed; null unless it did.")
    created_at: str = Field(examples=[_MOMENT])
    confirmed_at: str | None = Field(description="When the bank promised the money.")
    finalized_at: str | None = Field(description="When it reached a final status.")
    redirect_url: str | None
    hook_data: dict[str, object] | None
    disable_hooks: bool


class RefundDetail(PaymentDetail):
    """A refund: a payment the other way, with why it was made."""

    reason: str | None


class OrderDetail(Written):
    """An order with its payments and refunds. Texts that were not given are empty."""

    id: str = Field(examples=[_ORDER_ID])
    instruction_id: str
    amount: float = Field(description="In the major unit of the currency.", examples=[1.05])
    currency: str = Field(examples=["EUR"])
    refund_limit_percentage: float = Field(description="0: no limit.", examples=[100])
    recipient_iban: str = Field(examples=[_IBAN])
    recipient_name: str
    recipient_bank_bic: str
    status: OrderStatus = Field(description="How much is paid: payments that are CONFIRMED or BOOKED count.")
    external_id: str
    can_be_withdrawn: bool
    can_be_updated: bool = Field(description="Whether `amount` may change now; the refund limit always may.")
    sum_of_paid: float
    sum_of_refunded: float
    created_at: str = Field(examples=[_MOMENT])
    payments: list[PaymentDetail]
    refunds: list[RefundDetail]


class OrderDetailAnswer(Written):
    """The order."""

    meta: Meta
    data: OrderDetail


class PaymentDetailAnswer(Written):
    """The payment."""

    meta: Meta
    data: PaymentDetail


class RefundDetailAnswer(Written):
    """The refund."""

    meta: Meta
    data: RefundDetail


class RefundListAnswer(Written):
    """The refunds of the order, first to last."""

    meta: Meta
    data: list[RefundDetail]


def success(data: object) -> dict[str, object]:
    """The envelope of an answer."""
    return {"meta": {"status": "SUCCESS"}, "data": data}


def order_body(standing: OrderStanding) -> dict[str, object]:
    """An order as its detail shows it."""
    order, terms = standing.order, standing.terms
    told = standing.instruction_of(standing.payments[0].id)
    return {
        "id": order.id,
        "instructionId": told.instruction_id,
        "amount": major(terms.amount, terms.currency),
        "currency": terms.currency,
        "refundLimitPercentage": percentage(terms.refund_limit),
        "recipientIban": told.creditor_iban,
        "recipientName": told.creditor_name,
        "recipientBankBic": told.creditor_bic,
        "status": terms.status,
        "externalId": terms.external_id,
        "canBeWithdrawn": standing.can_be_withdrawn(),
        "canBeUpdated": standing.can_be_updated(),
        "sumOfPaid": major(sum_of_paid(list(standing.payments)), terms.currency),
        "sumOfRefunded": major(sum_of_paid(list(standing.refunds)), terms.currency),
        "createdAt": iso_moment(order.created_at),
        "payments": [payment_body(standing, payment) for payment in standing.payments],
        "refunds": [refund_body(standing, refund) for refund in standing.refunds],
    }


def payment_body(standing: OrderStanding, payment: Payment) -> dict[str, object]:
    """A payment of an order as its detail shows it."""
    told = standing.instruction_of(payment.id)
    return {
        "id": payment.id,
        "orderId": standing.order.id,
        "instructionId": told.instruction_id or None,
        "amount": major(payment.amount, payment.currency),
        "currency": payment.currency,
        "recipientIban": told.creditor_iban,
        "recipientName": told.creditor_name or None,
        "recipientBankBic": told.creditor_bic or None,
        "senderIban": told.debtor_iban or None,
        "senderBankId": told.bank_id or None,
        "senderBankBic": told.debtor_bic or None,
        "variableSymbol": told.variable_symbol or None,
        "constantSymbol": told.constant_symbol or None,
        "specificSymbol": told.specific_symbol or None,
        "reference": told.reference or None,
        "paymentMessage": told.message or None,
        "status": payment.state,
        "reasonCode": reason_code(told),
        "createdAt": iso_moment(payment.created_at),
        "confirmedAt": _moment(told.confirmed_at),
        "finalizedAt": _moment(told.finalized_at),
        "redirectUrl": told.return_url or None,
        "hookData": msgspec.Raw(told.hook_data.encode()) if told.hook_data else None,
        "disableHooks": bool(standing.terms.is_silent),
    }


def refund_body(standing: OrderStanding, refund: Payment) -> dict[str, object]:
    """A refund of an order as its detail shows it."""
    return payment_body(standing, refund) | {"reason": standing.instruction_of(refund.id).cause or None}


def reason_code(told: Instruction) -> ReasonCode | None:
    """Why a payment has failed; None for one that has not."""
    if told.state is not PaymentState.FAILED:
        return None
    return REASON_CODES.get(told.reason, ReasonCode.OTHER)


def percentage(hundredths: int) -> int | Decimal:
    """Hundredths of a percent as a number of percent, without needless decimals."""
    whole, rest = divmod(hundredths, WHOLE_PERCENT)
    return whole if rest == 0 else Decimal(hundredths).scaleb(-2).normalize()


def _moment(at: int) -> str | None:
    return iso_moment(at) if at else None
