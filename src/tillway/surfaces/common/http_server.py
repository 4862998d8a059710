"""The HTTP server as the gateway runs it: uvicorn, with bounded heads, and answers that leave in one piece."""

import asyncio
from typing import Any, Final

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

GRACE_SECONDS: Final = 30
"""How long running requests may take to end when the server stops: longer than any connector."""

KEEP_ALIVE_SECONDS: Final = 75
BACKLOG: Final = 2048

MOST_HEAD_BYTES: Final = 64 * 1024
HEAD_SECONDS: Final = 15.0
"""How long a connection may be silent before its first request, and how long the head of any request may take."""


class _Corked:
    """A transport that holds back one write until the next, so that head and body of an answer are one packet.

    Two writes are two system calls and two packets: measured, a third of the cost of a small answer.
    """

    __slots__ = ("_held", "_soon", "_transport")

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._held = b""
        self._soon = asyncio.get_running_loop().call_soon

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        if self._held:
            data, self._held = self._held + data, b""
            self._transport.write(data)
        else:
            self._held = data
            self._soon(self._flush)

    def close(self) -> None:
        self._flush()
        self._transport.close()

    def is_closing(self) -> bool:
        return self._transport.is_closing()

    def _flush(self) -> None:
        if self._held:
            data, self._held = self._held, b""
            self._transport.write(data)


class BoundedProtocol(HttpToolsProtocol):
    """HTTP/1.1 over a corked transport, with heads that are bounded in size and time: uvicorn itself bounds neither.

    A connection on which nothing was asked in time is closed without a word: browsers open some in advance, and would
    take what is said there for the answer to the request that they send at that moment.
    """

    _watch: asyncio.TimerHandle
    _in_head = True
    _head_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Take a new connection."""
        super().connection_made(_Corked(transport))  # pyright: ignore[reportArgumentType]
        self._head_since = self.loop.time()
        self._watch = self.loop.call_later(HEAD_SECONDS, self._check_head)

    def connection_lost(self, exc: Exception | None) -> None:
        """Let go of a connection."""
        self._watch.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what has arrived."""
        super().data_received(data)
        if self._in_head:
            self._head_bytes += len(data)
            if self._head_bytes > MOST_HEAD_BYTES and not self.transport.is_closing():
                self.send_400_response("The head of the request is too large.")

    def on_message_begin(self) -> None:
        """A request begins."""
        self._in_head = True
        self._head_bytes = 0
        self._head_since = self.loop.time()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """The head of a request is complete."""
        self._in_head = False
        super().on_headers_complete()

    def _check_head(self) -> None:
        """One timer for each connection rather than for each request, since requests are many and heads seldom late."""
        left = self._head_since + HEAD_SECONDS - self.loop.time() if self._in_head else HEAD_SECONDS
        if left > 0:
            self._watch = self.loop.call_later(left, self._check_head)
        elif self._head_bytes:
            self.send_400_response("The head of the request did not arrive in time.")
        else:
            self.transport.close()


def serve(application: str, host: str, port: int, workers: int = 1, *, neighbours: int = 0) -> None:
    """Serve the ASGI app that the factory `application` (`module:function`) makes in every process, until stopped.

    With more than one process a killed one is started again. The app is served at so many `neighbours` of the port too,
    the ports that follow it, by one process only; it tells them apart by `scope["server"]`.
    """
    options: dict[str, Any] = {
        "factory": True,
        "http": BoundedProtocol,
        "ws": "none",
        "lifespan": "on",
        "log_config": None,
        "access_log": False,
        "proxy_headers": False,
        "server_header": False,
        "backlog": BACKLOG,
        "timeout_keep_alive": KEEP_ALIVE_SECONDS,
        "timeout_graceful_shutdown": GRACE_SECONDS,
    }
    if neighbours == 0:
        uvicorn.run(application, host=host, port=port, workers=workers, **options)
        return
    configs = [uvicorn.Config(application, host=host, port=port + place, **options) for place in range(neighbours + 1)]
    uvicorn.Server(configs[0]).run([config.bind_socket() for config in configs])
