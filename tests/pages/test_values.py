"""What the pages compute: the tray, the parts that cards cover, the way back, days, and orders of test cards."""

from dataclasses import replace
from datetime import date
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.gateway import START, VAULT, opening
from tillway.domain.clients import Client, RecordState, Surface
from tillway.domain.decision import Stamp
from tillway.domain.giftcards import CardState, GiftCard
from tillway.domain.ids import CardId, ClientId, IssuerId, MerchantId, PaymentId
from tillway.domain.opening import open_payment
from tillway.domain.orders import Access
from tillway.domain.standing import Standing
from tillway.surfaces.checkout.tray import LASTS_SECONDS, Tray, seal, unseal
from tillway.surfaces.checkout.viewing import covers, return_address
from tillway.surfaces.checkout.views import EntryFault
from tillway.surfaces.common.days import counted, day_of, end_of, last_before, today

PAYMENT = PaymentId("019b76da-a800-7ea9-bfbd-d1fd574b6001")
CLIENT = Client(
    ClientId("till"), MerchantId("m"), Surface.GIFT_CARD, "Till", "NOK", "sandbox", "", RecordState.ACTIVE, START
)


def card(balance: int) -> GiftCard:
    return GiftCard(
        CardId("c"), IssuerId("i"), "40217", "", "", "", "NOK", balance, 0, CardState.ACTIVE, START, START + 1
    )


def standing(return_url: str) -> Standing:
    asked = opening(100, access=Access.WEB, return_url=return_url)
    return open_payment(CLIENT, asked, Stamp(START, "019b76da-a800-7ea9-bfbd-d1fd574b6000")).answer


class TestTray:
    tray = Tray(("6061001234567890125",), number="60610", fault=EntryFault.NUMBER_LENGTH)

    def test_comes_back_as_it_was_sealed(self) -> None:
        assert unseal(seal(self.tray, PAYMENT, VAULT, START), PAYMENT, VAULT, START) == self.tray

    def test_shows_no_digit_of_a_number(self) -> None:
        assert "606100" not in seal(self.tray, PAYMENT, VAULT, START)

    def test_is_of_no_use_in_another_payment(self) -> None:
        other = PaymentId(PAYMENT[:-1] + "2")
        assert unseal(seal(self.tray, PAYMENT, VAULT, START), other, VAULT, START) == Tray()

    def test_is_cleared_after_half_an_hour(self) -> None:
        sealed = seal(self.tray, PAYMENT, VAULT, START)
        assert unseal(sealed, PAYMENT, VAULT, START + LASTS_SECONDS * 1_000_000) == Tray()

    @given(st.text(max_size=200))
    def test_is_empty_when_what_came_is_not_ours(self, value: str) -> None:
        assert unseal(value, PAYMENT, VAULT, START) == Tray()

    def test_fits_into_a_cookie_when_it_is_full(self) -> None:
        full = replace(self.tray, numbers=("6061001234567890125",) * 10, number="9" * 40)
        assert len(seal(full, PAYMENT, VAULT, START)) < 3_000


@given(st.integers(0, 10_000), st.lists(st.integers(0, 5_000), max_size=10))
def test_cards_cover_in_order_no_more_than_is_due_and_no_more_than_they_have(due: int, balances: list[int]) -> None:
    parts = covers(due, [card(balance) for balance in balances])
    assert sum(parts) == min(due, sum(balances))
    assert all(part <= balance for part, balance in zip(parts, balances, strict=True))
    unfinished = [place for place, (part, balance) in enumerate(zip(parts, balances, strict=True)) if part < balance]
    assert all(parts[place] == 0 for place in unfinished[1:])


@pytest.mark.parametrize(
    "given_url",
    [
        "https://shop.example/done",
        "https://shop.example/done?order=7&x=%C3%A5",
        "https://shop.example/?paymentId=mine",
        "http://localhost:3000/done?a#part",
    ],
)
def test_the_way_back_keeps_its_own_query_and_adds_the_payment(given_url: str) -> None:
    stands = standing(given_url)
    back, original = urlsplit(return_address(stands)), urlsplit(given_url)
    assert back[:3] == original[:3]
    assert back.fragment == original.fragment
    assert parse_qsl(back.query) == [*parse_qsl(original.query), ("paymentId", stands.payment.id)]


def test_a_payment_without_a_way_back_has_none() -> None:
    assert return_address(standing("")) == ""


@pytest.mark.parametrize("zone", ["Europe/Oslo", "UTC", "Pacific/Auckland"])
@pytest.mark.parametrize("day", [date(2026, 3, 29), date(2026, 10, 25), date(2026, 12, 31)])
def test_a_day_ends_at_midnight_of_its_zone(day: date, zone: str) -> None:
    end = end_of(day, zone)
    assert last_before(end, zone) == day
    assert today(end, zone) > day
    assert today(end - 1, zone) == day


def test_days_are_counted_from_1970() -> None:
    assert counted(date(1970, 1, 1)) == 0
    assert day_of(counted(date(2026, 2, 28)) + 1) == date(2026, 3, 1)
