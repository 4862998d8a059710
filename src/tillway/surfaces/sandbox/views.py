"""What the sandbox's pages show, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import Enum

from tillway.commands.statement_files import StatementTaken
from tillway.domain.money import Money
from tillway.domain.statements import BankEntry, Statement


class Behaviour(Enum):
    """How a test card behaves when it is used; the number is the error code that a till will see."""

    NORMAL = "normal"
    EMPTY = "empty"
    EXPIRED = "expired"
    CVC_UNREADABLE = "cvc_unreadable"
    ISSUER_SILENT = "issuer_silent"
    ISSUER_SILENT_BUT_PAID = "issuer_silent_but_paid"
    ISSUER_FAILING = "issuer_failing"


class CardFault(Enum):
    """Why no card was made; `CardForm` names the field it belongs to."""

    CLIENT_UNKNOWN = "client_unknown"
    AMOUNT_UNREADABLE = "amount_unreadable"
    AMOUNT_OUT_OF_RANGE = "amount_out_of_range"
    COUNT_OUT_OF_RANGE = "count_out_of_range"
    VENDOR_UNKNOWN = "vendor_unknown"
    DAY_UNREADABLE = "day_unreadable"
    DAY_OUT_OF_RANGE = "day_out_of_range"
    BEHAVIOUR_UNKNOWN = "behaviour_unknown"


@dataclass(frozen=True, slots=True)
class CardForm:
    """The fields of the card generator as they were typed."""

    client_id: str
    amount: str
    count: str
    vendor: str
    last_day: str
    behaviour: str


@dataclass(frozen=True, slots=True)
class TestCard:
    """A test card in the clear, to be copied or scanned."""

    number: str = field(repr=False)
    cvc: str = field(repr=False)
    balance: Money
    last_day: date


@dataclass(frozen=True, slots=True)
class CardGeneratorPage:
    """`faults` are by field name; `vendors` are id and name; `cards` are those just made."""

    form: CardForm
    faults: Mapping[str, CardFault]
    vendors: tuple[tuple[str, str], ...]
    cards: tuple[TestCard, ...]


@dataclass(frozen=True, slots=True)
class HomePage:
    """Where to look first; `commands` is a payment to paste into a shell.

    `shop` and `banks` are the addresses of the demo shop and of the pretended banks, or empty. `api_key` and
    `tenant_key` are for the web payments API, `order_id` and `order_secret` for that of payment orders; empty in a
    sandbox that has no client of it.
    """

    url: str
    client_id: str
    client_secret: str = field(repr=False)
    cards: tuple[TestCard, ...]
    commands: str = field(repr=False)
    shop: str = ""
    api_key: str = ""
    tenant_key: str = field(default="", repr=False)
    banks: str = ""
    order_id: str = ""
    order_secret: str = field(default="", repr=False)


class FileFault(Enum):
    """Why nothing of a file was booked."""

    MISSING = "missing"
    TOO_LARGE = "too_large"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class FileRefusal:
    """`reason` says, in English, what is wrong in a file that was REFUSED, and where."""

    fault: FileFault
    reason: str = ""


@dataclass(frozen=True, slots=True)
class StatementsPage:
    """`taken` are the statements of the file just sent, with what became of their entries; `known` the newest of all.

    `waiting` are entries that a person has to decide about, `account` is what was typed as the account of a CSV file,
    and `example` a small statement of this sandbox (empty if nobody here is paid by bank).
    """

    account: str
    refusal: FileRefusal | None
    taken: tuple[StatementTaken, ...]
    known: tuple[Statement, ...]
    waiting: tuple[BankEntry, ...]
    example: bytes = field(default=b"", repr=False)


Page = CardGeneratorPage | HomePage | StatementsPage
