"""The endpoint table of the management API, and what each call does."""

from collections.abc import Mapping
from typing import Any, Final

from tillway.commands import notices as telling
from tillway.commands.tools import Tools
from tillway.domain.clients import Client
from tillway.domain.ids import is_uuid
from tillway.domain.notices import NoticeState
from tillway.domain.refusals import NoticeUnknown
from tillway.queries import events as logbook
from tillway.queries import notices as told
from tillway.store.notices import Filter
from tillway.surfaces.common.api import Endpoint
from tillway.surfaces.common.call import Call, Reply
from tillway.surfaces.common.faults import bad_value
from tillway.surfaces.management_api import wire

PREFIX: Final = "/management/v1"
USUAL_PAGE: Final = 100


class ManagementCalls:
    """The handlers of the endpoint table."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    async def events(self, call: Call[None, Client]) -> Reply:
        """A page of the event log."""
        after, limit = _cursor(call.query), _limit(call.query, logbook.LARGEST_PAGE)
        client_id = _one(call.query, "clientId")
        found = await logbook.events(self._tools.store, after, client_id, limit, self._tools.now())
        page = [wire.event(listed) for listed in found]
        return Reply.json(200, {"events": page, "next": found[-1].id if found else after})

    async def notices(self, call: Call[None, Client]) -> Reply:
        """A page of notices."""
        after, limit = _cursor(call.query), _limit(call.query, told.LARGEST_PAGE)
        word = _one(call.query, "state")
        if word and word not in {str(state.value) for state in NoticeState}:
            raise bad_value("state", f"is one of {', '.join(NoticeState)}")
        wanted = Filter(_one(call.query, "clientId"), NoticeState(word) if word else None, after=after)
        found = await told.notices(self._tools.store, wanted, limit)
        page = [wire.notice(one) for one in found]
        return Reply.json(200, {"notices": page, "next": found[-1].id if found else after})

    async def notice(self, call: Call[None, Client]) -> Reply:
        """One notice with its tries."""
        found, tries = await told.notice(self._tools.store, _notice_id(call))
        body = {"notice": wire.notice(found), "body": found.body, "tries": [wire.notice_try(one) for one in tries]}
        return Reply.json(200, body)

    async def replay(self, call: Call[None, Client]) -> Reply:
        """Tell a notice once more."""
        return Reply.json(200, wire.notice(await telling.replay_one(self._tools, _notice_id(call))))


def endpoints(calls: ManagementCalls) -> tuple[Endpoint[Any, Any], ...]:
    """The table, with the handlers that serve it."""
    return (
        Endpoint(
            name="listEvents",
            method="GET",
            path="/management/v1/events",
            summary="Read the event log",
            description=(
                "Query: `after` (the last event seen; none: from the beginning), `limit` (100, at most 500), "
                "`clientId`. Go on from `next`; it stays the same when there is nothing new."
            ),
            handler=calls.events,
            answer=wire.EventPage,
            tags=("Events",),
        ),
        Endpoint(
            name="listNotices",
            method="GET",
            path="/management/v1/notices",
            summary="List notices",
            description="Query: `after`, `limit` (100, at most 500), `clientId`, `state`.",
            handler=calls.notices,
            answer=wire.NoticePage,
            tags=("Notices",),
        ),
        Endpoint(
            name="notice",
            method="GET",
            path="/management/v1/notices/{noticeId}",
            summary="Look at a notice and its tries",
            handler=calls.notice,
            answer=wire.NoticeDetail,
            refusals=(NoticeUnknown,),
            tags=("Notices",),
        ),
        Endpoint(
            name="replayNotice",
            method="POST",
            path="/management/v1/notices/{noticeId}/replay",
            summary="Tell a notice once more",
            description="At once, with the same id and body.",
            handler=calls.replay,
            answer=wire.NoticeEntry,
            refusals=(NoticeUnknown,),
            tags=("Notices",),
        ),
    )


def _one(query: Mapping[str, list[str]], name: str) -> str:
    return query.get(name, [""])[-1]


def _cursor(query: Mapping[str, list[str]]) -> str:
    after = _one(query, "after")
    if after and not is_uuid(after):
        raise bad_value("after", "is not an id that was answered here")
    return after


def _limit(query: Mapping[str, list[str]], largest: int) -> int:
    text = _one(query, "limit") or str(USUAL_PAGE)
    if not (text.isascii() and text.isdigit() and len(text) <= 9 and 1 <= int(text) <= largest):
        raise bad_value("limit", f"is a whole number from 1 to {largest}")
    return int(text)


def _notice_id(call: Call[None, Client]) -> str:
    notice_id = call.path["noticeId"]
    if not is_uuid(notice_id):
        raise NoticeUnknown
    return notice_id
