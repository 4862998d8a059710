"""Bank statements: what an account's bank tells of it, and what became of every entry."""

from enum import StrEnum
from hashlib import sha256
from typing import NewType

from tillway.domain.ids import MerchantId, PaymentId
from tillway.domain.machine import Machine
from tillway.domain.values import value

StatementId = NewType("StatementId", str)
EntryId = NewType("EntryId", str)
"""32 hexadecimal digits that begin with the day, so that entries of a day lie beside each other in every index."""


class EntryState(StrEnum):
    """What became of an entry.

    MATCHED: all of it belongs to a payment, or was kept. REVIEW: a person has to decide about what is left of it.
    UNMATCHED: it belongs to nothing we know. IGNORED: a person has set it aside. RETURNING: what is left of it goes
    back to whoever paid; RETURNED: the bank has shown that it went.
    """

    MATCHED = "MATCHED"
    REVIEW = "REVIEW"
    UNMATCHED = "UNMATCHED"
    IGNORED = "IGNORED"
    RETURNING = "RETURNING"
    RETURNED = "RETURNED"


_E = EntryState

ENTRY = Machine(
    "entry",
    {
        _E.UNMATCHED: frozenset({_E.MATCHED, _E.REVIEW, _E.IGNORED, _E.RETURNING}),
        _E.REVIEW: frozenset({_E.MATCHED, _E.IGNORED, _E.RETURNING}),
        _E.IGNORED: frozenset({_E.MATCHED, _E.REVIEW, _E.RETURNING}),
        _E.RETURNING: frozenset({_E.RETURNED, _E.REVIEW}),
        _E.MATCHED: frozenset(),
        _E.RETURNED: frozenset(),
    },
)
"""RETURNING → REVIEW: a person has taken back what was not written to a file yet."""

DECIDABLE = frozenset({EntryState.UNMATCHED, EntryState.REVIEW, EntryState.IGNORED})
"""A person may decide about entries in these states."""


class Cause(StrEnum):
    """Why a person has to decide about an entry.

    NEAR: it looks like a payment, but is not surely it. PART, OVER: less, or more, came than was asked for. LATE: its
    payment is over, or paid already. DIFFERS: the amount is not that of what went out. REVERSAL: the bank undoes an
    earlier entry. DOUBT: a bank may have taken the same money and has not said so yet. NAMELESS: it should go back, and
    the account it came from is not told.
    """

    NEAR = "near"
    PART = "part"
    OVER = "over"
    LATE = "late"
    DIFFERS = "differs"
    REVERSAL = "reversal"
    DOUBT = "doubt"
    NAMELESS = "nameless"


class Handling(StrEnum):
    """What a merchant does with money that is not what was asked for: keeps it, gives it back, or decides each time."""

    ACCEPT = "accept"
    REFUND = "refund"
    HOLD = "hold"


@value
class EntryPolicy:
    """How a merchant handles what came in part, what came too much of, and what came too late."""

    merchant_id: MerchantId
    part: Handling = Handling.HOLD
    over: Handling = Handling.HOLD
    late: Handling = Handling.HOLD


@value
class StatementTold:
    """One statement of a file: `digest` is the file's, `place` the statement's in it, counted from 1.

    `name` is the bank's name for it. Days are counted from 1970, 0 where not told.
    """

    account: str
    currency: str
    name: str
    from_on: int
    to_on: int
    digest: str
    place: int


@value
class StatementEnded:
    """The end of a statement: balances in minor units, negative where overdrawn, 0 where not told.

    `adds_up` (0 or 1) says that both were told and agree with the entries.
    """

    opening: int
    closing: int
    adds_up: int
    entry_count: int


@value
class Statement:
    """A statement that is being read, or was (`is_read`, 0 or 1); the rest as in StatementTold and StatementEnded."""

    id: StatementId
    merchant_id: MerchantId
    account: str
    currency: str
    name: str
    from_on: int
    to_on: int
    digest: str
    place: int
    opening: int
    closing: int
    adds_up: int
    entry_count: int
    is_read: int
    created_at: int


