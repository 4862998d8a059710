"""Amounts as APIs write them: JSON numbers of the currency's major unit."""

from decimal import Decimal

from tillway.domain.money import exponent


def major(minor: int, currency: str) -> int | Decimal:
    """Minor units as a number of major units, without needless decimals."""
    whole, rest = divmod(minor, 10 ** exponent(currency))
    return whole if rest == 0 else Decimal(minor).scaleb(-exponent(currency)).normalize()
