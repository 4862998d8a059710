"""Statements in camt.053: every version, every place where banks put things, and what must be refused."""

from datetime import date

import pytest

from tests.connectors.statements.samples import (
    GERMAN,
    SLOVAK,
    balance,
    camt,
    complaint,
    ends,
    entries,
    entry,
    heads,
    items,
)
from tillway.connectors.statements.entries import StatementEntry

DETAIL = "<TxDtls><Refs>{refs}</Refs>{inside}</TxDtls>"


def test_the_second_version_tells_a_payment_with_all_that_belongs_to_it() -> None:
    assert entries(items("camt_02.xml"))[0] == StatementEntry(
        account_iban=SLOVAK,
        currency="EUR",
        amount=25_50,
        is_credit=True,
        booked_on=date(2026, 11, 27),
        value_on=date(2026, 11, 28),
        bank_reference="2611270001",
        end_to_end_id="/VS0042/SS0456/KS0308",
        variable_symbol="0042",
        constant_symbol="0308",
        specific_symbol="0456",
        remittance="Za hračky a knihy",
        counterparty_name="Ľudmila Šťastná",
        counterparty_iban=GERMAN,
        counterparty_bic="COBADEFFXXX",
    )


def test_a_batch_whose_details_make_its_amount_is_told_apart() -> None:
    first, second = entries(items("camt_02.xml"))[1:3]
    assert [(one.amount, one.end_to_end_id, one.counterparty_name) for one in (first, second)] == [
        (10_00, "E-1", "Prvý"),
        (20_00, "E-2", "Druhý"),
    ]
    assert [first.bank_reference, second.bank_reference] == ["2611270002/1", "2611270002/2"]


def test_a_batch_whose_details_do_not_make_its_amount_stays_one_that_names_nobody() -> None:
    whole = entries(items("camt_02.xml"))[3]
    assert (whole.amount, whole.end_to_end_id, whole.remittance) == (40_00, "", "Hromadná úhrada")


def test_a_reversal_of_a_credit_takes_the_money_and_names_who_had_paid() -> None:
    undone = entries(items("camt_02.xml"))[4]
    assert (undone.is_reversal, undone.is_credit, undone.counterparty_name) == (True, False, "Pôvodný platiteľ")


def test_pending_entries_are_skipped_and_counted_and_the_rest_adds_up() -> None:
    head, end = heads(items("camt_02.xml"))[0], ends(items("camt_02.xml"))[0]
    assert (head.opening_balance, head.closing_balance, end.entries, end.skipped) == (100_00, -2_75, 5, 1)
    assert end.adds_up
    assert (head.from_on, head.to_on) == (date(2026, 11, 27), date(2026, 11, 27))


def test_the_eighth_version_names_parties_and_banks_elsewhere() -> None:
    paid = entries(items("camt_08.xml"))[0]
    assert (paid.counterparty_name, paid.counterparty_bic) == ("Müller & Söhne", "TATRSKBX")
    assert (paid.reference, paid.end_to_end_id) == ("RF18539007547034", "INV-77")


def test_details_of_a_batch_may_go_both_ways() -> None:
    out, back = entries(items("camt_08.xml"))[1:]
    assert [(one.amount, one.is_credit, one.counterparty_name, one.bank_reference) for one in (out, back)] == [
        (7_00, False, "Lieferant", "A-2/1"),
        (2_00, True, "Kunde", "A-2/2"),
    ]


def test_czech_symbols_come_out_of_structured_references() -> None:
    paid = entries(items("camt_13.xml"))[0]
    assert (paid.variable_symbol, paid.constant_symbol, paid.specific_symbol) == ("0000123456", "0308", "")
    assert (paid.reference, paid.remittance, paid.booked_on) == ("", "Objednávka č. 9", date(2026, 11, 27))


def test_a_statement_without_entries_is_told_too() -> None:
    assert [one.statement_id for one in heads(items("camt_13.xml"))] == ["31", "32"]
    assert [(one.entries, one.adds_up) for one in ends(items("camt_13.xml"))] == [(1, True), (0, False)]


