"""The program `tillway` as people run it: a process of its own, with nothing of the environment but what is given."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

from tests.server import free_port

PROGRAM = Path(sys.executable).with_name("tillway")
MOST_SECONDS = 60
ISSUER_NAME = "Ark & Bøker på hjørnet"
"""What the issuer `books` of the tests is called."""

READY_SECONDS = 60
CLEAN_ENDS = (0, -signal.SIGTERM)
"""How a server ends that was asked to: several processes end by themselves, one by the signal."""


@dataclass(frozen=True, slots=True)
class Said:
    """How a run ended, and what it said."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        """What it said as JSON; a run that failed has none."""
        assert self.code == 0, self.err
        return json.loads(self.out)

    def line(self) -> str:
        """The one line that it said of its failure."""
        assert self.code != 0
        (line,) = self.err.splitlines()
        return line


@dataclass(frozen=True, slots=True)
class Program:
    """`tillway` beside one database; `environment` is set for every run."""

    data: Path
    database: str
    environment: Mapping[str, str] = field(default_factory=dict[str, str])

    def run(self, *arguments: str | Path, typed: str = "") -> Said:
        """Run a command to its end, on this database; `typed` comes on stdin."""
        return self.run_anywhere(*arguments, "--data", self.data, "--database", self.database, typed=typed)

    def run_anywhere(self, *arguments: str | Path, typed: str = "") -> Said:
        """Run exactly this."""
        ended = subprocess.run(
            [PROGRAM, *arguments],
            env=clean_environment() | dict(self.environment),
            input=typed,
            capture_output=True,
            text=True,
            timeout=MOST_SECONDS,
            check=False,
        )
        assert "Traceback" not in ended.stderr, ended.stderr
        return Said(ended.returncode, ended.stdout, ended.stderr)


def clean_environment() -> dict[str, str]:
    """The environment without any settings of a gateway."""
    return {name: value for name, value in os.environ.items() if not name.startswith("TILLWAY_")}


@dataclass(slots=True)
class Running:
    """A server started by the program; what it said is in `log`."""

    process: "subprocess.Popen[bytes]"
    url: str
    log: Path

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Any:
        """A JSON answer."""
        with urlopen(Request(self.url + path, headers=dict(headers or {})), timeout=10) as answer:
            return json.loads(answer.read() or b"null")

    def stop(self) -> int:
        """Ask it to end, and answer its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)


@contextmanager
def running(folder: Path, *arguments: str | Path, environment: Mapping[str, str] | None = None) -> Generator[Running]:
    """The program serving on a free port, ready; ended afterwards with all its processes."""
    port, log = free_port(), folder / f"log-{time.monotonic_ns()}"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [PROGRAM, *arguments, "--port", str(port)],
            env=clean_environment() | dict(environment or {}),
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    server = Running(process, f"http://127.0.0.1:{port}", log)
    try:
        _wait_until_ready(server)
        yield server
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _wait_until_ready(server: Running) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while True:
        try:
            with urlopen(f"{server.url}/readyz", timeout=2):
                return
        except (URLError, OSError):
            said = server.log.read_text()
            assert server.process.poll() is None, said
            assert time.monotonic() < deadline, said
            time.sleep(0.05)
