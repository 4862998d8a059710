"""Paying at a far side: whoever tells or asks first, whatever is lost, the payment comes out the same, and once."""

import asyncio
import json

import pytest

from tests import gateway
from tests.commands.far import ISSUER, Hold, Loses, Page, until_held, with_far_sides
from tests.far_side import STEP_URL, Wish
from tests.gateway import money_on
from tillway.commands import outcomes, refunds
from tillway.commands.giftcards import CardPart
from tillway.commands.tools import Tools
from tillway.domain.payments import AttemptState
from tillway.domain.refunding import AskedBy, Giving, Returned
from tillway.domain.refunds import RefundState
from tillway.domain.schedules import LOOK_UPS, SECOND
from tillway.domain.settling import GIVEN_UP
from tillway.domain.standing import Standing

pytestmark = pytest.mark.anyio


@pytest.fixture
async def page(tools: Tools) -> Page:
    return await with_far_sides(tools)


async def _postbacks(page: Page) -> list[dict[str, object]]:
    return [json.loads(notice.body) for notice in await page.notices()]


async def test_a_payer_is_sent_on_and_the_callback_completes_the_payment(page: Page) -> None:
    payment = await page.asked()
    attempt = await page.attempt(payment)
    assert (attempt.state, attempt.step_url, attempt.reference) == (AttemptState.OPEN, STEP_URL, f"far {payment}-1")
    page.far.books.settle(f"{payment}-1", agrees=True)
    for _ in range(3):
        await page.call_back(payment)
    assert await page.states(payment) == ["BOOKED", "PAID"]
    assert await _postbacks(page) == [{"paymentReference": payment, "isSuccess": True, "paymentMethod": "Visa"}]
    assert page.far.asked == [("begin", f"{payment}-1")]
    await page.proves_sound()


@pytest.mark.parametrize("agrees", [True, False], ids=["paid", "declined"])
@pytest.mark.parametrize("who", ["callback", "return", "resolver"])
async def test_whoever_hears_of_it_first_the_payment_ends_the_same(page: Page, who: str, agrees: bool) -> None:
    payment = await page.asked()
    page.far.books.settle(f"{payment}-1", agrees=agrees)
    others = {
        "callback": lambda: page.call_back(payment),
        "return": lambda: outcomes.resolve_call(page.tools, payment, may_begin=False),
        "resolver": lambda: page.resolve(11),
    }
    await others.pop(who)()
    before = await page.standing(payment)
    assert await page.states(payment) == (["BOOKED", "PAID"] if agrees else ["SEEN", "DECLINED"])
    for other in others.values():
        await other()
    assert await page.standing(payment) == before
    assert len(await page.notices()) == (1 if agrees else 0)
    await page.proves_sound()


async def test_a_payer_who_comes_back_too_early_puts_nothing_off(page: Page) -> None:
    payment = await page.asked()
    for _ in range(20):
        await outcomes.resolve_call(page.tools, payment, may_begin=False)
    assert (await page.attempt(payment)).next_look_up_at == page.tools.now() + LOOK_UPS.wait_after(1)


async def test_a_gift_card_for_part_is_given_back_at_once_when_the_rest_is_declined(page: Page) -> None:
    (card,) = await gateway.cards(page.tools, 50_00)
    payment = await page.asked(gateway.part(card, 30_00), wish=Wish.DECLINES)
    assert await page.states(payment) == ["SEEN", "WITHDRAWN", "DECLINED"]
    assert await money_on(page.tools, card) == [(50_00, 0)]
    page.far.wish = Wish.TAKES
    await page.tender(await page.standing(payment), gateway.part(card, 50_00))
    assert await page.states(payment) == ["BOOKED", "WITHDRAWN", "DECLINED", "PAID", "PAID"]
    await page.proves_sound()


async def test_an_issuers_part_is_reversed_when_the_rest_is_declined(page: Page) -> None:
    (card,) = await gateway.cards(page.tools, 50_00, connector=ISSUER)
    payment = await page.asked(gateway.part(card, 30_00), wish=Wish.DECLINES)
    assert await page.states(payment) == ["SEEN", "REVERSING", "DECLINED"]
    await page.resolve()
    assert await page.states(payment) == ["SEEN", "WITHDRAWN", "DECLINED"]
    assert page.issuer.books.has() == {}
    assert await money_on(page.tools, card) == [(50_00, 0)]


@pytest.mark.parametrize("is_before", [True, False], ids=["before it was asked", "before it answered"])
@pytest.mark.parametrize("wish", Wish, ids=lambda wish: wish.value)
async def test_a_kill_while_the_far_side_is_asked_loses_nothing(page: Page, wish: Wish, is_before: bool) -> None:
    (card,) = await gateway.cards(page.tools, 50_00)
    opened = await page.open()
    hold = page.far.hold = Hold(is_before)
    page.far.wish = wish
    work = asyncio.create_task(page.tender(opened, gateway.part(card, 30_00)))
    assert await until_held(work, hold)
    work.cancel()
    payment = opened.payment.id
    assert await page.states(payment) == ["PROCESSING", "OPEN", "OPEN"]
    await page.proves_sound_but_for_what_is_open()
    await page.resolve(11)
    if is_before or wish is Wish.DECLINES:
        assert await page.states(payment) == ["SEEN", "WITHDRAWN", "DECLINED"]
    elif wish is Wish.TAKES:
        assert await page.states(payment) == ["BOOKED", "PAID", "PAID"]
    else:
        assert await page.states(payment) == ["PROCESSING", "OPEN", "OPEN"]
        return
    assert await money_on(page.tools, card) == [(20_00 if wish is Wish.TAKES and not is_before else 50_00, 0)]
    await page.proves_sound()


