"""What a client may search its payment orders and payments by, and a page of what was found."""

from enum import StrEnum

from tillway.domain.values import value

MOST_COUNTED = 10_000
"""How many rows of one search are counted; what is beyond them is found by going from page to page."""


class Subject(StrEnum):
    """What is searched for. Payments are those of payers; refunds are listed with their order."""

    ORDERS = "orders"
    PAYMENTS = "payments"


class SortField(StrEnum):
    """What a list may be sorted by; rows that are alike in it stand in the order of their ids."""

    CREATED_AT = "createdAt"
    ID = "id"
    AMOUNT = "amount"
    STATUS = "status"
    CURRENCY = "currency"
    INSTRUCTION_ID = "instructionId"
    EXTERNAL_ID = "externalId"
    VARIABLE_SYMBOL = "variableSymbol"
    REFERENCE = "reference"


ANY_SIZE = frozenset({SortField.CREATED_AT, SortField.ID, SortField.AMOUNT, SortField.STATUS})
"""Lists of any length may be sorted by these; by the others those of at most MOST_COUNTED rows."""


@value
class AmountRange:
    """Amounts from `low` to `high` minor units, of the currencies whose major unit has `exponent` decimals."""

    exponent: int
    low: int
    high: int


@value
class Sought:
    """What rows have to be like; empty (of amounts and times: None) where anything will do.

    `message` is a part of what the payer reads, all other texts are the whole of theirs. `amounts` are ranges of which
    one has to hold; where a currency is sought, too, they are of its kind. `created_from` and `created_to` are
    milliseconds UTC, both inclusive. Orders are searched by what the bank is told of their first payment.
    """

    id: str = ""
    instruction_id: str = ""
    external_id: str = ""
    creditor_iban: str = ""
    bank_id: str = ""
    amounts: tuple[AmountRange, ...] | None = None
    currency: str = ""
    variable_symbol: str = ""
    constant_symbol: str = ""
    specific_symbol: str = ""
    reference: str = ""
    message: str = ""
    statuses: tuple[str, ...] = ()
    created_from: int | None = None
    created_to: int | None = None


@value
class Place:
    """Where a row stands in a list: by what it is sorted (milliseconds, for times), and its id."""

    key: str | int
    id: str


@value
class Wanted:
    """A part of a list: `limit` rows behind `place`, or (`backwards`) before it; without a place behind `skip` rows."""

    sort: SortField
    descending: bool
    limit: int
    skip: int = 0
    place: Place | None = None
    backwards: bool = False


@value
class Bounds:
    """How much one search reads: up to `few` rows it looks at every one and sorts them. It counts `counted` at most,
    and where it has to look at each row that it counts, no more than `looked_at`.
    """

    few: int = 2000
    looked_at: int = 1000
    counted: int = MOST_COUNTED


@value
class Page:
    """The places of the rows found, in the list's order; whether there are `more` beyond them, the way they were read.

    `count` is how many rows the list has; if it `is_bounded` there may be more than that.
    """

    places: tuple[Place, ...]
    more: bool
    count: int
    is_bounded: bool
