"""What the members of web payments must be, beyond their types: rules that need to know the tenant and the moment."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Annotated, Final, LiteralString, cast
from urllib.parse import urlsplit

from babel import Locale
from pydantic import AfterValidator, BeforeValidator, ValidationInfo, WithJsonSchema
from pydantic_core import PydanticCustomError

from tillway.domain.clients import Client
from tillway.domain.money import LARGEST_MINOR, exponent
from tillway.domain.schedules import DAY
from tillway.surfaces.common.faults import Invalid
from tillway.surfaces.common.fields import ExactNumber
from tillway.surfaces.common.return_urls import absolute_url
from tillway.surfaces.web_api.codes import Code, rule

LONGEST_WAIT = 366 * DAY
LONGEST_URL = 2000
LONGEST_EMAIL = 254
"""What fits into an SMTP path (RFC 5321, 4.5.3.1.3)."""

_NOT_ISO_3166 = frozenset({"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "XK", "ZZ"})
"""Regions of the CLDR, where Babel's come from, that are no countries of ISO 3166-1."""

_NOT_ISO_639 = frozenset({"sh"})
"""A language of the CLDR whose code ISO 639-1 withdrew."""

_ENGLISH = Locale("en")


def _two_letters(codes: Iterable[object]) -> Iterable[str]:
    return (code for code in map(str, codes) if len(code) == 2 and code.isalpha())


COUNTRIES: Final = frozenset(code for code in _two_letters(_ENGLISH.territories) if code not in _NOT_ISO_3166)
"""ISO 3166-1 alpha-2."""
LANGUAGES: Final = frozenset(code for code in _two_letters(_ENGLISH.languages) if code not in _NOT_ISO_639)
"""ISO 639-1."""

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_ORIGIN = re.compile(rf"(?P<scheme>https?)://(?P<host>{_LABEL}(?:\.{_LABEL})*)(?P<port>:[0-9]{{1,5}})?")
"""Without IPv6 addresses, which no `frame-ancestors` of a page could name (CSP level 3, 2.3.1)."""
_EMAIL = re.compile(rf"[^\s@\x00-\x1f\x7f]{{1,64}}@{_LABEL}(?:\.{_LABEL})*", re.IGNORECASE)
_LONGEST_ORIGIN = 280
_USUAL_PORTS = {"https": ":443", "http": ":80"}
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST_MOMENT = 40


@dataclass(frozen=True, slots=True)
class Terms:
    """What a body is held against: who asks, when (microseconds UTC), and whether plain http on loopback is allowed."""

    client: Client
    now: int
    loopback: bool


def minor(amount: Decimal, currency: str) -> int:
    """An amount that was found good, in minor units."""
    return int(amount.scaleb(exponent(currency)))


@lru_cache(maxsize=1024)
def plain_origin(text: str) -> str | None:
    """A web origin as browsers write it: in lower case, without the usual port; None for what is none."""
    match = _ORIGIN.fullmatch(text[:_LONGEST_ORIGIN].lower())
    if match is None or len(text) > _LONGEST_ORIGIN or int((match["port"] or ":1")[1:]) not in range(1, 65_536):
        return None
    return match[0].removesuffix(_USUAL_PORTS[match["scheme"]])


def _terms(info: ValidationInfo) -> Terms:
    return cast("Terms", info.context)


def _broken(code: Code, message: str) -> PydanticCustomError:
    return PydanticCustomError(cast("LiteralString", rule(code)), "{message}", {"message": message})


def _amount(amount: Decimal, info: ValidationInfo) -> Decimal:
    currency = _terms(info).client.currency
    if amount <= 0:
        raise _broken(Code.AMOUNT_NOT_POSITIVE, "should be above zero")
    scaled = amount.scaleb(exponent(currency))
    if scaled != int(scaled):
        raise _broken(Code.TOO_MANY_DECIMALS, f"{currency} has {exponent(currency)} decimals")
    if scaled > LARGEST_MINOR:
        raise _broken(Code.AMOUNT_TOO_LARGE, "is too large")
    return amount


