"""The pretend banks of the sandbox: which there are, how each lets its customers in, and who its customers are.

None of them exists. Each is an ASPSP of its own that speaks the Berlin Group's framework; what becomes of a payment is
decided by the user name that the payer gives, and every bank has the same users.
"""

from enum import StrEnum
from functools import cache
from typing import Final

from tillway.domain.banks import Bank, BankKind
from tillway.domain.schedules import SECOND
from tillway.domain.values import value


class Approach(StrEnum):
    """How a bank authenticates its customers, in the standard's words."""

    REDIRECT = "REDIRECT"
    EMBEDDED = "EMBEDDED"
    DECOUPLED = "DECOUPLED"


class Proof(StrEnum):
    """What a customer does to agree: press a button, type the code of a text message, or agree in an app."""

    CONFIRM = "confirm"
    SMS = "sms"
    PUSH = "push"


SEPA: Final = "sepa-credit-transfers"
INSTANT: Final = "instant-sepa-credit-transfers"


@value
class PretendBank:
    """One bank as the directory has it; `code` is that of its accounts, `domestic` its product beside euro."""

    bank: Bank
    code: str
    approach: Approach = Approach.REDIRECT
    proof: Proof = Proof.CONFIRM
    product: str = SEPA
    domestic: str = ""

    @property
    def products(self) -> frozenset[str]:
        """The payment products that it has."""
        return frozenset({self.product, self.domestic} - {""})


@value
class Account:
    """An account of a customer; what is on it is in minor units, in the currency of the payment."""

    iban: str
    name: str
    balance: int


@value
class User:
    """A published user name, and what becomes of a payment that this customer authorises.

    `reason` is why it is refused (ISO 20022), if it is; it is decided `waits` microseconds later, and a negative wait
    lasts until somebody else decides. Meanwhile the bank has `promised` it or not. `is_silent`: nobody is told any
    status. `is_late`: booked only after somebody wanted it cancelled. `wavers`: booked, then for a while not yet, as
    from a copy that lags behind.
    """

    name: str
    reason: str = ""
    waits: int = 0
    promised: bool = False
    is_silent: bool = False
    is_late: bool = False
    wavers: bool = False


CONFIRMED_SECONDS: Final = 30

BOOKS: Final = User("books")
WAITS: Final = User("pending", waits=-1)
PROMISES: Final = User("confirmed", waits=-1, promised=True)
REJECTED: Final = User("rejected", "MS03")

USERS: Final = (
    BOOKS,
    User("confirms", waits=CONFIRMED_SECONDS * SECOND, promised=True),
    User("fails", "MS03", waits=CONFIRMED_SECONDS * SECOND, promised=True),
    User("nomoney", "AM04"),
    User("aml", "RR04"),
    REJECTED,
    User("cancels", "CUST"),
    User("silent", is_silent=True),
    User("late", waits=-1, is_late=True),
    User("wavers", wavers=True),
    WAITS,
    PROMISES,
)
"""What every bank publishes."""

USERS_BY_NAME: Final = {user.name: user for user in USERS}

PASSWORD: Final = "1234"  # noqa: S105 - published
"""The password of every user, where a bank asks for one."""


def _bank(
    identity: str, name: str, country: str, bic: str, kind: BankKind = BankKind.BANK, group: str = "", iban: int = 0
) -> Bank:
    return Bank(identity, name, country, bic, kind, "", group, "", iban)


_GROUPS: Final = (
    _bank("javor", "Javor", "SK", "", BankKind.MAIN_GROUP),
    _bank("javor-firmy", "Javor pre firmy", "SK", "", BankKind.PRODUCT_GROUP, "javor"),
)

