"""An amount of money: a whole number of minor units and its ISO 4217 currency."""

from functools import cache

from iso4217 import Currency

from tillway.domain.values import value

LARGEST_MINOR = 999_999_999_999
"""No single amount may be larger, in minor units: it keeps every sum of amounts far inside a 64-bit integer."""


@value
class Money:
    """`minor` whole minor units (øre, cents) of `currency`; unlike currencies never add or compare."""

    minor: int
    currency: str

    def __add__(self, other: "Money") -> "Money":
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.minor - self._same(other), self.currency)

    def _same(self, other: "Money") -> int:
        if other.currency != self.currency:
            raise ValueError(f"cannot mix {self.currency} and {other.currency}")
        return other.minor


@cache
def exponent(currency: str) -> int:
    """How many decimals the major unit of `currency` has, as ISO 4217 lists it.

    Raises ValueError for a code that ISO 4217 does not list or that has no minor unit (XAU, XTS).
    """
    digits = Currency(currency).exponent
    if digits is None:
        raise ValueError(f"{currency} has no minor unit")
    return digits


@cache
def currencies_with(digits: int) -> tuple[str, ...]:
    """The codes of the currencies whose major unit has so many decimals, in alphabetical order."""
    return tuple(sorted(one.code for one in Currency if one.exponent == digits))


@cache
def exponents() -> tuple[int, ...]:
    """How many decimals currencies have, each once, from the fewest to the most."""
    return tuple(sorted({one.exponent for one in Currency if one.exponent is not None}))
