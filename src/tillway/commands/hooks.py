"""Acts on the hooks of clients: add one, end one, try one out."""

from tillway.commands.tools import Tools
from tillway.domain import hooking
from tillway.domain.book import Needs
from tillway.domain.hooking import HookAsked, Try
from tillway.domain.hooks import Hook
from tillway.domain.ids import ClientId
from tillway.domain.notices import Notice

_ALL = Needs(registry=True)


async def add(tools: Tools, client_id: str, asked: HookAsked, *, sandbox: bool) -> Hook:
    """A hook; in a sandbox it may be on loopback, by http.

    Refuses: ClientUnknown, ClientWithoutHooks, HookUrlRefused, TooManyHooks.
    """
    now = tools.now()
    return await tools.committer.run(
        _ALL, lambda book: hooking.add_hook(book, ClientId(client_id), asked, sandbox=sandbox, now=now)
    )


async def end(tools: Tools, client_id: str, number: int) -> Hook:
    """Call a hook no more, from now on. Refuses: ClientUnknown, HookUnknown."""
    now = tools.now()
    return await tools.committer.run(_ALL, lambda book: hooking.end_hook(book, ClientId(client_id), number, now))


async def try_out(tools: Tools, client_id: str, number: int, render: Try) -> Notice:
    """Have a hook told that it is tried out, by whoever delivers. Refuses: ClientUnknown, HookUnknown."""
    stamp = tools.stamp()
    return await tools.committer.run(
        _ALL, lambda book: hooking.try_hook(book, ClientId(client_id), number, render, stamp)
    )
