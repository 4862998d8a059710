"""What operators look up: merchants, clients, issuers, and cards whose number they only half know."""

from tillway.domain.clients import Client, Issuer, Merchant
from tillway.domain.giftcards import GiftCard
from tillway.domain.ids import CardId
from tillway.store.finding import find_issuers
from tillway.store.listing import count_issuers, find_cards, find_clients, find_merchants, ids_by_ending
from tillway.store.protocol import Store

MOST_CARDS = 100


async def merchants(store: Store) -> list[Merchant]:
    """Every merchant, oldest first."""
    return await store.read(find_merchants())


async def clients(store: Store) -> list[Client]:
    """Every client, by id."""
    return await store.read(find_clients())


async def issuers(store: Store) -> list[Issuer]:
    """Every issuer, by id."""
    return await store.read(find_issuers())


async def cards_ending_in(store: Store, last5: str) -> list[GiftCard]:
    """The cards whose numbers end in these digits, newest first, at most MOST_CARDS."""
    ids = [CardId(row[0]) for row in await store.fetch(ids_by_ending(last5, MOST_CARDS))]
    found = {card.id: card for card in await store.read(find_cards(ids))}
    return [found[card_id] for card_id in ids if card_id in found]


async def has_issuers(store: Store, *, live: bool) -> bool:
    """Whether there are issuers of live cards, or of test cards; a gateway serves one kind only."""
    return bool((await store.fetch(count_issuers(live=live)))[0][0])
