"""Telling receivers, as decisions: who may try a notice now, what a try changes, and how one is told again."""

from collections.abc import Sequence
from dataclasses import replace

from tillway.domain.book import Book
from tillway.domain.decision import Decision, Row
from tillway.domain.ids import NoticeId
from tillway.domain.notices import Notice, NoticeState, Receiver, Try
from tillway.domain.refusals import NoticeUnknown
from tillway.domain.schedules import DAY, MINUTE, NOTICES
from tillway.domain.values import value

GONE = 410
"""The status by which a receiver says that it wants no more notices at this URL."""

LONGEST_RETRY_AFTER = DAY
"""A receiver may ask us to wait, but not for longer."""

LARGEST_JITTER = 100
"""Waits are lengthened or shortened by up to so many thousandths, so that receivers are not called in step."""

_ACCEPTED_AGAIN = MINUTE


@value
class Reply:
    """What came of one try, begun at `at`; `status` is 0 without an answer, times are in microseconds.

    `answer` is the beginning of what was answered, or a word of ours for why nothing was.
    """

    at: int
    duration: int
    status: int
    answer: str
    retry_after: int

    @property
    def is_accepted(self) -> bool:
        """Whether the receiver has taken the notice."""
        return 200 <= self.status < 300

    @property
    def is_refused(self) -> bool:
        """Whether the receiver says that the notice itself is wrong (RFC 9110, 15.5)."""
        return 400 <= self.status < 500


def lease(book: Book, ids: Sequence[NoticeId], until: int, now: int) -> Decision[tuple[Notice, ...]]:
    """Those of the notices that the caller alone may try until `until`; a lease that runs out is simply over.

    What is meant for a receiver that was switched off is refused instead.
    """
    leased: list[Notice] = []
    refused: list[Notice] = []
    for identity in ids:
        notice = book.find(Notice, identity)
        if notice is None or not _is_due(notice, now):
            continue
        receiver = book.find(Receiver, (notice.client_id, notice.url))
        if receiver is not None and receiver.off_at:
            refused.append(replace(notice, state=NoticeState.REFUSED, settled_at=now))
        else:
            leased.append(replace(notice, leased_until=until))
    return Decision(tuple(leased), (), (*leased, *refused))


def _is_due(notice: Notice, now: int) -> bool:
    return notice.state is NoticeState.DUE and notice.next_try_at <= now and notice.leased_until <= now


def record_try(book: Book, identity: NoticeId, reply: Reply, jitter: int, now: int) -> Decision[Notice]:
    """The notice after one more try: accepted, to be tried again, refused for good, or given up.

    `jitter` is in thousandths, from -LARGEST_JITTER to LARGEST_JITTER. A try that ends after its lease counts as well;
    a notice that is settled stays so. Refuses: NoticeUnknown.
    """
    notice = book.find(Notice, identity)
    if notice is None:
        raise NoticeUnknown
    number = notice.tries + 1
    told: list[Row] = [Try(identity, number, reply.at, reply.duration, reply.status, reply.answer)]
    after = replace(notice, tries=number)
    if notice.state is NoticeState.DUE or (reply.is_accepted and notice.state is not NoticeState.ACCEPTED):
        after = _after_try(after, reply, jitter, now)
    changed: list[Row] = [after]
    before = book.find(Receiver, (notice.client_id, notice.url))
    receiver = _after_reply(before, notice, reply, now)
    if receiver is not None:
        (told if before is None else changed).append(receiver)
    return Decision(after, tuple(told), tuple(changed))


def _after_try(notice: Notice, reply: Reply, jitter: int, now: int) -> Notice:
    if reply.is_accepted:
        return replace(notice, state=NoticeState.ACCEPTED, leased_until=0, settled_at=now)
    schedule = NOTICES[notice.schedule]
    if reply.status == GONE or (schedule.ends_at_refusal and reply.is_refused):
        return replace(notice, state=NoticeState.REFUSED, leased_until=0, settled_at=now)
    wait = schedule.wait_after(notice.tries) * (1000 + jitter) // 1000
    next_try_at = now + max(wait, min(reply.retry_after, LONGEST_RETRY_AFTER))
    if next_try_at >= notice.created_at + schedule.ends_after:
        return replace(notice, state=NoticeState.GIVEN_UP, leased_until=0, settled_at=now)
    return replace(notice, next_try_at=next_try_at, leased_until=0)


def _after_reply(before: Receiver | None, notice: Notice, reply: Reply, now: int) -> Receiver | None:
    """What is newly known of the receiver. One that has never failed needs no row, and many URLs are used only once."""
    known = before or Receiver(notice.client_id, notice.url, 0, 0, 0)
    if reply.is_accepted:
        stale = known.failing_since or now >= known.accepted_at + _ACCEPTED_AGAIN
        return replace(known, failing_since=0, accepted_at=now) if before is not None and stale else None
    if reply.status == GONE:
        return replace(known, off_at=now, failing_since=known.failing_since or now)
    return None if known.failing_since else replace(known, failing_since=now)


def replay(book: Book, ids: Sequence[NoticeId], now: int) -> Decision[tuple[Notice, ...]]:
    """The notices, due again at once with the same id and body; a receiver that was switched off is on again.

    A notice that is being tried at this moment is left to that try.
    """
    again: list[Notice] = []
    switched_on: dict[tuple[str, str], Receiver] = {}
    for identity in ids:
        notice = book.find(Notice, identity)
        if notice is None or notice.leased_until > now:
            continue
        again.append(replace(notice, state=NoticeState.DUE, next_try_at=now, leased_until=0, settled_at=0))
        receiver = book.find(Receiver, (notice.client_id, notice.url))
        if receiver is not None and receiver.off_at:
            switched_on[receiver.client_id, receiver.url] = replace(receiver, off_at=0)
    return Decision(tuple(again), (), (*again, *switched_on.values()))
