"""What far sides tell by themselves: only what can be theirs is listened to, and only what can be true believed."""

import pytest

from tests import gateway
from tests.commands.far import FAR, ISSUER, Loses, Page, with_far_sides
from tests.far_side import Wish
from tests.gateway import clock_of, money_on
from tillway.commands import outcomes, refunds
from tillway.commands.tools import Tools
from tillway.connectors.protocol import Callback
from tillway.domain.ids import PaymentId
from tillway.domain.outcomes import Declined, Outcome, Paid, Pending
from tillway.domain.refunding import AskedBy, Giving, Returned
from tillway.domain.refunds import RefundState

pytestmark = pytest.mark.anyio


@pytest.fixture
async def page(tools: Tools) -> Page:
    return await with_far_sides(tools)


async def test_that_it_is_still_pending_is_nothing_to_be_told(page: Page) -> None:
    payment = await page.asked()
    before = await page.standing(payment)
    clock_of(page.tools).advance(11)
    for told in (Pending(), Pending("another", "https://another.example")):
        await outcomes.hear(page.tools, FAR, Callback(f"{payment}-1", told))
    assert await page.standing(payment) == before


async def test_nothing_that_cannot_be_ours_is_listened_to(page: Page) -> None:
    payment = await page.asked()
    returned = await _paid_and_given_back(page)
    before = [await page.standing(payment), await page.standing(returned)]
    asked = list(page.far.asked)
    order = payment[:-3] + "000"
    others = f"{payment[:-5]}ff{payment[-3:]}"
    nines = "9" * 5000
    suffixes = [
        *("", "-", "-0", "-00", "-01", "--1", "-1-", "-2", "-9999", "-10000", f"-{nines}", "-1 ", "-1\n", "-1\0", "-x"),
        *("-1-r", "-1-r0", "-1-r1", "-1-r9999", f"-1-r{nines}", "-1-late-late", "-1-r1-late", "-\u0661"),
    ]
    unknown = ["x" * 36, "-" * 36, payment.upper() + "x", order, others, "", f" {payment}", "\ud800", "9" * 1_000_000]
    names = [
        *(payment + suffix for suffix in suffixes),
        *(name + suffix for name in unknown for suffix in ("", "-1", "-1-r1", "-1-late")),
        *(returned + suffix for suffix in ("-1-r2", "-1-r9999", "-2-r1", "-1-late")),
    ]
    for name in names:
        for outcome in (Paid(), Declined("declined")):
            await outcomes.hear(page.tools, FAR, Callback(name, outcome))
    assert [await page.standing(payment), await page.standing(returned)] == before
    assert page.far.asked == asked


async def _paid_and_given_back(page: Page) -> PaymentId:
    payment = await page.asked(wish=Wish.TAKES)
    await page.refund(payment, 30_00)
    return payment


@pytest.mark.parametrize("connector", [ISSUER, "simulator", "gone", ""])
async def test_one_far_side_cannot_tell_of_anothers_money(page: Page, connector: str) -> None:
    payment = await page.asked()
    page.far.agrees = False
    page.far.loses = Loses.REQUESTS
    paid = await _paid_and_given_back_later(page)
    before = [await page.standing(payment), await page.standing(paid)]
    for name in (f"{payment}-1", f"{paid}-1", f"{paid}-1-r1", f"{paid}-1-late"):
        for outcome in (Paid(), Declined("declined")):
            await outcomes.hear(page.tools, connector, Callback(name, outcome))
    assert [await page.standing(payment), await page.standing(paid)] == before


async def _paid_and_given_back_later(page: Page) -> PaymentId:
    """Paid, with a refund that nobody has sent yet."""
    page.far.loses = Loses.NOTHING
    payment = await page.asked(wish=Wish.TAKES)
    asked = Giving(30_00, asked_by=AskedBy.RESOLVER)
    returned = await refunds.refund(page.tools, page.client, payment, asked)
    assert isinstance(returned, Returned)
    assert returned.refund.state is RefundState.PROCESSING
    return payment


async def test_of_what_is_over_the_far_side_is_asked_before_it_is_believed(page: Page) -> None:
    payment = await page.asked(wish=Wish.DECLINES)
    await outcomes.hear(page.tools, FAR, Callback(f"{payment}-1", Paid()))
    assert await page.states(payment) == ["SEEN", "DECLINED"]
    assert page.far.asked[-1] == ("look up", f"{payment}-1")
    page.far.books.break_its_word(f"{payment}-1", 100_00)
    await outcomes.hear(page.tools, FAR, Callback(f"{payment}-1", Declined("declined")))
    assert await page.states(payment) == ["SEEN", "LATE"]
    await page.proves_sound()
    await page.resolve()
    assert await page.states(payment) == ["SEEN", "RETURNED"]
    await page.proves_sound()


async def test_a_callback_about_a_call_with_an_issuers_card_asks_that_issuer_once_more(page: Page) -> None:
    (card,) = await gateway.cards(page.tools, 50_00, connector=ISSUER)
    payment = await page.asked(gateway.part(card, 30_00))
    page.far.books.settle(f"{payment}-2", agrees=True)
    await page.call_back(payment, 2)
    assert await page.states(payment) == ["BOOKED", "PAID", "PAID"]
    assert await money_on(page.tools, card) == [(20_00, 0)]
    assert sum(page.issuer.books.has().values()) == 30_00
    await page.proves_sound()


@pytest.mark.parametrize("outcome", [Paid(), Declined("refund_refused")], ids=["given", "refused"])
async def test_the_end_of_a_refund_is_heard_once(page: Page, outcome: Outcome) -> None:
    payment = await _paid_and_given_back_later(page)
    page.far.agrees = isinstance(outcome, Paid)
    page.far.loses = Loses.ANSWERS
    await page.resolve()
    for told in (Pending(), outcome, outcome, Paid(), Declined("declined")):
        await outcomes.hear(page.tools, FAR, Callback(f"{payment}-1-r1", told))
    assert (await page.standing(payment)).payment.refunded == (30_00 if page.far.agrees else 0)
    assert len(await page.notices()) == 2
    await page.proves_sound()
