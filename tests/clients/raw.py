"""A caller who writes bytes to a socket: whatever a well-behaved client would never send."""

import asyncio
import json
import re
from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

PATIENCE_SECONDS = 10
_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)\r\n", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Heard:
    """One answer, as it came."""

    status: int
    head: str
    text: str

    @property
    def body(self) -> Any:
        """The body as parsed; None if it is not JSON."""
        try:
            return json.loads(self.text)
        except ValueError:
            return None


@asynccontextmanager
async def connected(port: int) -> AsyncGenerator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection to the server."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**20)
    try:
        yield reader, writer
    finally:
        writer.close()


async def exchange(port: int, parts: Iterable[bytes], *, pause_seconds: float = 0.0, expected: int = 1) -> list[Heard]:
    """All answers to what is sent on one connection; none if the server hangs up without a word.

    The sending side is closed after the `expected` answers, so that a server that would go on learns that we do not.
    """
    async with connected(port) as (reader, writer), asyncio.timeout(PATIENCE_SECONDS):
        with suppress(ConnectionError):
            for part in parts:
                writer.write(part)
                await writer.drain()
                await asyncio.sleep(pause_seconds)
        answers: list[Heard] = []
        with suppress(ConnectionError):
            while (heard := await read_answer(reader)) is not None:
                answers.append(heard)
                if len(answers) == expected and not writer.is_closing():
                    writer.write_eof()
        return answers


async def read_answer(reader: asyncio.StreamReader) -> Heard | None:
    """The next answer on a connection; None if it was closed instead."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    length = _LENGTH.search(head)
    body = await (reader.readexactly(int(length[1])) if length else reader.read())
    return Heard(int(head.split(b" ", 2)[1]), head.decode("latin-1"), body.decode("utf-8", "replace"))
