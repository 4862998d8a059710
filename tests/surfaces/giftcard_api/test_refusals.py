"""The document's error numbers: each really produced over HTTP, and the first that applies in the documented order."""

from collections.abc import Awaitable, Callable

import pytest

from tests.clients.till import Answer, Json, Till, card
from tests.shop import Shop
from tillway.commands.cards import IssuedCard
from tillway.connectors.simulator import FAILING, SILENT_AND_NEVER_RECEIVED
from tillway.domain.giftcards import CardState
from tillway.domain.issuing import full_number
from tillway.surfaces.giftcard_api.errors import NUMBERS
from tillway.surfaces.sandbox.seeding import PREFIX

pytestmark = pytest.mark.anyio

WRONG_LENGTH = PREFIX + "12345"
NOT_DIGITS = PREFIX + "123456789012x"
ZEROS = "0" * 19
UNKNOWN = full_number(PREFIX, 1)
NO_ISSUERS = full_number("606100", 1)
NOBODYS = "019a9f1e-7c1a-7b52-8f6e-2f1d3c4b5001"

LONG_AGO = 1_000_000_000_000_000


def with_wrong_check_digit(number: str) -> str:
    return number[:-1] + str((int(number[-1]) + 1) % 10)


async def foreign(shop: Shop) -> str:
    """A card that the shop's till does not accept, and that is expired, empty and without a readable CVC besides."""
    worst = await shop.card(0, by=await shop.other_issuer(), expires_at=LONG_AGO, readable_cvc=False)
    return worst.number


async def performed(shop: Shop, *uses: Json, amount: int = 250) -> Answer:
    return await shop.till.perform(await shop.till.open(amount), *uses)


async def ended(till: Till, **members: object) -> str:
    payment = await till.open(250, **members)
    assert (await till.abort(payment)).status == 200
    return payment


async def a_required_member_is_missing(shop: Shop) -> Answer:
    return await shop.till.perform(NOBODYS)


async def a_member_is_of_the_wrong_type(shop: Shop) -> Answer:
    return await shop.till.perform(NOBODYS, {"cardNumber": 12})


async def no_such_payment(shop: Shop) -> Answer:
    return await shop.till.perform(NOBODYS, card(WRONG_LENGTH))


async def an_id_that_is_none(shop: Shop) -> Answer:
    return await shop.till.perform("receipt-7", card(WRONG_LENGTH))


async def another_merchants_payment(shop: Shop) -> Answer:
    stranger = await shop.other_till(merchant="Another shop")
    payment = await ended(stranger, accessMode="web", returnUrl="http://localhost/")
    return await shop.till.perform(payment, card(WRONG_LENGTH))


async def another_clients_payment(shop: Shop) -> Answer:
    colleague = await shop.other_till()
    payment = await ended(colleague, accessMode="web", returnUrl="http://localhost/")
    return await shop.till.perform(payment, card(WRONG_LENGTH))


async def a_payment_for_the_page(shop: Shop) -> Answer:
    payment = await ended(shop.till, accessMode="web", returnUrl="http://localhost/")
    return await shop.till.perform(payment, card(WRONG_LENGTH))


async def a_payment_that_has_ended(shop: Shop) -> Answer:
    return await shop.till.perform(await ended(shop.till), card(WRONG_LENGTH))


async def too_short_and_no_digits(shop: Shop) -> Answer:
    return await performed(shop, card(NOT_DIGITS[1:]))


async def too_long(shop: Shop) -> Answer:
    return await performed(shop, card(UNKNOWN + "0"))


async def no_digits(shop: Shop) -> Answer:
    return await performed(shop, card(NOT_DIGITS))


async def digits_of_another_script(shop: Shop) -> Answer:
    return await performed(shop, card("٦" * 19))


async def nineteen_zeros(shop: Shop) -> Answer:
    return await performed(shop, card(ZEROS))


async def a_wrong_check_digit(shop: Shop) -> Answer:
    return await performed(shop, card(with_wrong_check_digit((await shop.card(1)).number)))


async def a_prefix_that_no_issuer_has(shop: Shop) -> Answer:
    return await performed(shop, card(NO_ISSUERS))


