"""What the members of payment orders must be, beyond their types: the limits of the document's table, and accounts."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path
from typing import Annotated, Final, LiteralString, cast

import msgspec
import pycountry
from pydantic import AfterValidator, Field, ValidationInfo, WithJsonSchema
from pydantic_core import PydanticCustomError
from schwifty import BIC, IBAN
from schwifty.exceptions import SchwiftyException

from tillway.domain.clients import Client, Grant
from tillway.domain.money import LARGEST_MINOR, exponent
from tillway.domain.payment_orders import WHOLE_PERCENT
from tillway.surfaces.common.faults import Invalid, bad_value
from tillway.surfaces.common.fields import ExactNumber
from tillway.surfaces.common.languages import CATALOGUE
from tillway.surfaces.common.return_urls import absolute_url
from tillway.surfaces.order_api.codes import SYMBOLS_WITH_REFERENCE, TWO_NAMES

LEAST_AMOUNT: Final = Decimal("0.01")
LARGEST_AMOUNT: Final = Decimal(9_999_999_999)
LONGEST_IBAN: Final = 50
LONGEST_URL: Final = 5000
LARGEST_HOOK_DATA: Final = 16 * 1024
"""Bytes of compact JSON."""

LONGEST_EMAIL: Final = 254
"""What fits into an SMTP path (RFC 5321, 4.5.3.1.3)."""

LOCALES: Final = tuple(
    sorted(
        {"en", "sk", "cs"}
        | {
            path.parent.parent.name
            for path in (Path(__file__).parents[1] / "common" / "locales").glob(f"*/{CATALOGUE}")
        }
    )
)
"""The languages of our pages."""

_ACCOUNT = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{1,46}")
_NO_CHECK_DIGITS = frozenset({"00", "01", "99"})
"""What ISO 13616 never makes: a check of the remainder alone takes them for 97, 98 and 02."""

_BANK_CODE = re.compile(r"[A-Z0-9]{8}(?:[A-Z0-9]{3})?")
_CURRENCY = re.compile(r"[A-Z]{3}")
_REFERENCE = re.compile(r"[a-zA-Z0-9/?:().,'+\- ]*")
_DIGITS = re.compile(r"[0-9]+")
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_EMAIL = re.compile(rf"[^\s@\x00-\x1f\x7f]{{1,64}}@{_LABEL}(?:\.{_LABEL})*", re.IGNORECASE)
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What the files that banks read cannot carry (XML 1.0, 2.2)."""

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_to_json = msgspec.json.Encoder(decimal_format="number").encode


@dataclass(frozen=True, slots=True)
class Terms:
    """What a body is held against: who asks, and whether payers may come back to loopback addresses."""

    client: Client
    loopback: bool


def minor(amount: Decimal, currency: str) -> int:
    """An amount of a known currency in minor units. Raises Invalid for one that the currency cannot have."""
    problem = _problem(amount, currency)
    if problem:
        raise bad_value("amount", problem)
    return int(amount.scaleb(exponent(currency)))


def hundredths(percentage: Decimal) -> int:
    """A refund limit that was found good, in hundredths of a percent."""
    return int(percentage * WHOLE_PERCENT)


def hook_text(data: Mapping[str, object] | None) -> str:
    """A JSON object as compact text; empty for none."""
    return "" if data is None else _to_json(data).decode()


@lru_cache(maxsize=4096)
def plain_iban(text: str) -> str | None:
    """An IBAN in capitals and without spaces; None if its length, its form or its check digits are wrong.

    A client's own account comes with every order, so it is checked once: that takes as long as all else of a body.
    """
    compact = text.replace(" ", "").upper()
    if _ACCOUNT.fullmatch(compact) is None or compact[2:4] in _NO_CHECK_DIGITS:
        return None
    try:
        return IBAN(compact).compact
    except SchwiftyException:
        return None


def alpha_2(country: str) -> str | None:
    """The two letters of a country named by three (ISO 3166-1); None if there is no such country."""
    return _COUNTRIES.get(country.upper())


