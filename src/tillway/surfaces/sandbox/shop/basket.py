"""What the shop sells, and the basket: read from a form, bounded, and priced by the shop and never by the browser."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final

MOST_OF_ONE: Final = 9
_LONGEST_AMOUNT = 12


@dataclass(frozen=True, slots=True)
class Article:
    """One thing to buy; `code` names its picture and its field in the form, and is what texts are found by."""

    code: str
    price: Decimal


GOODS: Final = (
    Article("notebook", Decimal("14.90")),
    Article("pencils", Decimal("8.90")),
    Article("print", Decimal("29.90")),
)

COUNTRIES: Final = ("NL", "BE", "DE", "FR", "NO", "CZ", "SK", "GB", "US")
"""Where payers of the shop live: which methods they are offered hangs on it."""


LANGUAGES: Final = ("en", "nl", "fr", "de", "nb", "sk", "cs")
"""What the payment can be shown in, whatever the shop speaks itself."""


@dataclass(frozen=True, slots=True)
class Basket:
    """How many of each article, by its code, and the payer's country (ISO 3166-1 alpha-2) and language (ISO 639-1)."""

    counts: Mapping[str, int]
    country: str
    language: str

    @property
    def total(self) -> Decimal:
        """What it costs, in the major unit."""
        return sum((article.price * self.counts[article.code] for article in GOODS), Decimal())


def full_basket(language: str) -> Basket:
    """One of each, to begin with, for somebody who reads the shop in this language."""
    return Basket({article.code: 1 for article in GOODS}, COUNTRIES[0], language)


def read_basket(form: Mapping[str, str], language: str) -> Basket:
    """The basket that a form tells of.

    What it says that cannot be is taken for none, for the first country, or for the `language` of the page.
    """
    counts = {article.code: _count(form.get(article.code, "")) for article in GOODS}
    country, chosen = form.get("country", ""), form.get("language", "")
    return Basket(
        counts, country if country in COUNTRIES else COUNTRIES[0], chosen if chosen in LANGUAGES else language
    )


def read_amount(text: str) -> Decimal | None:
    """An amount as people write it (`99.50`, `99,50`); None where there is none. The gateway says what it must be."""
    try:
        amount = Decimal(text.strip()[:_LONGEST_AMOUNT].replace(",", "."))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() else None


def _count(text: str) -> int:
    return min(int(text), MOST_OF_ONE) if text.isascii() and text.isdigit() and len(text) < 4 else 0
