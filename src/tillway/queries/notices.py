"""What was told to whom, how often it was tried, and what is still waiting."""

from collections.abc import Sequence
from dataclasses import dataclass

from tillway.domain.ids import ClientId, NoticeId
from tillway.domain.notices import Notice, Receiver, Try
from tillway.domain.refusals import NoticeUnknown
from tillway.domain.schedules import DAY
from tillway.store.notices import Filter, backlog, find_notices, find_receivers, find_tries, ids_of
from tillway.store.protocol import Store

LARGEST_PAGE = 500

FAILING_AFTER = DAY
"""A receiver that has not accepted anything for so long is shown as failing (microseconds)."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for one host: how many notices, and when the next is tried (microseconds UTC)."""

    host: str
    notices: int
    next_try_at: int


async def notices(store: Store, wanted: Filter, limit: int = 100) -> list[Notice]:
    """One page of notices, oldest first, at most LARGEST_PAGE; the next begins `after` the last of this one."""
    found = await store.fetch(ids_of(wanted, min(limit, LARGEST_PAGE)))
    loaded = await store.read(find_notices([NoticeId(row[0]) for row in found]))
    return sorted(loaded, key=lambda notice: notice.id)


async def notice(store: Store, notice_id: str) -> tuple[Notice, list[Try]]:
    """A notice and its tries, first to last. Refuses: NoticeUnknown."""
    found = await store.read(find_notices([NoticeId(notice_id)]))
    if not found:
        raise NoticeUnknown
    return found[0], await store.read(find_tries(found[0].id))


async def failing(store: Store, client_id: str, now: int) -> list[Receiver]:
    """A client's URLs that have failed for a day or more, or were switched off by their own answer."""
    receivers: Sequence[Receiver] = await store.read(find_receivers(ClientId(client_id)))
    return [
        receiver
        for receiver in receivers
        if receiver.off_at or (receiver.failing_since and now >= receiver.failing_since + FAILING_AFTER)
    ]


async def waiting(store: Store, limit: int = 100) -> list[Waiting]:
    """The hosts with the most notices waiting."""
    return [Waiting(row[0], row[1], row[2]) for row in await store.fetch(backlog(limit))]
