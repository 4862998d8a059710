"""What each hosted page shows, as values: enough to draw it, and nothing that may not be seen."""

from dataclasses import dataclass
from datetime import date
from enum import Enum

from tillway.domain.methods import Method
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
    """Why nothing came of it when the payer pressed Pay, or (NOT_UNDONE) turned to another way of paying."""

    DISAGREED = "disagreed"
    CHANGED = "changed"
    ISSUER_FAILED = "issuer_failed"
    NOT_UNDONE = "not_undone"


class Ending(Enum):
    """How a payment ended without being paid."""

    ABORTED = "aborted"
    EXPIRED = "expired"
    FAILED = "failed"


class LinkFault(Enum):
    """Why an address opens no payment; SESSION_OVER is that of a page inside a shop's own."""

    EXPIRED = "expired"
    BROKEN = "broken"
    SESSION_OVER = "session_over"


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
class PaidElsewhere:
    """What was paid with another method, named by its code; `scheme` and `mask` are empty where nobody told them."""

    method: str
    scheme: str
    mask: str
    paid: Money


@dataclass(frozen=True, slots=True)
class Decline:
    """The last try, which came to nothing: of which method (its code), for which word of `domain/reasons.py`.

    `kept` says that gift cards were to pay a part of it, and keep their money.
    """

    method: str
    reason: str
    kept: bool


@dataclass(frozen=True, slots=True)
class Summary:
    """What the payment is about; `paid` was taken before this visit. Only gift cards pay it, unless `by_any_method`."""

    merchant: str
    reference: str
    total: Money
    paid: Money
    by_any_method: bool = False

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
class ChoicePage:
    """The payer may choose a method, and lay down gift cards for part of the amount; `cards` tells of those.

    `methods` pay what the cards do not. `pay_until` is the last moment (microseconds UTC), to be shown by the clock of
    `zone`. `link` carries the page to a phone, empty where it stays; `return_to` leads away without paying.
    """

    cards: OpenPage
    methods: tuple[Method, ...]
    takes_cards: bool
    pay_until: int
    zone: str
    decline: Decline | None = None
    link: str = ""
    return_to: str = ""

    @property
    def summary(self) -> Summary:
        """What the payment is about."""
        return self.cards.summary


@dataclass(frozen=True, slots=True)
class CancelPage:
    """Asks whether the payer means to cancel."""

    summary: Summary


@dataclass(frozen=True, slots=True)
class CheckingPage:
    """An issuer has not answered yet; nothing is taken twice and nothing is lost."""

    summary: Summary


@dataclass(frozen=True, slots=True)
class WaitingPage:
    """A far side has not said yes or no; `amount` is what `method` (its code) is to pay.

    The payer goes on at `step_url`, where there is one, or turns back and pays in another way.
    """

    summary: Summary
    method: str
    amount: Money
    step_url: str
    setback: Setback | None = None


@dataclass(frozen=True, slots=True)
class ReceiptPage:
    """The payment is complete; `return_to` is where the payer goes next, empty when there is nowhere.

    `late` came from a far side beside what was paid, and goes back. `earlier` says that the payment has been complete
    for a while: this is no longer the visit that paid it.
    """

    summary: Summary
    spent: tuple[SpentCard | PaidElsewhere, ...]
    refunded: Money
    return_to: str
    completed_at: int
    zone: str
    late: Money | None = None
    earlier: bool = False


@dataclass(frozen=True, slots=True)
class EndedPage:
    """The payment ended without being paid; `given_back` is what its cards got back.

    `late` came from a far side when it was over, and goes back; `decline` is the try that ended it.
    """

    summary: Summary
    ending: Ending
    given_back: Money
    return_to: str
    late: Money | None = None
    decline: Decline | None = None


@dataclass(frozen=True, slots=True)
class NoPaymentPage:
    """The link is too old, or not one of ours; nothing of any payment is shown."""

    fault: LinkFault


Page = OpenPage | ChoicePage | CancelPage | CheckingPage | WaitingPage | ReceiptPage | EndedPage | NoPaymentPage
