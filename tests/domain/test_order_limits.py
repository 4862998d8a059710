"""How much of an order may be given back: hundredths of a percent of its amount, rounded down to a whole minor unit."""

from decimal import ROUND_FLOOR, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.order_shop import PAYER, OrderShop
from tillway.domain.money import exponent
from tillway.domain.outcomes import Paid
from tillway.domain.payment_orders import OrderStatus, most_refunded, status_of
from tillway.domain.refusals import RefundAboveLimit

MOST = 999_999_999_999
UP_TO_ALL = st.integers(1, 100_00)


@pytest.mark.parametrize(
    ("currency", "amount", "percent", "most"),
    [
        ("JPY", "1", "100", "1"),
        ("JPY", "1", "99.99", "0"),
        ("JPY", "3", "33.33", "0"),
        ("JPY", "3", "33.34", "1"),
        ("JPY", "9999999999", "0.01", "999999"),
        ("EUR", "0.01", "100", "0.01"),
        ("EUR", "0.01", "99.99", "0"),
        ("EUR", "10.23", "50", "5.11"),
        ("EUR", "100", "50.5", "50.5"),
        ("EUR", "100", "0.01", "0.01"),
        ("EUR", "99.99", "0.01", "0"),
        ("EUR", "9999999999", "100", "9999999999"),
        ("EUR", "0.03", "150", "0.04"),
        ("KWD", "0.001", "50", "0"),
        ("KWD", "0.003", "50", "0.001"),
        ("KWD", "10.235", "50", "5.117"),
        ("KWD", "999999999.999", "99.99", "999899999.999"),
    ],
)
def test_a_limit_is_rounded_down_to_the_last_digit_of_the_currency(
    currency: str, amount: str, percent: str, most: str
) -> None:
    def minor(text: str) -> int:
        return int(Decimal(text).scaleb(exponent(currency)))

    assert most_refunded(minor(amount), int(Decimal(percent) * 100)) == minor(most)


def test_no_limit_is_any_amount() -> None:
    assert most_refunded(1, 0) is None


@given(st.integers(1, MOST), st.integers(1, 10_000_00))
def test_a_limit_is_never_a_fraction_of_a_minor_unit_too_much(amount: int, hundredths: int) -> None:
    exact = Decimal(amount) * Decimal(hundredths).scaleb(-4)
    assert most_refunded(amount, hundredths) == int(exact.to_integral_value(ROUND_FLOOR))


@given(st.integers(1, MOST), UP_TO_ALL)
def test_a_limit_of_up_to_all_is_never_more_than_the_amount(amount: int, hundredths: int) -> None:
    most = most_refunded(amount, hundredths)
    assert most is not None
    assert 0 <= most <= amount


@given(st.integers(1, 500_00), UP_TO_ALL)
def test_up_to_the_limit_is_refunded_and_not_one_minor_unit_more(amount: int, hundredths: int) -> None:
    shop = OrderShop()
    order = shop.open(amount, limit=hundredths)
    shop.begin(order.payments[0].id, debtor_iban=PAYER)
    shop.record(order.payments[0].id, Paid())
    most = most_refunded(amount, hundredths)
    assert most is not None
    if most > 1:
        shop.refund(order.order.id, most - 1)
    if most:
        shop.refund(order.order.id, 1, reference="the last")
    with pytest.raises(RefundAboveLimit):
        shop.refund(order.order.id, 1, reference="one more")


@pytest.mark.parametrize(
    ("amount", "paid", "status"),
    [
        (1, 0, OrderStatus.UNPAID),
        (1, 1, OrderStatus.PAID),
        (2, 1, OrderStatus.PARTIALLY_PAID),
        (2, 3, OrderStatus.PAID),
    ],
)
def test_a_status_is_what_was_paid(amount: int, paid: int, status: OrderStatus) -> None:
    assert status_of(amount, paid) is status
