"""What a bank statement says, whatever format it came in: a head, its entries, and an end that says whether it adds up.

Every reader tells a statement in that order. A statement that contradicts itself (opening balance and entries do not
make the closing balance) raises StatementUnreadable in place of its end, after its entries were told: so whoever books
entries reads a file to its end before booking the first.
"""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class StatementHead:
    """One statement of one account. Balances are minor units, negative where the account is overdrawn.

    None stands for what is not told, or not yet: MT940 tells the closing balance last, and CSV seldom tells any.
    """

    statement_id: str
    account_iban: str
    currency: str
    opening_balance: int | None = None
    closing_balance: int | None = None
    from_on: date | None = None
    to_on: date | None = None


@dataclass(frozen=True, slots=True)
class StatementEntry:
    """Money that was booked to an account or from it (ISO 20022: Ntry, or one TxDtls of a batch).

    `amount` is in minor units and more than 0; `is_credit` says that the account got it. `bank_reference` is the
    bank's own (AcctSvcrRef) and may be empty; where a batch gives several entries the same, "/1", "/2" … is added.
    `reference` is the structured creditor reference, `remittance` the unstructured text. A reversal undoes an earlier
    entry: its direction is that of the money now. Texts are empty where nothing is told; symbols keep leading zeros.
    """

    account_iban: str
    currency: str
    amount: int
    is_credit: bool
    booked_on: date
    value_on: date
    bank_reference: str = ""
    end_to_end_id: str = ""
    variable_symbol: str = ""
    constant_symbol: str = ""
    specific_symbol: str = ""
    remittance: str = ""
    reference: str = ""
    counterparty_name: str = ""
    counterparty_iban: str = ""
    counterparty_bic: str = ""
    is_reversal: bool = False
    status: str = "BOOK"


@dataclass(frozen=True, slots=True)
class StatementEnd:
    """The end of a statement: how many entries were told, and how many skipped for they are not booked or move nothing.

    `adds_up` says that both balances were told and agree with the entries; False, that there was nothing to compare.
    """

    statement_id: str
    account_iban: str
    closing_balance: int | None
    entries: int
    skipped: int
    adds_up: bool


StatementItem = StatementHead | StatementEntry | StatementEnd


class StatementUnreadable(Exception):
    """A file that is not a statement we can read, with the reason and the place, and nothing of what it holds."""

    def __init__(self, reason: str, place: str = "") -> None:
        super().__init__(f"{place}: {reason}" if place else reason)
        self.reason = reason
        self.place = place
