"""Identifiers: version 7 UUIDs in order of time, and how an order's and its payments' hang together."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.gateway import START
from tillway.commands.tools import IdMaker
from tillway.domain.decision import Stamp
from tillway.domain.ids import (
    MOST_PAYMENTS_OF_AN_ORDER,
    PaymentId,
    first_of,
    is_uuid,
    milliseconds_of,
    order_id,
    order_of,
    payment_id,
    uuid7,
)

MILLISECONDS = st.integers(0, 2**48 - 1)
NOISE = st.binary(min_size=10, max_size=10)


@given(MILLISECONDS, NOISE)
def test_an_id_is_a_version_7_uuid_of_its_moment(milliseconds: int, noise: bytes) -> None:
    text = uuid7(milliseconds, noise)
    parsed = UUID(text)
    assert (str(parsed), parsed.version, parsed.int >> 80) == (text, 7, milliseconds)
    assert parsed.variant == "specified in RFC 4122"
    assert is_uuid(text)
    assert milliseconds_of(text) == milliseconds


@given(MILLISECONDS, MILLISECONDS, NOISE, NOISE)
def test_ids_sort_by_time(one: int, other: int, noise: bytes, more_noise: bytes) -> None:
    if one != other:
        assert (uuid7(one, noise) < uuid7(other, more_noise)) is (one < other)


@given(MILLISECONDS, NOISE)
def test_no_id_of_a_moment_comes_before_its_first(milliseconds: int, noise: bytes) -> None:
    assert first_of(milliseconds) <= order_id(uuid7(milliseconds, noise)) <= uuid7(milliseconds, noise)


@given(MILLISECONDS, NOISE, st.integers(1, MOST_PAYMENTS_OF_AN_ORDER))
def test_a_payment_is_found_beside_its_order(milliseconds: int, noise: bytes, number: int) -> None:
    order = order_id(uuid7(milliseconds, noise))
    payment = payment_id(order, number)
    assert order.endswith("000")
    assert order_of(payment) == order
    assert order < payment
    assert int(payment[-3:], 16) == number
    assert is_uuid(payment)


@pytest.mark.parametrize("number", [0, -1, MOST_PAYMENTS_OF_AN_ORDER + 1])
def test_an_order_has_so_many_payments_at_most(number: int) -> None:
    with pytest.raises(ValueError, match="cannot have a payment number"):
        payment_id(order_id(first_of(0)), number)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "00000000-0000-7000-8000-00000000000",
        "00000000-0000-7000-8000-0000000000000",
        "00000000-0000-7000-8000-00000000000G",
        "00000000-0000-7000-8000-00000000000A",
        "0000000000000-7000-8000-000000000000",
        "00000000-0000-7000-8000-0000000000-0",
        "00000000-0000-7000-8000-00000000000٣",
        " 0000000-0000-7000-8000-000000000000",
        "{0000000-0000-7000-8000-00000000000}",
        "00000000-0000-7000-8000-00000000000\n",
        "-" * 36,
    ],
)
def test_what_is_not_written_as_we_write_ids_is_none_of_ours(text: str) -> None:
    assert not is_uuid(text)


def test_an_order_id_is_not_taken_for_that_of_a_payment() -> None:
    order = order_id(first_of(1))
    assert order_of(PaymentId(order)) == order


def test_a_thousand_ids_of_one_moment_differ_in_their_orders() -> None:
    ids = IdMaker()
    assert len({order_id(ids.make(START)) for _ in range(3000)}) == 3000


def test_the_ids_of_an_act_are_the_same_on_every_run_and_in_order() -> None:
    stamp = Stamp(START, IdMaker().make(START))
    ids = [stamp.id(number) for number in range(1, 4096)]
    assert ids == sorted(set(ids))
    assert all(is_uuid(each) and milliseconds_of(each) == START // 1000 for each in ids)
