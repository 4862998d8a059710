"""Heads of requests are bounded in time: a late one is refused, and a connection without a request only closed."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from starlette.types import Receive, Scope, Send

from tests.surfaces.common.serving import serving
from tillway.surfaces.common.http_server import BoundedProtocol

pytestmark = pytest.mark.anyio

WHOLE = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
HALF = WHOLE[:-4]

_Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class _Hasty(BoundedProtocol):
    head_seconds = 0.2


async def _nothing(_: Scope, __: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


@pytest.fixture
async def connection(anyio_backend: str) -> AsyncIterator[_Connection]:
    """A connection to a server that does not wait long for a head."""
    async with serving(_nothing, _Hasty) as url:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
        yield reader, writer
        writer.close()


async def test_a_connection_without_a_request_is_closed_without_a_word(connection: _Connection) -> None:
    reader, _ = connection
    assert await reader.read() == b""


async def test_half_a_head_is_refused(connection: _Connection) -> None:
    reader, writer = connection
    writer.write(HALF)
    assert (await reader.read()).startswith(b"HTTP/1.1 400 ")


async def test_half_a_head_after_a_whole_request_is_refused(connection: _Connection) -> None:
    reader, writer = connection
    writer.write(WHOLE)
    assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 204 ")
    writer.write(HALF)
    assert (await reader.read()).startswith(b"HTTP/1.1 400 ")


async def test_a_connection_that_was_used_is_not_closed_for_want_of_a_head(connection: _Connection) -> None:
    reader, writer = connection
    writer.write(WHOLE)
    assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 204 ")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(3 * _Hasty.head_seconds):
            await reader.read()
    writer.write(WHOLE)
    assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 204 ")
