"""A past for a database: as many payments as wanted, over ten days, with books that are right."""

from collections.abc import Iterator

from bench.load.requests import AMOUNT_MINOR
from bench.loading import Fill, load, tidy
from bench.mirror.recording import Life, expired, paid
from bench.seeding import Shop, tools_of
from tillway.commands.settlement import roll_up_next_day
from tillway.commands.tools import Tools
from tillway.domain.giftcards import GiftCard
from tillway.domain.ids import CardId
from tillway.domain.schedules import DAY, SECOND
from tillway.store.steps import Load, Program, Update, Write

DAYS = 10
AGO = 12
"""The past begins so many days ago; it ends early enough for the last of its payments to have expired."""

PIECE = 2_000


async def make(shop: Shop, payments: int) -> int:
    """Of ten payments eight were paid with one card, one with two, and one expired; then every day is closed.

    Answers how many were paid.
    """
    one, two, none = await paid(shop.client, 1), await paid(shop.client, 2), await expired(shop.client)
    async with tools_of(shop.settings) as tools:
        past = _Past(tools, shop, (one,) * 8 + (two, none), payments)
        await load(shop.database, past.payments())
        await past.settle_cards()
        while await roll_up_next_day(tools):
            pass
    await tidy(shop.database)
    return past.paid


class _Past:
    def __init__(self, tools: Tools, shop: Shop, lives: tuple[Life, ...], payments: int) -> None:
        self._tools = tools
        self._lives = lives
        self._count = payments
        self.paid = 0
        self._cards = [(tools.vault.card_id(number), number[-5:]) for number in shop.numbers]
        self._spent: dict[CardId, int] = dict.fromkeys((card for card, _ in self._cards), 0)

    def payments(self) -> Iterator[tuple[Life, Fill]]:
        """Every payment's life and what is filled into it, oldest first."""
        begin = self._tools.now() - AGO * DAY
        make_id, cards, spent = self._tools.ids.make, self._cards, self._spent
        pace = DAYS * DAY // self._count
        for number in range(self._count):
            life = self._lives[number % len(self._lives)]
            opened = begin + number * pace
            ends = opened + DAY
            acted = opened + 20 * SECOND if life.cards else ends
            fill: dict[str, object] = {"opened": opened, "acted": acted, "ends": ends}
            fill |= {"order": make_id(opened)[:33], "act": make_id(acted)[:33]}
            self.paid += bool(life.cards)
            for place in range(len(life.cards)):
                card, last5 = cards[(number + place) % len(cards)]
                fill[f"card{place + 1}"], fill[f"mask{place + 1}"] = card, last5
                spent[card] += AMOUNT_MINOR // len(life.cards)
            yield life, fill

    async def settle_cards(self) -> None:
        """Take from the cards what their payments took."""
        ids = sorted(self._spent)
        for begin in range(0, len(ids), PIECE):
            await self._tools.store.write(self._take(ids[begin : begin + PIECE]))

    def _take(self, ids: list[CardId]) -> Program[None]:
        cards: list[GiftCard] = yield Load(GiftCard, ("id",), ids, lock=True)
        changed = [card.with_money(card.balance - self._spent[card.id], card.held) for card in cards]
        yield Write([Update(GiftCard, changed)])
