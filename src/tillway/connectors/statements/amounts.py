"""Decimal amounts of statements, exactly in minor units."""

import re
from decimal import Decimal

from tillway.connectors.statements.entries import StatementUnreadable
from tillway.domain.money import LARGEST_MINOR, exponent

_DECIMAL = re.compile(r"[0-9]{1,18}(?:\.[0-9]{0,5})?|\.[0-9]{1,5}")
_CURRENCY = re.compile(r"[A-Z]{3}")

LARGEST_BALANCE = 10**17
"""In minor units; far inside a 64-bit integer."""


def minor_units(text: str, currency: str, place: str) -> int:
    """A decimal without sign, in minor units of `currency`.

    Zeros beyond the currency's decimals are nothing; any other digit there is refused, as is a currency that ISO 4217
    does not list.
    """
    if not _DECIMAL.fullmatch(text):
        raise StatementUnreadable("an amount is not a decimal number without sign", place)
    scaled = Decimal(text).scaleb(decimals_of(currency, place))
    if scaled != scaled.to_integral_value():
        raise StatementUnreadable(f"an amount has more decimals than {currency}", place)
    if scaled > LARGEST_BALANCE:
        raise StatementUnreadable("an amount is too large", place)
    return int(scaled)


def amount_of_entry(text: str, currency: str, place: str) -> int:
    """As `minor_units`, and no more than one payment may be."""
    amount = minor_units(text, currency, place)
    if amount > LARGEST_MINOR:
        raise StatementUnreadable("the amount of an entry is too large", place)
    return amount


def decimals_of(currency: str, place: str) -> int:
    """How many decimals the currency has."""
    if not _CURRENCY.fullmatch(currency):
        raise StatementUnreadable("a currency is not three capital letters", place)
    try:
        return exponent(currency)
    except ValueError:
        raise StatementUnreadable("a currency is not listed by ISO 4217, or has no minor unit", place) from None
