"""The error codes of the web payments API: stable numbers, each with what it means and the status it comes with."""

from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import Final

from tillway.surfaces.common.faults import Fault, FaultKind


class Code(IntEnum):
    """What stands in `code` of an error. A request that cannot be served for what HTTP itself says has its status."""

    NOT_JSON = 1000
    REQUIRED = 1001
    WRONG_TYPE = 1002
    AMOUNT_NOT_POSITIVE = 1100
    TOO_MANY_DECIMALS = 1101
    NOT_AN_ORIGIN = 1102
    NOT_AN_HTTPS_URL = 1103
    COUNTRY_UNKNOWN = 1104
    LANGUAGE_UNKNOWN = 1105
    NOT_AN_EMAIL = 1106
    EXPIRY_NOT_AHEAD = 1107
    ORIGIN_NOT_ALLOWED = 1108
    AMOUNT_TOO_LARGE = 1109
    PAYMENT_UNKNOWN = 1200
    NOT_REFUNDABLE = 1201
    MORE_THAN_LEFT = 1202
    ALREADY_REFUNDED = 1203
    KEY_REUSED = 1204
    CREDENTIALS = 1300
    LOGIN_REFUSED = 1301
    TOO_MANY_REQUESTS = 1429


MALFORMED: Final[Mapping[Code, str]] = {
    Code.NOT_JSON: "The body is not JSON, or says something twice.",
    Code.REQUIRED: "A required member is missing.",
    Code.WRONG_TYPE: "A member has the wrong type, or a date is not one.",
}
"""400: what cannot be understood. One such fault makes the answer a 400, whatever else is wrong with the body."""

BREAKING: Final[Mapping[Code, str]] = {
    Code.AMOUNT_NOT_POSITIVE: "The amount is not above zero.",
    Code.TOO_MANY_DECIMALS: "The amount has more decimals than its currency.",
    Code.NOT_AN_ORIGIN: "The origin is not scheme, host and port alone, or not https.",
    Code.NOT_AN_HTTPS_URL: "The URL is not an https URL; of `returnUrl`: not an absolute one.",
    Code.COUNTRY_UNKNOWN: "There is no such country in ISO 3166-1.",
    Code.LANGUAGE_UNKNOWN: "There is no such language in ISO 639-1.",
    Code.NOT_AN_EMAIL: "This is no e-mail address.",
    Code.EXPIRY_NOT_AHEAD: "The expiry is not in the future, or more than a year ahead.",
    Code.ORIGIN_NOT_ALLOWED: "The tenant's list of origins does not have this one.",
    Code.AMOUNT_TOO_LARGE: "The amount is larger than any payment may be.",
}
"""422: what can be understood, and cannot be."""

_BY_RULE: Final = {code.name.lower(): code for code in BREAKING}
_BY_KIND: Final = {FaultKind.NOT_JSON: Code.NOT_JSON, FaultKind.MISSING: Code.REQUIRED}


def rule(code: Code) -> str:
    """The name under which a model's rule reports that it was broken."""
    return code.name.lower()


def code_of(fault: Fault) -> Code:
    """The code of a fault."""
    return _BY_KIND.get(fault.kind) or _BY_RULE.get(fault.rule, Code.WRONG_TYPE)


def status_of(faults: Sequence[Fault]) -> int:
    """400 if any of the faults keeps the body from being understood, else 422."""
    return 400 if any(code_of(fault) in MALFORMED for fault in faults) else 422
