"""A burst: requests that may be refused, each sent once over some connections as soon as one is free."""

import asyncio
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import cast

from bench.load.wrk import CONNECTIONS, WrongAnswers

PATIENCE_SECONDS = 60.0

_LENGTH = b"content-length: "


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer: it came `at` seconds after the burst began, `seconds` after its request was sent."""

    status: int
    body: bytes
    seconds: float
    at: float


async def drive(url: str, requests: Iterable[bytes], connections: int = CONNECTIONS) -> list[Answered]:
    """Send every request; answers in the order in which they came. Raises WrongAnswers if no more come."""
    loop = asyncio.get_running_loop()
    host, _, port = url.removeprefix("http://").partition(":")
    burst = _Burst(iter(requests), loop.create_future())
    for _ in range(connections):
        _, made = await loop.create_connection(lambda: _Connection(burst), host, int(port))
        burst.everyone.append(made)
    burst.begun = time.perf_counter()
    for connection in burst.everyone:
        connection.send()
    try:
        await burst.wait()
    finally:
        for connection in burst.everyone:
            connection.close()
    return burst.answers


@dataclass(slots=True)
class _Burst:
    waiting: Iterator[bytes]
    complete: "asyncio.Future[None]"
    everyone: list["_Connection"] = field(default_factory=list["_Connection"])
    answers: list[Answered] = field(default_factory=list[Answered])
    under_way: int = 0
    begun: float = 0.0

    def next(self) -> bytes | None:
        """The request to be sent now, if there are more."""
        request = next(self.waiting, None)
        if request is not None:
            self.under_way += 1
        elif self.under_way == 0 and not self.complete.done():
            self.complete.set_result(None)
        return request

    async def wait(self) -> None:
        """Wait for the last answer, as long as there are any. Raises WrongAnswers."""
        while not self.complete.done():
            before = len(self.answers)
            await asyncio.wait([self.complete], timeout=PATIENCE_SECONDS)
            if len(self.answers) == before and not self.complete.done():
                raise WrongAnswers(f"{self.under_way} answers are missing after {PATIENCE_SECONDS} s")
        self.complete.result()

    def lose(self) -> None:
        """A connection has ended with its request not answered."""
        if not self.complete.done():
            self.complete.set_exception(WrongAnswers("a connection was closed before its answer"))


class _Connection(asyncio.Protocol):
    def __init__(self, burst: _Burst) -> None:
        self._burst = burst
        self._sent = 0.0
        self._waits = False
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._waits:
            self._burst.lose()

    def send(self) -> None:
        """Send the next request, if there is one."""
        request = self._burst.next()
        self._waits = request is not None
        if request is not None:
            self._sent = time.perf_counter()
            self._transport.write(request)

    def close(self) -> None:
        self._waits = False
        self._transport.close()

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, found, body = self._received.partition(b"\r\n\r\n")
        if not found or len(body) < int(head.lower().partition(_LENGTH)[2].partition(b"\r\n")[0]):
            return
        now = time.perf_counter()
        self._received = b""
        burst = self._burst
        burst.answers.append(Answered(int(head[9:12]), body, now - self._sent, now - burst.begun))
        burst.under_way -= 1
        self.send()
