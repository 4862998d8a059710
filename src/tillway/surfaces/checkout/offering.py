"""Which methods a payment's payer is offered."""

from dataclasses import dataclass

from tillway.commands.tools import Tools
from tillway.domain.clients import Client
from tillway.domain.methods import Method, offered
from tillway.domain.payments import GIFT_CARD_METHOD
from tillway.domain.spending import Rest
from tillway.domain.standing import Standing
from tillway.queries.registry import Registry


@dataclass(frozen=True, slots=True)
class Offer:
    """The ways to pay one payment: `methods` of far sides, and whether gift cards may pay it or a part of it."""

    methods: tuple[Method, ...] = ()
    takes_cards: bool = False


@dataclass(frozen=True, slots=True)
class Offering:
    """Reads off country, currency, the client's wishes and what is connected which methods there are."""

    tools: Tools
    registry: Registry

    async def of(self, standing: Standing, client: Client) -> Offer:
        """What the payer of a payment may choose from, in the order to show it."""
        methods = [one for one in offered(standing.order.country, client.currency) if client.offers(one.code)]
        return Offer(
            tuple(one for one in methods if one.code in self.tools.methods and one.code != GIFT_CARD_METHOD),
            any(one.code == GIFT_CARD_METHOD for one in methods) and await self._has_cards(client),
        )

    def rest(self, code: str, offer: Offer) -> Rest | None:
        """Who pays with the method of this code; None for one that is not offered."""
        if all(one.code != code for one in offer.methods):
            return None
        return Rest(code, self.tools.methods[code])

    async def _has_cards(self, client: Client) -> bool:
        """Whether there are gift cards that the client accepts, in its currency."""
        issuers = (await self.registry.issuers()).by_id.values()
        return any(client.accepts(one.id) and one.currency == client.currency for one in issuers)
