"""Card numbers: their check digit against known numbers, and everything that is wrong with others."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tillway.domain.giftcards import check_digit, masked, passes_luhn
from tillway.domain.issuing import full_number
from tillway.domain.refusals import CardNumberDigits, CardNumberInvalid, CardNumberLength, CardRefusal
from tillway.domain.spending import check_numbers

KNOWN = (
    "4111111111111111",
    "4242424242424242",
    "5555555555554444",
    "378282246310005",
    "6011111111111117",
    "3530111333300000",
    "79927398713",
    "6304000000000000000",
    "6759649826438453",
    "18",
)
PREFIXES = ("606100", "7")


@pytest.mark.parametrize("number", KNOWN)
def test_known_numbers_pass_and_every_other_last_digit_fails(number: str) -> None:
    assert check_digit(number[:-1]) == number[-1]
    for digit in "0123456789":
        assert passes_luhn(number[:-1] + digit) is (digit == number[-1])


@given(st.text("0123456789", min_size=1, max_size=30))
def test_a_number_with_its_check_digit_passes(digits: str) -> None:
    assert passes_luhn(digits + check_digit(digits))


@given(st.text("0123456789", min_size=18, max_size=18), st.integers(0, 18), st.integers(1, 9))
def test_one_wrong_digit_is_always_noticed(digits: str, place: int, by: int) -> None:
    number = digits + check_digit(digits)
    wrong = str((int(number[place]) + by) % 10)
    assert not passes_luhn(number[:place] + wrong + number[place + 1 :])


@given(st.integers(0, 10**12 - 1))
def test_a_new_number_is_good(serial: int) -> None:
    number = full_number("606100", serial)
    check_numbers((number,), PREFIXES)
    assert int(number[6:18]) == serial


def test_a_serial_that_does_not_fit_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="too long"):
        full_number("606100", 10**12)


@pytest.mark.parametrize(
    ("number", "refusal"),
    [
        ("", CardNumberLength),
        ("606100000000000000", CardNumberLength),
        ("60610000000000000000", CardNumberLength),
        ("606100 00000 00000 0000", CardNumberLength),
        ("606100000000000000x", CardNumberDigits),
        ("606100000000000000٣", CardNumberDigits),
        ("606100000000000000²", CardNumberDigits),
        ("-606100000000000000", CardNumberDigits),
        ("+606100000000000000", CardNumberDigits),
        ("606100000000000000\n", CardNumberDigits),
        ("0" * 19, CardNumberDigits),
        ("6061000000000000000", CardNumberInvalid),
        ("6061010000000000004", CardNumberInvalid),
        ("9" * 18 + check_digit("9" * 18), CardNumberInvalid),
    ],
)
def test_a_wrong_number_is_refused_for_the_first_thing_wrong_with_it(number: str, refusal: type[CardRefusal]) -> None:
    with pytest.raises(refusal):
        check_numbers((number,), PREFIXES)


def test_without_issuers_no_number_is_valid() -> None:
    with pytest.raises(CardNumberInvalid):
        check_numbers((full_number("606100", 1),), ())


@pytest.mark.parametrize(
    ("numbers", "refusal"),
    [
        (("6061000000000000000", "1"), CardNumberLength),
        (("6061000000000000000", "x" * 19), CardNumberDigits),
        (("x" * 19, "1"), CardNumberLength),
    ],
)
def test_of_several_numbers_the_fault_that_stands_first_in_the_document_is_answered(
    numbers: tuple[str, ...], refusal: type[CardRefusal]
) -> None:
    with pytest.raises(refusal):
        check_numbers(numbers, PREFIXES)


def test_a_number_is_shown_by_its_last_five_digits_only() -> None:
    assert masked("12345") == "**************12345"
