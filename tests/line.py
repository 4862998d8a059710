"""A line to PostgreSQL that can be cut: at a commit, before it has arrived there or before its answer is back."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

SOCKET = ".s.PGSQL.5432"
CHUNK = 1 << 16
COMMIT = b"COMMIT\0"
_REASON = b"SFATAL\0VFATAL\0C57P01\0Mterminating connection due to administrator command\0\0"
GOODBYE = b"E" + (len(_REASON) + 4).to_bytes(4) + _REASON
"""An ErrorResponse of PostgreSQL's protocol, version 3."""


class Cut(Enum):
    """What is lost of a commit: all of it, or only that it has happened."""

    REQUEST = "request"
    ANSWER = "answer"


@dataclass(slots=True)
class Line:
    """Carries connections to the server in `server`; the commit of whoever mentions `marker` is cut once, as `cut`."""

    folder: Path
    server: Path
    marker: bytes = b""
    cut: Cut = Cut.ANSWER
    cuts: int = 0
    callers: "list[asyncio.StreamWriter]" = field(default_factory=list["asyncio.StreamWriter"])
    carried: "set[asyncio.Task[None]]" = field(default_factory=set["asyncio.Task[None]"])

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one more connection."""
        self.callers.append(writer)
        self.carried.add(asyncio.create_task(self.carry(reader, writer)))

    def say_goodbye(self) -> None:
        """Tell all callers that their server ends them, as it does unasked when it is stopped, but cut nothing yet."""
        for caller in self.callers:
            caller.write(GOODBYE)

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        far_reader, far_writer = await asyncio.open_unix_connection(str(self.server / SOCKET))
        call = _Call(self)
        ways = (_pump(reader, far_writer, call.may_pass), _pump(far_reader, writer, lambda _: not call.is_cut))
        tasks = [asyncio.create_task(way) for way in ways]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            for end in (writer, far_writer):
                end.close()


@dataclass(slots=True)
class _Call:
    line: Line
    is_ours: bool = False
    is_cut: bool = False

    def may_pass(self, chunk: bytes) -> bool:
        """Whether what goes to the server still gets there."""
        line = self.line
        self.is_ours = self.is_ours or (line.marker != b"" and line.marker in chunk)
        if not self.is_ours or COMMIT not in chunk:
            return True
        line.marker = b""
        line.cuts += 1
        self.is_cut = True
        return line.cut is Cut.ANSWER


async def _pump(source: asyncio.StreamReader, target: asyncio.StreamWriter, passes: Callable[[bytes], bool]) -> None:
    with suppress(OSError):
        while chunk := await source.read(CHUNK):
            if not passes(chunk):
                return
            target.write(chunk)
            await target.drain()


@asynccontextmanager
async def line_to(server: Path, folder: Path) -> AsyncGenerator[Line]:
    """A line to the server whose socket is in `server`; its own socket is in `folder`."""
    line = Line(folder, server)
    async with await asyncio.start_unix_server(line.accept, folder / SOCKET):
        yield line
        for connection in line.carried:
            connection.cancel()
        await asyncio.gather(*line.carried, return_exceptions=True)
