"""Acts on notices: lease them for a try, record what came of it, tell again."""

from collections.abc import Sequence

from tillway.commands.tools import Tools
from tillway.domain import delivery
from tillway.domain.book import Needs
from tillway.domain.delivery import Reply
from tillway.domain.ids import NoticeId
from tillway.domain.notices import Notice
from tillway.domain.refusals import NoticeUnknown
from tillway.store.notices import Filter, find_notices, ids_of

REPLAYED_AT_ONCE = 100


async def lease(tools: Tools, ids: Sequence[NoticeId], length: int) -> tuple[Notice, ...]:
    """Those of the notices that are due, for the caller alone to try for `length` microseconds."""
    found = await tools.store.read(find_notices(ids))
    now = tools.now()
    return await tools.committer.run(_needs(found), lambda book: delivery.lease(book, ids, now + length, now))


async def record(tools: Tools, notice: Notice, reply: Reply, jitter: int) -> Notice:
    """Keep what came of a try, and decide whether and when there is another (`domain/delivery.py`)."""
    now = tools.now()
    return await tools.committer.run(
        _needs([notice]), lambda book: delivery.record_try(book, notice.id, reply, jitter, now)
    )


async def replay_one(tools: Tools, notice_id: str) -> Notice:
    """Have a notice told once more, at once, with the same id and body.

    One that is being tried at this moment is left to that try. Refuses: NoticeUnknown.
    """
    found = await tools.store.read(find_notices([NoticeId(notice_id)]))
    if not found:
        raise NoticeUnknown
    again = await _replay(tools, found)
    return again[0] if again else found[0]


async def replay_of_client(tools: Tools, client_id: str, since: int, until: int) -> int:
    """Have every notice of a client made from `since` until before `until` told once more; answers how many."""
    count = 0
    after = ""
    while True:
        wanted = Filter(client_id, None, since, until, after)
        ids = [NoticeId(row[0]) for row in await tools.store.fetch(ids_of(wanted, REPLAYED_AT_ONCE))]
        if not ids:
            return count
        count += len(await _replay(tools, await tools.store.read(find_notices(ids))))
        after = ids[-1]


async def _replay(tools: Tools, found: Sequence[Notice]) -> tuple[Notice, ...]:
    now = tools.now()
    ids = [notice.id for notice in found]
    return await tools.committer.run(_needs(found), lambda book: delivery.replay(book, ids, now))


def _needs(notices: Sequence[Notice]) -> Needs:
    receivers = dict.fromkeys((notice.client_id, notice.url) for notice in notices)
    return Needs(notices=tuple(notice.id for notice in notices), receivers=tuple(receivers))