def alpha_3(country: str) -> str:
    """The three letters of a country named by two (ISO 3166-1)."""
    return _LETTERS[country]


_COUNTRIES: Final[Mapping[str, str]] = {one.alpha_3: one.alpha_2 for one in pycountry.countries}
_LETTERS: Final[Mapping[str, str]] = {two: three for three, two in _COUNTRIES.items()}


def is_strict(info: ValidationInfo) -> bool:
    """Whether the caller wants to be held to all that the document's table calls required."""
    return cast("Terms", info.context).client.has(Grant.STRICT)


def missing() -> PydanticCustomError:
    """The fault of a member that is required by more than its type."""
    return PydanticCustomError("missing", "Field required")


def two_names() -> PydanticCustomError:
    """The fault of symbols beside a reference."""
    return PydanticCustomError(SYMBOLS_WITH_REFERENCE, cast("LiteralString", TWO_NAMES))


def _broken(message: str) -> PydanticCustomError:
    return PydanticCustomError("rule", "{message}", {"message": message})


@cache
def _exponent(currency: str) -> int | None:
    try:
        return exponent(currency)
    except ValueError:
        return None


def _problem(amount: Decimal, currency: str) -> str:
    scaled = amount.scaleb(exponent(currency))
    if scaled != int(scaled):
        return f"should have at most {exponent(currency)} decimals, as {currency} has"
    return "is more than can be paid at once in this currency" if scaled > LARGEST_MINOR else ""


def _currency(text: str) -> str:
    upper = text.upper()
    if _CURRENCY.fullmatch(upper) is None or _exponent(upper) is None:
        raise _broken("should be a currency of ISO 4217, three letters")
    return upper


def _in_range(amount: Decimal) -> Decimal:
    if not LEAST_AMOUNT <= amount <= LARGEST_AMOUNT:
        raise _broken(f"should be from {LEAST_AMOUNT} to {LARGEST_AMOUNT}")
    return amount


def _amount(amount: Decimal, info: ValidationInfo) -> Decimal:
    _in_range(amount)
    currency = info.data.get("currency")
    if currency is not None and (problem := _problem(amount, currency)):
        raise _broken(problem)
    return amount


def _percentage(percentage: Decimal) -> Decimal:
    if percentage < 0 or percentage > LARGEST_AMOUNT:
        raise _broken("should be zero, or above it")
    if percentage * WHOLE_PERCENT != int(percentage * WHOLE_PERCENT):
        raise _broken("should have at most 2 decimals")
    return percentage


def _iban(text: str) -> str:
    iban = plain_iban(text) if len(text) <= LONGEST_IBAN else None
    if iban is None:
        raise _broken(f"should be an IBAN with the right check digits, of at most {LONGEST_IBAN} characters")
    return iban


def _iban_or_none(text: str) -> str:
    return _iban(text) if text else ""


def _bic(text: str) -> str:
    compact = text[:LONGEST_IBAN].replace(" ", "").upper()
    try:
        if len(text) > LONGEST_IBAN or _BANK_CODE.fullmatch(compact) is None:
            raise _broken("should be a BIC of 8 or 11 characters")
        return BIC(compact).compact
    except SchwiftyException:
        raise _broken("should be a BIC of 8 or 11 characters") from None


def _symbol(text: str) -> str:
    if _DIGITS.fullmatch(text) is None:
        raise _broken("should be digits only")
    return text


def _reference(text: str) -> str:
    if _REFERENCE.fullmatch(text) is None:
        raise _broken("should be of the characters a-z A-Z 0-9 / ? : ( ) . , ' + - and space")
    return text


def _bank_text(text: str) -> str:
    if _NOT_IN_XML.search(text):
        raise _broken("should be without control characters")
    return text


def _email(text: str) -> str:
    """An address that could be one; whether it is, only a message to it would tell."""
    if len(text) > LONGEST_EMAIL or _EMAIL.fullmatch(text) is None:
        raise _broken("should be an e-mail address")
    return text


