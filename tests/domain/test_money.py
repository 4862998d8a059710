"""Amounts of money, and how many decimals their currencies have."""

import operator
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tillway.domain.money import LARGEST_MINOR, Money, exponent

AMOUNTS = st.integers(-LARGEST_MINOR, LARGEST_MINOR)


@given(AMOUNTS, AMOUNTS)
def test_what_is_added_can_be_taken_away_again(one: int, other: int) -> None:
    assert Money(one, "NOK") + Money(other, "NOK") - Money(other, "NOK") == Money(one, "NOK")


@pytest.mark.parametrize("mix", [operator.add, operator.sub])
def test_unlike_currencies_do_not_mix(mix: Callable[[Money, Money], Money]) -> None:
    with pytest.raises(ValueError, match="cannot mix NOK and EUR"):
        mix(Money(1, "NOK"), Money(1, "EUR"))


def test_the_same_number_of_another_currency_is_another_amount() -> None:
    assert Money(100, "NOK") != Money(100, "EUR")


@pytest.mark.parametrize(
    ("currency", "decimals"),
    [("NOK", 2), ("EUR", 2), ("JPY", 0), ("ISK", 0), ("KWD", 3), ("CLF", 4), ("HUF", 2), ("IQD", 3), ("UGX", 0)],
)
def test_decimals_are_those_of_iso_4217(currency: str, decimals: int) -> None:
    assert exponent(currency) == decimals


@pytest.mark.parametrize("code", ["XAU", "XTS", "XXX", "NOKK", "nok", "", "ABC"])
def test_a_code_that_is_not_money_is_refused(code: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        exponent(code)


def test_a_million_of_the_largest_amounts_fit_into_a_column() -> None:
    assert LARGEST_MINOR * 1_000_000 < 2**63
