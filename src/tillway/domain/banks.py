"""The banks that payers can choose from: a directory of at most three levels, and who is asked about each."""

from collections.abc import Iterable
from enum import StrEnum

from tillway.domain.values import value


class BankKind(StrEnum):
    """BANK can be chosen; a group only holds others: MAIN_GROUP a bank's brands, PRODUCT_GROUP its kinds of access."""

    BANK = "BANK"
    MAIN_GROUP = "MAIN_GROUP"
    PRODUCT_GROUP = "PRODUCT_GROUP"


@value
class Bank:
    """`country` is ISO 3166-1 alpha-2; `connector` is who is asked about it, empty for a group.

    `group` is the id of the group it is in, empty at the top. `needs_iban` (0 or 1) says that the bank wants to be told
    the account that pays before its customer comes.
    """

    id: str
    name: str
    country: str
    bic: str
    kind: BankKind = BankKind.BANK
    connector: str = ""
    group: str = ""
    logo_url: str = ""
    needs_iban: int = 0


class Directory:
    """All banks of a gateway, in the order in which they are shown."""

    __slots__ = ("_by_id", "banks")

    def __init__(self, banks: Iterable[Bank] = ()) -> None:
        self.banks = tuple(banks)
        self._by_id = {bank.id: bank for bank in self.banks}

    def find(self, bank_id: str) -> Bank | None:
        """The bank (not the group) with this id."""
        bank = self._by_id.get(bank_id)
        return bank if bank is not None and bank.kind is BankKind.BANK else None

    def within(self, group: str, country: str = "") -> tuple[Bank, ...]:
        """The banks and groups directly in a group (empty: at the top), of one country if that is given."""
        return tuple(bank for bank in self.banks if bank.group == group and country in ("", bank.country))

    @property
    def countries(self) -> tuple[str, ...]:
        """The countries that have banks, in the order of the first of each."""
        return tuple(dict.fromkeys(bank.country for bank in self.banks))