async def no_such_card(shop: Shop) -> Answer:
    return await performed(shop, card(UNKNOWN))


async def a_vendor_not_accepted(shop: Shop) -> Answer:
    return await performed(shop, card(await foreign(shop)))


async def an_expired_card_that_is_empty_too(shop: Shop) -> Answer:
    worst = await shop.card(0, expires_at=LONG_AGO, readable_cvc=False)
    return await performed(shop, card(worst.number))


async def an_empty_card_without_a_readable_cvc(shop: Shop) -> Answer:
    return await performed(shop, card((await shop.card(0, readable_cvc=False)).number))


async def a_cvc_that_cannot_be_read(shop: Shop) -> Answer:
    return await performed(shop, card((await shop.card(1, readable_cvc=False)).number))


async def a_wrong_cvc(shop: Shop) -> Answer:
    gift = await shop.card(1)
    return await performed(shop, card(gift.number, cvc=wrong_cvc(gift)))


async def a_balance_too_low_on_a_silent_card(shop: Shop) -> Answer:
    return await performed(shop, card((await silent(shop, 249_99)).number))


async def an_issuer_that_does_not_answer(shop: Shop) -> Answer:
    return await performed(shop, card((await silent(shop, 250_00)).number))


async def an_issuer_that_fails(shop: Shop) -> Answer:
    failing = await shop.card(250_00, connector="simulator", marker=FAILING)
    return await performed(shop, card(failing.number))


async def a_blocked_card(shop: Shop) -> Answer:
    return await performed(shop, card((await shop.card(250_00, state=CardState.BLOCKED)).number))


async def silent(shop: Shop, balance: int) -> IssuedCard:
    return await shop.card(balance, connector="simulator", marker=SILENT_AND_NEVER_RECEIVED)


def wrong_cvc(gift: IssuedCard) -> str:
    return f"{(int(gift.cvc) + 1) % 1000:03d}"


Scenario = Callable[[Shop], Awaitable[Answer]]

PERFORM: list[tuple[int, Scenario]] = [
    (950, a_required_member_is_missing),
    (950, a_member_is_of_the_wrong_type),
    (259, no_such_payment),
    (259, an_id_that_is_none),
    (258, another_merchants_payment),
    (260, another_clients_payment),
    (257, a_payment_for_the_page),
    (251, a_payment_that_has_ended),
    (400, too_short_and_no_digits),
    (400, too_long),
    (401, no_digits),
    (401, digits_of_another_script),
    (401, nineteen_zeros),
    (402, a_wrong_check_digit),
    (402, a_prefix_that_no_issuer_has),
    (109, no_such_card),
    (105, a_vendor_not_accepted),
    (101, an_expired_card_that_is_empty_too),
    (106, an_empty_card_without_a_readable_cvc),
    (252, a_cvc_that_cannot_be_read),
    (252, a_wrong_cvc),
    (250, a_balance_too_low_on_a_silent_card),
    (253, an_issuer_that_does_not_answer),
    (254, an_issuer_that_fails),
    (254, a_blocked_card),
]
"""In the document's order. Each scenario gives reason for numbers further down as well, wherever that is possible."""


async def balance_of_a_vendor_not_accepted(shop: Shop) -> Answer:
    return await shop.till.balance(await foreign(shop))


async def balance_of_an_expired_card(shop: Shop) -> Answer:
    return await shop.till.balance((await shop.card(0, expires_at=LONG_AGO)).number)


async def balance_of_an_empty_card(shop: Shop) -> Answer:
    return await shop.till.balance((await shop.card(0)).number)


async def balance_without_a_number(shop: Shop) -> Answer:
    return await shop.till.call("POST", "/v1/cards/balance", {})


async def balance_with_a_wrong_cvc(shop: Shop) -> Answer:
    gift = await shop.card(1)
    return await shop.till.balance(gift.number, cvc=wrong_cvc(gift))


async def balance_of_a_card_whose_cvc_cannot_be_read(shop: Shop) -> Answer:
    return await shop.till.balance((await shop.card(1, readable_cvc=False)).number, cvc="123")


async def balance_of_a_blocked_card(shop: Shop) -> Answer:
    return await shop.till.balance((await shop.card(1, state=CardState.BLOCKED)).number)


