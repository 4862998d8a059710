"""The methods payers can pay with: where each is available, and what it is called."""

from typing import Final

from tillway.domain.payments import GIFT_CARD_METHOD
from tillway.domain.values import value


@value
class Method:
    """`code` stands on attempts, `name` is what payers and programs read: a proper name, the same in every language.

    `countries` (ISO 3166-1 alpha-2) and `currencies` (ISO 4217) bound where it is offered; empty: everywhere.
    """

    code: str
    name: str
    countries: frozenset[str] = frozenset()
    currencies: frozenset[str] = frozenset()

    def serves(self, country: str, currency: str) -> bool:
        """Whether a payer from this country can pay in this currency with it."""
        return (not self.countries or country in self.countries) and (
            not self.currencies or currency in self.currencies
        )


_IN_EUROPE = frozenset(
    {
        *("AT", "BE", "BG", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GB", "GR", "HR", "HU"),
        *("IE", "IS", "IT", "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK"),
    }
)

METHODS: Final = (
    Method("card", "Card"),
    Method("bancontact", "Bancontact", frozenset({"BE"}), frozenset({"EUR"})),
    Method("ideal", "iDEAL", frozenset({"NL"}), frozenset({"EUR"})),
    Method("bank", "Pay by bank", _IN_EUROPE),
    Method(GIFT_CARD_METHOD, "Gift card"),
)
"""Every method, in the order in which payers see them. A new one is an entry here, a fragment of the page
(`surfaces/checkout/templates/methods/CODE.html`), and a connector that serves it."""

BY_CODE: Final = {method.code: method for method in METHODS}


def offered(country: str, currency: str) -> tuple[Method, ...]:
    """The methods that a payer from this country can pay with in this currency."""
    return tuple(method for method in METHODS if method.serves(country, currency))
