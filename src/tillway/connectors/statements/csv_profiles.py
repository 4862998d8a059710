"""The CSV files of banks that we read, as a table: which header means which bank, and what its columns say.

Our own, "generic", is what any other export can be brought into: comma, UTF-8, and the header
account,date,amount,currency,direction,vs,ss,ks,reference,message,name,iban,id with ISO dates, a decimal point, and the
direction "credit" or "debit"; `account`, `date`, `amount` and `currency` are needed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final


class Column(Enum):
    """What a column can say; the first row below are those that no profile can do without."""

    AMOUNT, CURRENCY, BOOKED_ON = "amount", "currency", "booked_on"
    ACCOUNT = "account"
    VALUE_ON = "value_on"
    DIRECTION = "direction"
    BANK_REFERENCE = "bank_reference"
    END_TO_END_ID = "end_to_end_id"
    VARIABLE_SYMBOL = "variable_symbol"
    SPECIFIC_SYMBOL = "specific_symbol"
    CONSTANT_SYMBOL = "constant_symbol"
    REFERENCE = "reference"
    REMITTANCE = "remittance"
    NAME = "name"
    COUNTERPARTY = "counterparty"
    COUNTERPARTY_BANK = "counterparty_bank"
    COUNTERPARTY_BIC = "counterparty_bic"


class Sign(Enum):
    """How a row says whether money came or went."""

    OF_AMOUNT = "a minus before the amount"
    OF_DIRECTION = "a word in a column"


class Above(Enum):
    """What lines above the header can say, as "name;value"."""

    ACCOUNT = "account"
    OPENING_BALANCE = "opening_balance"
    CLOSING_BALANCE = "closing_balance"
    FROM_ON = "from_on"
    TO_ON = "to_on"
    STATEMENT_ID = "statement_id"


@dataclass(frozen=True, slots=True)
class CsvProfile:
    """One kind of file. Names of columns are compared without case, and each has one or more spellings.

    A header is this profile's if it has every column of `needed`. `date_format` is as `strptime` takes it; `groups` are
    the characters that may stand between thousands. Encodings are tried in their order.
    """

    name: str
    delimiter: str
    columns: Mapping[Column, tuple[str, ...]]
    needed: frozenset[Column]
    date_format: str
    sign: Sign
    decimal_mark: str = ","
    groups: str = " \N{NO-BREAK SPACE}"
    encodings: tuple[str, ...] = ("utf-8", "cp1250", "latin-1")
    above: Mapping[str, Above] = field(default_factory=dict[str, Above])
    credit_words: frozenset[str] = frozenset()
    debit_words: frozenset[str] = frozenset()


_ALWAYS: Final = frozenset({Column.AMOUNT, Column.CURRENCY, Column.BOOKED_ON})

GENERIC: Final = CsvProfile(
    name="generic",
    delimiter=",",
    columns={
        Column.ACCOUNT: ("account",),
        Column.BOOKED_ON: ("date",),
        Column.AMOUNT: ("amount",),
        Column.CURRENCY: ("currency",),
        Column.DIRECTION: ("direction",),
        Column.VARIABLE_SYMBOL: ("vs",),
        Column.SPECIFIC_SYMBOL: ("ss",),
        Column.CONSTANT_SYMBOL: ("ks",),
        Column.REFERENCE: ("reference",),
        Column.REMITTANCE: ("message",),
        Column.NAME: ("name",),
        Column.COUNTERPARTY: ("iban",),
        Column.BANK_REFERENCE: ("id",),
    },
    needed=_ALWAYS | {Column.ACCOUNT, Column.DIRECTION},
    date_format="%Y-%m-%d",
    sign=Sign.OF_DIRECTION,
    decimal_mark=".",
    groups="",
    encodings=("utf-8",),
    credit_words=frozenset({"credit"}),
    debit_words=frozenset({"debit"}),
)

FIO: Final = CsvProfile(
    name="fio",
    delimiter=";",
    columns={
        Column.BANK_REFERENCE: ("ID pohybu", "ID operace"),
        Column.BOOKED_ON: ("Datum",),
        Column.AMOUNT: ("Objem",),
        Column.CURRENCY: ("Měna",),
        Column.COUNTERPARTY: ("Protiúčet",),
        Column.NAME: ("Název protiúčtu",),
        Column.COUNTERPARTY_BANK: ("Kód banky",),
        Column.CONSTANT_SYMBOL: ("KS",),
        Column.VARIABLE_SYMBOL: ("VS",),
        Column.SPECIFIC_SYMBOL: ("SS",),
        Column.REMITTANCE: ("Zpráva pro příjemce",),
        Column.END_TO_END_ID: ("Reference plátce",),
        Column.COUNTERPARTY_BIC: ("BIC",),
    },
    needed=_ALWAYS | {Column.BANK_REFERENCE, Column.COUNTERPARTY, Column.COUNTERPARTY_BANK},
    date_format="%d.%m.%Y",
    sign=Sign.OF_AMOUNT,
    above={
        "iban": Above.ACCOUNT,
        "openingbalance": Above.OPENING_BALANCE,
        "closingbalance": Above.CLOSING_BALANCE,
        "datestart": Above.FROM_ON,
        "dateend": Above.TO_ON,
        "idlist": Above.STATEMENT_ID,
    },
)

TATRA_BANKA: Final = CsvProfile(
    name="tatra-banka",
    delimiter=";",
    columns={
        Column.ACCOUNT: ("IBAN účtu",),
        Column.BOOKED_ON: ("Dátum zaúčtovania", "Dátum"),
        Column.VALUE_ON: ("Dátum splatnosti", "Valuta"),
        Column.AMOUNT: ("Suma",),
        Column.CURRENCY: ("Mena",),
        Column.VARIABLE_SYMBOL: ("Variabilný symbol", "VS"),
        Column.SPECIFIC_SYMBOL: ("Špecifický symbol", "Špec. symbol", "ŠS", "SS"),
        Column.CONSTANT_SYMBOL: ("Konštantný symbol", "Konšt. symbol", "KS"),
        Column.END_TO_END_ID: ("Referencia platiteľa", "Referencia"),
        Column.REMITTANCE: ("Správa pre príjemcu", "Informácia pre príjemcu"),
        Column.NAME: ("Názov protiúčtu", "Meno protistrany"),
        Column.COUNTERPARTY: ("Protiúčet", "IBAN protiúčtu", "Účet protistrany"),
        Column.COUNTERPARTY_BANK: ("Kód banky",),
        Column.COUNTERPARTY_BIC: ("BIC",),
        Column.BANK_REFERENCE: ("ID transakcie", "Referencia banky"),
    },
    needed=_ALWAYS | {Column.VARIABLE_SYMBOL},
    date_format="%d.%m.%Y",
    sign=Sign.OF_AMOUNT,
    encodings=("utf-8", "cp1250"),
    above={"výpis z účtu": Above.ACCOUNT, "iban": Above.ACCOUNT, "účet": Above.ACCOUNT},
)

PROFILES: Final = (GENERIC, FIO, TATRA_BANKA)
"""In the order in which a header is held against them."""
