"""Heads of requests are bounded in time: a late one is refused, and a connection without a request only closed."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest
from starlette.types import Receive, Scope, Send

from tests.surfaces.common.serving import serving
from tillway.surfaces.common.http_server import HEAD_SECONDS, KEEP_ALIVE_SECONDS, BoundedProtocol

pytestmark = pytest.mark.anyio

WHOLE = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
HALF = WHOLE[:-4]
LONGEST_WAIT_SECONDS = 20


@dataclass(slots=True)
class _Clock:
    """The event loop, but for its time: that passes when it is told to."""

    loop: asyncio.AbstractEventLoop
    now: float = 0.0
    timers: list[tuple[float, asyncio.Handle, Callable[[], object]]] = field(default_factory=list[Any])

    def __getattr__(self, name: str) -> Any:
        return getattr(self.loop, name)

    def time(self) -> float:
        return self.now

    def call_later(self, delay: float, callback: Callable[..., object], *args: Any) -> asyncio.Handle:
        handle = asyncio.Handle(callback, args, self.loop)
        self.timers.append((self.now + delay, handle, partial(callback, *args)))
        return handle

    def advance(self, seconds: float) -> None:
        self.now += seconds
        due = [timer for timer in self.timers if timer[0] <= self.now]
        self.timers = [timer for timer in self.timers if timer[0] > self.now]
        for _, handle, run in due:
            if not handle.cancelled():
                run()


@dataclass(slots=True)
class _Caller:
    """The far end of a connection, and the clock of the near one."""

    clock: _Clock
    heard: asyncio.Event
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, data: bytes) -> None:
        """Send, and wait until it has arrived."""
        self.heard.clear()
        self.writer.write(data)
        async with asyncio.timeout(LONGEST_WAIT_SECONDS):
            await self.heard.wait()

    async def ask(self) -> bytes:
        """Make a whole request: the head of its answer."""
        await self.send(WHOLE)
        return await self.reader.readuntil(b"\r\n\r\n")


async def _nothing(_: Scope, __: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


@pytest.fixture
async def caller(anyio_backend: str) -> AsyncIterator[_Caller]:
    """Somebody who is connected and has said nothing yet."""
    clock, heard, met = _Clock(asyncio.get_running_loop()), asyncio.Event(), asyncio.Event()

    class _Timed(BoundedProtocol):
        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            self.loop: Any = clock
            self.timeout_keep_alive = KEEP_ALIVE_SECONDS

        def connection_made(self, transport: asyncio.Transport) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
            super().connection_made(transport)
            met.set()

        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            heard.set()

    async with serving(_nothing, _Timed) as url:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
        await met.wait()
        yield _Caller(clock, heard, reader, writer)
        writer.close()


async def test_a_connection_without_a_request_is_closed_without_a_word(caller: _Caller) -> None:
    caller.clock.advance(HEAD_SECONDS)
    assert await caller.reader.read() == b""


@pytest.mark.parametrize("requests_before", [0, 1])
async def test_half_a_head_is_refused(caller: _Caller, requests_before: int) -> None:
    for _ in range(requests_before):
        assert (await caller.ask()).startswith(b"HTTP/1.1 204 ")
    await caller.send(HALF)
    caller.clock.advance(HEAD_SECONDS)
    assert (await caller.reader.read()).startswith(b"HTTP/1.1 400 ")


async def test_a_connection_that_was_used_is_not_closed_for_want_of_a_head(caller: _Caller) -> None:
    assert (await caller.ask()).startswith(b"HTTP/1.1 204 ")
    caller.clock.advance(2 * HEAD_SECONDS)
    assert (await caller.ask()).startswith(b"HTTP/1.1 204 ")


async def test_a_head_that_comes_in_pieces_has_until_the_bound(caller: _Caller) -> None:
    await caller.send(HALF)
    caller.clock.advance(HEAD_SECONDS - 1)
    await caller.send(WHOLE[len(HALF) :])
    assert (await caller.reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 204 ")
