"""Acts on gift cards themselves: issue, activate, block, extend."""

import secrets
from dataclasses import dataclass, field

from tillway.commands.tools import Tools
from tillway.domain import issuing
from tillway.domain.book import Needs
from tillway.domain.clients import Issuer
from tillway.domain.giftcards import NUMBER_LENGTH, CardState, GiftCard
from tillway.domain.ids import CardId
from tillway.domain.refusals import CardExists

CVC_LENGTH = 3
_TRIES = 5


@dataclass(frozen=True, slots=True)
class IssuedCard:
    """A card with its number and CVC in the clear: for print, never for logs."""

    card: GiftCard
    number: str = field(repr=False)
    cvc: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class CardPlan:
    """How a card is to be: `balance` in minor units, `marker` digits that its serial begins with (test cards).

    Without `readable_cvc` the card's CVC record cannot be read.
    """

    balance: int
    expires_at: int
    state: CardState = CardState.ACTIVE
    connector: str = ""
    marker: str = ""
    readable_cvc: bool = True


async def issue(tools: Tools, issuer: Issuer, plan: CardPlan, count: int) -> list[IssuedCard]:
    """Issue `count` cards alike, at most 500, with serials and CVCs nobody can guess."""
    for _ in range(_TRIES):
        stamp = tools.stamp()
        cards = [_new_card(tools, issuer, plan, stamp.now) for _ in range(count)]
        rows = [issued.card for issued in cards]
        needs = Needs(cards=tuple(card.id for card in rows))
        try:
            await tools.committer.run(needs, lambda book, rows=rows, stamp=stamp: issuing.issue(book, rows, stamp))
        except CardExists:
            continue
        return cards
    raise CardExists


async def set_state(tools: Tools, card_id: CardId, state: CardState) -> GiftCard:
    """Activate or block a card. Refuses: CardUnknown."""
    return await tools.committer.run(Needs(cards=(card_id,)), lambda book: issuing.set_state(book, card_id, state))


async def extend(tools: Tools, card_id: CardId, expires_at: int) -> GiftCard:
    """Give a card another expiry. Refuses: CardUnknown."""
    return await tools.committer.run(Needs(cards=(card_id,)), lambda book: issuing.extend(book, card_id, expires_at))


def revealed(tools: Tools, card: GiftCard) -> IssuedCard:
    """A card with its number and CVC in the clear, for print and for connectors."""
    number, _, cvc = tools.vault.open(card.sealed).partition(";")
    return IssuedCard(card, number, cvc)


def _new_card(tools: Tools, issuer: Issuer, plan: CardPlan, now: int) -> IssuedCard:
    prefix = issuer.prefix + plan.marker
    serial = secrets.randbelow(10 ** (NUMBER_LENGTH - 1 - len(prefix)))
    number = issuing.full_number(prefix, serial)
    cvc = f"{secrets.randbelow(10**CVC_LENGTH):0{CVC_LENGTH}d}"
    vault = tools.vault
    card = GiftCard(
        vault.card_id(number),
        issuer.id,
        number[-5:],
        vault.seal(f"{number};{cvc}"),
        vault.cvc_digest(number, cvc) if plan.readable_cvc else "",
        plan.connector,
        issuer.currency,
        plan.balance,
        0,
        plan.state,
        now,
        plan.expires_at,
    )
    return IssuedCard(card, number, cvc)
