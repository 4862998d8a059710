"""What the books say of gift cards."""

from tillway.domain.giftcards import GiftCard
from tillway.domain.ids import CardId
from tillway.store.finding import find_card
from tillway.store.protocol import Store


async def card(store: Store, card_id: CardId) -> GiftCard | None:
    """A gift card as it stands now."""
    return await store.read(find_card(card_id))
