"""`tillway card`: issued to files and to stdout, shown, blocked, extended."""

import csv
import io
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.cli import paper
from tests.cli.program import ISSUER_NAME, Program
from tests.server import KEY
from tillway.cli.printing import PrintedCard, print_cards
from tillway.domain.giftcards import passes_luhn
from tillway.domain.ids import CardId
from tillway.queries import giftcards
from tillway.store.opening import open_store
from tillway.store.vault import Vault

pytestmark = pytest.mark.anyio


def _rows(file: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(file.read_bytes().decode(), newline="")))


def _issue(program: Program, *more: str | Path) -> list[dict[str, str]]:
    return program.run("card", "issue", "books", "--amount", "250", "--json", *more).json()


async def test_every_card_in_the_csv_file_is_in_the_books(stocked: Program, tmp_path: Path) -> None:
    file = tmp_path / "cards.csv"
    said = stocked.run("card", "issue", "books", "--amount", "99.50", "--count", "1203", "--csv", file)
    assert said.code == 0, said.err
    assert "1,203 cards are in" in said.err
    rows = _rows(file)
    assert len({row["number"] for row in rows}) == 1203
    assert all(passes_luhn(row["number"]) and row["number"].startswith("606123") for row in rows)
    store = open_store(stocked.database)
    for row in rows[:: len(rows) // 5]:
        card = await giftcards.card(store, CardId(Vault(KEY).card_id(row["number"])))
        assert card is not None
        assert (card.balance, card.cvc_digest) == (99_50, Vault(KEY).cvc_digest(row["number"], row["cvc"]))
        assert (row["balance"], row["currency"]) == ("99.50", "NOK")
    await store.close()
    assert stocked.run("ledger", "verify").code == 0


def test_every_card_is_on_paper_with_words_and_a_barcode_that_reads(stocked_sqlite: Program, tmp_path: Path) -> None:
    table, printed = tmp_path / "cards.csv", tmp_path / "cards.pdf"
    options = ("--amount", "1250", "--count", "13", "--expires", "2030-06-30", "--csv", table, "--pdf", printed)
    assert stocked_sqlite.run("card", "issue", "books", *options).code == 0
    rows, content = _rows(table), printed.read_bytes()
    first, second = paper.pages(content)
    assert paper.barcodes(first) + paper.barcodes(second) == [row["number"] for row in rows]
    assert len(paper.barcodes(first)) == 10
    words = paper.words(content)
    assert words.count(ISSUER_NAME) == 13
    assert words.count("1250.00 NOK") == 13
    assert words.count("→ 30.06.2030") == 13
    for row in rows:
        assert " ".join(re.findall(".{1,4}", row["number"])) in words
        assert f"CVC {row['cvc']}" in words


@pytest.mark.parametrize(
    "name", ["Darčeková poukážka ľščťžýáíéňôúäŕĺ", "Æøå ÆØÅ", "Żółć ąęśź", "Подарочная карта", "Δωροκάρτα"]
)
def test_names_of_issuers_are_printed_in_every_european_alphabet(name: str) -> None:
    card = PrintedCard("9999001234567890128", "123", "500.00", "NOK", "2030-06-30", name)
    assert name in paper.words(print_cards([card]))


def test_files_of_cards_are_their_owners_only_and_never_written_over(stocked_sqlite: Program, tmp_path: Path) -> None:
    file, paper = tmp_path / "cards.csv", tmp_path / "cards.pdf"
    assert stocked_sqlite.run("card", "issue", "books", "--amount", "1", "--csv", file, "--pdf", paper).code == 0
    before = file.read_bytes(), paper.read_bytes()
    assert file.stat().st_mode & 0o777 == paper.stat().st_mode & 0o777 == 0o600
    for option, path in (("--csv", file), ("--pdf", paper)):
        said = stocked_sqlite.run("card", "issue", "books", "--amount", "1", option, path)
        assert said.code == 2
        assert "never written over" in said.line()
    assert (file.read_bytes(), paper.read_bytes()) == before


def test_nothing_is_issued_when_a_file_cannot_be_made(stocked_sqlite: Program, tmp_path: Path) -> None:
    said = stocked_sqlite.run("card", "issue", "books", "--amount", "1", "--csv", tmp_path / "missing" / "cards.csv")
    assert said.code == 1
    assert "missing" in said.line()
    assert stocked_sqlite.run("ledger", "balances", "--json").json() == []


def test_a_card_is_good_to_the_end_of_its_last_day_where_the_merchant_is(stocked_sqlite: Program) -> None:
    (issued,) = _issue(stocked_sqlite, "--expires", "2030-06-30")
    assert issued["expires_on"] == "2030-06-30"
    shown = stocked_sqlite.run("card", "show", "--json", typed=issued["number"]).json()
    assert shown["expires_at"] == "2030-06-30T22:00:00Z"


def test_a_card_is_named_by_its_number_on_stdin_or_by_its_id(stocked: Program) -> None:
    (issued,) = _issue(stocked)
    spaced = " ".join(re.findall(".{1,4}", issued["number"])) + "\n"
    shown = stocked.run("card", "show", "--json", typed=spaced).json()
    assert shown["balance"] == "250.00"
    assert shown["state"] == "active"
    assert stocked.run("card", "show", shown["id"], "--json").json() == shown
    assert stocked.run("card", "show", "--ending", issued["number"][-5:], "--json").json() == [shown]


def test_a_number_is_never_shown_again(stocked_sqlite: Program) -> None:
    (issued,) = _issue(stocked_sqlite)
    number = issued["number"]
    for said in (
        stocked_sqlite.run("card", "show", number),
        stocked_sqlite.run("card", "show", "--ending", number[-5:]),
        stocked_sqlite.run("card", "block", typed=number),
        stocked_sqlite.run("card", "show", number[:-1]),
    ):
        assert number[:-1] not in said.out + said.err
    assert f"{'*' * 14}{number[-5:]}" in stocked_sqlite.run("card", "show", number).out


def test_a_card_is_blocked_unblocked_and_extended(stocked: Program) -> None:
    (issued,) = _issue(stocked)
    number = issued["number"]
    assert stocked.run("card", "block", "--json", typed=number).json()["state"] == "blocked"
    assert stocked.run("card", "unblock", "--json", typed=number).json()["state"] == "active"
    extended = stocked.run("card", "extend", "--until", "2031-01-31", "--zone", "UTC", "--json", typed=number).json()
    assert extended["expires_at"] == "2031-02-01T00:00:00Z"


def test_cards_may_be_issued_for_later(stocked_sqlite: Program) -> None:
    (issued,) = _issue(stocked_sqlite, "--inactive")
    assert stocked_sqlite.run("card", "show", "--json", typed=issued["number"]).json()["state"] == "inactive"


def test_cards_are_good_for_a_year_if_nothing_else_is_said(stocked_sqlite: Program) -> None:
    (issued,) = _issue(stocked_sqlite)
    last_day = datetime.fromisoformat(issued["expires_on"]).replace(tzinfo=UTC)
    assert 364 <= (last_day - datetime.now(UTC)).days <= 365


@pytest.mark.parametrize(
    ("arguments", "code", "line"),
    [
        (("show", "123"), 2, "19 digits"),
        (("show", "6061230000000000000"), 1, "card"),
        (("block", "0" * 32), 1, "card"),
        (("issue", "nobody", "--amount", "1", "--json"), 1, "issuer"),
        (("issue", "books", "--amount", "1.005", "--json"), 2, "decimals"),
        (("issue", "books", "--amount", "-1", "--json"), 2, "worth from 0"),
        (("issue", "books", "--amount", "1000001", "--json"), 2, "worth from 0"),
        (("issue", "books", "--amount", "NaN", "--json"), 2, "NaN"),
        (("issue", "books", "--amount", "1e999999999", "--json"), 2, "amount"),
        (("issue", "books", "--amount", "1", "--expires", "2020-01-01", "--json"), 2, "is over"),
        (("issue", "books", "--amount", "1", "--zone", "Mars", "--json"), 2, "Mars"),
    ],
)
def test_what_cannot_be_is_told_in_one_line(
    stocked_sqlite: Program, arguments: tuple[str, ...], code: int, line: str
) -> None:
    said = stocked_sqlite.run("card", *arguments)
    assert said.code == code, said
    assert said.out == ""
    assert line in said.line()


def test_cards_must_go_somewhere(stocked_sqlite: Program) -> None:
    said = stocked_sqlite.run("card", "issue", "books", "--amount", "1")
    assert said.code == 2
    assert "--csv, --pdf or --json" in said.err


async def test_cards_of_a_connector_carry_its_name_and_an_unknown_one_is_refused(
    stocked_sqlite: Program,
) -> None:
    issuer = '{"ark": {"url": "https://issuer.example", "secret": "whsec_c2VjcmV0"}}'
    program = replace(stocked_sqlite, environment={**stocked_sqlite.environment, "TILLWAY_CONNECTORS": issuer})
    (row,) = _issue(program, "--connector", "ark")
    store = open_store(stocked_sqlite.database)
    card = await giftcards.card(store, CardId(Vault(KEY).card_id(row["number"])))
    await store.close()
    assert card is not None
    assert card.connector == "ark"
    refused = program.run("card", "issue", "books", "--amount", "1", "--json", "--connector", "other")
    assert (refused.code, refused.out) == (2, "")
    assert "names no other" in refused.err
