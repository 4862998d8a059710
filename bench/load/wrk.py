"""wrk as the load: 64 connections that each send the next request as soon as the last was answered."""

import asyncio
import json
import shutil
from dataclasses import dataclass
from pathlib import Path

CONNECTIONS = 64
ANSWER_SECONDS = 10
HOW_TO_GET_IT = "wrk is missing: apt-get install wrk (Debian, Ubuntu), brew install wrk (macOS)"

_SCRIPT = Path(__file__).with_name("post.lua")


class WrongAnswers(Exception):
    """The gateway answered a load with something else than success, or not at all."""


@dataclass(frozen=True, slots=True)
class Requests:
    """A file of ready-made requests, each `size` bytes long, which are all sent once, or `again` and again."""

    file: Path
    size: int
    again: bool


@dataclass(frozen=True, slots=True)
class Answers:
    """How a load was answered; one that was `used_up` had no more requests before its time was over."""

    answered: int
    seconds: float
    p50_ms: float
    p99_ms: float
    used_up: bool = False

    @property
    def per_second(self) -> float:
        """The rate."""
        return self.answered / self.seconds


def check_wrk(path: str | None = None) -> None:
    """Raises FileNotFoundError, saying how to get it, where wrk is missing from `path` (or else from PATH)."""
    if shutil.which("wrk", path=path) is None:
        raise FileNotFoundError(HOW_TO_GET_IT)


async def drive(url: str, requests: Requests, seconds: int, connections: int = CONNECTIONS) -> Answers:
    """Load the gateway at `url`. Raises WrongAnswers."""
    options = ["--threads", "1", "--connections", str(connections), "--duration", f"{seconds}s"]
    options += ["--timeout", f"{ANSWER_SECONDS}s", "--script", str(_SCRIPT)]
    arguments = [*options, url, "--", str(requests.file), str(requests.size), "again" if requests.again else "once"]
    process = await asyncio.create_subprocess_exec(
        "wrk", *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said = (await process.communicate())[0].decode()
    if process.returncode != 0:
        raise RuntimeError(f"wrk ended with {process.returncode}: {said}")
    found = json.loads(said.rstrip().rpartition("\n")[2])
    if not found["answered"]:
        raise WrongAnswers(f"nothing was answered in {seconds} s")
    if found["refused"] or found["broken"]:
        raise WrongAnswers(f"{found['refused']} refused and {found['broken']} broken of {found['answered']} answers")
    return Answers(*(found[name] for name in ("answered", "seconds", "p50_ms", "p99_ms", "used_up")))
