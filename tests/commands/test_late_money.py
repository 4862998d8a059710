"""Money that comes when nobody wants it any more: it is in the books, and goes back by itself, once."""

import json

import pytest

from tests.commands.far import FAR, Loses, Page, with_far_sides
from tests.gateway import clock_of
from tillway.commands import expiry, outcomes, payments
from tillway.commands.tools import Tools
from tillway.connectors.protocol import Callback
from tillway.domain.ids import PaymentId
from tillway.domain.outcomes import Paid
from tillway.domain.payments import AttemptState

pytestmark = pytest.mark.anyio


@pytest.fixture
async def page(tools: Tools) -> Page:
    return await with_far_sides(tools)


async def _postbacks(page: Page) -> list[dict[str, object]]:
    return [json.loads(notice.body) for notice in await page.notices()]


@pytest.mark.parametrize("ends", ["withdrawn", "expired"])
async def test_money_that_comes_too_late_is_booked_and_goes_back_by_itself(page: Page, ends: str) -> None:
    payment = await page.asked()
    await _end(page, payment, ends)
    page.far.books.settle(f"{payment}-1", agrees=True)
    await page.call_back(payment)
    state = "WITHDRAWN" if ends == "withdrawn" else "PROCESSING_EXPIRED"
    assert await page.states(payment) == [state, "LATE"]
    await page.proves_sound()
    await page.resolve()
    assert await page.states(payment) == [state, "RETURNED"]
    assert page.far.books.has() == {}
    assert [told["isSuccess"] for told in await _postbacks(page)] == [False]
    await page.proves_sound()


async def _end(page: Page, payment: PaymentId, how: str) -> None:
    if how == "withdrawn":
        await payments.withdraw(page.tools, page.client, payment)
    else:
        clock_of(page.tools).advance(86_400)
        await expiry.expire(page.tools, payment)


async def test_what_nobody_wants_any_more_is_undone_so_that_it_cannot_come_late(page: Page) -> None:
    payment = await page.asked()
    await _end(page, payment, "withdrawn")
    await page.resolve()
    assert await page.states(payment) == ["WITHDRAWN", "WITHDRAWN"]
    page.far.books.settle(f"{payment}-1", agrees=True)
    assert page.far.books.has() == {}
    await page.proves_sound()


async def test_the_return_of_late_money_is_asked_for_until_it_is_answered_and_happens_once(page: Page) -> None:
    payment = await page.asked()
    await _end(page, payment, "withdrawn")
    page.far.books.settle(f"{payment}-1", agrees=True)
    page.far.loses = Loses.ANSWERS
    await page.call_back(payment)
    await page.resolve()
    assert await page.states(payment) == ["WITHDRAWN", "LATE"]
    page.far.loses = Loses.NOTHING
    await outcomes.hear(page.tools, FAR, Callback(f"{payment}-1-late", Paid()))
    assert await page.states(payment) == ["WITHDRAWN", "RETURNED"]
    assert [verb for verb, _ in page.far.asked].count("refund") == 2
    await page.proves_sound()


async def test_late_money_that_is_refused_stays_in_the_books_for_a_person(page: Page) -> None:
    payment = await page.asked()
    await _end(page, payment, "withdrawn")
    page.far.books.settle(f"{payment}-1", agrees=True)
    page.far.agrees = False
    await page.call_back(payment)
    for _ in range(3):
        await page.resolve(86_400)
    attempt = await page.attempt(payment)
    assert (attempt.state, attempt.reason) == (AttemptState.LATE, "refund_refused")
    assert [verb for verb, _ in page.far.asked].count("refund") == 1
    await page.proves_sound()
