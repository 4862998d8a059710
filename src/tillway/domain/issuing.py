"""Making gift cards, and what may be done to them afterwards."""

from collections.abc import Sequence
from dataclasses import replace

from tillway.domain import ledger
from tillway.domain.book import Book
from tillway.domain.decision import Decision, Row, Stamp
from tillway.domain.giftcards import CARD, NUMBER_LENGTH, CardState, GiftCard, check_digit
from tillway.domain.ids import CardId
from tillway.domain.ledger import Transfer, TransferKind
from tillway.domain.refusals import CardExists, CardUnknown

MOST_IN_A_CALL = 500
LARGEST_BALANCE = 1_000_000_00
"""No card is issued with more, in minor units."""


def full_number(prefix: str, serial: int) -> str:
    """The 19 digits of the card of an issuer (prefix) with this serial, check digit included."""
    digits = f"{prefix}{serial:0{NUMBER_LENGTH - 1 - len(prefix)}d}"
    if len(digits) != NUMBER_LENGTH - 1:
        raise ValueError("the serial is too long for the prefix")
    return digits + check_digit(digits)


def issue(book: Book, cards: Sequence[GiftCard], stamp: Stamp) -> Decision[tuple[GiftCard, ...]]:
    """Put cards into the books: what they are worth is the issuer's liability. Refuses: CardExists."""
    if len(cards) > MOST_IN_A_CALL:
        raise ValueError(f"at most {MOST_IN_A_CALL} cards in one call")
    added: list[Row] = []
    for number, card in enumerate(cards, 1):
        if book.find(GiftCard, card.id) is not None:
            raise CardExists
        added.append(card)
        if card.balance:
            added.append(
                Transfer(
                    stamp.id(number),
                    TransferKind.ISSUE,
                    card.balance,
                    card.currency,
                    ledger.issuer_liability(card.issuer_id, card.currency),
                    ledger.card(card.id, card.currency),
                    "",
                    0,
                    0,
                    stamp.now,
                )
            )
    return Decision(tuple(cards), tuple(added))


def set_state(book: Book, card_id: CardId, state: CardState) -> Decision[GiftCard]:
    """Activate or block a card; one that is so already stays as it is. Refuses: CardUnknown."""
    card = _known(book, card_id)
    if card.state is state:
        return Decision(card)
    changed = replace(card, state=CARD.advance(card.state, state))
    return Decision(changed, (), (changed,))


def extend(book: Book, card_id: CardId, expires_at: int) -> Decision[GiftCard]:
    """Give a card another expiry, earlier or later. Refuses: CardUnknown."""
    changed = replace(_known(book, card_id), expires_at=expires_at)
    return Decision(changed, (), (changed,))


def _known(book: Book, card_id: CardId) -> GiftCard:
    card = book.find(GiftCard, card_id)
    if card is None:
        raise CardUnknown
    return card
