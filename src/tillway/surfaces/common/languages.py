"""The languages of the pages: which one a reader gets, its texts, and how it writes money and moments."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from io import BytesIO
from pathlib import Path

from babel import Locale
from babel.dates import format_date, format_datetime, get_timezone
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import NumberPattern, parse_pattern
from babel.support import Translations

from tillway.domain.money import Money, exponent

CATALOGUE = "LC_MESSAGES/tillway.po"
"""Where a language's texts lie in its folder."""

FALLBACK = "en"

_LONGEST_ACCEPT_LANGUAGE = 500
_SAME_READERS: Mapping[str, str] = {"no": "nb", "nn": "nb"}
"""Norwegian as a whole and Nynorsk: served Bokmål when that is what we have."""
_LOCALES: Mapping[str, str] = {"en": "en_150"}
"""Whose habits a language follows: English as Europeans write it (24 hours, day before month)."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Choice:
    """A language a reader may choose, and what it calls itself (`Norsk bokmål`)."""

    name: str
    own_name: str


class Languages:
    """The languages that have a catalogue in each of `folders`; a later folder's text wins.

    In each, so that no page shows its frame in one language and the rest in another: a site whose own texts are in
    fewer languages than the shared ones offers only those.
    """

    def __init__(self, folders: Sequence[Path], fallback: str = FALLBACK) -> None:
        found = sorted(set[str].intersection(*(_with_a_catalogue(folder) for folder in folders)))
        if fallback not in found:
            raise ValueError(f"no catalogue for the language {fallback}")
        self.names: tuple[str, ...] = tuple(found)
        self.choices: tuple[Choice, ...] = tuple(Choice(name, _own_name(name)) for name in found)
        self.fallback = fallback
        self._translations = {name: _translations(name, folders) for name in found}

    def translations(self, language: str) -> Translations:
        """The texts of one of `names`."""
        return self._translations[language]

    def choose(self, explicit: str | None, accept_language: str | None) -> str:
        """The language to answer in: the explicit wish (`nb`, `nb-NO`), else the browser's, else the fallback."""
        for wish in (explicit or "", *_wishes(accept_language or "")):
            name = self._known(wish)
            if name is not None:
                return name
        return self.fallback

    def _known(self, wish: str) -> str | None:
        primary = wish.replace("_", "-").partition("-")[0].strip().lower()
        for name in (primary, _SAME_READERS.get(primary)):
            if name in self._translations:
                return name
        return None


def format_money(money: Money, language: str) -> str:
    """An amount as a reader of `language` writes it, with the decimals that ISO 4217 gives its currency."""
    digits = exponent(money.currency)
    pattern = _money_pattern(language, digits)
    amount = Decimal(money.minor).scaleb(-digits)
    return pattern.apply(amount, _locale(language), currency=money.currency, currency_digits=False)


def format_moment(at_microseconds: int, language: str, zone: str) -> str:
    """A moment (microseconds since 1970, UTC) by the calendar and clock of `zone` (`Europe/Oslo`), to the minute."""
    moment = _EPOCH + timedelta(microseconds=at_microseconds)
    locale = _locale(language)
    day = format_date(moment.astimezone(get_timezone(zone)), "long", locale=locale)
    return f"{day}, {format_datetime(moment, 'HH:mm', tzinfo=get_timezone(zone), locale=locale)}"


def format_day(day: date, language: str) -> str:
    """A calendar day, the month in words."""
    return format_date(day, "long", locale=_locale(language))


def _with_a_catalogue(folder: Path) -> set[str]:
    return {path.parent.parent.name for path in folder.glob(f"*/{CATALOGUE}")}


def _own_name(language: str) -> str:
    name = Locale.parse(language).get_display_name(language) or language
    return name[:1].upper() + name[1:]


def _wishes(accept_language: str) -> list[str]:
    """The languages of an `Accept-Language` header (RFC 9110, 12.5.4), most wanted first."""
    # Weights are no money: they are compared once, and thrown away.
    weighed: list[tuple[float, str]] = []
    for part in accept_language[:_LONGEST_ACCEPT_LANGUAGE].split(","):
        name, _, weight = part.partition(";q=")
        try:
            wanted = float(weight) if weight else 1.0
        except ValueError:
            continue
        if 0 < wanted <= 1:
            weighed.append((wanted, name))
    return [name for _, name in sorted(weighed, key=lambda pair: -pair[0])]


def _translations(language: str, folders: Sequence[Path]) -> Translations:
    first, *others = (_compiled(folder / language / CATALOGUE, language) for folder in folders)
    for other in others:
        first.merge(other)
    return first


def _compiled(path: Path, language: str) -> Translations:
    """A catalogue, compiled in memory: only what people edit is kept under version control."""
    with path.open("rb") as source:
        catalogue = read_po(source, locale=language)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)


@cache
def _locale(language: str) -> Locale:
    return Locale.parse(_LOCALES.get(language, language))


@cache
def _money_pattern(language: str, digits: int) -> NumberPattern:
    pattern = parse_pattern(_locale(language).currency_formats["standard"].pattern)
    pattern.frac_prec = (digits, digits)
    return pattern
