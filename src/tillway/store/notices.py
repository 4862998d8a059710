"""Searches and programs over notices, their tries and their receivers, for deliverers and for people."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Select, func, select

from tillway.domain.clients import ClientSecret, SecretUse
from tillway.domain.ids import ClientId, NoticeId, first_of
from tillway.domain.notices import Notice, NoticeState, Receiver, Try
from tillway.store import schema
from tillway.store.steps import Load, Program

_WAITING = schema.notices.c.state == NoticeState.DUE


@dataclass(frozen=True, slots=True)
class Filter:
    """Which notices a person wants to see: of a client or of all, in a state or in any, from older to newer.

    `since` and `until` are microseconds UTC; `after` is the last notice of the page before, or empty.
    """

    client_id: str = ""
    state: NoticeState | None = None
    since: int = 0
    until: int = 0
    after: str = ""


def find_notices(ids: Sequence[NoticeId]) -> Program[list[Notice]]:
    """The notices with these ids."""
    return (yield Load(Notice, ("id",), sorted(ids)))


def find_tries(notice_id: NoticeId) -> Program[list[Try]]:
    """The tries of a notice, first to last."""
    tries: list[Try] = yield Load(Try, ("notice_id",), [notice_id])
    return sorted(tries, key=lambda one: one.number)


def find_receivers(client_id: ClientId) -> Program[list[Receiver]]:
    """What is known of the URLs of a client that ever failed."""
    return (yield Load(Receiver, ("client_id",), [client_id]))


def find_signing_secrets(client_id: ClientId) -> Program[list[ClientSecret]]:
    """The secrets that a client's notices are signed with, newest first, whether still valid or not."""
    secrets: list[ClientSecret] = yield Load(ClientSecret, ("client_id",), [client_id])
    signing = [secret for secret in secrets if secret.use is SecretUse.SIGNING]
    return sorted(signing, key=lambda secret: -secret.number)


def ids_of(wanted: Filter, limit: int) -> Select[Any]:
    """The ids of notices, in the order in which they were made; ids are in the order of time, so no index is needed."""
    columns = schema.notices.c
    found = select(columns.id).order_by(columns.id).limit(limit)
    if wanted.client_id:
        found = found.where(columns.client_id == wanted.client_id)
    if wanted.state is not None:
        found = found.where(columns.state == wanted.state)
    if wanted.since:
        found = found.where(columns.id >= first_of(wanted.since // 1000))
    if wanted.until:
        found = found.where(columns.id < first_of(wanted.until // 1000))
    if wanted.after:
        found = found.where(columns.id > wanted.after)
    return found


def backlog(limit: int) -> Select[Any]:
    """Host, how many notices wait for it and when the next try is, for the hosts with the most."""
    columns = schema.notices.c
    waiting = func.count().label("waiting")
    wanted: list[Column[Any] | Any] = [columns.host, waiting, func.min(columns.next_try_at)]
    return select(*wanted).where(_WAITING).group_by(columns.host).order_by(waiting.desc(), columns.host).limit(limit)
