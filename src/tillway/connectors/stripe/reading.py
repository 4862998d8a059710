"""What Stripe says, in the words of ours: every status of a payment intent, a refund and an error.

Only what we need of its objects is read, and an object that does not have it is not understood: that is Pending.
"""

from typing import Any, Final, TypeVar

import msgspec
import stripe

from tillway.domain.outcomes import Declined, Outcome, Paid, Pending
from tillway.domain.reasons import Reason

OPERATION: Final = "operation"
"""The member of `metadata` that carries our operation id."""

SCHEMES: Final = {
    "visa": "Visa",
    "mastercard": "Mastercard",
    "amex": "American Express",
    "cartes_bancaires": "Cartes Bancaires",
    "diners": "Diners Club",
    "discover": "Discover",
    "eftpos_au": "eftpos",
    "jcb": "JCB",
    "link": "Link",
    "unionpay": "UnionPay",
    "bancontact": "Bancontact",
    "ideal": "iDEAL",
}
"""Stripe's words for brands and methods, and the names that payers know; an unknown word is not shown."""

_REASONS: Final = {
    "amount_too_large": Reason.NOT_PERMITTED,
    "amount_too_small": Reason.NOT_PERMITTED,
    "approve_with_id": Reason.DO_NOT_HONOUR,
    "authentication_required": Reason.AUTHENTICATION_FAILED,
    "call_issuer": Reason.DO_NOT_HONOUR,
    "card_not_supported": Reason.NOT_PERMITTED,
    "card_velocity_exceeded": Reason.LIMIT_EXCEEDED,
    "currency_not_supported": Reason.NOT_PERMITTED,
    "do_not_honor": Reason.DO_NOT_HONOUR,
    "expired_card": Reason.EXPIRED_CARD,
    "incorrect_cvc": Reason.INCORRECT_CVC,
    "incorrect_number": Reason.INVALID_NUMBER,
    "insufficient_funds": Reason.INSUFFICIENT_FUNDS,
    "invalid_cvc": Reason.INCORRECT_CVC,
    "invalid_expiry_month": Reason.EXPIRED_CARD,
    "invalid_expiry_year": Reason.EXPIRED_CARD,
    "invalid_number": Reason.INVALID_NUMBER,
    "issuer_not_available": Reason.FAILED,
    "not_permitted": Reason.NOT_PERMITTED,
    "payment_intent_authentication_failure": Reason.AUTHENTICATION_FAILED,
    "payment_method_customer_decline": Reason.PAYER_CANCELLED,
    "processing_error": Reason.FAILED,
    "transaction_not_allowed": Reason.NOT_PERMITTED,
    "try_again_later": Reason.FAILED,
    "withdrawal_count_limit_exceeded": Reason.LIMIT_EXCEEDED,
}
"""Stripe's codes in our words; all others are DECLINED, above all those of lost and stolen cards, which Stripe asks not
to tell payers of (docs.stripe.com/declines/codes)."""

_Read = TypeVar("_Read", bound="msgspec.Struct")


class Method(msgspec.Struct):
    """How a charge was paid: `card` tells of a card, and is empty for every other `type`."""

    type: str
    card: "CardUsed | None" = None


class CardUsed(msgspec.Struct):
    """The card that was charged."""

    brand: str | None = None
    last4: str | None = None


class Charge(msgspec.Struct):
    """The money that an intent took; test servers leave the method out."""

    id: str
    status: str
    payment_method_details: Method | None = None


class Failure(msgspec.Struct):
    """Why the last try to pay an intent failed."""

    code: str | None = None
    decline_code: str | None = None


class Intent(msgspec.Struct):
    """A payment intent; `latest_charge` is its id only where it was not expanded."""

    id: str
    amount: int
    currency: str
    status: str
    metadata: dict[str, str]
    client_secret: str | None = None
    amount_received: int | None = None
    latest_charge: Charge | str | None = None
    last_payment_error: Failure | None = None
    payment_method_types: list[str] | None = None

    def offers(self, method: str) -> bool:
        """Whether it can be paid so: Stripe silently drops what the account, currency or amount does not allow."""
        return self.payment_method_types is None or method in self.payment_method_types

    @property
    def is_payable(self) -> bool:
        """Whether the payer can still pay it."""
        return self.status in _PAYABLE


class Refunded(msgspec.Struct):
    """A refund."""

    id: str
    amount: int
    status: str | None
    metadata: dict[str, str] | None = None


class RefundsPage(msgspec.Struct):
    """Some refunds of an intent."""

    data: list[Refunded]
    has_more: bool


class IntentsPage(msgspec.Struct):
    """The first intents that a search has found; ours finds one."""

    data: list[Intent]


_PAYABLE = frozenset({"requires_payment_method", "requires_confirmation", "requires_action"})


def read(kind: type[_Read], told: dict[str, Any]) -> _Read:
    """What is needed of an object of Stripe. Raises msgspec.ValidationError."""
    return msgspec.convert(told, kind)


def outcome_of(intent: Intent) -> Outcome:
    """What became of the intent.

    `requires_payment_method` is also where an intent is after a declined card: Stripe lets the payer try again within
    it, so it is not a no. `requires_capture` cannot be, for we ask for capture at once; if it is, nothing is taken yet.
    A new word is not understood.
    """
    match intent.status:
        case "succeeded":
            return Paid(intent.id, *_instrument(intent))
        case "canceled":
            return Declined(reason_of(intent.last_payment_error) or Reason.CANCELLED, intent.id)
        case "processing" | "requires_capture":
            return Pending(intent.id)
        case _:
            return Pending(intent.id) if intent.is_payable else Pending()


def outcome_of_refund(refund: Refunded) -> Outcome:
    """What became of the refund; `requires_action` waits for the payer, so it is pending as `pending` is."""
    match refund.status:
        case "succeeded":
            return Paid(refund.id)
        case "failed":
            return Declined(Reason.REFUND_REFUSED, refund.id)
        case "canceled":
            return Declined(Reason.CANCELLED, refund.id)
        case _:
            return Pending()


def outcome_of_error(error: stripe.StripeError, otherwise: Reason) -> Outcome:
    """What an error says of an intent, or a refund, that we asked Stripe to make; `otherwise` stands for other reasons.

    A request that cannot be (`InvalidRequestError`) has made nothing: a plain no. All else leaves it open: no answer,
    429, 409 while the same key is at work, a key used for other parameters, a refused key of ours, 5xx. So does an
    object that Stripe does not find, which is what another account's key looks like.
    """
    if isinstance(error, stripe.InvalidRequestError) and error.http_status == 400 and error.code != "resource_missing":
        return Declined(_REASONS.get(error.code or "", otherwise))
    return Pending()


def reason_of(failure: Failure | None) -> str:
    """Why the last try failed, in a word of ours; empty if none has."""
    if failure is None:
        return ""
    return _REASONS.get(failure.decline_code or "") or _REASONS.get(failure.code or "", Reason.DECLINED)


def _instrument(intent: Intent) -> tuple[str, str]:
    """The scheme, and the last digits of a card."""
    charge = intent.latest_charge
    if not isinstance(charge, Charge) or charge.payment_method_details is None:
        return "", ""
    return instrument_of(charge.payment_method_details)


def instrument_of(method: Method) -> tuple[str, str]:
    """The scheme that a charge was paid by, and the last digits of a card; empty where they are not told."""
    if method.card is None:
        return SCHEMES.get(method.type, ""), ""
    return SCHEMES.get(method.card.brand or "", ""), method.card.last4 or ""
