"""What tests of money in doubt share: a till whose cards belong to an issuer far away, and a look at where money is."""

import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from tests import gateway
from tests.connectors.issuer import SECRET, PretendIssuer, pretend_issuer
from tests.gateway import clock_of
from tillway.commands import giftcards
from tillway.commands.cards import IssuedCard
from tillway.commands.giftcards import CardPart
from tillway.commands.tools import Tools
from tillway.connectors.addresses import Reach
from tillway.connectors.http import HttpIssuer, HttpIssuerConnector
from tillway.connectors.outbound import Outbound
from tillway.domain.clients import Client
from tillway.domain.ids import PaymentId
from tillway.domain.replays import Replay
from tillway.domain.standing import Standing
from tillway.queries import ledger, payments
from tillway.store.committer import Recall
from tillway.store.finding import find_card
from tillway.workers.resolve import Resolver

LIMIT_SECONDS = 0.3


@dataclass(frozen=True, slots=True)
class Till:
    """A client and what it works with."""

    tools: Tools
    client: Client

    async def open(self, amount: int) -> PaymentId:
        """A fresh payment."""
        return (await gateway.payment(self.tools, self.client, amount)).payment.id

    async def pay(self, payment: PaymentId, cards: Sequence[IssuedCard], *, key: str = "", amount: int = 0) -> Standing:
        """Pay with cards in this order; all but the last give `amount`. Raises what the command refuses."""
        parts = [CardPart(card.number, "", amount if place < len(cards) - 1 else 0) for place, card in enumerate(cards)]
        recall = Recall(self.client.id, key, "same", self.tools.now(), _final) if key else None
        done = await giftcards.perform(self.tools, self.client, payment, parts, (gateway.PREFIX,), recall=recall)
        return await self.standing(payment) if isinstance(done, Replay) else done

    async def standing(self, payment: PaymentId) -> Standing:
        """How it stands."""
        return await payments.standing_of(self.tools.store, self.client, payment)

    async def money(self, card: IssuedCard) -> tuple[int, int]:
        """Balance and reserve of a card."""
        found = await self.tools.store.read(find_card(card.card.id))
        assert found is not None
        return found.balance, found.held

    async def resolve(self, seconds: float = 11) -> None:
        """Let time pass, and have everything asked that is due then, until nothing more is."""
        clock_of(self.tools).advance(seconds)
        resolver = Resolver(self.tools)
        while await resolver.turn():
            pass

    async def proves_sound(self) -> None:
        """Fails unless every rule of the books holds."""
        assert (await ledger.verify(self.tools.store)).violations == ()


def _final(standing: Standing) -> tuple[int, str] | None:
    return None if standing.awaits_issuer() else (200, "{}")


@asynccontextmanager
async def with_far_issuer(tools: Tools) -> AsyncGenerator[tuple[Till, PretendIssuer]]:
    """A till in a gateway that also has the connector `far`, to an issuer over HTTP that remembers."""
    outbound = Outbound(Reach.SANDBOX)
    async with pretend_issuer() as issuer:
        speaks = HttpIssuer(issuer.url, SECRET, LIMIT_SECONDS)
        connector = HttpIssuerConnector(speaks, outbound, time.time)
        far = replace(tools, connectors={**tools.connectors, "far": connector})
        yield Till(far, await gateway.client(far)), issuer
    await outbound.close()
