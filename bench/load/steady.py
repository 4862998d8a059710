"""A steady load: requests set out at a fixed rate, whether earlier ones were answered or not, over 64 connections.

An answer's time counts from the moment its request was due, so a gateway that stalls is charged for all who wait.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import cast

from bench.load.wrk import CONNECTIONS, Answers, WrongAnswers

TICK_SECONDS = 0.001
DRAIN_SECONDS = 10.0

_LENGTH = b"content-length: "
_SUCCESS = b"HTTP/1.1 200 "


async def drive(url: str, requests: Sequence[bytes], per_second: float) -> Answers:
    """Send every request once, at this rate. Raises WrongAnswers."""
    loop = asyncio.get_running_loop()
    host, _, port = url.removeprefix("http://").partition(":")
    crowd = _Crowd()
    for _ in range(CONNECTIONS):
        await loop.create_connection(lambda: _Connection(crowd, loop), host, int(port))
    started = loop.time()
    sent = 0
    while sent < len(requests):
        due = min(len(requests), int((loop.time() - started) * per_second) + 1)
        for number in range(sent, due):
            crowd.send(requests[number], started + number / per_second)
        sent = due
        await asyncio.sleep(TICK_SECONDS)
    await crowd.answered(sent)
    passed = loop.time() - started
    for connection in crowd.everyone:
        connection.close()
    if crowd.wrong or len(crowd.seconds) < sent:
        raise WrongAnswers(f"{crowd.wrong} of {sent} answers were no success, {sent - len(crowd.seconds)} are missing")
    return _summary(crowd.seconds, passed)


@dataclass(slots=True)
class _Crowd:
    everyone: list["_Connection"] = field(default_factory=list["_Connection"])
    idle: deque["_Connection"] = field(default_factory=deque["_Connection"])
    waiting: deque[tuple[bytes, float]] = field(default_factory=deque[tuple[bytes, float]])
    seconds: list[float] = field(default_factory=list[float])
    wrong: int = 0
    expected: int = 0
    complete: asyncio.Event = field(default_factory=asyncio.Event)

    def send(self, request: bytes, due: float) -> None:
        """Send a request that was due at a moment, as soon as a connection is free."""
        if self.idle:
            self.idle.popleft().send(request, due)
        else:
            self.waiting.append((request, due))

    async def answered(self, count: int) -> None:
        """Wait until there are so many answers, right or wrong, but not for ever."""
        self.expected = count
        self.check()
        with suppress(TimeoutError):
            async with asyncio.timeout(DRAIN_SECONDS):
                await self.complete.wait()

    def check(self) -> None:
        """See whether these are all answers."""
        if len(self.seconds) + self.wrong == self.expected:
            self.complete.set()


class _Connection(asyncio.Protocol):
    def __init__(self, crowd: _Crowd, loop: asyncio.AbstractEventLoop) -> None:
        self._crowd = crowd
        self._loop = loop
        self._due = 0.0
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._crowd.everyone.append(self)
        self._crowd.idle.append(self)

    def send(self, request: bytes, due: float) -> None:
        self._due = due
        self._transport.write(request)

    def close(self) -> None:
        self._transport.close()

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, found, body = self._received.partition(b"\r\n\r\n")
        if not found:
            return
        length = int(head.lower().partition(_LENGTH)[2].partition(b"\r\n")[0])
        if len(body) < length:
            return
        self._received = b""
        crowd = self._crowd
        if head.startswith(_SUCCESS):
            crowd.seconds.append(self._loop.time() - self._due)
        else:
            crowd.wrong += 1
        crowd.check()
        if crowd.waiting:
            self.send(*crowd.waiting.popleft())
        else:
            crowd.idle.append(self)


def _summary(seconds: list[float], passed: float) -> Answers:
    ordered = sorted(seconds)
    middle, late = ordered[len(ordered) // 2], ordered[len(ordered) * 99 // 100]
    return Answers(len(ordered), passed, middle * 1000, late * 1000)
