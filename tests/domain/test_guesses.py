"""Guess protection: who counts wrong tries, where, for how long, and what a closed door answers."""

from collections.abc import Sequence

import pytest

from tests.domain.shop import CALLER, CVC, PREFIX, Shop, number_of, part, spends
from tillway.domain.giftcards import GiftCard
from tillway.domain.guesses import HOUR, LIMITS, Guesses, is_used_up, of_address, of_card, of_payment, one_more
from tillway.domain.ids import CardId
from tillway.domain.issuing import full_number
from tillway.domain.looking import BalanceAsked, look
from tillway.domain.refusals import CardUnknown, CvcRefused, Refusal, TooManyTries

ADDRESS = of_address("192.0.2.1")
UNKNOWN = full_number(PREFIX, 999_999_999_999)


def _counts(shop: Shop) -> dict[str, int]:
    return {row.scope: row.count for row in shop.book.all(Guesses)}


def _look(shop: Shop, number: str, card: CardId, cvc: str, scopes: Sequence[str]) -> GiftCard:
    asked = BalanceAsked(number, card, cvc, tuple(scopes), (PREFIX,))
    return shop.act(lambda stamp: look(shop.book, CALLER, asked, stamp.now))


def _guess_until_closed(shop: Shop, card: GiftCard) -> None:
    for _ in range(LIMITS["card"]):
        with pytest.raises(CvcRefused):
            shop.spend(shop.payment(10), spends(part(card, 0, "wrong")))


def test_a_wrong_cvc_is_counted_for_the_card_and_for_the_payment() -> None:
    shop = Shop()
    card = shop.card(100)
    payment = shop.payment(10)
    for number in range(1, 4):
        with pytest.raises(CvcRefused):
            shop.spend(payment, spends(part(card, 0, "wrong")))
        assert _counts(shop) == {of_card(card.id): number, of_payment(payment): number}


def test_a_call_counts_one_guess_however_many_of_its_cvcs_are_wrong() -> None:
    shop = Shop()
    card = shop.card(100)
    with pytest.raises(CvcRefused):
        shop.spend(shop.payment(100), spends(*(part(card, 1, f"wrong {number}") for number in range(9))))
    assert _counts(shop)[of_card(card.id)] == 1


def test_neither_a_right_cvc_nor_none_is_counted() -> None:
    shop = Shop()
    card = shop.card(100)
    shop.spend(shop.payment(10), spends(part(card, 0, CVC)))
    shop.spend(shop.payment(10), spends(part(card)))
    assert _counts(shop) == {}


def test_after_too_many_tries_on_a_card_the_right_cvc_is_refused_too_and_not_counted() -> None:
    shop = Shop()
    card = shop.card(100)
    _guess_until_closed(shop, card)
    with pytest.raises(CvcRefused):
        shop.spend(shop.payment(10), spends(part(card, 0, CVC)))
    assert _counts(shop)[of_card(card.id)] == LIMITS["card"]


def test_after_too_many_tries_in_a_payment_every_card_is_refused_there() -> None:
    shop = Shop()
    payment = shop.payment(10)
    for _ in range(LIMITS["payment"]):
        with pytest.raises(CvcRefused):
            shop.spend(payment, spends(part(shop.card(100), 0, "wrong")))
    fresh = shop.card(100)
    with pytest.raises(CvcRefused):
        shop.spend(payment, spends(part(fresh, 0, CVC)))
    shop.spend(shop.payment(10), spends(part(fresh, 0, CVC)))


def test_the_door_opens_again_an_hour_after_the_first_wrong_try() -> None:
    shop = Shop()
    card = shop.card(100)
    _guess_until_closed(shop, card)
    shop.now += HOUR - 1
    with pytest.raises(CvcRefused):
        shop.spend(shop.payment(10), spends(part(card, 0, CVC)))
    shop.now += 1
    shop.spend(shop.payment(10), spends(part(card, 0, CVC)))


def test_a_wrong_try_after_an_hour_begins_to_count_anew() -> None:
    full = Guesses(of_card(CardId("x")), 0, LIMITS["card"])
    assert is_used_up(full.scope, full, HOUR - 1)
    assert not is_used_up(full.scope, full, HOUR)
    assert one_more(full.scope, full, HOUR) == Guesses(full.scope, HOUR, 1)
    assert one_more(full.scope, full, HOUR - 1) == Guesses(full.scope, 0, LIMITS["card"] + 1)


def test_asking_an_api_for_a_balance_counts_wrong_cvcs_only() -> None:
    shop = Shop()
    card = shop.card(100)
    with pytest.raises(CardUnknown):
        _look(shop, UNKNOWN, CardId("unknown"), "", ())
    with pytest.raises(CardUnknown):
        _look(shop, UNKNOWN, CardId("unknown"), "wrong", ())
    assert _counts(shop) == {}
    with pytest.raises(CvcRefused):
        _look(shop, number_of(card), card.id, "wrong", ())
    assert _counts(shop) == {of_card(card.id): 1}
    assert _look(shop, number_of(card), card.id, CVC, ()) == card


def test_guesses_by_the_balance_call_and_by_perform_count_together() -> None:
    shop = Shop()
    card = shop.card(100)
    for _ in range(LIMITS["card"] - 1):
        with pytest.raises(CvcRefused):
            _look(shop, number_of(card), card.id, "wrong", ())
    with pytest.raises(CvcRefused):
        shop.spend(shop.payment(10), spends(part(card, 0, "wrong")))
    with pytest.raises(CvcRefused):
        shop.spend(shop.payment(10), spends(part(card, 0, CVC)))
    with pytest.raises(CvcRefused):
        _look(shop, number_of(card), card.id, CVC, ())


def test_on_the_page_a_wrong_number_is_counted_for_whoever_asks() -> None:
    shop = Shop()
    scopes = (ADDRESS, of_payment(shop.payment(10)))
    for number in ("12", UNKNOWN):
        with pytest.raises(Refusal):
            _look(shop, number, CardId("unknown"), CVC, scopes)
    assert _counts(shop) == dict.fromkeys(scopes, 2)


def test_on_the_page_a_wrong_cvc_is_counted_for_the_card_too() -> None:
    shop = Shop()
    card = shop.card(100)
    scopes = (ADDRESS, of_payment(shop.payment(10)))
    with pytest.raises(CvcRefused):
        _look(shop, number_of(card), card.id, "wrong", scopes)
    assert _counts(shop) == dict.fromkeys((*scopes, of_card(card.id)), 1)


@pytest.mark.parametrize("kind", ["address", "payment", "card"])
def test_on_the_page_too_many_tries_of_any_kind_close_the_door(kind: str) -> None:
    shop = Shop()
    card = shop.card(100)
    scopes = {"address": ADDRESS, "payment": of_payment(shop.payment(10)), "card": of_card(card.id)}
    shop.book.load(Guesses, (Guesses(scopes[kind], shop.now, LIMITS[kind] - 1),))
    asking = (scopes["address"], scopes["payment"])
    with pytest.raises(CvcRefused):
        _look(shop, number_of(card), card.id, "wrong", asking)
    before = _counts(shop)
    with pytest.raises(TooManyTries):
        _look(shop, number_of(card), card.id, CVC, asking)
    assert _counts(shop) == before


def test_a_right_answer_is_given_on_the_page_and_not_counted() -> None:
    shop = Shop()
    card = shop.card(100)
    assert _look(shop, number_of(card), card.id, CVC, (ADDRESS,)) == card
    assert _counts(shop) == {}
