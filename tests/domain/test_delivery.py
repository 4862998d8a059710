"""The rules of telling: leases, tries, waits, and being told again."""

from collections.abc import Sequence

import pytest

from tillway.domain import delivery
from tillway.domain.book import Book
from tillway.domain.decision import Decision
from tillway.domain.delivery import GONE, Reply
from tillway.domain.ids import ClientId, EventId, NoticeId
from tillway.domain.notices import Notice, NoticeState, Receiver, Try
from tillway.domain.refusals import NoticeUnknown
from tillway.domain.schedules import DAY, GIFT_CARD_NOTICES, HOUR, MINUTE, SECOND

NOW = 1_767_225_600_000_000
ID = NoticeId("018f0000-0000-7000-8000-000000000001")
CLIENT = ClientId("till")
URL = "https://shop.example/hooks"
WAITS = [*GIFT_CARD_NOTICES.waits, DAY, DAY, DAY, DAY, DAY]


def due(state: NoticeState = NoticeState.DUE, tries: int = 0, next_try_at: int = NOW, leased_until: int = 0) -> Notice:
    return Notice(
        ID,
        EventId(ID),
        CLIENT,
        "payment",
        "gift_cards",
        URL,
        "shop.example",
        "{}",
        state,
        tries,
        next_try_at,
        leased_until,
        NOW,
        0,
    )


def book_of(*rows: Notice | Receiver) -> Book:
    book = Book()
    for row in rows:
        book.load(type(row), [row])
    return book


def replied(status: int, retry_after: int = 0) -> Reply:
    return Reply(NOW, 5_000, status, "said", retry_after)


def record(book: Book, reply: Reply, now: int = NOW, jitter: int = 0) -> Notice:
    decision = delivery.record_try(book, ID, reply, jitter, now)
    book.apply(decision)
    return decision.answer


def leased(book: Book, now: int = NOW) -> Sequence[Notice]:
    decision: Decision[tuple[Notice, ...]] = delivery.lease(book, (ID,), now + MINUTE, now)
    book.apply(decision)
    return decision.answer


def receiver_in(book: Book) -> Receiver | None:
    return book.find(Receiver, (CLIENT, URL))


def test_a_due_notice_is_leased_once() -> None:
    book = book_of(due())
    assert [notice.leased_until for notice in leased(book)] == [NOW + MINUTE]
    assert leased(book) == ()


def test_a_lease_that_ran_out_is_over() -> None:
    book = book_of(due())
    leased(book)
    assert leased(book, NOW + MINUTE - 1) == ()
    assert len(leased(book, NOW + MINUTE)) == 1


@pytest.mark.parametrize(
    "notice", [due(next_try_at=NOW + 1), *(due(state) for state in NoticeState if state is not NoticeState.DUE)]
)
def test_what_is_not_due_is_not_leased(notice: Notice) -> None:
    assert leased(book_of(notice)) == ()


def test_an_unknown_notice_is_not_leased() -> None:
    assert leased(book_of()) == ()


def test_what_is_meant_for_a_receiver_that_is_off_is_refused() -> None:
    book = book_of(due(), Receiver(CLIENT, URL, NOW, NOW, 0))
    assert leased(book) == ()
    found = book.find(Notice, ID)
    assert found is not None
    assert found.state is NoticeState.REFUSED


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_any_answer_from_200_to_299_accepts(status: int) -> None:
    after = record(book_of(due(leased_until=NOW + MINUTE)), replied(status))
    assert (after.state, after.tries, after.settled_at, after.leased_until) == (NoticeState.ACCEPTED, 1, NOW, 0)


@pytest.mark.parametrize("status", [0, 100, 199, 300, 302, 307, 400, 404, 429, 500, 503])
def test_any_other_answer_and_none_at_all_is_tried_again(status: int) -> None:
    after = record(book_of(due(leased_until=NOW + MINUTE)), replied(status))
    assert (after.state, after.tries, after.next_try_at) == (NoticeState.DUE, 1, NOW + 5 * SECOND)
    assert after.leased_until == 0


def test_the_waits_are_those_of_the_schedule_and_end_after_seven_days() -> None:
    book = book_of(due())
    now = NOW
    waited: list[int] = []
    while (after := record(book, replied(500), now)).state is NoticeState.DUE:
        waited.append(after.next_try_at - now)
        now = after.next_try_at
    assert after.state is NoticeState.GIVEN_UP
    assert waited == WAITS
    assert now < NOW + 7 * DAY <= now + DAY