def _redirect_url(text: str, info: ValidationInfo) -> str:
    try:
        host = _host_of(text)
    except Invalid as invalid:
        raise _broken(invalid.faults[0].message) from None
    if "." not in host.strip(".") and not (cast("Terms", info.context).loopback and host in _LOOPBACK):
        raise _broken("should have a host with a dot in it")
    return text


@lru_cache(maxsize=1024)
def _host_of(url: str) -> str:
    """The host of an absolute URL: a client sends the same ones again and again. Raises Invalid."""
    return absolute_url(url, "", ("https", "http")).hostname or ""


def _locale(text: str) -> str:
    if text.lower() not in LOCALES:
        raise _broken(f"should be one of {', '.join(LOCALES)}")
    return text.lower()


def _country(text: str) -> str:
    """The two letters of a country that was named by three."""
    found = alpha_2(text)
    if found is None:
        raise _broken("should be a country's three letters, as ISO 3166-1 lists them")
    return found


def _hook_data(data: dict[str, object]) -> dict[str, object]:
    if len(_to_json(data)) > LARGEST_HOOK_DATA:
        raise _broken(f"should have at most {LARGEST_HOOK_DATA} bytes")
    return data


def _text(longest: int, example: str, **more: object) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "maxLength": longest, **more, "examples": [example]})


_NUMBER = {"type": "number", "minimum": 0.01, "maximum": 9_999_999_999}

Amount = Annotated[ExactNumber, AfterValidator(_amount), WithJsonSchema({**_NUMBER, "examples": [1.05]})]
AnyAmount = Annotated[ExactNumber, AfterValidator(_in_range), WithJsonSchema({**_NUMBER, "examples": [2.5]})]
"""An amount whose currency is that of an order."""
Currency = Annotated[str, AfterValidator(_currency), _text(3, "EUR", minLength=3)]
Percentage = Annotated[
    ExactNumber, AfterValidator(_percentage), WithJsonSchema({"type": "number", "minimum": 0, "examples": [100]})
]
InstructionId = Annotated[str, Field(max_length=64), _text(64, "ABCD11234")]
ExternalId = Annotated[str, Field(max_length=255)]
Cause = Annotated[str, Field(max_length=255)]
BankId = Annotated[str, Field(max_length=100)]
Iban = Annotated[str, AfterValidator(_iban), _text(LONGEST_IBAN, "SK3112000000198742637541")]
IbanOrNone = Annotated[str, AfterValidator(_iban_or_none), _text(LONGEST_IBAN, "SK3112000000198742637541")]
Bic = Annotated[str, AfterValidator(_bic), WithJsonSchema({"type": "string"})]
TenDigits = Annotated[str, Field(max_length=10), AfterValidator(_symbol), _text(10, "0000000001", pattern="^[0-9]+$")]
FourDigits = Annotated[
    str,
    Field(max_length=4),
    AfterValidator(_symbol),
    WithJsonSchema({"type": "string", "maxLength": 4, "pattern": "^[0-9]+$"}),
]
Digits = Annotated[
    str,
    Field(max_length=10),
    AfterValidator(_symbol),
    WithJsonSchema({"type": "string", "maxLength": 10, "pattern": "^[0-9]+$"}),
]
Reference = Annotated[
    str, Field(max_length=35), AfterValidator(_reference), WithJsonSchema({"type": "string", "maxLength": 35})
]
Email = Annotated[str, AfterValidator(_email), _text(LONGEST_EMAIL, "customer@email.com")]
RedirectUrl = Annotated[
    str,
    Field(max_length=LONGEST_URL),
    AfterValidator(_redirect_url),
    _text(LONGEST_URL, "https://thebesteshopintheworld.com"),
]
BankText = Annotated[str, Field(max_length=140), AfterValidator(_bank_text)]
Locale = Annotated[str, AfterValidator(_locale), WithJsonSchema({"type": "string", "enum": list(LOCALES)})]
Country = Annotated[str, AfterValidator(_country), WithJsonSchema({"type": "string", "minLength": 3, "maxLength": 3})]
HookData = Annotated[dict[str, object], AfterValidator(_hook_data), WithJsonSchema({"type": "object"})]
