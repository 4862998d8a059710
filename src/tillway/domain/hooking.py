"""Keeping the hooks of clients: adding one, ending one, and trying one out."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit

from tillway.domain.book import Book
from tillway.domain.clients import Client, Surface
from tillway.domain.decision import Decision, Stamp
from tillway.domain.events import HookTested, LoggedEvent
from tillway.domain.hook_refusals import ClientWithoutHooks, HookUnknown, HookUrlRefused, TooManyHooks
from tillway.domain.hooks import MOST_HOOKS, MOST_KEPT_HOOKS, Hook, HookType
from tillway.domain.ids import ClientId, EventId, PaymentId
from tillway.domain.notices import Notice
from tillway.domain.refusals import ClientUnknown
from tillway.domain.telling import Telling, notice_of
from tillway.domain.values import value

LONGEST_HOOK_URL: Final = 2048

LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
"""The names and addresses of this machine, as they stand in URLs."""

Try = Callable[[Hook, EventId, int], Telling]
"""What tries a hook out: the body of an event with this id, made at this moment. Pure."""


@value
class HookAsked:
    """A hook that a client is to have; fields as in `Hook`."""

    kind: HookType
    url: str
    starts_at: int = 0
    ends_at: int = 0


def add_hook(book: Book, client_id: ClientId, asked: HookAsked, *, sandbox: bool, now: int) -> Decision[Hook]:
    """A hook; one that is in force already, or will be, just like this stays as it is.

    Refuses: ClientUnknown, ClientWithoutHooks, HookUrlRefused, TooManyHooks.
    """
    client = book.find(Client, client_id)
    if client is None:
        raise ClientUnknown
    if client.surface is not Surface.ORDER:
        raise ClientWithoutHooks
    if not may_be_called(asked.url, sandbox=sandbox):
        raise HookUrlRefused
    kept = _hooks_of(book, client_id)
    in_force = [hook for hook in kept if not hook.is_over(now)]
    for hook in in_force:
        if HookAsked(hook.kind, hook.url, hook.starts_at, hook.ends_at) == asked:
            return Decision(hook)
    if len(in_force) >= MOST_HOOKS or len(kept) >= MOST_KEPT_HOOKS:
        raise TooManyHooks
    number = max((hook.number for hook in kept), default=0) + 1
    fresh = Hook(client_id, number, asked.kind, asked.url, asked.starts_at, asked.ends_at, now)
    return Decision(fresh, (fresh,))


def end_hook(book: Book, client_id: ClientId, number: int, now: int) -> Decision[Hook]:
    """Call a hook no more; one that is over stays as it is. Refuses: ClientUnknown, HookUnknown."""
    hook = _known(book, client_id, number)
    if hook.is_over(now):
        return Decision(hook)
    ended = replace(hook, ends_at=now)
    return Decision(ended, (), (ended,))


def try_hook(book: Book, client_id: ClientId, number: int, render: Try, stamp: Stamp) -> Decision[Notice]:
    """Have a hook told that it is tried out, whether it is in force or not. Refuses: ClientUnknown, HookUnknown."""
    hook = _known(book, client_id, number)
    identity, nobody = EventId(stamp.id(1)), PaymentId("")
    event = HookTested(hook.number, hook.kind)
    notice = notice_of(render(hook, identity, stamp.now), identity, identity, client_id, nobody, stamp.now)
    return Decision(notice, (LoggedEvent(identity, event.kind, client_id, nobody, 0, event, stamp.now), notice))


def may_be_called(url: str, *, sandbox: bool) -> bool:
    """Whether a URL can be a hook: https with a host, and without credentials; in a sandbox also http on loopback."""
    if len(url) > LONGEST_HOOK_URL or not url.isascii() or not url.isprintable() or set(url) & set(' \\"<>'):
        return False
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return False
    if not parts.hostname or "@" in parts.netloc or parts.fragment:
        return False
    return parts.scheme == "https" or (sandbox and parts.scheme == "http" and parts.hostname in LOOPBACK)


def _hooks_of(book: Book, client_id: ClientId) -> list[Hook]:
    return [hook for hook in book.all(Hook) if hook.client_id == client_id]


def _known(book: Book, client_id: ClientId, number: int) -> Hook:
    if book.find(Client, client_id) is None:
        raise ClientUnknown
    hook = book.find(Hook, (client_id, number))
    if hook is None:
        raise HookUnknown
    return hook