@value
class EntryTold:
    """What a bank tells of money that came to an account (`is_credit`) or left it: `amount` minor units, more than 0.

    `bank_reference` is the bank's own, `reference` the structured creditor reference, `remittance` the text. Texts are
    empty where nothing is told; days are counted from 1970. A reversal undoes an earlier entry.
    """

    account: str
    currency: str
    amount: int
    is_credit: int
    is_reversal: int
    booked_on: int
    value_on: int
    bank_reference: str
    end_to_end_id: str
    variable_symbol: str
    constant_symbol: str
    specific_symbol: str
    reference: str
    remittance: str
    counterparty_name: str
    counterparty_iban: str
    counterparty_bic: str


@value
class BankEntry:
    """An entry as it is kept: what the bank told (`EntryTold`), and what became of it.

    `payment_id` is the payment that it belongs to or may belong to, `attempt` the attempt that it settles with
    `settled` minor units (0: none). `kept` of it are the merchant's without a payment. `score` says how well it fits,
    `cause` why a person has to decide. `batch_id` is the file with which it goes back; `returns` the entry that this
    one, a debit, gives back. Texts are empty where there is nothing.
    """

    id: EntryId
    merchant_id: MerchantId
    statement_id: StatementId
    account: str
    currency: str
    amount: int
    is_credit: int
    is_reversal: int
    booked_on: int
    value_on: int
    bank_reference: str
    end_to_end_id: str
    variable_symbol: str
    constant_symbol: str
    specific_symbol: str
    reference: str
    remittance: str
    counterparty_name: str
    counterparty_iban: str
    counterparty_bic: str
    state: EntryState
    payment_id: PaymentId
    attempt: int
    settled: int
    kept: int
    score: int
    cause: str
    batch_id: str
    returns: str
    created_at: int
    changed_at: int

    @property
    def left(self) -> int:
        """What of it belongs to nothing yet, in minor units."""
        return self.amount - self.settled - self.kept


def statement_id(merchant: MerchantId, told: StatementTold) -> StatementId:
    """The id of a statement: the same file gives the same."""
    return StatementId(_digest(merchant, told.digest, str(told.place))[:32])


def likeness(told: EntryTold) -> str:
    """What tells an entry from others of its account: the bank's reference, else everything that it says.

    Two of one statement may be alike all the same: then they are counted (`entry_id`).
    """
    common = (told.account, told.currency, str(told.booked_on), str(told.amount), str(told.is_credit))
    if told.bank_reference:
        return _digest(*common, told.bank_reference)
    return _digest(
        *common,
        "",
        str(told.value_on),
        str(told.is_reversal),
        told.end_to_end_id,
        told.variable_symbol,
        told.constant_symbol,
        told.specific_symbol,
        told.reference,
        told.remittance,
        told.counterparty_iban,
        told.counterparty_name,
    )


def entry_id(merchant: MerchantId, told: EntryTold, alike: str, occurrence: int) -> EntryId:
    """The id of the entry that is number `occurrence` of those alike in its statement, whatever file tells it."""
    return EntryId(f"{max(told.booked_on, 0):05x}"[:5] + _digest(merchant, alike, str(occurrence))[:27])


def fresh_entry(
    identity: EntryId, merchant: MerchantId, statement: StatementId, told: EntryTold, now: int
) -> BankEntry:
    """An entry that nothing is known of yet."""
    return BankEntry(
        identity,
        merchant,
        statement,
        told.account,
        told.currency,
        told.amount,
        told.is_credit,
        told.is_reversal,
        told.booked_on,
        told.value_on,
        told.bank_reference,
        told.end_to_end_id,
        told.variable_symbol,
        told.constant_symbol,
        told.specific_symbol,
        told.reference,
        told.remittance,
        told.counterparty_name,
        told.counterparty_iban,
        told.counterparty_bic,
        EntryState.UNMATCHED,
        PaymentId(""),
        0,
        0,
        0,
        0,
        "",
        "",
        "",
        now,
        now,
    )


def _digest(*parts: str) -> str:
    told = sha256()
    for part in parts:
        encoded = part.encode()
        told.update(len(encoded).to_bytes(4, "big"))
        told.update(encoded)
    return told.hexdigest()
