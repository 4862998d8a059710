"""What the pretend banks' pages show, as values."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from tillway.domain.money import Money
from tillway.domain.pretended_banks import Account, PretendBank, Proof, User


class Fault(Enum):
    """Why the customer has to try again."""

    NOBODY = "nobody"
    NO_ACCOUNT = "no_account"
    WRONG_CODE = "wrong_code"


class Ending(Enum):
    """How a payment's page ends."""

    PROCESSING = "processing"
    BOOKED = "booked"
    REJECTED = "rejected"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Summary:
    """What the customer is asked for, by which bank; `back` is where the gateway waits, empty where nobody said."""

    bank: str
    amount: Money
    creditor: str
    iban: str
    remittance: str
    back: str


@dataclass(frozen=True, slots=True)
class FrontPage:
    """What the banks publish."""

    banks: Sequence[PretendBank]
    users: Sequence[User]


@dataclass(frozen=True, slots=True)
class LoginPage:
    """The customer says who it is, or picks one of the published users."""

    summary: Summary
    users: Sequence[User]
    fault: Fault | None = None


@dataclass(frozen=True, slots=True)
class AccountPage:
    """The customer chooses the account that pays."""

    summary: Summary
    accounts: Sequence[Account]
    fault: Fault | None = None


@dataclass(frozen=True, slots=True)
class ProofPage:
    """The customer agrees as the bank wants it; `code` is what the text message would have said."""

    summary: Summary
    proof: Proof
    debtor_iban: str
    code: str
    fault: Fault | None = None


@dataclass(frozen=True, slots=True)
class EndPage:
    """There is nothing more to do here; `reason` is the bank's code (ISO 20022) where it was rejected."""

    summary: Summary
    ending: Ending
    reason: str = ""


Page = FrontPage | LoginPage | AccountPage | ProofPage | EndPage
