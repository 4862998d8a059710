"""Statements in MT940, as Slovak, Czech and German banks write them."""

import logging
from datetime import date

import pytest

from tests.connectors.statements.samples import CZECH, SLOVAK, complaint, ends, entries, heads, items, mt940

LINE = ":61:2611271127C12,50NTRFNONREF//B-1"


def test_a_slovak_payment_is_read_from_sub_fields_in_windows_1250() -> None:
    paid = entries(items("slovak.sta"))[0]
    assert (paid.account_iban, paid.amount, paid.is_credit) == ("SK4011000000002621234567", 25_50, True)
    assert (paid.variable_symbol, paid.specific_symbol, paid.constant_symbol) == ("0000123456", "12", "0308")
    assert (paid.counterparty_name, paid.counterparty_iban) == ("Ľudmila Šťastná a spol.", SLOVAK)
    assert (paid.counterparty_bic, paid.bank_reference) == ("TATRSKBX", "TB0001")
    assert paid.remittance == "/VS0000123456/SS12/KS0308 Za hračky"


def test_a_reversal_of_a_credit_takes_the_money() -> None:
    undone = entries(items("slovak.sta"))[1]
    assert (undone.is_reversal, undone.is_credit, undone.amount) == (True, False, 5_00)
    assert (undone.variable_symbol, undone.remittance) == ("77", "Storno platby VS:77 druhý riadok")


def test_an_entry_without_details_takes_none_from_elsewhere() -> None:
    assert [(one.amount, one.remittance) for one in entries(items("slovak.sta"))][2] == (50, "")


def test_several_statements_of_a_file_each_add_up() -> None:
    assert [one.opening_balance for one in heads(items("czech.sta"))] == [-500_00, 999_00]
    assert [(one.closing_balance, one.adds_up) for one in ends(items("czech.sta"))] == [(999_00, True), (900_00, True)]


def test_czech_domestic_accounts_become_ibans() -> None:
    paid = entries(items("czech.sta"))[0]
    assert (paid.account_iban, paid.counterparty_iban) == ("CZ0801000000192000145399", "CZ7908000000002000145399")
    assert (paid.variable_symbol, paid.constant_symbol, paid.counterparty_name) == ("99", "0308", "Tomáš Dvořák")


def test_slashed_details_are_read_and_the_booking_may_be_of_the_next_year() -> None:
    returned = entries(items("czech.sta"))[1]
    assert (returned.end_to_end_id, returned.remittance, returned.counterparty_name) == (
        "E-9",
        "Vrácení platby",
        "Petr Nový",
    )
    assert (returned.counterparty_iban, returned.counterparty_bic) == (CZECH, "GIBACZPX")
    assert (returned.value_on, returned.booked_on) == (date(2026, 12, 31), date(2027, 1, 2))


def test_german_keywords_are_read_across_sub_fields() -> None:
    paid, scor = entries(items("german.sta"))
    assert (paid.end_to_end_id, paid.remittance) == ("INV-77", "Rechnung 77 vom 1. November für Spielzeug")
    assert (paid.counterparty_name, paid.counterparty_iban) == ("Müller & Söhne", SLOVAK)
    assert scor.reference == "RF18539007547034"


def test_a_reference_that_names_a_file_is_not_opened(tmp_path_factory: pytest.TempPathFactory) -> None:
    secret = tmp_path_factory.mktemp("s") / "secret"
    secret.write_text(":61:2611271127C99,99NTRFNONREF")
    told = entries(items(mt940(LINE, f":86:{secret}")))
    assert [one.amount for one in told] == [12_50]
    assert told[0].remittance == str(secret)


def test_a_reversal_of_a_debit_brings_the_money_back() -> None:
    told = entries(items(mt940(":61:261127RD12,50NTRFNONREF")))
    assert [(one.is_credit, one.is_reversal, one.booked_on) for one in told] == [(True, True, date(2026, 11, 27))]


def test_an_entry_of_nothing_is_skipped() -> None:
    assert [(one.entries, one.skipped) for one in ends(items(mt940(LINE, ":61:261127C0,00NTRFNONREF")))] == [(1, 1)]


def test_a_symbol_cut_between_full_sub_fields_is_whole_again() -> None:
    details = f":86:020?00x?20{'text of twenty chars VS1234'}?2156 rest"
    assert entries(items(mt940(LINE, details)))[0].variable_symbol == "123456"


@pytest.mark.parametrize(
    ("document", "why"),
    [
        (mt940(LINE, closing="12,51"), "contradicts itself"),
        (mt940(LINE).split(b":62F:")[0], "ends without its closing balance"),
        (mt940(LINE).replace(b":60F:", b":60X:"), "before the opening balance"),
        (mt940(":61:rubbish"), "not as SWIFT says"),
        (mt940(":61:261127C1,2,3NTRFNONREF"), "not as SWIFT says"),
        (mt940(":61:261127C,NTRFNONREF"), "not as SWIFT says"),
        (mt940(":61:261327C1,00NTRFNONREF"), "not as SWIFT says"),
        (mt940(":61:261127C1,005NTRFNONREF"), "more decimals than EUR"),
        (mt940(":61:261127C99999999999999NTRFNONREF"), "too large"),
        (mt940(LINE).replace(b"EUR", b"XQX"), "not listed by ISO 4217"),
        (mt940(LINE).replace(b"C261127EUR", b"C261127USD"), "another currency"),
        (mt940(LINE).replace(SLOVAK.encode(), b"SK3112000000198742637542"), "no valid IBAN"),
        (mt940(LINE, ":62F:C261127EUR12,50", LINE), "behind the closing balance"),
        (mt940(LINE, ":60F:C261127EUR12,50"), "second opening balance"),
        (mt940(LINE, ":86:" + "x\r\n" * 40_000), "field is too long"),
        (mt940(LINE, ":86:" + "\r\n" * 100_000), "field is too long"),
        (mt940(LINE, ":86:" + "x" * 20_000), "line is too long"),
        (mt940(LINE, ":86:a\0b"), "NUL byte"),
    ],
)
def test_what_cannot_be_is_refused_with_its_reason(document: bytes, why: str) -> None:
    assert why in complaint(document)


def test_what_is_refused_is_neither_told_nor_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        told = complaint(mt940(":61:secret of a payer"))
    assert "secret" not in told + caplog.text
    assert told.startswith("line 5, field :61:")


def test_bytes_that_no_encoding_has_are_read_as_latin_1() -> None:
    document = mt940(LINE, ":86:caf\u00e9 @").replace("\u00e9".encode(), b"\xe9").replace(b"@", b"\x81")
    assert entries(items(document))[0].remittance == "café"
