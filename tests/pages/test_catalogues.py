"""The texts of all pages: none without a translation, none left over."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.checkers import python_format
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import tillway.surfaces
from tillway.surfaces.bank_checkout.drawing import bank_pages
from tillway.surfaces.checkout.drawing import checkout_pages
from tillway.surfaces.common.languages import FALLBACK
from tillway.surfaces.common.serving import Pages
from tillway.surfaces.sandbox.acquirer.drawing import acquirer_pages
from tillway.surfaces.sandbox.drawing import sandbox_pages
from tillway.surfaces.sandbox.shop.drawing import shop_pages

PROJECT = Path(__file__).parents[2]
SURFACES = Path(tillway.surfaces.__path__[0])
PAYERS = ("cs", "de", "en", "fr", "nb", "nl", "sk")
"""What payers read: the hosted pages, and what all pages share."""
PROGRAMMERS = ("en", "nb")
"""What only those who try out the sandbox read."""
LANGUAGES = {"common": PAYERS, "checkout": PAYERS, "bank_checkout": PAYERS, "sandbox": PROGRAMMERS}
CATALOGUES = [(SURFACES / surface, language) for surface, languages in LANGUAGES.items() for language in languages]
PLURAL_FORMS = {"cs": 3, "sk": 3}
"""How many forms of a number's noun a language has, where they are not two."""
METHODS = [("**.py", "python"), ("**.html", "jinja2")]


def texts_of(surface: Path) -> set[str]:
    """Every text that a surface's templates and modules show."""
    found: set[str] = set()
    for _, _, message, _, _ in extract_from_dir(surface, method_map=METHODS):
        found.add(message if isinstance(message, str) else message[0])
    return found


def catalogue(surface: Path, language: str) -> Catalog:
    with (surface / "locales" / language / "LC_MESSAGES" / "tillway.po").open("rb") as source:
        return read_po(source, locale=language)


def singular(identifier: str | tuple[str, ...] | list[str]) -> str:
    return identifier if isinstance(identifier, str) else identifier[0]


def entries(read: Catalog) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every text of a catalogue with its translations, one or one for each plural."""
    for message in read:
        if message.id:
            said = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
            yield singular(message.id), said


def _named(value: Path | str) -> str:
    return value if isinstance(value, str) else value.name


@pytest.mark.parametrize(("surface", "language"), [one for one in CATALOGUES if one[1] != FALLBACK], ids=_named)
def test_every_text_is_translated_and_no_translation_is_left_over(surface: Path, language: str) -> None:
    translated = dict(entries(catalogue(surface, language)))
    needed = texts_of(surface)
    if surface.name != "common":
        needed -= texts_of(SURFACES / "common")
    assert set(translated) == needed
    assert all(all(said) for said in translated.values())


@pytest.mark.parametrize(("surface", "language"), CATALOGUES, ids=_named)
def test_a_translation_names_the_same_values_as_its_text(surface: Path, language: str) -> None:
    read = catalogue(surface, language)
    for message in read:
        if message.id and message.string:
            python_format(read, message)


@pytest.mark.parametrize(("surface", "language"), CATALOGUES, ids=_named)
def test_a_number_has_as_many_forms_as_its_language(surface: Path, language: str) -> None:
    read = catalogue(surface, language)
    assert read.num_plurals == PLURAL_FORMS.get(language, 2)
    assert all(len(said) in {1, read.num_plurals} for _, said in entries(read))


@pytest.mark.parametrize("surface", LANGUAGES)
def test_english_needs_entries_for_plurals_only(surface: str) -> None:
    assert all(len(said) == 2 for _, said in entries(catalogue(SURFACES / surface, FALLBACK)))


def test_there_are_catalogues_in_these_languages_and_no_other() -> None:
    found = {(path.parents[3], path.parents[1].name) for path in SURFACES.rglob("locales/*/LC_MESSAGES/*.po")}
    assert found == set(CATALOGUES)


@pytest.mark.parametrize(
    ("pages", "languages"),
    [
        (checkout_pages, PAYERS),
        (bank_pages, PAYERS),
        (sandbox_pages, PROGRAMMERS),
        (shop_pages, PROGRAMMERS),
        (acquirer_pages, PROGRAMMERS),
    ],
)
def test_a_site_offers_the_languages_that_all_its_texts_are_in(
    pages: Callable[[], Pages], languages: tuple[str, ...]
) -> None:
    assert pages().languages.names == languages


def test_the_documents_list_the_languages_of_payers() -> None:
    *others, last = (f"`{language}`" for language in PAYERS)
    assert f"{', '.join(others)} or {last}" in (PROJECT / "docs" / "widget.md").read_text(encoding="utf-8")
    *others, last = sorted((Locale.parse(language).english_name or "").split()[0] for language in PAYERS)
    assert f"in {', '.join(others)} and {last}." in (PROJECT / "README.md").read_text(encoding="utf-8")
