"""Codes for bank transfers: scanned from the drawing, read by each standard's own rules, cut in free texts alone."""

import json
import lzma
import unicodedata
import zlib
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st
from segno.helpers import make_epc_qr

from tests.scanner import modules, scanned
from tillway.surfaces.common.transfer_codes import (
    CodeKind,
    TransferCode,
    TransferDetails,
    code_svg,
    codes_for,
    epc,
    pay_by_square,
    spayd,
)

SLOVAK, CZECH, GERMAN = "SK3112000000198742637541", "CZ6508000000192000145399", "DE89370400440532013000"
TURKISH = "TR330006100519786457841326"
BELL = "Žluťoučký kôň, ľščťžýáíé"
RENT = TransferDetails(123450, "EUR", SLOVAK, "TATRSKBX", BELL, "0012345678", "0308", "7", "", "Nájom č. 5")
INVOICE = replace(RENT, variable_symbol="", constant_symbol="", specific_symbol="", reference="RF18 5390 0754 7034")
ORDER = replace(INVOICE, reference="ORDER/42 (a)")
CROWNS = replace(RENT, currency="CZK", iban=CZECH, bic="GIBACZPX", message="50 % sleva * 2 + kůň")
VECTORS = json.loads((Path(__file__).parent / "pay_by_square.json").read_text())["transfers"]
QUIET = 4

WORDS = st.text(st.characters(categories=("L", "N", "P", "S")), min_size=1, max_size=60)
TEXTS = st.lists(WORDS, max_size=6).map(lambda words: unicodedata.normalize("NFC", " ".join(words)))
ANYTHING = st.text(st.characters(), max_size=300)
DIGITS = st.text("0123456789", max_size=10)


