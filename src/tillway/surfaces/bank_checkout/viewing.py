"""Which page a payment order's payment, or refund, shows from how it stands."""

from dataclasses import dataclass

from tillway.domain.clients import Merchant
from tillway.domain.ids import is_outgoing
from tillway.domain.money import Money
from tillway.domain.payment_orders import Instruction, PaymentOrder
from tillway.domain.payments import UNDER_WAY, WAITING, Attempt, AttemptState, Payment, PaymentState
from tillway.domain.standing import Standing
from tillway.surfaces.bank_checkout.accounts import grouped
from tillway.surfaces.bank_checkout.views import (
    ChooserPage,
    Choosing,
    EndedPage,
    Ending,
    Page,
    ReceiptPage,
    Summary,
    TransferPage,
    WaitingPage,
)
from tillway.surfaces.common.amounts import major
from tillway.surfaces.common.return_urls import with_query
from tillway.surfaces.common.transfer_codes import TransferDetails, codes_for

_LATE = frozenset({AttemptState.LATE, AttemptState.RETURNED})


@dataclass(frozen=True, slots=True)
class Shown:
    """All that a page is made from; `told` is what the bank is told."""

    standing: Standing
    terms: PaymentOrder
    told: Instruction
    merchant: Merchant

    @property
    def payment(self) -> Payment:
        return self.standing.payment

    @property
    def is_external(self) -> bool:
        """Whether nothing but a transfer is waited for."""
        return bool(self.terms.is_external) and not self.is_outgoing

    @property
    def is_outgoing(self) -> bool:
        """Whether it is a refund, which the merchant pays."""
        return is_outgoing(self.payment.id)

    def open_attempt(self) -> Attempt | None:
        """What a bank was asked for and has not decided."""
        return open_attempt(self.standing)


def open_attempt(standing: Standing) -> Attempt | None:
    """What a bank was asked for and has not decided; None once the payment has ended."""
    if standing.payment.state not in UNDER_WAY:
        return None
    return next((one for one in reversed(standing.attempts) if one.state is AttemptState.OPEN), None)


def standing_page(shown: Shown, *, returning: bool = False) -> Page:
    """The page of what is not open any more: under way, paid, or over."""
    payment = shown.payment
    if payment.state is PaymentState.PROCESSING:
        attempt = shown.open_attempt()
        return WaitingPage(summary(shown), attempt.step_url if attempt else "", return_address(shown), returning)
    if payment.state in {PaymentState.CONFIRMED, PaymentState.BOOKED}:
        booked = payment.state is PaymentState.BOOKED
        done_at = payment.completed_at if booked else shown.told.confirmed_at
        return ReceiptPage(summary(shown), booked, done_at, shown.merchant.zone, return_address(shown))
    return EndedPage(summary(shown), _ending(payment), shown.told.reason, return_address(shown), _late(shown.standing))


def chooser_page(shown: Shown, choosing: Choosing, call_key: str, link: str) -> ChooserPage:
    """The page to choose a bank on."""
    return ChooserPage(summary(shown), choosing, call_key, shown.payment.expires_at, shown.merchant.zone, link)


def transfer_page(shown: Shown) -> TransferPage:
    """The page that tells how to transfer the money."""
    payment, told = shown.payment, shown.told
    details = TransferDetails(
        payment.due,
        payment.currency,
        told.creditor_iban,
        told.creditor_bic,
        told.creditor_name,
        told.variable_symbol,
        told.constant_symbol,
        told.specific_symbol,
        told.reference,
        told.message,
    )
    return TransferPage(
        summary(shown),
        grouped(told.creditor_iban),
        told.creditor_bic,
        str(major(payment.due, payment.currency)),
        codes_for(details),
        payment.expires_at,
        shown.merchant.zone,
        return_address(shown),
        shown.is_external,
    )


def summary(shown: Shown) -> Summary:
    """What is paid to whom, and why."""
    told, payment = shown.told, shown.payment
    return Summary(
        told.creditor_name or grouped(told.creditor_iban),
        shown.merchant.name,
        Money(payment.amount, payment.currency),
        shown.is_outgoing,
        told.variable_symbol,
        told.constant_symbol,
        told.specific_symbol,
        told.reference,
        told.message,
    )


def return_address(shown: Shown) -> str:
    """Where to go back to: the address given, its own query kept, the payment (or refund) added; empty if none was.

    It is the same for success, failure and giving up: how it went, the merchant asks us.
    """
    if not shown.told.return_url:
        return ""
    return with_query(shown.told.return_url, "refundId" if shown.is_outgoing else "id", shown.payment.id)


def _ending(payment: Payment) -> Ending:
    match payment.state:
        case PaymentState.FAILED:
            return Ending.FAILED
        case PaymentState.WITHDRAWN:
            return Ending.WITHDRAWN
        case PaymentState.PROCESSING_EXPIRED:
            return Ending.NEVER_HEARD
        case _:
            assert payment.state in {*WAITING, PaymentState.EXPIRED}
            return Ending.EXPIRED


def _late(standing: Standing) -> Money | None:
    """What banks moved that was not wanted any more, if they did."""
    late = sum(attempt.amount for attempt in standing.attempts if attempt.state in _LATE)
    return Money(late, standing.payment.currency) if late else None
