"""The error codes of the payment orders API: stable words, each with what it means."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Final

from tillway.surfaces.common.faults import Fault, FaultKind


class Code(StrEnum):
    """What stands in `code` of an error."""

    INVALID_AUTH_HEADER = "INVALID_AUTH_HEADER"
    INVALID_ACCESS_TOKEN = "INVALID_ACCESS_TOKEN"  # noqa: S105 - a word, not a token
    NOT_AUTHORIZED = "NOT_AUTHORIZED"
    REQUEST_VALIDATION_ERROR = "REQUEST_VALIDATION_ERROR"
    UNKNOWN_BANK_ACCOUNT = "UNKNOWN_BANK_ACCOUNT"
    UNSUPPORTED_BANK = "UNSUPPORTED_BANK"
    SYMBOLS_WITH_REFERENCE_NOT_ALLOWED = "SYMBOLS_WITH_REFERENCE_NOT_ALLOWED"
    REDIRECT_URL_NOT_ALLOWED = "REDIRECT_URL_NOT_ALLOWED"
    ORDER_NOT_FOUND = "ORDER_NOT_FOUND"
    PAYMENT_NOT_FOUND = "PAYMENT_NOT_FOUND"
    REFUND_NOT_FOUND = "REFUND_NOT_FOUND"
    PAYMENT_ALREADY_PROCESSED = "PAYMENT_ALREADY_PROCESSED"
    INVALID_ORDER_AMOUNT = "INVALID_ORDER_AMOUNT"
    ORDER_CANNOT_BE_UPDATED = "ORDER_CANNOT_BE_UPDATED"
    ORDER_CANNOT_BE_WITHDRAWN = "ORDER_CANNOT_BE_WITHDRAWN"
    REFUND_LIMIT_EXCEEDED = "REFUND_LIMIT_EXCEEDED"
    REFUND_CANNOT_BE_CREATED = "REFUND_CANNOT_BE_CREATED"
    REFUND_DUPLICATED = "REFUND_DUPLICATED"
    PAYMENT_FAILED = "PAYMENT_FAILED"
    MISSING_SENDER_IBAN = "MISSING_SENDER_IBAN"
    INSUFFICIENT_AMOUNT = "INSUFFICIENT_AMOUNT"
    NOT_FOUND = "NOT_FOUND"
    METHOD_NOT_ALLOWED = "METHOD_NOT_ALLOWED"
    REQUEST_TIMEOUT = "REQUEST_TIMEOUT"
    PAYLOAD_TOO_LARGE = "PAYLOAD_TOO_LARGE"
    UNSUPPORTED_MEDIA_TYPE = "UNSUPPORTED_MEDIA_TYPE"
    SERVICE_UNAVAILABLE = "SERVICE_UNAVAILABLE"
    INTERNAL_SERVER_ERROR = "INTERNAL_SERVER_ERROR"


INVALID: Final = "The request is not valid."
"""The title of every fault of a request's form; its `detail` names the member and the rule."""

UNDERSTOOD: Final = "A member breaks a rule: its type, its length, its form."
NOT_UNDERSTOOD: Final = "A required member is missing, or the body is not JSON."
TWO_NAMES: Final = "Symbols and a reference cannot be given together."
TOO_LITTLE: Final = "There is not enough money on the account, or its limit is reached."

SYMBOLS_WITH_REFERENCE: Final = "symbols_with_reference"
"""The name under which a model's rule reports that both were given."""

_NOT_AN_OBJECT: Final = frozenset({"model_type", "model_attributes_type"})


def code_of(fault: Fault) -> Code:
    """The code of a fault."""
    if fault.rule == SYMBOLS_WITH_REFERENCE:
        return Code.SYMBOLS_WITH_REFERENCE_NOT_ALLOWED
    return Code.REQUEST_VALIDATION_ERROR


def status_of(faults: Sequence[Fault]) -> int:
    """400 if something is missing or cannot be read, or if two members exclude each other; 422 for a broken rule."""
    return 400 if any(_is_400(fault) for fault in faults) else 422


def _is_400(fault: Fault) -> bool:
    unread = fault.kind in {FaultKind.NOT_JSON, FaultKind.MISSING}
    return unread or fault.rule == SYMBOLS_WITH_REFERENCE or fault.rule in _NOT_AN_OBJECT
