"""How well entries fit payments, case by case."""

from dataclasses import replace

import pytest

from tests.bank_account import ACCOUNT, PAYER, told
from tillway.domain.end_to_end import payment_name, payment_named, return_name, return_named
from tillway.domain.ids import ClientId, MerchantId, PaymentId
from tillway.domain.matching import MOST_CANDIDATES, NAMED, NEAR, SURE, Candidate, match, score, written_symbols
from tillway.domain.payment_orders import Instruction
from tillway.domain.payments import PaymentState
from tillway.domain.statements import BankEntry, EntryId, EntryTold, StatementId, entry_id, fresh_entry, likeness

VS: dict[str, object] = {"variable_symbol": "7"}
PAYMENT = PaymentId("019a9f1e-7c1a-7b52-8f6e-2f1d3c4b5001")


def instruction(payment: PaymentId = PAYMENT, amount: int = 100_00, **said: object) -> Instruction:
    """What the bank is told of a payment to ACCOUNT."""
    words: dict[str, object] = {
        **dict.fromkeys(Instruction.__dataclass_fields__, ""),
        "payment_id": payment,
        "client_id": ClientId("client"),
        "outgoing": 0,
        "state": PaymentState.CREATED,
        "amount": amount,
        "currency": "EUR",
        "creditor_iban": ACCOUNT,
    }
    return Instruction(**{**words, **said})  # pyright: ignore[reportArgumentType] - names and kinds are the fields'


def entry(amount: int = 100_00, **said: object) -> BankEntry:
    """An entry of ACCOUNT from PAYER."""
    return fresh_entry(EntryId("e"), MerchantId("m"), StatementId("s"), told(amount, **said), 0)


@pytest.mark.parametrize(
    ("said", "of", "is_sure", "is_near"),
    [
        ({"variable_symbol": "7"}, {"variable_symbol": "0007"}, True, True),
        ({"variable_symbol": "7", "amount": 1}, {"variable_symbol": "7"}, True, True),
        ({"variable_symbol": "8"}, {"variable_symbol": "7"}, False, False),
        (
            {"variable_symbol": "7", "specific_symbol": "1"},
            {"variable_symbol": "7", "specific_symbol": "2"},
            False,
            True,
        ),
        ({"reference": "rf 18 x"}, {"reference": "RF18X"}, True, True),
        ({"remittance": "for INV-7, thanks"}, {"reference": "INV-7"}, True, True),
        ({"remittance": "for INV-77"}, {"reference": "INV-7"}, False, True),
        ({}, {"variable_symbol": "7"}, False, True),
        ({"amount": 1}, {"variable_symbol": "7", "debtor_iban": PAYER}, False, False),
        ({"variable_symbol": "7"}, {"variable_symbol": "7", "creditor_iban": PAYER}, False, False),
        ({"variable_symbol": "7"}, {"variable_symbol": "7", "currency": "CZK"}, False, False),
        ({"variable_symbol": "7", "is_credit": 0}, {"variable_symbol": "7"}, False, False),
    ],
)
def test_an_entry_fits_by_what_names_the_payment(
    said: dict[str, object], of: dict[str, object], is_sure: bool, is_near: bool
) -> None:
    points = score(replace(entry(), **said), replace(instruction(), **of))
    assert (points >= SURE, points >= NEAR) == (is_sure, is_near)


def test_nothing_is_as_sure_as_the_payments_own_id() -> None:
    assert score(entry(1, end_to_end_id=payment_name(PAYMENT).upper()), instruction()) == NAMED


def test_one_that_expects_money_goes_before_one_that_does_not() -> None:
    other = PaymentId("019a9f1e-7c1a-7b52-8f6e-2f1d3c4b6001")
    paid = Candidate(instruction(variable_symbol="7"), expects=False)
    waits = Candidate(instruction(other, variable_symbol="7"), expects=True)
    found = match(entry(variable_symbol="7"), [paid, waits])
    assert found is not None
    assert (found.told.payment_id, found.is_sure) == (other, True)
    dearer = Candidate(instruction(other, 200_00, variable_symbol="7"), expects=True)
    found = match(entry(variable_symbol="7"), [paid, dearer])
    assert found is not None
    assert not found.is_sure


def test_too_many_that_it_may_be_are_left_to_a_person() -> None:
    ids = [PaymentId(f"019a9f1e-7c1a-7b52-8f6e-2f1d3c{number:03x}001") for number in range(MOST_CANDIDATES + 1)]
    many = [Candidate(instruction(one, amount=100 + place), expects=True) for place, one in enumerate(ids)]
    sure = [Candidate(instruction(variable_symbol="7"), expects=True), *many[1:]]
    found = match(entry(variable_symbol="7"), sure)
    assert found is not None
    assert not found.is_sure


def test_symbols_are_sought_as_they_may_have_been_written() -> None:
    assert written_symbols("0012345678") == ("12345678", "012345678", "0012345678")
    assert written_symbols("") == written_symbols("000") == ()


def test_names_at_banks_lead_back() -> None:
    assert payment_named(payment_name(PAYMENT)) == payment_named(f"{PAYMENT}") == PAYMENT
    assert payment_named(f"{payment_name(PAYMENT)}12") == PAYMENT
    returned = EntryId("04f1a6d1c0ffee0123456789abcdef01")
    assert return_named(return_name(returned)) == returned
    assert len(return_name(returned)) <= 35
    for nothing in ("", "NOTPROVIDED", "R", "x" * 500, "7" * 31):
        assert (payment_named(nothing), return_named(nothing)) == (None, None)


def identity(said: EntryTold, occurrence: int = 1) -> EntryId:
    return entry_id(MerchantId("m"), said, likeness(said), occurrence)


def test_an_entry_is_the_same_whatever_else_is_told_beside_the_banks_reference() -> None:
    first = told(1_00, bank_reference="R", remittance="as camt tells it")
    assert identity(first) == identity(told(1_00, bank_reference="R", remittance="AS MT940 DOES"))
    assert identity(first) != identity(told(1_00, bank_reference="R"), 2)
    assert identity(first) != identity(told(2_00, bank_reference="R"))
    assert identity(told(1_00, remittance="a")) != identity(told(1_00, remittance="b"))
