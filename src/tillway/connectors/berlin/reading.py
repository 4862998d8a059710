"""What banks write to us: statuses of transactions (ISO 20022), reasons, links, and nothing else believed."""

from collections.abc import Iterable, Mapping
from enum import Enum, StrEnum
from typing import Final, cast
from urllib.parse import urlsplit

import msgspec
from schwifty import IBAN
from schwifty.exceptions import SchwiftyException

from tillway.domain.reasons import Reason

Members = Mapping[str, object]

LONGEST_ID: Final = 70
LONGEST_URL: Final = 2048
LONGEST_DESCRIPTION: Final = 500
LONGEST_LABEL: Final = 100
MOST_LISTED: Final = 20


class Standing(Enum):
    """What a status of a transaction means to whoever is to be paid."""

    SETTLED = "settled"
    PROMISED = "promised"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    WAITING = "waiting"


STANDINGS: Final[Mapping[str, Standing]] = {
    "ACSC": Standing.SETTLED,
    "ACCC": Standing.SETTLED,
    "ACSP": Standing.PROMISED,
    "ACWC": Standing.PROMISED,
    "ACCP": Standing.PROMISED,
    "ACFC": Standing.PROMISED,
    "RJCT": Standing.REFUSED,
    "CANC": Standing.CANCELLED,
    "RCVD": Standing.WAITING,
    "PDNG": Standing.WAITING,
    "ACTC": Standing.WAITING,
    "PATC": Standing.WAITING,
}
"""By the word of ISO 20022 (ExternalPaymentTransactionStatus1Code); a word that is not here says nothing.

SETTLED: booked on the debtor's account (ACSC) or the creditor's (ACCC). PROMISED: checked and accepted, if the payer
has authorised it, which some banks say before. PATC: others who own the account have still to authorise.
"""


class ScaStatus(StrEnum):
    """How far an authorisation is (strong customer authentication); the last three are ends."""

    RECEIVED = "received"
    IDENTIFIED = "psuIdentified"
    AUTHENTICATED = "psuAuthenticated"
    METHOD_SELECTED = "scaMethodSelected"
    STARTED = "started"
    UNCONFIRMED = "unconfirmed"
    FINALISED = "finalised"
    EXEMPTED = "exempted"
    FAILED = "failed"


AUTHORISED: Final = frozenset({ScaStatus.FINALISED, ScaStatus.EXEMPTED})

REASONS: Final[Mapping[str, Reason]] = {
    "AM04": Reason.INSUFFICIENT_FUNDS,
    "FUNDS_NOT_AVAILABLE": Reason.INSUFFICIENT_FUNDS,
    "INSUFFICIENT_FUNDS": Reason.INSUFFICIENT_FUNDS,
    "AM02": Reason.LIMIT_EXCEEDED,
    "AM14": Reason.LIMIT_EXCEEDED,
    "AM21": Reason.LIMIT_EXCEEDED,
    "RR01": Reason.AML_BLOCKED,
    "RR02": Reason.AML_BLOCKED,
    "RR03": Reason.AML_BLOCKED,
    "RR04": Reason.AML_BLOCKED,
    "LEGL": Reason.AML_BLOCKED,
    "FRAD": Reason.SUSPECTED_FRAUD,
    "CANC": Reason.PAYER_CANCELLED,
    "CUST": Reason.PAYER_CANCELLED,
    "DS02": Reason.PAYER_CANCELLED,
    "AC04": Reason.NOT_PERMITTED,
    "AC06": Reason.NOT_PERMITTED,
    "AC14": Reason.NOT_PERMITTED,
    "AG01": Reason.NOT_PERMITTED,
    "AG03": Reason.NOT_PERMITTED,
    "PRODUCT_INVALID": Reason.NOT_PERMITTED,
    "PRODUCT_UNKNOWN": Reason.NOT_PERMITTED,
    "SERVICE_BLOCKED": Reason.NOT_PERMITTED,
    "PSU_CREDENTIALS_INVALID": Reason.AUTHENTICATION_FAILED,
    "SCA_INVALID": Reason.AUTHENTICATION_FAILED,
}
"""Why a bank says no, by ISO 20022 (ExternalStatusReason1Code) or by the standard's own message codes."""

_REFUSES: Final = REASONS.keys() | {
    "FORMAT_ERROR",
    "PARAMETER_NOT_CONSISTENT",
    "PARAMETER_NOT_SUPPORTED",
    "PAYMENT_FAILED",
    "EXECUTION_DATE_INVALID",
    "CORPORATE_ID_INVALID",
    "RESOURCE_BLOCKED",
}
"""Message codes with which a bank refuses a payment itself, and not whoever asks, or the moment."""


