"""The list of banks as payers look through it: by country, in groups, and by what they type."""

import unicodedata
from collections.abc import Iterator, Sequence

from babel.core import get_global

from tillway.domain.banks import Bank, BankKind, Directory
from tillway.surfaces.bank_checkout.views import BankRow, Choosing

MOST_ROWS = 500
"""A page lists no more; whoever misses a bank types a part of its name."""

LONGEST_QUERY = 60
MOST_LEVELS = 3

_LONGEST_ACCEPT_LANGUAGE = 500
_LETTERS = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th"})


def folded(text: str) -> str:
    """A text as it is searched: small letters without marks, so that `ceska` finds `Česká`."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter)).translate(_LETTERS)


class Listing:
    """The banks of a gateway, made ready once; `logos` are the beginnings of addresses that pages may show logos of."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._within: dict[str, list[Bank]] = {}
        self._by_id = {bank.id: bank for bank in directory.banks}
        for bank in directory.banks:
            self._within.setdefault(bank.group, []).append(bank)
        self.countries = tuple(dict.fromkeys(bank.country for bank in directory.banks if bank.kind is BankKind.BANK))

    def row(self, bank_id: str, origin: str) -> BankRow | None:
        """One bank by itself; None if it cannot be chosen."""
        bank = self._directory.find(bank_id)
        return None if bank is None else self._row(bank, origin)

    def choosing(self, country: str, query: str, origin: str, used: str = "", wanted: str = "") -> Choosing:
        """What to show of a country's banks, or of what is looked for.

        What is not there in the country is looked for in the others. `used` and `wanted` are ids of banks, shown above
        the list while nothing is looked for. `origin` is our own: only logos from there are shown.
        """
        query = " ".join(query[:LONGEST_QUERY].split())
        words = folded(query).split()
        if not words:
            rows = self._rows("", country, origin, MOST_LEVELS)
            kept = _cut(rows)
            before = self.row(used, origin) if used else None
            named = self.row(wanted, origin) if wanted and wanted != used else None
            return Choosing(self.countries, country, "", kept, before, named, cut=kept != rows)
        found = [self._row(bank, origin) for bank in self._directory.banks if bank.kind is BankKind.BANK]
        found = [row for row in found if all(word in row.words for word in words)]
        here = [row for row in found if row.country == country]
        shown = tuple((here or found)[:MOST_ROWS])
        cut = len(here or found) > MOST_ROWS
        return Choosing(self.countries, country, query, shown, elsewhere=bool(found) and not here, cut=cut)

    def _rows(self, group: str, country: str, origin: str, levels: int) -> tuple[BankRow, ...]:
        """The banks and groups directly in a group, of one country; a group without a bank in it is left out."""
        return tuple(self._rows_of(self._within.get(group, ()), country, origin, levels))

    def _rows_of(self, banks: Sequence[Bank], country: str, origin: str, levels: int) -> Iterator[BankRow]:
        for bank in banks:
            if bank.country != country:
                continue
            if bank.kind is BankKind.BANK:
                yield self._row(bank, origin)
            elif levels > 1:
                inside = self._rows(bank.id, country, origin, levels - 1)
                if inside:
                    yield BankRow("", bank.name, bank.country, folded(bank.name), _logo(bank, origin), rows=inside)

    def _row(self, bank: Bank, origin: str) -> BankRow:
        around = tuple(reversed([group.name for group in self._groups_of(bank)]))
        words = folded(" ".join((*around, bank.name, bank.bic)))
        return BankRow(bank.id, bank.name, bank.country, words, _logo(bank, origin), around)

    def _groups_of(self, bank: Bank) -> Iterator[Bank]:
        for _ in range(MOST_LEVELS - 1):
            group = self._by_id.get(bank.group)
            if group is None:
                return
            yield group
            bank = group


def country_of(accept_language: str, countries: Sequence[str]) -> str:
    """The first of `countries` that a browser's `Accept-Language` points to; empty if it points to none.

    A language without a country (`sk`) stands for the country that most of its readers live in, by Unicode's table.
    """
    for part in accept_language[:_LONGEST_ACCEPT_LANGUAGE].split(","):
        tag = part.partition(";")[0].strip().replace("_", "-")
        language, *more = tag.split("-")
        country = next((one.upper() for one in more if len(one) == 2), "")
        country = country or get_global("likely_subtags").get(language.lower(), "").rpartition("_")[2]
        if country in countries:
            return country
    return ""


def _cut(rows: tuple[BankRow, ...]) -> tuple[BankRow, ...]:
    """The first rows that together hold no more banks than a page lists."""
    kept: list[BankRow] = []
    banks = 0
    for row in rows:
        banks += _banks_in(row)
        if banks > MOST_ROWS:
            break
        kept.append(row)
    return tuple(kept)


def _banks_in(row: BankRow) -> int:
    return sum(map(_banks_in, row.rows)) or 1


def _logo(bank: Bank, origin: str) -> str:
    """The logo's address if it is ours: a page takes nothing from other hosts, who would learn of the visit."""
    ours = bank.logo_url.startswith((f"{origin}/", "data:image/")) or (
        bank.logo_url.startswith("/") and not bank.logo_url.startswith("//")
    )
    return bank.logo_url if ours else ""
