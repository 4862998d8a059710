"""Notices as people see them and tell them again, on both databases."""

import pytest

from tests import gateway
from tests.gateway import WEBHOOK_URL, clock_of
from tests.workers.telling import paid_payment
from tillway.commands import notices
from tillway.commands.tools import Tools
from tillway.domain.delivery import GONE, Reply
from tillway.domain.ids import NoticeId
from tillway.domain.notices import NoticeState
from tillway.domain.refusals import NoticeUnknown
from tillway.domain.schedules import DAY, MINUTE, SECOND
from tillway.queries import notices as queries
from tillway.store.notices import Filter

pytestmark = pytest.mark.anyio


@pytest.fixture
async def told(tools: Tools) -> list[NoticeId]:
    """The notices of five payments, a minute apart; the third is another client's."""
    made: list[NoticeId] = []
    for client_id in ("till", "till", "other", "till", "till"):
        made.append(await paid_payment(tools, WEBHOOK_URL, client_id))
        clock_of(tools).advance(60)
    return made


async def try_once(tools: Tools, notice_id: NoticeId, status: int) -> None:
    (notice,) = await notices.lease(tools, (notice_id,), MINUTE)
    await notices.record(tools, notice, Reply(tools.now(), 1_000, status, "said", 0), 0)


async def test_notices_are_listed_oldest_first_a_page_at_a_time(tools: Tools, told: list[NoticeId]) -> None:
    first = await queries.notices(tools.store, Filter(), 2)
    rest = await queries.notices(tools.store, Filter(after=first[-1].id))
    assert [notice.id for notice in (*first, *rest)] == told


@pytest.mark.parametrize(
    ("wanted", "places"),
    [
        (Filter(client_id="till"), [0, 1, 3, 4]),
        (Filter(client_id="nobody"), []),
        (Filter(state=NoticeState.ACCEPTED), [1]),
        (Filter(state=NoticeState.DUE), [0, 2, 3, 4]),
        (Filter(since=gateway.START + MINUTE, until=gateway.START + 3 * MINUTE), [1, 2]),
    ],
)
async def test_notices_are_found_by_client_state_and_time(
    tools: Tools, told: list[NoticeId], wanted: Filter, places: list[int]
) -> None:
    await try_once(tools, told[1], 200)
    assert [notice.id for notice in await queries.notices(tools.store, wanted)] == [told[place] for place in places]


async def test_a_notice_is_shown_with_its_tries(tools: Tools, told: list[NoticeId]) -> None:
    await try_once(tools, told[0], 500)
    clock_of(tools).advance(10)
    await try_once(tools, told[0], 200)
    notice, tries = await queries.notice(tools.store, told[0])
    assert notice.state is NoticeState.ACCEPTED
    assert [(one.number, one.status) for one in tries] == [(1, 500), (2, 200)]


async def test_a_receiver_is_shown_as_failing_after_a_day_without_success(tools: Tools, told: list[NoticeId]) -> None:
    await try_once(tools, told[0], 500)
    assert await queries.failing(tools.store, "till", tools.now() + DAY - 1) == []
    assert len(await queries.failing(tools.store, "till", tools.now() + DAY)) == 1
    clock_of(tools).advance(10)
    await try_once(tools, told[0], 200)
    assert await queries.failing(tools.store, "till", tools.now() + DAY) == []


async def test_a_receiver_that_switched_itself_off_is_shown_at_once(tools: Tools, told: list[NoticeId]) -> None:
    await try_once(tools, told[0], GONE)
    (receiver,) = await queries.failing(tools.store, "till", tools.now())
    assert receiver.off_at == tools.now()


async def test_what_waits_for_a_host_is_counted(tools: Tools, told: list[NoticeId]) -> None:
    await try_once(tools, told[0], 200)
    assert await queries.waiting(tools.store) == [
        queries.Waiting("shop.example", 4, gateway.START + MINUTE),
    ]


async def test_a_replayed_notice_is_due_again(tools: Tools, told: list[NoticeId]) -> None:
    await try_once(tools, told[0], 200)
    again = await notices.replay_one(tools, told[0])
    assert (again.state, again.next_try_at) == (NoticeState.DUE, tools.now())
    await try_once(tools, told[0], 200)


async def test_all_of_a_client_between_two_times_are_replayed_in_pages(tools: Tools, told: list[NoticeId]) -> None:
    for identity in told:
        await try_once(tools, identity, 200)
    assert await notices.replay_of_client(tools, "till", gateway.START, gateway.START + DAY) == 4
    due = await queries.notices(tools.store, Filter(state=NoticeState.DUE))
    assert [notice.id for notice in due] == [told[place] for place in (0, 1, 3, 4)]


async def test_a_notice_that_is_not_there_is_refused(tools: Tools) -> None:
    for wanted in (queries.notice(tools.store, "nothing"), notices.replay_one(tools, "nothing")):
        with pytest.raises(NoticeUnknown):
            await wanted


async def test_time_is_not_asked_of_the_machine(tools: Tools, told: list[NoticeId]) -> None:
    (notice,) = await notices.lease(tools, (told[0],), 5 * SECOND)
    assert notice.leased_until == tools.now() + 5 * SECOND