BALANCE: list[tuple[int, Scenario]] = [
    (950, balance_without_a_number),
    (400, lambda shop: shop.till.balance(WRONG_LENGTH)),
    (401, lambda shop: shop.till.balance(NOT_DIGITS)),
    (402, lambda shop: shop.till.balance(with_wrong_check_digit(UNKNOWN))),
    (109, lambda shop: shop.till.balance(UNKNOWN)),
    (100, balance_of_a_vendor_not_accepted),
    (101, balance_of_an_expired_card),
    (102, balance_of_an_empty_card),
    (252, balance_with_a_wrong_cvc),
    (252, balance_of_a_card_whose_cvc_cannot_be_read),
    (254, balance_of_a_blocked_card),
]


@pytest.mark.parametrize(("number", "scenario"), PERFORM)
async def test_perform_refuses_by_number(shop: Shop, number: int, scenario: Scenario) -> None:
    answer = await scenario(shop)
    assert answer.error == number, answer
    assert answer.body.keys() == {"error", "message"}


@pytest.mark.parametrize(("number", "scenario"), BALANCE)
async def test_balance_refuses_by_number(shop: Shop, number: int, scenario: Scenario) -> None:
    answer = await scenario(shop)
    assert answer.error == number, answer
    assert answer.body.keys() == {"error", "message"}


def test_every_number_of_the_table_is_produced() -> None:
    assert {number for number, _ in (*PERFORM, *BALANCE)} == set(NUMBERS.values())


def test_the_numbers_are_produced_in_the_tables_order() -> None:
    tabled = list(dict.fromkeys(NUMBERS.values()))
    performed_in = list(dict.fromkeys(number for number, _ in PERFORM))
    assert [number for number in tabled if number in performed_in] == performed_in


@pytest.mark.parametrize(("worse", "better"), [(0, 1), (1, 0)])
@pytest.mark.parametrize("step", range(9))
async def test_with_several_cards_the_first_number_of_the_table_is_told_whatever_their_order(
    shop: Shop, step: int, worse: int, better: int
) -> None:
    cards: list[Json] = [
        card(WRONG_LENGTH),
        card(NOT_DIGITS),
        card(with_wrong_check_digit(UNKNOWN)),
        card(UNKNOWN),
        card(await foreign(shop)),
        card((await shop.card(0, expires_at=LONG_AGO)).number),
        card((await shop.card(0)).number),
        card((await shop.card(1, readable_cvc=False)).number),
        card((await shop.card(1)).number, 2),
        card((await shop.card(1)).number, 1),
    ]
    expected = [400, 401, 402, 109, 105, 101, 106, 252, 250][step]
    pair = (cards[step], cards[step + 1])
    assert (await performed(shop, pair[worse], pair[better])).error == expected


@pytest.mark.parametrize("verb", ["verify", "abort", "refund"])
async def test_every_call_on_a_payment_says_whose_it_is(shop: Shop, till: Till, verb: str) -> None:
    stranger, colleague = await shop.other_till(merchant="Another shop"), await shop.other_till()
    payments = [NOBODYS, "x" * 36, await stranger.open(1), await colleague.open(1)]
    answers = [await getattr(till, verb)(payment) for payment in payments]
    assert [answer.error for answer in answers] == [259, 259, 258, 260]


async def test_too_many_wrong_cvcs_close_the_card_for_the_right_one_too(shop: Shop, till: Till) -> None:
    gift = await shop.card(100_00)
    for _ in range(10):
        assert (await till.balance(gift.number, cvc=wrong_cvc(gift))).error == 252
    assert (await till.balance(gift.number, cvc=gift.cvc)).error == 252
    assert (await performed(shop, card(gift.number, cvc=gift.cvc), amount=1)).error == 252


async def test_a_refused_perform_changes_nothing(shop: Shop, till: Till) -> None:
    gift = await shop.card(100_00)
    payment = await till.open(250)
    before = (await till.verify(payment)).body
    assert (await till.perform(payment, card(gift.number))).error == 250
    assert (await till.verify(payment)).body == before
    assert (await shop.books(gift.number)).balance == 100_00
