"""A gateway served as in production, in processes of its own that are watched from outside."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.server import free_port
from tillway.settings import Settings

START_SECONDS = 30.0
STOP_SECONDS = 30.0
_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


class NotServed(Exception):
    """A gateway did not start; the message is what it said."""


@dataclass(frozen=True, slots=True)
class Gateway:
    """A running gateway: `start_seconds` passed from its start to its first answer."""

    url: str
    process: int
    start_seconds: float

    @property
    def cpu_seconds(self) -> float:
        """What its processes have computed so far."""
        return cpu_seconds(self.process)

    @property
    def memory_bytes(self) -> int:
        """What its largest process has in memory of its own, without pages of files that it shares with the system."""
        return max(map(_memory, family(self.process)))

    def kill(self) -> None:
        """End it as a power cut would: at once, wherever it is (SIGKILL)."""
        for process in list(family(self.process)):
            os.kill(process, signal.SIGKILL)


@asynccontextmanager
async def serve(
    settings: Settings, workers: int = 1, *, sandbox: bool = False, environment: Mapping[str, str] | None = None
) -> AsyncGenerator[Gateway]:
    """Serve a database until the end of the block; `environment` is added to that of this process.

    A `sandbox` may call addresses of this machine.
    """
    port = free_port()
    log = (settings.data / f"gateway-{port}.log").open("wb")
    started = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        *_command(settings, port, workers, sandbox=sandbox),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        env={**os.environ, **(environment or {})},
    )
    log.close()
    try:
        if not await _answers(process, port):
            raise NotServed(_text(log.name))
        yield Gateway(f"http://127.0.0.1:{port}", process.pid, time.perf_counter() - started)
    finally:
        await _stop(process)


def cpu_seconds(process: int) -> float:
    """What a process and all that it has started, and that may have ended since, have computed so far."""
    return sum(int(ticks) for one in family(process) for ticks in _stat(one)[11:15]) / _TICKS


def family(process: int) -> Iterator[int]:
    """A process and all that it has started."""
    yield process
    try:
        children = Path(f"/proc/{process}/task/{process}/children").read_text()
    except OSError:
        return
    for child in children.split():
        yield from family(int(child))


def _command(settings: Settings, port: int, workers: int, *, sandbox: bool) -> list[str]:
    tillway = Path(sys.executable).with_name("tillway")
    kind = ["sandbox"] if sandbox else ["serve", "--workers", str(workers)]
    return [str(tillway), *kind, "--port", str(port), "--data", str(settings.data), "--database", settings.database]


async def _answers(process: asyncio.subprocess.Process, port: int) -> bool:
    """Wait for the first answer; False if there is none in time, or never will be."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.returncode is None:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.01)
            continue
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        answer = await reader.read()
        writer.close()
        if b" 200 " in answer.partition(b"\r\n")[0]:
            return True
    return False


def _text(file: str) -> str:
    return Path(file).read_text(errors="replace")


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        async with asyncio.timeout(STOP_SECONDS):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


def _stat(process: int) -> list[str]:
    """The fields of /proc/PID/stat behind the name; nothing but zeros for a process that is gone."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ["0"] * 50


def _memory(process: int) -> int:
    try:
        resident, shared = Path(f"/proc/{process}/statm").read_text().split()[1:3]
    except OSError:
        return 0
    return (int(resident) - int(shared)) * _PAGE
