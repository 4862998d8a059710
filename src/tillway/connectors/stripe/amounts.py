"""Amounts as Stripe counts them: for a few currencies its smallest unit is not ISO 4217's.

Source: docs.stripe.com/currencies, "Zero-decimal currencies" and "Special cases".
"""

from typing import Final

_TIMES: Final = {"ISK": 100, "UGX": 100}
"""No decimals in ISO 4217; two at Stripe, which have to be zeros."""

_PARTS: Final = {"MGA": 100}
"""Two decimals in ISO 4217, none at Stripe."""


class NotPossible(Exception):
    """Stripe cannot take this amount, since it knows no unit that small."""


def at_stripe(amount: int, currency: str) -> int:
    """ISO minor units in Stripe's smallest unit. Raises NotPossible."""
    whole, left = divmod(amount * _TIMES.get(currency, 1), _PARTS.get(currency, 1))
    if left:
        raise NotPossible
    return whole
