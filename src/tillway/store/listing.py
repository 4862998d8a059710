"""Programs and searches that list records for operators: merchants, clients, and cards by their last digits."""

from typing import Any

from sqlalchemy import Select, func, select

from tillway.domain.clients import Client, Merchant
from tillway.domain.giftcards import GiftCard
from tillway.domain.hooks import Hook
from tillway.domain.ids import CardId
from tillway.store import schema
from tillway.store.steps import Load, LoadAll, Program


def find_merchants() -> Program[list[Merchant]]:
    """Every merchant."""
    return (yield LoadAll(Merchant))


def find_clients() -> Program[list[Client]]:
    """Every client."""
    return (yield LoadAll(Client))


def find_all_hooks() -> Program[list[Hook]]:
    """Every hook of every client, by client and number."""
    hooks: list[Hook] = yield LoadAll(Hook)
    return sorted(hooks, key=lambda hook: (hook.client_id, hook.number))


def find_cards(ids: list[CardId]) -> Program[list[GiftCard]]:
    """The cards with these ids."""
    return (yield Load(GiftCard, ("id",), sorted(ids)))


def ids_by_ending(last5: str, limit: int) -> Select[Any]:
    """The ids of cards whose numbers end in these five digits, newest first; it reads every card."""
    cards = schema.gift_cards.c
    return select(cards.id).where(cards.last5 == last5).order_by(cards.created_at.desc(), cards.id).limit(limit)


def count_issuers(*, live: bool) -> Select[Any]:
    """How many issuers of live cards, or of test cards, there are."""
    return select(func.count()).where(schema.issuers.c.live == int(live))
