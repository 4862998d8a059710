"""The banks that one connector asks (ASPSPs, account servicing payment service providers), and how each is reached."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from tillway.connectors.berlin.seal import Seal

SEPA: Final = "sepa-credit-transfers"
INSTANT_SEPA: Final = "instant-sepa-credit-transfers"
EURO: Final = "EUR"


@dataclass(frozen=True, slots=True)
class Aspsp:
    """One bank, by the id it has in the directory; `url` is what stands before `/v1`, without a slash at the end.

    `pages` are the web origins of its own pages: payers are sent nowhere else. `product` is what it calls credit
    transfers in euro, `domestic` those in any other currency; where that is empty, it makes none. `headers` go with
    every request (an aggregator's key), `tls` has our certificate (QWAC), and `seal` signs (QSealC).
    """

    id: str
    url: str
    pages: tuple[str, ...]
    product: str = SEPA
    domestic: str = ""
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    tls: ssl.SSLContext | None = field(default=None, repr=False)
    seal: Seal | None = field(default=None, repr=False)

    def product_for(self, currency: str) -> str:
        """What it calls credit transfers in a currency; empty if it makes none."""
        return self.product if currency == EURO else self.domestic
