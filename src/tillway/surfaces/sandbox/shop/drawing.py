"""The shop's pages as bytes, with the code beside them that does the same in a program of one's own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Final

import msgspec
from babel import Locale

from tillway.domain.money import Money, exponent
from tillway.surfaces.common.barcodes import qr_svg
from tillway.surfaces.common.languages import format_money
from tillway.surfaces.common.serving import Pages
from tillway.surfaces.sandbox.shop.basket import COUNTRIES, GOODS, LANGUAGES, MOST_OF_ONE, Basket
from tillway.surfaces.sandbox.shop.integrator import Keys
from tillway.surfaces.sandbox.shop.memory import Said, Sale

STATIC_PREFIX: Final = "/static"

_FOLDER = Path(__file__).parent
_SNIPPETS = _FOLDER / "snippets"


def shop_pages() -> Pages:
    """The templates and static files of the shop; its texts are among the sandbox's."""
    return Pages(_FOLDER / "templates", _FOLDER / "static", _FOLDER.parent / "locales", static_prefix=STATIC_PREFIX)


@dataclass(frozen=True, slots=True)
class Places:
    """How the payer's browser reaches the gateway, the pretend acquirer and this shop."""

    gateway: str
    acquirer: str
    shop: str


@dataclass(frozen=True, slots=True)
class Snippets:
    """Code to copy, with this sandbox's own credentials in it."""

    page: str
    initiate: str
    postback: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """Draws the shop's pages; amounts are in `currency`."""

    pages: Pages
    currency: str

    def front(
        self, basket: Basket, sales: Sequence[Sale], refusal: Said | None, snippets: Snippets, language: str
    ) -> bytes:
        """The basket, the ways to pay, and the code behind them."""
        return self._page(
            "front.html",
            language,
            basket=basket,
            goods=GOODS,
            countries=COUNTRIES,
            tongues=LANGUAGES,
            most_of_one=MOST_OF_ONE,
            sales=sales,
            refusal=refusal,
            snippets=snippets,
        )

    def sale(self, sale: Sale, places: Places, snippets: Snippets, api_key: str, language: str) -> bytes:
        """One sale: the payment to be paid, and what the gateway tells of it."""
        _ = self.pages.text(language)
        link = str(sale.initiation.get("paymentLinkUrl", ""))
        qr = qr_svg(link, _("QR code of the link")) if link else ""
        return self._page(
            "sale.html", language, sale=sale, places=places, snippets=snippets, api_key=api_key, link=link, qr=qr
        )

    def live(self, sale: Sale, language: str) -> bytes:
        """The part of a sale's page that changes while one looks at it."""
        return self._page("live.html", language, sale=sale)

    def forgotten(self, language: str) -> bytes:
        """There is no such sale, or there have been too many since."""
        return self._page("forgotten.html", language)

    def _page(self, template: str, language: str, **more: object) -> bytes:
        def price(amount: Decimal) -> str:
            return format_money(money_of(amount, self.currency), language)

        def country_name(country: str) -> str:
            return Locale.parse(language).territories[country]

        def language_name(name: str) -> str:
            return Locale.parse(language).languages[name]

        return self.pages.render(
            template,
            language,
            languages=self.pages.languages.choices,
            currency=self.currency,
            price=price,
            country_name=country_name,
            language_name=language_name,
            shown=indented,
            **more,
        )


def snippets_of(places: Places, keys: Keys, session_token: str = "") -> Snippets:
    """The code for this sandbox; without a session token, with the place where it goes."""
    known = {
        "<gateway>": places.gateway,
        "<shop>": places.shop,
        "<api key>": keys.api_key,
        "<tenant key>": keys.tenant_key,
        "<api secret>": keys.api_secret.strip(),
        "<signing secret>": keys.signing_secret,
        "<session token>": session_token or "…",
    }
    return Snippets(*(_filled(name, known) for name in ("page.html", "initiate.py.txt", "postback.py.txt")))


def money_of(amount: Decimal, currency: str) -> Money:
    """An amount in the major unit as money; what the currency cannot express is cut off."""
    return Money(int(amount.scaleb(exponent(currency))), currency)


def indented(text: str) -> str:
    """An answer as one reads it: JSON with a line for each member, anything else as it came."""
    try:
        return msgspec.json.format(text, indent=2)
    except msgspec.DecodeError:
        return text


def _filled(name: str, known: Mapping[str, str]) -> str:
    text = (_SNIPPETS / name).read_text(encoding="utf-8")
    for mark, value in known.items():
        text = text.replace(mark, value)
    return text