def _origin(text: str, info: ValidationInfo) -> str:
    terms, origin = _terms(info), plain_origin(text)
    if origin is None:
        raise _broken(Code.NOT_AN_ORIGIN, "should be scheme, host and port alone, as in https://shop.example")
    if origin.startswith("http:") and not (terms.loopback and urlsplit(origin).hostname in _LOOPBACK):
        raise _broken(Code.NOT_AN_ORIGIN, "should begin with https://")
    if not terms.client.may_show_at(origin):
        raise _broken(Code.ORIGIN_NOT_ALLOWED, "is not on the tenant's list of origins")
    return origin


def _absolute(text: str, *schemes: str) -> str:
    """An absolute URL; answers its host."""
    if len(text) > LONGEST_URL:
        raise _broken(Code.NOT_AN_HTTPS_URL, f"should have at most {LONGEST_URL} characters")
    try:
        return _host_of(text, schemes)
    except Invalid as invalid:
        raise _broken(Code.NOT_AN_HTTPS_URL, invalid.faults[0].message) from None


@lru_cache(maxsize=1024)
def _host_of(url: str, schemes: tuple[str, ...]) -> str:
    """The host of an absolute URL: a shop sends the same ones again and again. Raises Invalid."""
    return absolute_url(url, "", schemes).hostname or ""


def _return_url(text: str) -> str:
    _absolute(text, "https", "http")
    return text


def _postback_url(text: str, info: ValidationInfo) -> str:
    if text[:5].lower() == "http:" and _terms(info).loopback:
        if _absolute(text, "http") not in _LOOPBACK:
            raise _broken(Code.NOT_AN_HTTPS_URL, "should begin with https:// unless it is a loopback address")
    else:
        _absolute(text, "https")
    return text


def _country(text: str) -> str:
    if text.upper() not in COUNTRIES:
        raise _broken(Code.COUNTRY_UNKNOWN, "should be a country's two letters, as ISO 3166-1 lists them")
    return text.upper()


def _language(text: str) -> str:
    if text.lower() not in LANGUAGES:
        raise _broken(Code.LANGUAGE_UNKNOWN, "should be a language's two letters, as ISO 639-1 lists them")
    return text.lower()


def _email(text: str) -> str:
    """An address that could be one; whether it is, only a message to it would tell. An empty text is none."""
    if text and (len(text) > LONGEST_EMAIL or _EMAIL.fullmatch(text) is None):
        raise _broken(Code.NOT_AN_EMAIL, "should be an e-mail address")
    return text


def _moment(value: object) -> int:
    """Microseconds UTC; a moment without a zone is UTC, as the document says of all its dates."""
    if not isinstance(value, str):
        raise PydanticCustomError("moment_type", "Input should be a text: a moment as ISO 8601 writes it")
    try:
        moment = datetime.fromisoformat(value[:_LONGEST_MOMENT])
        since = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - _EPOCH
    except (ValueError, OverflowError):
        raise PydanticCustomError(
            "moment_type", "Input should be a moment as ISO 8601 writes it: 2026-11-20T14:30:00.000Z"
        ) from None
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def _ahead(at: int, info: ValidationInfo) -> int:
    now = _terms(info).now
    if not now < at <= now + LONGEST_WAIT:
        raise _broken(Code.EXPIRY_NOT_AHEAD, "should be in the future, at most a year ahead")
    return at


def _schema(examples: str, **more: object) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", **more, "examples": [examples]})


Amount = Annotated[
    ExactNumber,
    AfterValidator(_amount),
    WithJsonSchema({"type": "number", "exclusiveMinimum": 0, "examples": [10.23]}),
]
Origin = Annotated[str, AfterValidator(_origin), _schema("https://my-webshop.com")]
ReturnUrl = Annotated[str, AfterValidator(_return_url), _schema("https://my-webshop.com/done", maxLength=LONGEST_URL)]
PostbackUrl = Annotated[
    str, AfterValidator(_postback_url), _schema("https://my-webshop.com/payresult", maxLength=LONGEST_URL)
]
Country = Annotated[str, AfterValidator(_country), _schema("BE")]
Language = Annotated[str, AfterValidator(_language), _schema("nl")]
Email = Annotated[str, AfterValidator(_email), _schema("someshopper@example.com", maxLength=LONGEST_EMAIL)]
Moment = Annotated[int, BeforeValidator(_moment), WithJsonSchema({"type": "string", "format": "date-time"})]
Expiry = Annotated[Moment, AfterValidator(_ahead)]
