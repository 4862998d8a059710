"""Credit transfers as SEPA's pain.001: valid, the same for the same batch, and refused where no bank could pay them."""

from contextlib import suppress
from dataclasses import replace
from datetime import date
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from sepaxml.validation import try_valid_xml

from tillway.connectors.credit_transfers import (
    LARGEST_AMOUNT,
    CreditTransferBatch,
    CreditTransferNotPossible,
    CreditTransferOrder,
    write_credit_transfers,
)

ORDER = CreditTransferOrder(
    end_to_end_id="/VS123/SS/KS",
    amount=12_50,
    currency="EUR",
    creditor_name="Žofia Šťastná & spol_",
    creditor_iban="DE89 3704 0044 0532 0130 00",
    creditor_bic="",
    remittance="Vrátenie platby č. 5",
)
BATCH = CreditTransferBatch(
    message_id="TW-20261128-1",
    debtor_name="Obchod s hračkami, s.r.o.",
    debtor_iban="SK3112000000198742637541",
    debtor_bic="TATRSKBX",
    execution_on=date(2026, 11, 30),
    created=1_796_000_000_123_456,
    orders=(ORDER, replace(ORDER, end_to_end_id="E-2", amount=1, creditor_bic="COBADEFFXXX", remittance="")),
)
NAMESPACE = "{urn:iso:std:iso:20022:tech:xsd:pain.001.001.09}"
SCHEMA = str(files("sepaxml") / "schemas" / "pain.001.001.09.xsd")


def all_at(document: bytes, path: str) -> list[str]:
    """The texts of all elements at a path."""
    root = etree.fromstring(document, etree.XMLParser(resolve_entities=False))
    steps = "/".join(f"{NAMESPACE}{step}" for step in path.split("/"))
    return [element.text or "" for element in root.iterfind(f".//{steps}")]


def refusal(batch: CreditTransferBatch) -> CreditTransferNotPossible:
    """Why a batch cannot be written."""
    with pytest.raises(CreditTransferNotPossible) as refused:
        write_credit_transfers(batch)
    return refused.value


def with_order(**fields: object) -> CreditTransferBatch:
    """A batch of one order that is a little different."""
    return replace(BATCH, orders=(replace(ORDER, **fields),))


def test_a_batch_is_valid_for_two_readers_of_the_schema() -> None:
    document = write_credit_transfers(BATCH)
    assert etree.XMLSchema(file=SCHEMA).validate(etree.fromstring(document, etree.XMLParser()))
    try_valid_xml(document, "pain.001.001.09")


def test_the_same_batch_is_the_same_bytes() -> None:
    assert write_credit_transfers(BATCH) == write_credit_transfers(replace(BATCH))


def test_ids_and_times_are_those_of_the_batch() -> None:
    document = write_credit_transfers(BATCH)
    assert all_at(document, "GrpHdr/MsgId") == all_at(document, "PmtInf/PmtInfId") == ["TW-20261128-1"]
    assert all_at(document, "GrpHdr/CreDtTm") == ["2026-11-30T00:53:20Z"]
    assert all_at(document, "ReqdExctnDt/Dt") == ["2026-11-30"]
    assert all_at(document, "PmtId/EndToEndId") == ["/VS123/SS/KS", "E-2"]


def test_amounts_are_euro_and_add_up() -> None:
    document = write_credit_transfers(BATCH)
    assert all_at(document, "Amt/InstdAmt") == ["12.50", "0.01"]
    assert all_at(document, "GrpHdr/CtrlSum") == all_at(document, "PmtInf/CtrlSum") == ["12.51"]
    assert all_at(document, "GrpHdr/NbOfTxs") == ["2"]


def test_texts_are_in_the_letters_of_sepa() -> None:
    document = write_credit_transfers(BATCH)
    assert all_at(document, "Cdtr/Nm") == ["Zofia Stastna + spol-"] * 2
    assert all_at(document, "RmtInf/Ustrd") == ["Vratenie platby c. 5"]


def test_accounts_are_written_without_blanks_and_a_missing_bank_of_the_debtor_is_said_to_be() -> None:
    document = write_credit_transfers(replace(BATCH, debtor_bic=""))
    assert set(all_at(document, "CdtrAcct/Id/IBAN")) == {"DE89370400440532013000"}
    assert all_at(document, "DbtrAgt/FinInstnId/Othr/Id") == ["NOTPROVIDED"]
    assert all_at(document, "CdtrAgt/FinInstnId/BICFI") == ["COBADEFFXXX"]


def test_long_texts_are_cut_where_the_schema_ends() -> None:
    document = write_credit_transfers(with_order(creditor_name="n" * 5_000, remittance="r" * 5_000))
    assert [len(text) for text in (*all_at(document, "Cdtr/Nm"), *all_at(document, "RmtInf/Ustrd"))] == [70, 140]


@pytest.mark.parametrize(
    ("batch", "why"),
    [
        (with_order(creditor_iban="DE89370400440532013001"), "IBAN"),
        (with_order(creditor_iban=""), "IBAN"),
        (with_order(creditor_bic="NOBANK"), "BIC"),
        (with_order(amount=0), "amount"),
        (with_order(amount=-1), "amount"),
        (with_order(amount=LARGEST_AMOUNT + 1), "amount"),
        (with_order(currency="CZK"), "EUR only"),
        (with_order(creditor_name="\N{GRINNING FACE}"), "no letter"),
        (with_order(creditor_name=""), "no letter"),
    ],
)
def test_an_order_that_no_bank_could_pay_is_named(batch: CreditTransferBatch, why: str) -> None:
    refused = refusal(batch)
    assert (why in refused.reason, refused.end_to_end_id) == (True, ORDER.end_to_end_id)


@pytest.mark.parametrize(
    ("batch", "why"),
    [
        (with_order(end_to_end_id=""), "end-to-end id"),
        (with_order(end_to_end_id="x" * 36), "end-to-end id"),
        (with_order(end_to_end_id="č"), "end-to-end id"),
        (with_order(end_to_end_id="x\n"), "end-to-end id"),
        (replace(BATCH, orders=(ORDER, ORDER)), "two orders"),
        (replace(BATCH, orders=()), "1 to 10000 orders"),
        (replace(BATCH, orders=(ORDER,) * 10_001), "1 to 10000 orders"),
        (replace(BATCH, message_id=""), "message id"),
        (replace(BATCH, message_id="x" * 36), "message id"),
        (replace(BATCH, message_id="/x"), "message id"),
        (replace(BATCH, message_id="a//b"), "message id"),
        (replace(BATCH, debtor_iban="SK3112000000198742637542"), "IBAN"),
        (replace(BATCH, debtor_bic="X"), "BIC"),
        (replace(BATCH, debtor_name="\0"), "no letter"),
    ],
)
def test_a_batch_that_no_bank_could_take_is_refused(batch: CreditTransferBatch, why: str) -> None:
    assert why in refusal(batch).reason


@given(st.text(max_size=200), st.text(max_size=200), st.integers(1, LARGEST_AMOUNT))
def test_any_text_is_written_or_refused(name: str, remittance: str, amount: int) -> None:
    batch = with_order(creditor_name=name, remittance=remittance, amount=amount)
    with suppress(CreditTransferNotPossible):
        document = write_credit_transfers(batch)
        assert document == write_credit_transfers(batch)
        assert all_at(document, "Amt/InstdAmt") == [f"{amount // 100}.{amount % 100:02}"]


def test_each_payment_is_to_be_booked_by_itself_so_that_statements_tell_them_apart() -> None:
    assert b"<BtchBookg>false</BtchBookg>" in write_credit_transfers(BATCH)