def test_where_the_account_stands_as_debtor_the_creditor_is_the_counterparty() -> None:
    parties = (
        f"<RltdPties><Dbtr><Nm>We</Nm></Dbtr><DbtrAcct><Id><IBAN>{SLOVAK}</IBAN></Id></DbtrAcct>"
        f"<Cdtr><Nm>They</Nm></Cdtr></RltdPties>"
    )
    assert entries(items(camt(entry(details=DETAIL.format(refs="", inside=parties)))))[0].counterparty_name == "They"


def test_one_detail_of_another_amount_still_says_who_paid() -> None:
    detail = DETAIL.format(refs="<EndToEndId>E</EndToEndId>", inside='<Amt Ccy="USD">14.00</Amt>')
    paid = entries(items(camt(entry("12.50", detail))))[0]
    assert (paid.amount, paid.end_to_end_id) == (12_50, "E")


def test_details_without_amounts_leave_the_entry_whole() -> None:
    details = 2 * DETAIL.format(refs="<EndToEndId>E</EndToEndId>", inside="")
    assert [one.end_to_end_id for one in entries(items(camt(entry(details=details))))] == [""]


def test_an_entry_of_nothing_is_skipped() -> None:
    assert [(one.entries, one.skipped) for one in ends(items(camt(entry("0.00"))))] == [(0, 1)]


def test_a_statement_that_contradicts_itself_is_refused_at_its_end() -> None:
    document = camt(balance("OPBD", "1.00"), balance("CLBD", "13.51"), entry("12.50"))
    assert "contradicts itself" in complaint(document)


@pytest.mark.parametrize(
    ("told", "why"),
    [
        (entry("12.505"), "more decimals than EUR"),
        (entry("-12.50"), "not a decimal number without sign"),
        (entry("1e3"), "not a decimal number"),
        (entry("12,50"), "not a decimal number"),
        (entry("\u0661\u0662"), "not a decimal number"),
        (entry("99999999999999"), "too large"),
        (entry(currency="USD"), "another currency than its account"),
        (entry(reference="R" * 141), "a reference is too long"),
        (entry().replace("2026-11-27", "2026-02-30"), "not a day of the calendar"),
        (entry().replace("2026-11-27", "2026-W48-6"), "not a day of the calendar"),
        (entry().replace("<BookgDt><Dt>2026-11-27</Dt></BookgDt>", ""), "has no date"),
        (entry().replace("CRDT", "UP"), "CRDT or DBIT"),
        (entry().replace("<Sts><Cd>BOOK</Cd></Sts>", ""), "has no status"),
        (entry() + balance("CLBD", "1.00"), "behind the entries"),
        (balance("OPBD", "1.00").replace("EUR", "USD"), "another currency than its account"),
    ],
)
def test_what_cannot_be_is_refused_with_its_reason(told: str, why: str) -> None:
    assert why in complaint(camt(told))


def test_a_currency_that_is_not_listed_is_refused() -> None:
    assert "not listed by ISO 4217" in complaint(camt(entry(currency="XQX")).replace(b"<Ccy>EUR", b"<Ccy>XQX"))


def test_a_wrong_account_is_refused() -> None:
    assert "no valid IBAN" in complaint(camt().replace(SLOVAK.encode(), b"SK3112000000198742637542"))


@pytest.mark.parametrize("message", ["camt.052.001.08", "camt.054.001.08", "pain.001.001.09", "pacs.008.001.08"])
def test_other_messages_of_iso_20022_are_refused_by_name(message: str) -> None:
    assert f"is a {message[:8]} message, and no camt.053" in complaint(camt(message=message))


@pytest.mark.parametrize("document", [b"<html/>", b"<Document/>", b'<Document xmlns="urn:other:camt.053"/>'])
def test_other_documents_are_refused(document: bytes) -> None:
    assert "no camt.053 message" in complaint(document)


def test_a_message_without_statements_is_refused() -> None:
    document = b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt/></Document>'
    assert "holds no statement" in complaint(document)


@pytest.mark.parametrize("version", range(2, 14))
def test_every_version_in_use_is_read(version: int) -> None:
    assert len(entries(items(camt(entry(), message=f"camt.053.001.{version:02}")))) == 1


def test_a_document_in_utf_16_is_read() -> None:
    document = camt(entry(reference="Č-1")).decode().replace("UTF-8", "UTF-16").encode("utf-16")
    assert entries(items(document))[0].bank_reference == "Č-1"
