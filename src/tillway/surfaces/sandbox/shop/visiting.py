"""What a visitor of the shop does: fill the basket, pay in the page or by a link, watch, ask, give money back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

import msgspec

from tillway.surfaces.common.security_headers import page_headers
from tillway.surfaces.common.site import PageRoute
from tillway.surfaces.common.visits import PageReply, Visit, see_other
from tillway.surfaces.sandbox.shop.basket import Basket, full_basket, read_amount, read_basket
from tillway.surfaces.sandbox.shop.drawing import Drawing, Places, snippets_of
from tillway.surfaces.sandbox.shop.integrator import Integrator, Keys, Refused
from tillway.surfaces.sandbox.shop.memory import Memory, Said, Sale, Way
from tillway.surfaces.sandbox.shop.postbacks import PATH as POSTBACKS

SHOWN_SALES: Final = 8
_REFUSED: Final = 502
"""The status of a page that has to tell of the gateway's refusal."""


@dataclass(frozen=True, slots=True)
class Around:
    """Where everybody is.

    `gateway` and `acquirer` as browsers reach them, `server` as the shop reaches the gateway, and `own` as the gateway
    reaches the shop.
    """

    gateway: str
    acquirer: str
    server: str
    own: str


@dataclass(frozen=True, slots=True)
class Shop:
    """The handlers of the shop's pages; `now` tells microseconds since 1970, UTC."""

    integrator: Integrator
    keys: Keys
    memory: Memory
    drawing: Drawing
    around: Around
    now: Callable[[], int]

    def routes(self) -> Sequence[PageRoute]:
        """Every page and form target."""
        return (
            PageRoute("GET", "/", self.look_around),
            PageRoute("POST", "/sales", self.sell),
            PageRoute("GET", "/sales/{reference}", self.look),
            PageRoute("GET", "/sales/{reference}/live", self.watch),
            PageRoute("POST", "/sales/{reference}/status", self.ask),
            PageRoute("POST", "/sales/{reference}/refunds", self.give_back),
            PageRoute("GET", "/back", self.come_back),
        )

    async def look_around(self, visit: Visit) -> PageReply:
        """The basket, full to begin with."""
        return self._front(visit, full_basket(visit.language()), None)

    async def sell(self, visit: Visit) -> PageReply:
        """Have the gateway open a payment, and go where it can be paid."""
        basket = read_basket(visit.form, visit.language())
        way = Way.LINK if visit.form.get("way") == Way.LINK.value else Way.WIDGET
        try:
            answer = await self.integrator.initiate(self._purchase(visit, basket), by_link=way is Way.LINK)
        except Refused as refusal:
            return self._front(visit, basket, Said(refusal.call, refusal.status, refusal.answer, refused=True))
        sale = Sale(str(answer.get("paymentReference", "")), way, basket.total, self.now(), answer)
        sale.said = Said(f"POST /paymentapi/v1/payments/{_INITIATIONS[way]}", 200, _text(answer))
        self.memory.add(sale)
        return see_other(_page_of(sale))

    async def look(self, visit: Visit) -> PageReply:
        """One sale."""
        sale = self._sale(visit)
        if sale is None:
            return self._forgotten(visit)
        places = self._places(visit)
        token = str(sale.initiation.get("sessionToken", ""))
        body = self.drawing.sale(
            sale, places, snippets_of(places, self.keys, token), self.keys.api_key, visit.language()
        )
        return PageReply(200, body, protection=page_headers(widgets=(self.around.gateway,)))

    async def watch(self, visit: Visit) -> PageReply:
        """What has changed meanwhile."""
        sale = self._sale(visit)
        return self._forgotten(visit) if sale is None else PageReply(200, self.drawing.live(sale, visit.language()))

    async def ask(self, visit: Visit) -> PageReply:
        """Ask the gateway how the payment stands."""
        sale = self._sale(visit)
        if sale is None:
            return self._forgotten(visit)
        try:
            answer = await self.integrator.look(sale.reference)
            sale.said = Said(f"GET /paymentapi/v1/payments/{sale.reference}", 200, _text(answer))
        except Refused as refusal:
            sale.refused(refusal)
        return see_other(_page_of(sale))

    async def give_back(self, visit: Visit) -> PageReply:
        """Ask for a refund: of an amount, or of all that is left."""
        sale = self._sale(visit)
        if sale is None:
            return self._forgotten(visit)
        amount = read_amount(visit.form.get("amount", "")) if visit.form.get("how") == "part" else None
        if amount is None and visit.form.get("how") == "part":
            return see_other(_page_of(sale))
        try:
            answer = await self.integrator.refund(sale.reference, amount, self.around.own + POSTBACKS)
            call = "PUT …/refund" if amount is None else "POST …/refunds"
            sale.said = Said(f"{call} ({sale.reference})", 202, _text(answer))
        except Refused as refusal:
            sale.refused(refusal)
        return see_other(_page_of(sale))

    async def come_back(self, visit: Visit) -> PageReply:
        """Where the gateway sends payers back to; what became of the payment is not in the address, so it is asked."""
        reference = visit.query.get("paymentReference", "")
        sale = self.memory.find(reference)
        return self._forgotten(visit) if sale is None else see_other(_page_of(sale))

    def _purchase(self, visit: Visit, basket: Basket) -> dict[str, Any]:
        return {
            "amount": basket.total,
            "originUrl": visit.origin,
            "returnUrl": f"{visit.origin}/back",
            "countryCode": basket.country,
            "language": basket.language,
            "postbackUrl": self.around.own + POSTBACKS,
        }

    def _front(self, visit: Visit, basket: Basket, refusal: Said | None) -> PageReply:
        snippets = snippets_of(self._places(visit), self.keys)
        body = self.drawing.front(basket, self.memory.newest(SHOWN_SALES), refusal, snippets, visit.language())
        return PageReply(200 if refusal is None else _REFUSED, body)

    def _places(self, visit: Visit) -> Places:
        return Places(self.around.gateway, self.around.acquirer, visit.origin)

    def _sale(self, visit: Visit) -> Sale | None:
        return self.memory.find(visit.path["reference"])

    def _forgotten(self, visit: Visit) -> PageReply:
        return PageReply(404, self.drawing.forgotten(visit.language()))


_INITIATIONS = {Way.WIDGET: "web", Way.LINK: "weblink"}


def _page_of(sale: Sale) -> str:
    return f"/sales/{quote(sale.reference, safe='')}"


def _text(answer: dict[str, Any]) -> str:
    return msgspec.json.encode(answer).decode()