def read_square(text: str) -> list[str]:
    """The fields of a PAY by square by the standard: base 32, header, length, LZMA, checksum, fields between tabs."""
    bits = len(text) * 5
    whole = (int(text, 32) >> bits % 8).to_bytes(bits // 8)
    assert whole[:2] == b"\x02\x00"
    # The header that the standard leaves away: lc 3, lp 0, pb 2, a dictionary of 128 KiB, a length that is not told.
    header = b"\x5d" + (1 << 17).to_bytes(4, "little") + b"\xff" * 8
    content = lzma.decompress(header + whole[4:], lzma.FORMAT_ALONE)
    assert len(content) == int.from_bytes(whole[2:4], "little")
    assert zlib.crc32(content[4:]) == int.from_bytes(content[:4], "little")
    return content[4:].decode().split("\t")


def read_spayd(text: str) -> dict[str, str]:
    """The fields of a Short Payment Descriptor; none comes twice, none is empty."""
    assert text.isascii()
    assert text.isprintable()
    start, version, *fields = text.split("*")
    assert (start, version) == ("SPD", "1.0")
    told = {field.partition(":")[0]: field.partition(":")[2] for field in fields}
    assert len(told) == len(fields)
    assert all(told.values())
    return {key: unquote_to_bytes(value).decode() for key, value in told.items()}


def drawn_level_is_m(text: str) -> bool:
    """Whether an EPC code is drawn with error correction M."""
    drawn = modules(code_svg(TransferCode(CodeKind.EPC, text), "a transfer"))
    # ISO/IEC 18004: two squares beside the upper left corner tell the level; dark and light is M.
    return drawn[QUIET + 8][QUIET : QUIET + 2] == [True, False]


def kinds(details: TransferDetails) -> list[CodeKind]:
    return [code.kind for code in codes_for(details)]


@pytest.mark.parametrize(
    "details",
    [
        *(RENT, INVOICE, ORDER, CROWNS),
        replace(ORDER, name="Only Latin 1: áíéô", message=""),
        replace(ORDER, name="Только кириллица", message=""),
        replace(ORDER, name="Ελλάδα", message="日本 🐴"),
    ],
)
def test_a_scanner_reads_what_was_written(details: TransferDetails) -> None:
    codes = codes_for(details)
    assert codes
    for code in codes:
        assert scanned(code_svg(code, "a transfer")) == code.text.encode()


def test_a_scanner_reads_the_longest_of_each_kind() -> None:
    long = replace(
        RENT, amount=99_999_999_999, name="Ž" * 140, message="č" * 140, iban="MT84MALT011000012345MTLCAST001S"
    )
    texts = {CodeKind.EPC: epc(long), CodeKind.PAY_BY_SQUARE: pay_by_square(long, date(2026, 12, 31))}
    texts[CodeKind.SPAYD] = spayd(replace(long, amount=999_999_999))
    for kind, text in texts.items():
        assert scanned(code_svg(TransferCode(kind, text), "a transfer")) == text.encode()


@pytest.mark.parametrize(
    ("details", "expected"),
    [
        (RENT, [CodeKind.EPC, CodeKind.PAY_BY_SQUARE]),
        (CROWNS, [CodeKind.SPAYD]),
        (replace(RENT, iban=CZECH), [CodeKind.EPC, CodeKind.SPAYD]),
        (replace(RENT, iban=GERMAN), [CodeKind.EPC]),
        (replace(RENT, iban=TURKISH), []),
        (replace(RENT, iban="XX00"), []),
        (replace(RENT, iban=""), []),
        (replace(RENT, currency="PLN"), []),
        (replace(RENT, currency="CZK"), [CodeKind.SPAYD]),
        (replace(RENT, name=" \n"), []),
        (replace(CROWNS, name=""), [CodeKind.SPAYD]),
        (replace(RENT, amount=0), []),
        (replace(CROWNS, amount=0), []),
        (replace(RENT, amount=100_000_000_000), [CodeKind.PAY_BY_SQUARE]),
        (replace(CROWNS, amount=1_000_000_000), []),
        (replace(CROWNS, currency="KWD"), []),
    ],
)
def test_a_transfer_has_the_codes_of_its_account_and_currency(
    details: TransferDetails, expected: list[CodeKind]
) -> None:
    assert kinds(details) == expected


def test_the_codes_are_what_the_writers_write() -> None:
    due_on = date(2026, 12, 31)
    assert codes_for(RENT, due_on) == (
        TransferCode(CodeKind.EPC, epc(RENT)),
        TransferCode(CodeKind.PAY_BY_SQUARE, pay_by_square(RENT, due_on)),
    )
    assert codes_for(CROWNS) == (TransferCode(CodeKind.SPAYD, spayd(CROWNS)),)


@pytest.mark.parametrize(
    ("details", "remittance"),
    [
        (RENT, ["", "/VS0012345678/SS7/KS0308 Nájom č. 5"]),
        (replace(RENT, specific_symbol="", constant_symbol="", message="2 okná"), ["", "/VS0012345678 2 okná"]),
        (replace(RENT, message=""), ["", "/VS0012345678/SS7/KS0308"]),
        (INVOICE, ["RF18539007547034"]),
        (replace(INVOICE, reference="rf18539007547034"), ["RF18539007547034"]),
        (replace(INVOICE, reference="RF19539007547034"), ["", "RF19539007547034 Nájom č. 5"]),
        (replace(INVOICE, variable_symbol="1"), ["", "/VS1 RF18 5390 0754 7034 Nájom č. 5"]),
        (ORDER, ["", "ORDER/42 (a) Nájom č. 5"]),
        (replace(ORDER, reference="", message=""), None),
    ],
)
def test_an_epc_code_is_a_line_for_each_element_up_to_the_last_that_is_told(
    details: TransferDetails, remittance: list[str] | None
) -> None:
    asked = ["BCD", "002", "1", "SCT", "TATRSKBX", BELL, SLOVAK, "EUR1234.50"]
    assert epc(details).split("\n") == asked + (["", *remittance] if remittance else [])


@pytest.mark.parametrize(("amount", "told"), [(1, "EUR0.01"), (100, "EUR1.00"), (99_999_999_999, "EUR999999999.99")])
def test_an_epc_amount_has_a_point_and_no_needless_zeros_before_it(amount: int, told: str) -> None:
    assert epc(replace(RENT, amount=amount)).split("\n")[7] == told


@pytest.mark.parametrize(
    "details",
    [
        replace(RENT, amount=0),
        replace(RENT, amount=-1),
        replace(RENT, amount=100_000_000_000),
        replace(RENT, currency="CZK"),
        replace(RENT, name="\t"),
    ],
)
def test_an_epc_code_is_not_written_against_its_rules(details: TransferDetails) -> None:
    with pytest.raises(ValueError, match="EPC"):
        epc(details)


@pytest.mark.parametrize("details", [replace(RENT, amount=0), replace(RENT, name="")])
def test_a_pay_by_square_is_not_written_against_its_rules(details: TransferDetails) -> None:
    with pytest.raises(ValueError, match="PAY by square"):
        pay_by_square(details)


@pytest.mark.parametrize("change", [{"amount": 0}, {"amount": 1_000_000_000}, {"currency": "KWD"}])
def test_a_spayd_is_not_written_against_its_rules(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="SPAYD"):
        spayd(replace(CROWNS, **change))


def test_an_epc_code_is_drawn_as_another_library_draws_it() -> None:
    details = replace(ORDER, amount=123_456, message="")
    theirs = make_epc_qr(BELL, SLOVAK, Decimal("1234.56"), text="ORDER/42 (a)", bic="TATRSKBX", encoding="utf-8").matrix
    ours = modules(code_svg(TransferCode(CodeKind.EPC, epc(details)), "a transfer"))
    assert [row[QUIET:-QUIET] for row in ours[QUIET:-QUIET]] == [[bool(module) for module in row] for row in theirs]


@pytest.mark.parametrize("letter", ["a", "ž", "日", "🐴"])
@pytest.mark.parametrize("details", [RENT, replace(ORDER, reference="R" * 35), INVOICE])
def test_an_epc_code_keeps_to_its_size_and_correction_and_cuts_free_text_alone(
    details: TransferDetails, letter: str
) -> None:
    long = replace(details, name=letter * 140, message=letter * 140)
    text = epc(long)
    lines = text.split("\n")
    assert len(text.encode()) <= 331
    assert lines[4:5] + lines[6:8] == ["TATRSKBX", SLOVAK, "EUR1234.50"]
    assert lines[5] == letter * min(70, 140 // len(letter.encode()))
    told = {RENT: "/VS0012345678/SS7/KS0308 ", INVOICE: "RF18539007547034"}.get(details, "R" * 35 + " ")
    assert (lines[-1] if details != INVOICE else lines[9]).startswith(told)
    assert len(lines[-1]) <= 140
    assert details == INVOICE or lines[-1].endswith(letter)
    assert drawn_level_is_m(text)
    assert len(modules(code_svg(TransferCode(CodeKind.EPC, text), "a transfer"))) <= 69 + 2 * QUIET


def test_an_epc_code_has_the_correction_of_the_standard_even_where_a_better_one_would_fit() -> None:
    short = TransferDetails(100, "EUR", "BE68539007547034", "", "A", "", "", "", "", "")
    assert all(drawn_level_is_m(epc(replace(short, name="A" * length))) for length in range(1, 12))


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_a_pay_by_square_says_what_another_library_says(vector: dict[str, Any]) -> None:
    details = TransferDetails(**{key: told for key, told in vector.items() if key not in {"text", "due_on"}})
    due_on = date.fromisoformat(vector["due_on"]) if vector["due_on"] else None
    assert read_square(pay_by_square(details, due_on)) == read_square(vector["text"])


def test_a_pay_by_square_is_fields_in_the_order_of_the_standard() -> None:
    invoice_and_count, order, accounts = ["", "1"], ["1", "1234.5", "EUR", "20261231"], ["1", SLOVAK, "TATRSKBX"]
    symbols, reference, no_standing_order_no_debit = ["0012345678", "0308", "7"], [""], ["0", "0"]
    assert read_square(pay_by_square(RENT, date(2026, 12, 31))) == [
        *(*invoice_and_count, *order, *symbols, *reference, "Nájom č. 5"),
        *(*accounts, *no_standing_order_no_debit, BELL, "", ""),
    ]


def test_a_pay_by_square_and_a_spayd_cut_free_texts_at_their_limits() -> None:
    long = replace(CROWNS, name="ň" * 140, message="č" * 200)
    fields, told = read_square(pay_by_square(long)), read_spayd(spayd(long))
    assert (fields[10], fields[-3]) == ("č" * 140, "ň" * 70)
    assert (told["MSG"], told["RN"]) == ("č" * 60, "ň" * 35)


def test_a_spayd_says_all_there_is() -> None:
    assert spayd(CROWNS) == (
        f"SPD*1.0*ACC:{CZECH}+GIBACZPX*AM:1234.50*CC:CZK"
        "*RN:%C5%BDlu%C5%A5ou%C4%8Dk%C3%BD k%C3%B4%C5%88, %C4%BE%C5%A1%C4%8D%C5%A5%C5%BE%C3%BD%C3%A1%C3%AD%C3%A9"
        "*X-VS:0012345678*X-SS:7*X-KS:0308*MSG:50 %25 sleva %2A 2 %2B k%C5%AF%C5%88"
    )


def test_a_spayd_leaves_out_what_there_is_not() -> None:
    bare = TransferDetails(1, "CZK", CZECH, "", "", "1", "", "", "", "")
    assert spayd(bare) == f"SPD*1.0*ACC:{CZECH}*AM:0.01*CC:CZK*X-VS:1"
    assert spayd(replace(bare, currency="HUF", amount=999_999_999)).startswith(f"SPD*1.0*ACC:{CZECH}*AM:9999999.99*")


def test_a_reference_in_a_spayd_begins_the_message_and_is_whole() -> None:
    long = replace(ORDER, currency="CZK", reference="R" * 35, message="kůň " * 20)
    assert read_spayd(spayd(long))["MSG"] == f"{'R' * 35} {'kůň ' * 6}".rstrip()


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\t", "\x00", "\x85", "\u2028", "\ud800", "\u202e"])
def test_what_cannot_be_seen_ends_no_field(ending: str) -> None:
    hostile = replace(RENT, name=f"{ending}Ko{ending}n{ending}", message=f"a{ending}{ending}b")
    assert epc(hostile).split("\n")[5] == "Ko n"
    assert epc(hostile).endswith("/KS0308 a b")
    fields = read_square(pay_by_square(hostile))
    assert (fields[10], fields[-3]) == ("a b", "Ko n")
    told = read_spayd(spayd(hostile))
    assert (told["MSG"], told["RN"]) == ("a b", "Ko n")


def test_letters_and_their_accents_apart_are_put_together() -> None:
    apart = replace(RENT, name=unicodedata.normalize("NFD", BELL))
    assert codes_for(apart) == codes_for(RENT)


@given(name=TEXTS, message=TEXTS, variable_symbol=DIGITS, amount=st.integers(1, 999_999_999))
def test_a_spayd_gives_back_what_was_put_in(name: str, message: str, variable_symbol: str, amount: int) -> None:
    details = TransferDetails(amount, "CZK", CZECH, "", name, variable_symbol, "", "", "", message)
    told = read_spayd(spayd(details))
    assert (told["ACC"], told["CC"], Decimal(told["AM"])) == (CZECH, "CZK", Decimal(amount) / 100)
    assert told.get("X-VS", "") == variable_symbol
    assert told.get("RN", "") == name[:35].rstrip()
    assert told.get("MSG", "") == message[:60].rstrip()


@given(name=TEXTS.filter(bool), message=TEXTS, symbol=DIGITS, amount=st.integers(1, 999_999_999_999))
def test_a_pay_by_square_gives_back_what_was_put_in(name: str, message: str, symbol: str, amount: int) -> None:
    details = TransferDetails(amount, "EUR", SLOVAK, "", name, symbol, "", "", "", message)
    fields = read_square(pay_by_square(details))
    assert len(fields) == 19
    assert Decimal(fields[3]) == Decimal(amount) / 100
    assert (fields[6], fields[10]) == (symbol, message[:140].rstrip())
    assert (fields[12], fields[-3]) == (SLOVAK, name[:70].rstrip())


@given(name=ANYTHING, message=ANYTHING, currency=st.sampled_from(["EUR", "CZK", "JPY"]), amount=st.integers())
def test_no_text_and_no_amount_is_too_much(name: str, message: str, currency: str, amount: int) -> None:
    for iban in (SLOVAK, CZECH):
        for code in codes_for(TransferDetails(amount, currency, iban, "", name, "12", "", "", "", message)):
            match code.kind:
                case CodeKind.EPC:
                    assert code.text.count("\n") == 10
                    assert len(code.text.encode()) <= 331
                case CodeKind.PAY_BY_SQUARE:
                    assert len(read_square(code.text)) == 19
                case CodeKind.SPAYD:
                    assert read_spayd(code.text)["X-VS"] == "12"
