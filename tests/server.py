"""The real product as a process of its own: started on a free port, killed at will, started again on the same data."""

import asyncio
import base64
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from tillway.commands import clock
from tillway.commands.tools import ShiftedClock, SystemClock, Tools
from tillway.store.committer import Committer
from tillway.store.migrating import migrate
from tillway.store.opening import open_store
from tillway.store.vault import KEY_BYTES, Vault
from tillway.wiring import NEIGHBOURS

HOST = "127.0.0.1"
KEY = bytes(range(100, 100 + KEY_BYTES))
"""The key of every gateway of the tests, so that they can issue cards beside it."""

READY_SECONDS = 30
STOP_SECONDS = 30
POLL_SECONDS = 0.02

_PORTS = range(20_000, 30_000)
"""Below those that systems give to outgoing connections, so that none is taken while a server is being restarted."""


_UNWANTED = {"PYTHONDONTWRITEBYTECODE"}
"""A server that is started again and again should not have to compile itself each time."""


def free_port() -> int:
    """A port that nobody listens on, nor on those after it that a sandbox takes too."""
    while True:
        port = random.choice(_PORTS)
        if all(_is_free(port + place) for place in range(NEIGHBOURS + 1)):
            return port


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


class ServerEnded(Exception):
    """The process ended by itself; the message is the end of what it said."""


@dataclass(slots=True)
class Server:
    """One process that serves the gateway on `database`; what it says is collected in `folder`."""

    folder: Path
    database: str
    sandbox: bool = True
    settings: Mapping[str, str] = field(default_factory=dict[str, str])
    port: int = field(default_factory=free_port)
    _process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://{HOST}:{self.port}"

    @property
    def is_alive(self) -> bool:
        """Whether the process has not ended."""
        return self._process is not None and self._process.poll() is None

    @property
    def process_id(self) -> int:
        """The process that serves."""
        assert self._process is not None
        return self._process.pid

    @property
    def _log(self) -> Path:
        return self.folder / "server.log"

    def said(self) -> str:
        """Everything that the process, and those before it in the same folder, wrote to its outputs."""
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    def launch(self) -> None:
        """Start the process, without waiting for anything."""
        with self._log.open("ab") as output:
            self._process = subprocess.Popen(
                self._command(),
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    async def start(self) -> None:
        """Start the process and wait until it is ready. Raises ServerEnded."""
        self.launch()
        await self.wait_until_ready()

    async def wait_until_ready(self) -> None:
        """Wait until requests are answered and the database is reached. Raises ServerEnded."""
        deadline = time.monotonic() + READY_SECONDS
        async with aiohttp.ClientSession() as session:
            while not await self._is_ready(session):
                if not self.is_alive:
                    raise ServerEnded(self.said()[-4000:])
                assert time.monotonic() < deadline, f"not ready: {self.said()[-4000:]}"
                await asyncio.sleep(POLL_SECONDS)

    def kill(self) -> None:
        """End it as a power cut would: at once, wherever it is (SIGKILL)."""
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    async def stop(self) -> int:
        """Ask it to end (SIGTERM), wait for it, and answer its exit status."""
        assert self._process is not None
        self._process.terminate()
        return await asyncio.to_thread(self._process.wait, STOP_SECONDS)

    async def restart(self) -> None:
        """Kill it and start it again on the same data, at the same address."""
        self.kill()
        await self.start()

    def close(self) -> None:
        """Leave no process behind."""
        if self.is_alive:
            self.kill()

    async def _is_ready(self, session: aiohttp.ClientSession) -> bool:
        try:
            async with session.get(f"{self.url}/readyz", timeout=aiohttp.ClientTimeout(total=2)) as response:
                return response.status == 200
        except (aiohttp.ClientError, TimeoutError, OSError):
            return False

    def _command(self) -> list[str]:
        program = Path(sys.executable).with_name("tillway")
        return [str(program), "sandbox" if self.sandbox else "serve"]

    def _environment(self) -> dict[str, str]:
        return {
            **{name: value for name, value in os.environ.items() if name not in _UNWANTED},
            "TILLWAY_DATA": str(self.folder),
            "TILLWAY_DATABASE": self.database,
            "TILLWAY_KEY": base64.b64encode(KEY).decode(),
            "TILLWAY_HOST": HOST,
            "TILLWAY_PORT": str(self.port),
            **self.settings,
        }


@asynccontextmanager
async def serving(
    folder: Path, database: str = "", *, sandbox: bool = True, settings: Mapping[str, str] | None = None
) -> AsyncGenerator[Server]:
    """A server on a database with the newest schema; without one, on a SQLite file in `folder`."""
    server = Server(folder, database or str(folder / "tillway.sqlite3"), sandbox, settings or {})
    await migrate(server.database)
    try:
        await server.start()
        yield server
    finally:
        server.close()


@asynccontextmanager
async def beside(server: Server) -> AsyncGenerator[Tools]:
    """Tools on the server's database, as the command line has them: for clients, cards and a look into the books.

    After time was let pass in the sandbox they are told of it by `set_clock`.
    """
    store = open_store(server.database)
    tools = Tools(Committer(store), store, ShiftedClock(SystemClock()), Vault(KEY), {}, {})
    try:
        await set_clock(tools)
        yield tools
    finally:
        await tools.committer.close()
        await store.close()


async def set_clock(tools: Tools) -> None:
    """Set the tools' clock as far ahead as the sandbox's is."""
    assert isinstance(tools.clock, ShiftedClock)
    await clock.restore(tools, tools.clock)
