"""The notice: someone must be told of an event at a URL, however many tries it takes."""

from enum import StrEnum

from tillway.domain.ids import ClientId, EventId, NoticeId
from tillway.domain.values import value


class NoticeState(StrEnum):
    """DUE until a receiver accepts it, refuses it for good, or its time is over."""

    DUE = "due"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    GIVEN_UP = "given_up"


@value
class Notice:
    """One body for one URL; body and id stay the same for every try.

    `schedule` names the waits between tries (`domain/schedules.py`); `host` is the receiver, whose tries in flight are
    bounded; `leased_until` keeps other deliverers away while one try is under way.
    """

    id: NoticeId
    event_id: EventId
    client_id: ClientId
    payment_id: str
    schedule: str
    url: str
    host: str
    body: str
    state: NoticeState
    tries: int
    next_try_at: int
    leased_until: int
    created_at: int
    settled_at: int


@value
class Try:
    """One time we told them: `status` is the HTTP status or 0 without an answer, `answer` its first 2 KiB.

    `duration` is in microseconds.
    """

    notice_id: NoticeId
    number: int
    at: int
    duration: int
    status: int
    answer: str


@value
class Receiver:
    """What is known of one client's URL; `off_at` and `failing_since` are 0 while all is well."""

    client_id: ClientId
    url: str
    off_at: int
    failing_since: int
    accepted_at: int
