"""The HTTP server as the gateway runs it: uvicorn, with answers that leave in one piece."""

import asyncio
from typing import Any, Final

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

GRACE_SECONDS: Final = 30
"""How long running requests may take to end when the server stops: longer than any connector."""

KEEP_ALIVE_SECONDS: Final = 75
BACKLOG: Final = 2048


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


class CorkedProtocol(HttpToolsProtocol):
    """HTTP/1.1 over a corked transport."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Take a new connection."""
        super().connection_made(_Corked(transport))  # pyright: ignore[reportArgumentType]


def serve(application: str, host: str, port: int, workers: int = 1) -> None:
    """Serve the ASGI app that the factory `application` (`module:function`) makes in every process, until stopped.

    With more than one process a killed one is started again.
    """
    uvicorn.run(
        application,
        factory=True,
        host=host,
        port=port,
        workers=workers,
        http=CorkedProtocol,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        backlog=BACKLOG,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
