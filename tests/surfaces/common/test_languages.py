"""Readers get their own language, and money and moments as they write them."""

from pathlib import Path

import pytest

from tillway.domain.money import Money
from tillway.surfaces.common.languages import Languages, format_moment, format_money
from tillway.surfaces.common.serving import Pages

COMMON = Path("src/tillway/surfaces/common/locales")


@pytest.mark.parametrize(
    ("explicit", "accepted", "language"),
    [
        ("nb", None, "nb"),
        ("nb-NO", "en", "nb"),
        ("no", None, "nb"),
        ("nn", "en", "nb"),
        ("NB_no", None, "nb"),
        ("xx", "nb", "nb"),
        ("", None, "en"),
        (None, None, "en"),
        (None, "nb-NO,nb;q=0.9,en;q=0.8", "nb"),
        (None, "en;q=0.8,nb;q=0.9", "nb"),
        (None, "de,fr;q=0.9", "de"),
        (None, "cs-CZ,sk;q=0.9,en;q=0.8", "cs"),
        ("nl-BE", "fr-BE", "nl"),
        (None, "fi,et;q=0.9", "en"),
        (None, "fi, no;q=0.1", "nb"),
        (None, "nb;q=0, fi", "en"),
        (None, "nb;q=zero", "en"),
        (None, "nb;q=nan", "en"),
        (None, "," * 10_000 + "nb", "en"),
        (None, "*", "en"),
        ("../../etc", "%00", "en"),
    ],
)
def test_the_language_is_the_explicit_one_then_the_browsers_then_english(
    explicit: str | None, accepted: str | None, language: str
) -> None:
    assert Languages([COMMON]).choose(explicit, accepted) == language


@pytest.mark.parametrize(
    ("money", "language", "text"),
    [
        (Money(1234567, "NOK"), "nb", "12 345,67 kr"),
        (Money(100, "NOK"), "nb", "1,00 kr"),
        (Money(1234567, "NOK"), "en", "12,345.67 NOK"),
        (Money(-1250, "EUR"), "en", "-12.50 €"),
        (Money(1234, "JPY"), "en", "1,234 JP¥"),
        (Money(1234567, "IQD"), "nb", "1 234,567 IQD"),
        (Money(999_999_999_999, "NOK"), "nb", "9 999 999 999,99 kr"),
        (Money(1234567, "EUR"), "nl", "€ 12.345,67"),
        (Money(1234567, "EUR"), "fr", "12 345,67 €"),
        (Money(1234567, "EUR"), "de", "12.345,67 €"),
        (Money(1234567, "EUR"), "sk", "12 345,67 €"),
        (Money(1234567, "CZK"), "cs", "12 345,67 Kč"),
    ],
)
def test_money_is_written_with_the_decimals_of_its_currency(money: Money, language: str, text: str) -> None:
    assert format_money(money, language).replace("\u00a0", " ").replace("\u202f", " ") == text


def test_a_moment_is_written_by_the_clock_of_its_zone() -> None:
    winter, summer = 1_700_000_000_000_000, 1_720_000_000_000_000
    assert format_moment(winter, "nb", "Europe/Oslo") == "14. november 2023, 23:13"
    assert format_moment(winter, "en", "UTC") == "14 November 2023, 22:13"
    assert format_moment(summer, "en", "Europe/Oslo") == "3 July 2024, 11:46"


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("nl", "3 juli 2024, 11:46"),
        ("fr", "3 juillet 2024, 11:46"),
        ("de", "3. Juli 2024, 11:46"),
        ("sk", "3. júla 2024, 11:46"),
        ("cs", "3. července 2024, 11:46"),
    ],
)
def test_a_moment_has_its_month_in_the_words_of_the_language(language: str, text: str) -> None:
    assert format_moment(1_720_000_000_000_000, language, "Europe/Oslo") == text


def test_a_page_escapes_speaks_and_does_not_guess(tmp_path: Path) -> None:
    (tmp_path / "hello.html").write_text(
        '{{ _("Skip to content") }}|{{ name }}|{{ price|money }}|{{ at|moment("Europe/Oslo") }}', encoding="utf-8"
    )
    (tmp_path / "broken.html").write_text("{{ nobody_gave_this }}", encoding="utf-8")
    pages = Pages(tmp_path)
    page = pages.render("hello.html", "nb", name="<b>", price=Money(100, "NOK"), at=1_700_000_000_000_000).decode()
    assert page.replace("\u00a0", " ") == "Gå til innholdet|&lt;b&gt;|1,00 kr|14. november 2023, 23:13"
    with pytest.raises(Exception, match="nobody_gave_this"):
        pages.render("broken.html", "en")
    with pytest.raises(KeyError):
        pages.render("hello.html", "xx")


def test_a_surface_adds_its_own_texts_to_the_shared_ones(tmp_path: Path) -> None:
    _write_catalogues(tmp_path, nb="Epler", en="Apples")
    pages = Pages(tmp_path, locales_dir=tmp_path)
    assert pages.text("nb")("apples") == "Epler"
    assert pages.text("nb")("Skip to content") == "Gå til innholdet"
    assert pages.text("en")("apples") == "Apples"


def test_a_surface_offers_only_the_languages_that_its_own_texts_are_in(tmp_path: Path) -> None:
    _write_catalogues(tmp_path, nb="Epler", en="Apples", fi="Omenat")
    (tmp_path / "page.html").write_text('{{ language }}: {{ _("apples") }}', encoding="utf-8")
    pages = Pages(tmp_path, locales_dir=tmp_path)
    assert [choice.name for choice in pages.languages.choices] == ["en", "nb"]
    assert pages.render("page.html", pages.language("de", "fr, nb;q=0.5")) == b"nb: Epler"
    assert pages.render("page.html", pages.language("de", "fr")) == b"en: Apples"


def _write_catalogues(folder: Path, **apples: str) -> None:
    for language, text in apples.items():
        catalogue = folder / language / "LC_MESSAGES" / "tillway.po"
        catalogue.parent.mkdir(parents=True)
        head = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
        catalogue.write_text(f'{head}msgid "apples"\nmsgstr "{text}"\n', encoding="utf-8")