def members_of(body: bytes) -> Members | None:
    """The members of a JSON object; None for anything else."""
    try:
        said = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return cast("Members", said) if isinstance(said, dict) else None


def standing_of(told: Members) -> Standing | None:
    """What the status of a transaction means; None where there is no word that we know."""
    word = told.get("transactionStatus")
    return STANDINGS.get(word) if isinstance(word, str) else None


def sca_status_of(told: Members) -> ScaStatus | None:
    """How far an authorisation is; None where there is no word that we know."""
    word = told.get("scaStatus")
    return ScaStatus(word) if isinstance(word, str) and word in _SCA_WORDS else None


_SCA_WORDS = frozenset(status.value for status in ScaStatus)


def reason_of(told: Members) -> Reason | None:
    """Why a bank said no, if it says so in a code that we know."""
    return next((REASONS[code] for code in codes_of(told) if code in REASONS), None)


def refuses_payment(told: Members) -> bool:
    """Whether an answer with a status of 400 to 499 refuses the payment for good."""
    return any(code in _REFUSES for code in codes_of(told))


def codes_of(told: Members) -> list[str]:
    """The codes of its messages, and the reason that some banks give beside the status."""
    messages = (one for one in _list(told.get("tppMessages")) if one.get("category", "ERROR") == "ERROR")
    codes = (*(one.get("code") for one in messages), told.get("reasonCode"))
    return [code for code in codes if isinstance(code, str)]


def identity_in(told: Members, name: str) -> str:
    """The bank's own id of a payment or an authorisation; empty if it is none that we could ask for again."""
    text = told.get(name)
    return text if isinstance(text, str) and 0 < len(text) <= LONGEST_ID and is_plain(text) else ""


def identities_in(told: Members, name: str) -> tuple[str, ...]:
    """The ids of a list, as far as they are ids."""
    found = told.get(name)
    listed = cast("list[object]", found)[:MOST_LISTED] if isinstance(found, list) else []
    return tuple(one for one in listed if isinstance(one, str) and 0 < len(one) <= LONGEST_ID and is_plain(one))


def links_of(told: Members) -> dict[str, str]:
    """Where a bank says that things are, by name; each a text that may be an address."""
    links = told.get("_links")
    if not isinstance(links, dict):
        return {}
    found: dict[str, str] = {}
    for name, link in cast("dict[str, object]", links).items():
        href = cast("Members", link).get("href") if isinstance(link, dict) else None
        if isinstance(href, str) and 0 < len(href) <= LONGEST_URL and is_plain(href):
            found[name] = href
    return found


def page_in(links: Mapping[str, str], origins: Iterable[str]) -> str:
    """The bank's page that the payer has to go to; empty if it has none, or not on its own origins."""
    url = links.get("scaRedirect", "")
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if f"{parts.scheme}://{parts.netloc}" in origins else ""


def methods_in(told: Members) -> tuple[tuple[str, str], ...]:
    """The ways of authentication that a bank offers: their ids, with names to show."""
    found: list[tuple[str, str]] = []
    for one in _list(told.get("scaMethods")):
        identity = identity_in(one, "authenticationMethodId")
        if identity:
            name = text_in(one, "name", LONGEST_LABEL) or text_in(one, "authenticationType", LONGEST_LABEL)
            found.append((identity, name or identity))
    return tuple(found)


def debtor_iban_in(told: Members) -> str:
    """The account that pays, if a bank tells it and it is an IBAN."""
    iban = inner_of(told, "debtorAccount").get("iban")
    if not isinstance(iban, str) or len(iban) > LONGEST_ID:
        return ""
    try:
        return IBAN(iban).compact
    except SchwiftyException:
        return ""


def inner_of(told: Members, name: str) -> Members:
    """The members of an object within; none where it is not one."""
    found = told.get(name)
    return cast("Members", found) if isinstance(found, dict) else {}


def text_in(told: Members, name: str, most: int = LONGEST_DESCRIPTION) -> str:
    """A text that may be shown to the payer, cut to its bound; empty if there is none."""
    text = told.get(name)
    return "".join(letter for letter in text[:most] if letter.isprintable()).strip() if isinstance(text, str) else ""


def is_plain(text: str) -> bool:
    """Whether a text has nothing but visible ASCII characters."""
    return text.isascii() and text.isprintable() and " " not in text


def _list(found: object) -> list[Members]:
    listed = cast("list[object]", found)[:MOST_LISTED] if isinstance(found, list) else []
    return [cast("Members", one) for one in listed if isinstance(one, dict)]
