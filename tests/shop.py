"""A shop on a running server: a merchant, tills with credentials of their own, and cards to pay with."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import aiohttp
from sqlalchemy import func, select

from tests import gateway
from tests.clients.document import read_document
from tests.clients.till import Till
from tests.server import Server, beside, set_clock
from tillway.commands.cards import IssuedCard
from tillway.commands.tools import Tools
from tillway.domain.clients import Issuer
from tillway.domain.giftcards import GiftCard
from tillway.domain.ids import CardId
from tillway.queries.giftcards import card
from tillway.queries.ledger import verify
from tillway.store import schema

OTHER_PREFIX = "606200"
"""What numbers of the second issuer begin with, whose cards the shop's own till does not accept."""

HOSTS = ("localhost", "127.0.0.1", "shop.example")

WRITTEN_BY_WORKERS = frozenset({"tries", "receivers", "daily_balances"})
"""Tables that change by themselves a while after a payment."""

_numbers = count(1)


@dataclass(slots=True)
class Shop:
    """The shop's own `till`, the tools beside its server, and everything that must never be seen in a log.

    Every answer to one of its tills is held against the API's own document.
    """

    server: Server
    tools: Tools
    session: aiohttp.ClientSession
    till: Till
    signing_secret: str
    unmentionable: set[str] = field(default_factory=set[str])

    async def cards(self, *balances: int, **plan: Any) -> list[IssuedCard]:
        """Fresh cards, one for each balance (minor units); `plan` as for `gateway.cards`."""
        await set_clock(self.tools)
        issued = await gateway.cards(self.tools, *balances, **plan)
        self.unmentionable |= {one.number for one in issued}
        return issued

    async def card(self, balance: int, **plan: Any) -> IssuedCard:
        """One fresh card."""
        return (await self.cards(balance, **plan))[0]

    async def other_issuer(self) -> Issuer:
        """An issuer whose cards the shop's own till does not accept."""
        return await _other_issuer(self.tools)

    async def other_till(self, *, merchant: str = "Corner shop", vendors: tuple[str, ...] = ("sandbox",)) -> Till:
        """A new till of this merchant, or of another."""
        made = await gateway.credentials(
            self.tools, f"till-{next(_numbers)}", merchant_name=merchant, vendors=vendors, hosts=HOSTS
        )
        self.unmentionable |= {made.secret, made.signing_secret}
        return Till(self.session, self.server.url, made.client.id, made.secret, self.till.witness)

    async def books(self, number: str) -> GiftCard:
        """A card as it stands in the books."""
        found = await card(self.tools.store, CardId(self.tools.vault.card_id(number)))
        assert found is not None
        return found

    async def state_of_books(self) -> dict[str, int]:
        """How many rows each table has, and all that is on cards: the same if nothing was changed.

        What the workers write about earlier payments meanwhile does not count.
        """
        rows = {
            name: (await self.tools.store.fetch(select(func.count()).select_from(table)))[0][0]
            for name, table in schema.metadata.tables.items()
            if name not in WRITTEN_BY_WORKERS
        }
        cards = schema.gift_cards
        on_cards = (await self.tools.store.fetch(select(func.sum(cards.c.balance + cards.c.held))))[0][0]
        return rows | {"on cards": int(on_cards or 0)}

    def leaks(self) -> list[str]:
        """Which of the unmentionable the server has mentioned."""
        said = self.server.said()
        return [text for text in self.unmentionable if text in said]


@asynccontextmanager
async def open_shop(server: Server) -> AsyncGenerator[Shop]:
    """A shop on a server; when it closes, what the server said is searched for secrets, and the books are proven."""
    async with (
        beside(server) as tools,
        aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=30), connector=aiohttp.TCPConnector(limit=0)
        ) as session,
    ):
        made = await gateway.credentials(tools, f"till-{next(_numbers)}", hosts=HOSTS)
        await _other_issuer(tools)
        document = await read_document(session, server.url)
        till = Till(session, server.url, made.client.id, made.secret, document.check)
        shop = Shop(server, tools, session, till, made.signing_secret, {made.secret, made.signing_secret})
        yield shop
        assert shop.leaks() == []
        verdict = await verify(tools.store)
        assert verdict.is_sound, verdict.violations


async def _other_issuer(tools: Tools) -> Issuer:
    return await gateway.issuer(tools, "other-cards", OTHER_PREFIX)
