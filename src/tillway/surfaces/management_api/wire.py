"""The bodies of the management API."""

from typing import Any

import msgspec
from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from tillway.domain.notices import Notice, Try
from tillway.queries.events import ListedEvent
from tillway.surfaces.common.moments import iso_moment


class Wire(BaseModel):
    """Members are camelCase."""

    model_config = ConfigDict(strict=True, alias_generator=to_camel, frozen=True)


class Event(Wire):
    """Something that happened; `sequence` orders the events of one payment."""

    id: str
    kind: str
    client_id: str
    payment_id: str
    sequence: int
    at: str
    event: dict[str, Any]


class EventPage(Wire):
    """A page of the log, oldest first; `next` is the cursor to go on from."""

    events: list[Event]
    next: str


class NoticeTry(Wire):
    """One time a notice was told; `status` is 0 without an answer."""

    number: int
    at: str
    milliseconds: int
    status: int
    answer: str


class NoticeEntry(Wire):
    """Something to be told to a URL."""

    id: str
    client_id: str
    payment_id: str
    url: str
    state: str
    tries: int
    next_try_at: str | None
    created_at: str


class NoticePage(Wire):
    """A page of notices, oldest first; `next` is the cursor to go on from."""

    notices: list[NoticeEntry]
    next: str


class NoticeDetail(Wire):
    """A notice, its body and its tries."""

    notice: NoticeEntry
    body: str
    tries: list[NoticeTry]


def event(listed: ListedEvent) -> dict[str, object]:
    """An event as it is listed."""
    return {
        "id": listed.id,
        "kind": listed.kind,
        "clientId": listed.client_id,
        "paymentId": listed.payment_id,
        "sequence": listed.sequence,
        "at": iso_moment(listed.at),
        "event": msgspec.Raw(listed.body.encode()),
    }


def notice(told: Notice) -> dict[str, object]:
    """A notice as it is listed."""
    return {
        "id": told.id,
        "clientId": told.client_id,
        "paymentId": told.payment_id,
        "url": told.url,
        "state": told.state.value,
        "tries": told.tries,
        "nextTryAt": iso_moment(told.next_try_at) if told.settled_at == 0 else None,
        "createdAt": iso_moment(told.created_at),
    }


def notice_try(one: Try) -> dict[str, object]:
    """A try of a notice."""
    return {
        "number": one.number,
        "at": iso_moment(one.at),
        "milliseconds": one.duration // 1000,
        "status": one.status,
        "answer": one.answer,
    }
