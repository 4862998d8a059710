"""The program `tillway` as people run it: a process of its own, with nothing of the environment but what is given."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PROGRAM = Path(sys.executable).with_name("tillway")
MOST_SECONDS = 60


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