BANKS: Final = (
    PretendBank(_bank("karpatska", "Karpatská banka", "SK", "KARPSKB1"), "9901"),
    PretendBank(_bank("dunajska", "Dunajská sporiteľňa", "SK", "DUNASKB1"), "9902", proof=Proof.SMS),
    PretendBank(_bank("javor-osobny", "Javor osobný účet", "SK", "JAVOSKB1", group="javor"), "9903", proof=Proof.PUSH),
    PretendBank(
        _bank("javor-podnikatel", "Javor Podnikateľ", "SK", "JAVOSKB1", group="javor-firmy"), "9903", proof=Proof.SMS
    ),
    PretendBank(_bank("javor-korporat", "Javor Korporát", "SK", "JAVOSKB1", group="javor-firmy"), "9903"),
    PretendBank(
        _bank("vltavska", "Vltavská banka", "CZ", "VLTACZP1"), "9911", proof=Proof.SMS, domestic="cz-credit-transfers"
    ),
    PretendBank(
        _bank("moravska", "Moravská záložna", "CZ", "MORACZP1"),
        "9912",
        proof=Proof.PUSH,
        domestic="cz-credit-transfers",
    ),
    PretendBank(_bank("wislany", "Bank Wiślany", "PL", "WISLPLP1", iban=1), "99000002", domestic="pl-credit-transfers"),
    PretendBank(
        _bank("baltycki", "Bank Bałtycki", "PL", "BALTPLP1"),
        "99100005",
        Approach.REDIRECT,
        Proof.PUSH,
        SEPA,
        "pl-credit-transfers",
    ),
    PretendBank(_bank("rheinspar", "Rhein-Sparbank", "DE", "RHEIDE51"), "99000001", Approach.EMBEDDED, Proof.SMS),
    PretendBank(_bank("isar", "Isar Bank", "DE", "ISARDE51"), "99000002", Approach.DECOUPLED, Proof.PUSH),
    PretendBank(_bank("elbe", "Elbe Sofortbank", "DE", "ELBEDE51"), "99000003", product=INSTANT),
    PretendBank(_bank("donau", "Donaubank", "AT", "DONAATW1"), "99001"),
    PretendBank(_bank("alpen", "Alpenbank", "AT", "ALPEATW1"), "99002", proof=Proof.PUSH),
)
"""All that can be chosen. Their codes and BICs are nobody's."""

BY_ID: Final = {one.bank.id: one for one in BANKS}


def directory_of(connector: str) -> tuple[Bank, ...]:
    """The pretend banks and their groups as a payer's choice, groups first; `connector` asks them."""
    chosen = tuple(_through(one.bank, connector) for one in BANKS)
    return (*_GROUPS, *chosen)


def _through(bank: Bank, connector: str) -> Bank:
    return Bank(
        bank.id, bank.name, bank.country, bank.bic, bank.kind, connector, bank.group, bank.logo_url, bank.needs_iban
    )


@cache
def accounts_of(bank_id: str) -> tuple[Account, ...]:
    """The accounts that every customer of a bank has."""
    bank = BY_ID[bank_id]
    return tuple(
        Account(_iban(bank.bank.country, bank.code, number), name, balance) for number, name, balance in _ACCOUNTS
    )


_ACCOUNTS = ((1_000, "current", 100_000_000), (2_000, "savings", 25_000_000), (3_000, "empty", 1))


def _iban(country: str, code: str, number: int) -> str:
    """The IBAN (ISO 13616) of the first valid account number from `number` on."""
    width = _ACCOUNT_DIGITS[country]
    while country in _MODULO_11 and not _passes_modulo_11(f"{number:010d}"):
        number += 1
    bban = f"{code}{number:0{width}d}"
    letters = "".join(str(int(letter, 36)) for letter in f"{country}00")
    return f"{country}{98 - int(bban + letters) % 97:02d}{bban}"


_ACCOUNT_DIGITS = {"SK": 16, "CZ": 16, "PL": 16, "DE": 10, "AT": 11}
_MODULO_11 = frozenset({"SK", "CZ"})
_WEIGHTS = (6, 3, 7, 9, 10, 5, 8, 4, 2, 1)


def _passes_modulo_11(digits: str) -> bool:
    """Whether an account number is one that Czech and Slovak banks give."""
    return sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, digits, strict=True)) % 11 == 0
