"""What each hosted page shows, as values: enough to draw it, and nothing that may not be seen."""

from dataclasses import dataclass
from datetime import date
from enum import Enum

from tillway.domain.money import Money

MOST_CARDS = 10
"""How many cards one visit may lay on the tray."""


class EntryFault(Enum):
    """Why the card just entered was not taken; REFUSED covers a wrong number and a wrong CVC alike."""

    NUMBER_MISSING = "number_missing"
    NUMBER_LENGTH = "number_length"
    NUMBER_INVALID = "number_invalid"
    CVC_MISSING = "cvc_missing"
    CVC_FORM = "cvc_form"
    REFUSED = "refused"
    NOT_ACCEPTED = "not_accepted"
    EXPIRED = "expired"
    EMPTY = "empty"
    NOT_ACTIVE = "not_active"
    ALREADY_THERE = "already_there"
    TRAY_FULL = "tray_full"
    TOO_MANY = "too_many"

    @property
    def is_about_cvc(self) -> bool:
        """Whether the reader should look at the CVC field, rather than at the number."""
        return self in {EntryFault.CVC_MISSING, EntryFault.CVC_FORM}


class Setback(Enum):
    """Why nothing was taken when the payer pressed Pay."""

    DISAGREED = "disagreed"
    CHANGED = "changed"
    ISSUER_FAILED = "issuer_failed"


class Ending(Enum):
    """How a payment ended without being paid."""

    ABORTED = "aborted"
    EXPIRED = "expired"


class LinkFault(Enum):
    """Why a link opens no payment."""

    EXPIRED = "expired"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class EnteredCard:
    """A card on the tray; `place` counts from 1, `covers` is what it will pay of its `balance`."""

    place: int
    number: str
    balance: Money
    covers: Money
    last_day: date


@dataclass(frozen=True, slots=True)
class SpentCard:
    """A card that has paid; `left` is its balance afterwards, None for anybody but the one who entered it."""

    number: str
    paid: Money
    left: Money | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """What the payment is about; `paid` was taken before this visit."""

    merchant: str
    reference: str
    total: Money
    paid: Money

    @property
    def due(self) -> Money:
        """What is still to be paid."""
        return self.total - self.paid


@dataclass(frozen=True, slots=True)
class OpenPage:
    """The payer may add cards and pay.

    `number` is what stood in the field when the entry failed. `pay_key` makes the payment happen once, however often
    the form arrives.
    """

    summary: Summary
    spent: tuple[SpentCard, ...]
    entered: tuple[EnteredCard, ...]
    pay_key: str
    number: str = ""
    fault: EntryFault | None = None
    setback: Setback | None = None
    just_added: bool = False

    @property
    def covered(self) -> Money:
        """What the cards on the tray will pay together."""
        return Money(sum(card.covers.minor for card in self.entered), self.summary.total.currency)

    @property
    def rest(self) -> Money:
        """What will still be due after the cards on the tray."""
        return self.summary.due - self.covered


@dataclass(frozen=True, slots=True)
class CancelPage:
    """Asks whether the payer means to cancel."""

    summary: Summary


@dataclass(frozen=True, slots=True)
class CheckingPage:
    """An issuer has not answered yet; nothing is taken twice and nothing is lost."""

    summary: Summary


@dataclass(frozen=True, slots=True)
class ReceiptPage:
    """The payment is complete; `return_to` is where the payer goes next, empty when there is nowhere."""

    summary: Summary
    spent: tuple[SpentCard, ...]
    refunded: Money
    return_to: str
    completed_at: int
    zone: str


@dataclass(frozen=True, slots=True)
class EndedPage:
    """The payment ended without being paid; `given_back` is what its cards got back."""

    summary: Summary
    ending: Ending
    given_back: Money
    return_to: str


@dataclass(frozen=True, slots=True)
class NoPaymentPage:
    """The link is too old, or not one of ours; nothing of any payment is shown."""

    fault: LinkFault


Page = OpenPage | CancelPage | CheckingPage | ReceiptPage | EndedPage | NoPaymentPage
