"""Two PostgreSQL servers of our own: a primary, and a standby that has every commit before anybody is answered."""

import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.postgresql import PostgresServer, give, own_folder, reachable_programs

SETTINGS = ("wal_log_hints=on", "primary_slot_name=standby", "wal_retrieve_retry_interval=100ms")
SLOT = "standby"
SYNC_SECONDS = 30
POLL_SECONDS = 0.02


@dataclass(slots=True)
class Pair:
    """Who takes writes now, and who would take its place; which is which changes with every failover."""

    primary: PostgresServer
    standby: PostgresServer

    def url(self, database: str) -> str:
        """The address of a database on whichever of the two takes writes: the same before and after a failover."""
        folders = ",".join(sorted(str(one.folder) for one in (self.primary, self.standby)))
        return f"postgresql://postgres@/{database}?host={folders}&target_session_attrs=read-write"

    def fail_over(self) -> None:
        """Lose the primary's host without warning, and let the standby take its place, alone for now."""
        self.primary.kill()
        self.take_over()

    def take_over(self) -> None:
        """Let the standby take writes, whatever has become of the primary."""
        self.standby.promote()
        self.primary, self.standby = self.standby, self.primary
        self._wait_for("")

    def mend(self, *, rewind: bool) -> None:
        """Make the lost server the new standby, of its own data or of a new copy, and wait until it has everything."""
        if rewind:
            self.standby.rewind(self.primary, SLOT)
        else:
            self.standby.follow(self.primary, SLOT)
        self._wait_for("*")
        self._wait_until_in_step()

    def _wait_for(self, standbys: str) -> None:
        """Let commits of the primary wait for these standbys from now on."""
        self.primary.sql(f"ALTER SYSTEM SET synchronous_standby_names = '{standbys}'")
        self.primary.sql("SELECT pg_reload_conf()")

    def _wait_until_in_step(self) -> None:
        deadline = time.monotonic() + SYNC_SECONDS
        while self.primary.sql("SELECT sync_state FROM pg_stat_replication") != "sync":
            assert time.monotonic() < deadline, "the standby is not in step"
            time.sleep(POLL_SECONDS)
        self.primary.sql("SET synchronous_commit = on; SELECT pg_logical_emit_message(true, 'in step', '')")


@contextmanager
def postgres_pair(*, durable: bool = False) -> Generator[Pair]:
    """Start a fresh primary and its synchronous standby; at the end both are stopped, and their data removed."""
    with own_folder() as folder:
        programs = reachable_programs(folder)
        settings = (*(() if durable else ("fsync=off",)), *SETTINGS)
        places = [folder / "one", folder / "two"]
        for place in places:
            place.mkdir()
            give(place)
        primary, standby = (PostgresServer(programs, place, settings, None) for place in places)
        try:
            primary.initialise()
            primary.start()
            # In the file: a server that is rewound recovers first, without the settings of our command line, and would
            # throw the part of the log away by which its successor's way parted from its own.
            primary.sql("ALTER SYSTEM SET wal_keep_size = '256MB'")
            pair = Pair(primary, standby)
            pair.mend(rewind=False)
            yield pair
        finally:
            for server in (standby, primary):
                if server.is_running:
                    server.crash()
