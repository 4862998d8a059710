"""What the pretend acquirer's pages show, as values."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from tillway.domain.money import Money
from tillway.domain.published import PublishedNumber


class Fault(Enum):
    """Why the payer has to choose again."""

    NOT_PUBLISHED = "not_published"
    NO_BANK = "no_bank"


class Ending(Enum):
    """How a payment's page ends."""

    PROCESSING = "processing"
    PAID = "paid"
    DECLINED = "declined"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Summary:
    """What the payer is asked for; `back` is where the shop is, empty where nobody said."""

    amount: Money
    description: str
    back: str


@dataclass(frozen=True, slots=True)
class FrontPage:
    """What the acquirer publishes."""

    numbers: Sequence[PublishedNumber]


@dataclass(frozen=True, slots=True)
class CardPage:
    """The payer types a number, or picks one of the published ones."""

    summary: Summary
    numbers: Sequence[PublishedNumber]
    fault: Fault | None = None


@dataclass(frozen=True, slots=True)
class BankPage:
    """The payer chooses a bank; `banks` are code and name."""

    summary: Summary
    banks: Sequence[tuple[str, str]]
    fault: Fault | None = None


@dataclass(frozen=True, slots=True)
class ProofPage:
    """The payer's bank asks whether it is the payer, and right: a card's (`bank` is empty), or the one chosen.

    Where it `answers` nothing, the payer can only leave.
    """

    summary: Summary
    bank: str
    mask: str
    answers: bool = True


@dataclass(frozen=True, slots=True)
class EndPage:
    """There is nothing more to do here; `reason` is a word of ours where it was declined."""

    summary: Summary
    ending: Ending
    reason: str = ""


Page = FrontPage | CardPage | BankPage | ProofPage | EndPage
