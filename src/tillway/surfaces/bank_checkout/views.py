"""What each page of a payment order shows, as values: enough to draw it, and nothing that may not be seen."""

from dataclasses import dataclass
from enum import Enum

from tillway.connectors.protocol import Step
from tillway.domain.money import Money
from tillway.surfaces.common.transfer_codes import TransferCode


class IbanFault(Enum):
    """Why what was entered is not the IBAN of an account."""

    MISSING = "missing"
    COUNTRY = "country"
    FORM = "form"
    LENGTH = "length"
    CHECK_DIGITS = "check_digits"


class Leaving(Enum):
    """Why somebody goes without having paid."""

    CANCEL = "cancel"
    NO_BANK = "no_bank"


class Ending(Enum):
    """How a payment, or a refund, ended without any money; NEVER_HEARD: the bank has not told, so there may be some."""

    FAILED = "failed"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    NEVER_HEARD = "never_heard"


class LinkFault(Enum):
    """Why an address opens nothing."""

    EXPIRED = "expired"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Summary:
    """What is paid to whom, and why; `outgoing` tells a refund. Texts are empty where there is nothing.

    `merchant` is who sent the payer here, `payee` the name of the account that is paid, of a refund at least its IBAN.
    """

    payee: str
    merchant: str
    amount: Money
    outgoing: bool = False
    variable_symbol: str = ""
    constant_symbol: str = ""
    specific_symbol: str = ""
    reference: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class BankRow:
    """A bank that can be chosen, or a group with `rows` in it.

    `around` are the names of the groups that it is in, outermost first, told where it stands outside of them. `words`
    is what it is found by, folded as `listing.folded` does. `logo` is an address of ours, or empty.
    """

    id: str
    name: str
    country: str
    words: str
    logo: str = ""
    around: tuple[str, ...] = ()
    rows: "tuple[BankRow, ...]" = ()

    @property
    def initials(self) -> str:
        """What stands where there is no logo."""
        letters = [word[0] for word in self.name.replace("(", " ").split() if word[0].isalnum()]
        return "".join(letters[:2]).upper()


@dataclass(frozen=True, slots=True)
class Choosing:
    """What was asked of the list of banks, and what there is.

    `countries` are ISO 3166-1 alpha-2. `elsewhere` says that what was looked for is only there in other countries,
    `cut` that there is more than is shown. `used` is the bank of an earlier visit, `wanted` the one that was named with
    the order.
    """

    countries: tuple[str, ...]
    country: str
    query: str
    rows: tuple[BankRow, ...]
    used: BankRow | None = None
    wanted: BankRow | None = None
    elsewhere: bool = False
    cut: bool = False


@dataclass(frozen=True, slots=True)
class ChooserPage:
    """Somebody may choose the bank that pays.

    `call_key` makes the choice happen once, however often its form arrives. `pay_until` is the last moment
    (microseconds UTC), to be shown by the clock of `zone`. `link` carries the page to a phone.
    """

    summary: Summary
    choosing: Choosing
    call_key: str
    pay_until: int
    zone: str
    link: str


@dataclass(frozen=True, slots=True)
class AccountPage:
    """The bank wants to be told the account that pays; `iban` is what was entered and is not one."""

    summary: Summary
    bank: BankRow
    call_key: str
    iban: str = ""
    fault: IbanFault | None = None


@dataclass(frozen=True, slots=True)
class TransferPage:
    """How to transfer the money without us, until when it has to be there, and where to go afterwards.

    `alone` says that there is no other way of paying.
    """

    summary: Summary
    iban: str
    bic: str
    amount: str
    codes: tuple[TransferCode, ...]
    pay_until: int
    zone: str
    return_to: str
    alone: bool


@dataclass(frozen=True, slots=True)
class LeavePage:
    """Asks whether somebody means to go; `may_transfer` offers the other way."""

    summary: Summary
    leaving: Leaving
    may_transfer: bool


@dataclass(frozen=True, slots=True)
class WaitingPage:
    """The bank has not said yes or no; whoever pays goes on at `step_url`, where there is one.

    `returning` says that they come from the bank, and go on to `return_to` by themselves once it is known.
    """

    summary: Summary
    step_url: str
    return_to: str
    returning: bool = False


@dataclass(frozen=True, slots=True)
class StepPage:
    """What the bank wants next, on our page: an input, or a confirmation in its app; or it is at work.

    `refused` says that it asks again for what it was just given.
    """

    summary: Summary
    bank: str
    step: Step
    refused: bool = False


@dataclass(frozen=True, slots=True)
class ReceiptPage:
    """The bank has promised the money, or (`booked`) moved it."""

    summary: Summary
    booked: bool
    done_at: int
    zone: str
    return_to: str


@dataclass(frozen=True, slots=True)
class EndedPage:
    """It ended without being paid, for a word of `domain/reasons.py` if it failed; `late` came all the same."""

    summary: Summary
    ending: Ending
    reason: str
    return_to: str
    late: Money | None = None


@dataclass(frozen=True, slots=True)
class NoPaymentPage:
    """The link is too old, or not one of ours; nothing of any payment is shown."""

    fault: LinkFault


Page = (
    ChooserPage
    | AccountPage
    | TransferPage
    | LeavePage
    | WaitingPage
    | StepPage
    | ReceiptPage
    | EndedPage
    | NoPaymentPage
)
