"""Asking for a card's balance: who may, and how wrong guesses are counted."""

from tillway.domain.book import Book
from tillway.domain.clients import Client
from tillway.domain.decision import Decision
from tillway.domain.giftcards import CardState, GiftCard
from tillway.domain.guesses import Guesses, is_used_up, of_card
from tillway.domain.ids import CardId
from tillway.domain.refusals import (
    CardEmpty,
    CardExpired,
    CardNotActive,
    CardRefusal,
    CardUnknown,
    CvcRefused,
    Refusal,
    TooManyTries,
    VendorNotAccepted,
)
from tillway.domain.spending import check_numbers, count_guess
from tillway.domain.values import value


@value
class BalanceAsked:
    """The card asked for, as in `Spend`; `scopes` are the counters of who asks, none for an API."""

    number: str
    card: CardId
    cvc_digest: str
    scopes: tuple[str, ...]
    prefixes: tuple[str, ...]

    @property
    def guess_scopes(self) -> tuple[str, ...]:
        """Every counter that a wrong guess adds to."""
        return (*self.scopes, of_card(self.card)) if self.scopes or self.cvc_digest else ()


def look(book: Book, caller: Client, asked: BalanceAsked, now: int) -> Decision[GiftCard | Refusal]:
    """The card, if the caller accepts it, it can be used, and the CVC (when one was sent) is right.

    An API is told the first number of its table that there is reason for. Where scopes say who asks, every wrong number
    counts as a guess, too many close the door, and nothing is told of a card to someone who does not know its CVC.
    """
    if asked.scopes:
        return _look_for_someone(book, caller, asked, now)
    check_numbers((asked.number,), asked.prefixes)
    card = _existing(book, caller, asked)
    _check_worth(card, caller, now)
    if asked.cvc_digest:
        if not card.cvc_digest or _is_closed(book, asked, now):
            raise CvcRefused
        if asked.cvc_digest != card.cvc_digest:
            return count_guess(book, asked.guess_scopes, now, CvcRefused())
    _check_active(card)
    return Decision(card)


def _look_for_someone(book: Book, caller: Client, asked: BalanceAsked, now: int) -> Decision[GiftCard | Refusal]:
    if _is_closed(book, asked, now):
        raise TooManyTries
    try:
        check_numbers((asked.number,), asked.prefixes)
        card = _existing(book, caller, asked)
    except CardRefusal as refusal:
        return count_guess(book, asked.scopes, now, refusal)
    if not asked.cvc_digest or asked.cvc_digest != card.cvc_digest:
        return count_guess(book, asked.guess_scopes, now, CvcRefused())
    _check_worth(card, caller, now)
    _check_active(card)
    return Decision(card)


def _is_closed(book: Book, asked: BalanceAsked, now: int) -> bool:
    return any(is_used_up(scope, book.find(Guesses, scope), now) for scope in asked.guess_scopes)


def _existing(book: Book, caller: Client, asked: BalanceAsked) -> GiftCard:
    card = book.find(GiftCard, asked.card)
    if card is None or card.currency != caller.currency:
        raise CardUnknown
    return card


def _check_worth(card: GiftCard, caller: Client, now: int) -> None:
    if not caller.accepts(card.issuer_id):
        raise VendorNotAccepted
    if now >= card.expires_at:
        raise CardExpired
    if card.balance == 0:
        raise CardEmpty


def _check_active(card: GiftCard) -> None:
    if card.state is not CardState.ACTIVE:
        raise CardNotActive