@pytest.mark.parametrize(("jitter", "wait"), [(-100, 4_500_000), (0, 5_000_000), (37, 5_185_000), (100, 5_500_000)])
def test_a_wait_is_jittered_by_up_to_a_tenth(jitter: int, wait: int) -> None:
    assert record(book_of(due()), replied(500), jitter=jitter).next_try_at == NOW + wait


@pytest.mark.parametrize(
    ("asked", "wait"), [(0, 5 * SECOND), (1 * SECOND, 5 * SECOND), (HOUR, HOUR), (DAY, DAY), (30 * DAY, DAY)]
)
def test_a_receiver_may_ask_for_a_longer_wait_within_a_bound(asked: int, wait: int) -> None:
    assert record(book_of(due()), replied(503, asked)).next_try_at == NOW + wait


def test_every_try_is_kept_with_its_number() -> None:
    book = book_of(due())
    record(book, replied(500))
    record(book, replied(200))
    assert book.all(Try) == [Try(ID, 1, NOW, 5_000, 500, "said"), Try(ID, 2, NOW, 5_000, 200, "said")]


def test_gone_ends_it_and_switches_the_url_off() -> None:
    book = book_of(due())
    assert record(book, replied(GONE)).state is NoticeState.REFUSED
    assert receiver_in(book) == Receiver(CLIENT, URL, NOW, NOW, 0)


def test_a_try_that_ends_after_another_was_accepted_changes_nothing_but_is_kept() -> None:
    book = book_of(due(NoticeState.ACCEPTED, tries=1))
    after = record(book, replied(500))
    assert (after.state, after.tries) == (NoticeState.ACCEPTED, 2)
    assert len(book.all(Try)) == 1


def test_a_late_yes_counts_even_if_it_was_given_up() -> None:
    assert record(book_of(due(NoticeState.GIVEN_UP, tries=9)), replied(200)).state is NoticeState.ACCEPTED


def test_a_receiver_that_never_failed_needs_no_row() -> None:
    book = book_of(due())
    record(book, replied(200))
    assert receiver_in(book) is None


def test_a_receiver_fails_since_its_first_failure_and_until_it_accepts() -> None:
    book = book_of(due())
    record(book, replied(500), NOW)
    record(book, replied(0), NOW + HOUR)
    assert receiver_in(book) == Receiver(CLIENT, URL, 0, NOW, 0)
    record(book, replied(200), NOW + 2 * HOUR)
    assert receiver_in(book) == Receiver(CLIENT, URL, 0, 0, NOW + 2 * HOUR)


def test_the_row_of_a_busy_receiver_is_not_written_at_every_success() -> None:
    book = book_of(due(), Receiver(CLIENT, URL, 0, 0, NOW))
    assert Receiver not in {type(row) for row in delivery.record_try(book, ID, replied(200), 0, NOW + 1).changed}
    later = delivery.record_try(book, ID, replied(200), 0, NOW + MINUTE)
    assert Receiver(CLIENT, URL, 0, 0, NOW + MINUTE) in later.changed


@pytest.mark.parametrize("state", list(NoticeState))
def test_a_replayed_notice_is_due_at_once_with_the_same_id_and_body(state: NoticeState) -> None:
    book = book_of(due(state, tries=3, next_try_at=NOW + DAY))
    (after,) = delivery.replay(book, (ID,), NOW).answer
    assert (after.id, after.body, after.state, after.next_try_at) == (ID, "{}", NoticeState.DUE, NOW)
    assert (after.tries, after.settled_at) == (3, 0)


def test_a_replay_switches_the_receiver_on_again() -> None:
    book = book_of(due(NoticeState.REFUSED), Receiver(CLIENT, URL, NOW, NOW, 0))
    book.apply(delivery.replay(book, (ID,), NOW))
    assert len(leased(book)) == 1


def test_a_notice_that_is_being_tried_is_left_to_that_try() -> None:
    book = book_of(due(leased_until=NOW + 1))
    assert delivery.replay(book, (ID,), NOW).answer == ()


def test_a_replayed_notice_that_fails_after_its_time_is_given_up_again() -> None:
    book = book_of(due(NoticeState.GIVEN_UP, tries=15))
    book.apply(delivery.replay(book, (ID,), NOW + 30 * DAY))
    assert record(book, replied(500), NOW + 30 * DAY).state is NoticeState.GIVEN_UP


def test_a_try_of_a_notice_that_is_not_there_is_refused() -> None:
    with pytest.raises(NoticeUnknown):
        delivery.record_try(book_of(), ID, replied(200), 0, NOW)