async def test_what_the_resolver_has_barred_cannot_begin_any_more(page: Page) -> None:
    opened = await page.open()
    hold = page.far.hold = Hold(is_before=True)
    page.far.wish = Wish.TAKES
    work = asyncio.create_task(page.tender(opened))
    assert await until_held(work, hold)
    await page.resolve(11)
    hold.over.set()
    await work
    assert await page.states(opened.payment.id) == ["SEEN", "DECLINED"]
    assert page.far.books.has() == {}
    await page.proves_sound()


async def test_the_same_form_sent_twice_asks_for_one_attempt_only(page: Page) -> None:
    opened = await page.open()
    answers = [await page.tender(opened, key="form 1") for _ in range(3)]
    assert all(isinstance(answer, Standing) and len(answer.attempts) == 1 for answer in answers)
    assert [verb for verb, _ in page.far.asked].count("begin") == 1
    page.far.books.settle(f"{opened.payment.id}-1", agrees=True)
    await page.tender(opened, key="form 1")
    assert await page.states(opened.payment.id) == ["BOOKED", "PAID"]


@pytest.mark.parametrize(
    ("far", "expected"),
    [
        ("waits", ["SEEN", "DECLINED"]),
        ("has taken it", ["BOOKED", "PAID"]),
        ("has declined", ["SEEN", "DECLINED"]),
        ("does not answer", ["PROCESSING", "OPEN"]),
    ],
)
async def test_a_payer_who_turns_away_is_let_go_once_the_far_side_cannot_take_it_any_more(
    page: Page, far: str, expected: list[str]
) -> None:
    payment = await page.asked()
    if far.startswith("has"):
        page.far.books.settle(f"{payment}-1", agrees=far == "has taken it")
    page.far.loses = Loses.ANSWERS if far == "does not answer" else Loses.NOTHING
    await outcomes.give_up(page.tools, payment)
    assert await page.states(payment) == expected
    if expected[1] == "DECLINED":
        assert (await page.attempt(payment)).reason == GIVEN_UP
    page.far.loses = Loses.NOTHING
    await page.proves_sound()


async def test_a_payer_who_turns_away_gets_the_gift_cards_of_the_call_back(page: Page) -> None:
    own, issued = await gateway.cards(page.tools, 50_00), await gateway.cards(page.tools, 50_00, connector=ISSUER)
    payment = await page.asked(CardPart(own[0].number, "", 20_00), CardPart(issued[0].number, "", 20_00))
    await outcomes.give_up(page.tools, payment)
    assert await page.states(payment) == ["SEEN", "WITHDRAWN", "REVERSING", "DECLINED"]
    await page.resolve()
    assert await money_on(page.tools, *own, *issued) == [(50_00, 0), (50_00, 0)]
    await page.proves_sound()


async def test_the_last_decline_that_is_allowed_ends_the_payment_and_tells(page: Page) -> None:
    page.far.wish = Wish.DECLINES
    opened = await page.open(most_declines=2)
    for _ in range(2):
        assert await _postbacks(page) == []
        await page.tender(opened)
    assert await page.states(opened.payment.id) == ["FAILED", "DECLINED", "DECLINED"]
    (told,) = await _postbacks(page)
    assert (told["isSuccess"], told["reason"]) == (False, "declined")


@pytest.mark.parametrize("agrees", [True, False], ids=["given", "refused"])
async def test_a_fresh_refund_is_sent_by_the_resolver_at_once_and_told_to_its_own_address(
    page: Page, agrees: bool
) -> None:
    payment = await page.asked(wish=Wish.TAKES)
    page.far.agrees = agrees
    asked = Giving(30_00, webhook_url="https://shop.example/refunds", asked_by=AskedBy.RESOLVER)
    returned = await refunds.refund(page.tools, page.client, payment, asked)
    assert isinstance(returned, Returned)
    assert returned.refund.state is RefundState.PROCESSING
    await page.proves_sound_but_for_what_is_open()
    await page.resolve()
    assert (await page.standing(payment)).payment.refunded == (30_00 if agrees else 0)
    (told,) = [notice for notice in await page.notices() if notice.url == "https://shop.example/refunds"]
    assert json.loads(told.body)["isSuccess"] is agrees
    await page.proves_sound()


async def test_refunds_of_mixed_tenders_go_back_in_reverse_order_of_use(page: Page) -> None:
    (card,) = await gateway.cards(page.tools, 30_00)
    payment = await page.asked(gateway.part(card, 30_00), wish=Wish.TAKES)
    await page.refund(payment, 60_00)
    assert (await money_on(page.tools, card), page.far.books.has()) == ([(0, 0)], {f"{payment}-2": 10_00})
    await page.refund(payment)
    assert (await money_on(page.tools, card), page.far.books.has()) == ([(30_00, 0)], {})
    await page.proves_sound()


async def test_a_resolver_whose_far_side_is_silent_asks_ever_more_rarely(page: Page) -> None:
    page.far.loses = Loses.ANSWERS
    payment = await page.asked()
    waits: list[int] = []
    for _ in range(7):
        attempt = await page.attempt(payment)
        waits.append((attempt.next_look_up_at - page.tools.now()) // SECOND)
        await page.resolve(waits[-1])
    assert waits == [10, 30, 120, 600, 3600, 6 * 3600, 6 * 3600]
