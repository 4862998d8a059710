"""Receivers of notices: HTTP servers on this machine that note what arrives when, and accept it, fail or hang."""

import asyncio
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import Enum
from typing import cast

HOST = "127.0.0.1"
POLL_SECONDS = 0.05

_ID = b"webhook-id: "
_LENGTH = b"content-length: "


class Manner(Enum):
    """What a receiver does with a notice: takes it, answers 500, or never answers."""

    ACCEPTS = b"HTTP/1.1 204 No Content\r\n\r\n"
    FAILS = b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n"
    HANGS = b""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A notice that came to a receiver, `at` microseconds UTC."""

    receiver: int
    id: str
    at: int


@dataclass(slots=True)
class Crowd:
    """Receivers that listen, each at a port of its own."""

    manners: Sequence[Manner]
    hosts: list[str] = field(default_factory=list[str])
    arrivals: list[Arrival] = field(default_factory=list[Arrival])
    _heard: list[set[str]] = field(default_factory=list[set[str]])
    _servers: list[asyncio.Server] = field(default_factory=list[asyncio.Server])
    _connections: set[asyncio.Transport] = field(default_factory=set[asyncio.Transport])

    @property
    def healthy(self) -> list[int]:
        """The places of those that accept."""
        return [place for place, manner in enumerate(self.manners) if manner is Manner.ACCEPTS]

    def heard(self, receiver: int) -> int:
        """How many different notices came to a receiver."""
        return len(self._heard[receiver])

    async def have_heard(self, receivers: Sequence[int], count: int, patience_seconds: float) -> bool:
        """Wait until so many different notices came to these together; False if they do not in time."""
        deadline = time.monotonic() + patience_seconds
        while sum(map(self.heard, receivers)) < count:
            if time.monotonic() > deadline:
                return False
            await asyncio.sleep(POLL_SECONDS)
        return True

    def note(self, receiver: int, notice_id: str) -> None:
        """A notice has come."""
        self.arrivals.append(Arrival(receiver, notice_id, time.time_ns() // 1000))
        self._heard[receiver].add(notice_id)

    async def listen(self) -> None:
        """Open a port for each."""
        loop = asyncio.get_running_loop()
        for place in range(len(self.manners)):
            self._heard.append(set())
            server = await loop.create_server(lambda place=place: _Hearing(self, place), HOST, 0)
            self._servers.append(server)
            self.hosts.append(f"{HOST}:{server.sockets[0].getsockname()[1]}")

    def close(self) -> None:
        """Listen no longer, and drop whoever still waits."""
        for server in self._servers:
            server.close()
        for connection in list(self._connections):
            connection.abort()

    def came(self, connection: asyncio.Transport) -> None:
        """A connection was made."""
        self._connections.add(connection)

    def went(self, connection: asyncio.Transport) -> None:
        """A connection has ended."""
        self._connections.discard(connection)


@asynccontextmanager
async def receiving(manners: Sequence[Manner]) -> AsyncGenerator[Crowd]:
    """Receivers that behave like this, until the end of the block."""
    crowd = Crowd(manners)
    await crowd.listen()
    try:
        yield crowd
    finally:
        crowd.close()


class _Hearing(asyncio.Protocol):
    """One connection: reads no more of HTTP than a deliverer of ours sends."""

    def __init__(self, crowd: Crowd, receiver: int) -> None:
        self._crowd = crowd
        self._receiver = receiver
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._crowd.came(self._transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self._crowd.went(self._transport)

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, found, body = self._received.partition(b"\r\n\r\n")
        if not found or len(body) < int(_field(head, _LENGTH)):
            return
        self._received = b""
        self._crowd.note(self._receiver, _field(head, _ID).decode())
        self._transport.write(self._crowd.manners[self._receiver].value)


def _field(head: bytes, name: bytes) -> bytes:
    """The value of a header field that is there."""
    start = head.lower().index(b"\r\n" + name) + 2 + len(name)
    return head[start:].partition(b"\r\n")[0].strip()
