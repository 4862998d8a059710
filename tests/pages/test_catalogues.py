"""The texts of all pages: none without a translation, none left over."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.checkers import python_format
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import tillway.surfaces
from tillway.surfaces.checkout.drawing import checkout_pages
from tillway.surfaces.common.languages import FALLBACK

SURFACES = Path(tillway.surfaces.__path__[0])
TRANSLATED = tuple(sorted(path.parents[3] for path in SURFACES.rglob("locales/en/LC_MESSAGES/*.po")))
LANGUAGES = checkout_pages().languages.names
"""Every language of the pages: those that the checkout has, which all other sites then have too."""
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


@pytest.mark.parametrize("surface", TRANSLATED, ids=lambda path: path.name)
@pytest.mark.parametrize("language", [name for name in LANGUAGES if name != FALLBACK])
def test_every_text_is_translated_and_no_translation_is_left_over(surface: Path, language: str) -> None:
    translated = dict(entries(catalogue(surface, language)))
    needed = texts_of(surface)
    if surface.name != "common":
        needed -= texts_of(SURFACES / "common")
    assert set(translated) == needed
    assert all(all(said) for said in translated.values())


@pytest.mark.parametrize("surface", TRANSLATED, ids=lambda path: path.name)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_names_the_same_values_as_its_text(surface: Path, language: str) -> None:
    read = catalogue(surface, language)
    for message in read:
        if message.id and message.string:
            python_format(read, message)


@pytest.mark.parametrize("surface", TRANSLATED, ids=lambda path: path.name)
def test_english_needs_entries_for_plurals_only(surface: Path) -> None:
    assert all(len(said) == 2 for _, said in entries(catalogue(surface, FALLBACK)))


@pytest.mark.parametrize("surface", TRANSLATED, ids=lambda path: path.name)
def test_every_site_has_the_same_languages(surface: Path) -> None:
    assert {path.name for path in (surface / "locales").iterdir()} == set(LANGUAGES)
