"""Statements in CSV: the profiles of banks, found by their header."""

from datetime import date

import pytest

from tests.connectors.statements.samples import CZECH, FOLDER, GERMAN, SLOVAK, complaint, ends, entries, heads, items
from tillway.connectors.statements.csv_profiles import PROFILES

HEADER = "account,date,amount,currency,direction,vs,ss,ks,reference,message,name,iban,id\n"


def generic(**cells: str) -> bytes:
    """A file of our own profile with one row."""
    row = dict.fromkeys(HEADER.strip().split(","), "")
    row |= {"account": SLOVAK, "date": "2026-11-27", "amount": "1.00", "currency": "EUR", "direction": "credit"} | cells
    return (HEADER + ",".join(row.values()) + "\n").encode()


def test_our_own_profile_tells_everything() -> None:
    first, second, third = entries(items("generic.csv"))
    assert (first.amount, first.is_credit, first.bank_reference) == (25_50, True, "ID-1")
    assert (first.variable_symbol, first.specific_symbol, first.constant_symbol) == ("0000123456", "12", "0308")
    assert (first.remittance, first.counterparty_name, first.counterparty_iban) == (
        "Za hračky",
        "Ľudmila Šťastná",
        GERMAN,
    )
    assert (second.is_credit, second.remittance, second.reference) == (
        False,
        "Fee, monthly and yearly",
        "RF18539007547034",
    )
    assert (third.account_iban, third.currency, third.amount, third.variable_symbol) == (CZECH, "CZK", 1499_00, "99")


def test_rows_of_each_account_are_a_statement() -> None:
    assert [one.account_iban for one in heads(items("generic.csv"))] == [SLOVAK, CZECH]
    assert [(one.entries, one.skipped, one.adds_up) for one in ends(items("generic.csv"))] == [
        (2, 1, False),
        (1, 0, False),
    ]


def test_fio_tells_balances_and_dates_above_its_header() -> None:
    head, end = heads(items("fio.csv"))[0], ends(items("fio.csv"))[0]
    assert (head.opening_balance, head.closing_balance) == (1000_00, 2399_00)
    assert (head.from_on, head.to_on) == (date(2026, 11, 27), date(2026, 11, 28))
    assert end.adds_up


def test_fio_tells_domestic_accounts_and_the_sign() -> None:
    paid, fee = entries(items("fio.csv"))
    assert (paid.amount, paid.is_credit, paid.counterparty_iban) == (1499_00, True, CZECH)
    assert (paid.counterparty_name, paid.counterparty_bic) == ("Dvořák; Tomáš", "GIBACZPX")
    assert (paid.variable_symbol, paid.specific_symbol, paid.constant_symbol) == ("0000123456", "", "0308")
    assert (fee.amount, fee.is_credit, fee.bank_reference) == (100_00, False, "26100002")


def test_tatra_banka_is_read_in_windows_1250() -> None:
    paid, spent = entries(items("tatra_banka.csv"))
    assert (paid.account_iban, paid.amount, paid.value_on) == (SLOVAK, 1025_50, date(2026, 11, 28))
    assert (paid.counterparty_name, paid.remittance) == ("Ľudmila Šťastná", "Za hračky")
    assert (spent.is_credit, spent.variable_symbol, spent.value_on) == (False, "7", date(2026, 11, 28))
    assert spent.counterparty_iban == "SK4011000000002621234567"


def test_fio_that_contradicts_its_balances_is_refused() -> None:
    document = b"".join(_lines("fio.csv")).replace(b"2 399,00", b"2 399,01")
    assert "contradicts itself" in complaint(document)


def test_an_account_that_the_file_does_not_tell_can_be_given() -> None:
    document = b"".join(_lines("tatra_banka.csv")[3:])
    assert "not told which account" in complaint(document)
    assert {one.account_iban for one in entries(items(document, GERMAN))} == {GERMAN}


def test_columns_may_stand_in_any_order_and_case() -> None:
    document = f"ID,Amount,Direction,Date,Currency,Account\nB,2,debit,2026-11-27,EUR,{SLOVAK}\n".encode()
    assert [(one.amount, one.bank_reference, one.is_credit) for one in entries(items(document))] == [(2_00, "B", False)]


def test_an_unknown_header_is_answered_with_the_known_profiles() -> None:
    told = complaint(b"when;how much\n2026-11-27;1\n")
    assert all(profile.name in told for profile in PROFILES)


@pytest.mark.parametrize(
    ("document", "why"),
    [
        (generic(amount="-1.00"), "the amount has no sign"),
        (generic(amount="1,00", id="x"), "more cells than the header"),
        (generic(amount="1.001"), "more decimals"),
        (generic(amount="NaN"), "not a decimal"),
        (generic(direction="in"), "direction is told by a word"),
        (generic(currency="EURO"), "three capital letters"),
        (generic(date="27.11.2026"), "day of the calendar"),
        (generic(date=""), "no date"),
        (generic(account="SK3112000000198742637542"), "which account"),
        (generic(id="x" * 141), "a reference is too long"),
        (HEADER.encode() + b"a,b\n", "fewer cells"),
        (HEADER.encode() + b'a,"b"c,d\n', "not CSV"),
        (HEADER.encode() + b'"' + b"x\n" * 100_000, "not CSV"),
        (HEADER.encode() + b"x" * 20_000, "line is too long"),
        (HEADER.encode() + b"," * 200, "too many cells"),
        (HEADER.encode() + b"a\0b", "NUL byte"),
        (generic(name="\u010c").replace("\u010c".encode(), b"\xc8"), "no header of a known CSV profile"),
    ],
)
def test_what_cannot_be_is_refused_with_its_reason(document: bytes, why: str) -> None:
    assert why in complaint(document)


def _lines(name: str) -> list[bytes]:
    return (FOLDER / name).read_bytes().splitlines(keepends=True)
