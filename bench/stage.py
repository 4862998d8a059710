"""The stage: a durable PostgreSQL and a SQLite file on one disk, both seeded alike, and gateways serving them."""

import tempfile
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bench import gateway
from bench.contenders import Plain, Served, Tally
from bench.disk import Disk
from bench.gateway import cpu_seconds
from bench.mirror import pgbench
from bench.mirror.script import CARD_COUNT
from bench.seeding import Shop, seed
from tests.postgresql import PostgresServer, postgres_server

POSTGRES_SETTINGS = ("shared_buffers=512MB", "min_wal_size=2GB", "max_wal_size=8GB", "checkpoint_timeout=30min")
"""All that differs from how PostgreSQL comes: no checkpoint falls into one of two runs that are compared."""

LOG_FILES = 64


@dataclass(frozen=True, slots=True)
class Stage:
    """Gateways on PostgreSQL with one and with two workers (on one database), on SQLite, and pgbench.

    `new_shop` makes another database, of the kind `postgresql` or `sqlite`, that a sandbox can serve.
    """

    one: Served
    two: Served
    lite: Served
    plain: Plain
    new_shop: Callable[[str], Awaitable[Shop]]

    @property
    def shops(self) -> tuple[Shop, ...]:
        """The databases, each once."""
        return self.one.shop, self.lite.shop, self.plain.shop


@asynccontextmanager
async def stage(disk: Disk) -> AsyncGenerator[Stage]:
    """Set everything up, and remove it at the end of the block."""
    tempfile.tempdir = str(disk.folder)
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tillway-bench-")))
        server = stack.enter_context(durable_server())
        big = await seed(server.create_database(), new_folder(folder, "postgresql"), CARD_COUNT)
        small = await seed(str(folder / "tillway.sqlite3"), new_folder(folder, "sqlite"), CARD_COUNT)
        bare = await seed(server.create_database(), new_folder(folder, "pgbench"), 1)
        await pgbench.add_cards(bare)
        database_cpu = partial(cpu_seconds, postmaster(server))
        shared = Tally()
        one = await stack.enter_async_context(gateway.serve(big.settings))
        two = await stack.enter_async_context(gateway.serve(big.settings, workers=2))
        lite = await stack.enter_async_context(gateway.serve(small.settings))
        yield Stage(
            Served(big, one, shared, database_cpu),
            Served(big, two, shared, database_cpu),
            Served(small, lite, Tally(), float),
            Plain(server.programs / "pgbench", bare, await pgbench.write_scripts(bare, folder), database_cpu),
            partial(_new_shop, server, folder),
        )


@contextmanager
def durable_server() -> Generator[PostgresServer]:
    """A server as if it had run for a while: it writes its log into files that it has, and need not make them first."""
    with postgres_server(durable=True, settings=POSTGRES_SETTINGS) as server:
        server.sql(
            f"SELECT pg_logical_emit_message(false, '', ''), pg_switch_wal() FROM generate_series(1, {LOG_FILES})"
        )
        server.sql("CHECKPOINT")
        yield server


def postmaster(server: PostgresServer) -> int:
    """The server's first process."""
    return int((server.folder / "data" / "postmaster.pid").read_text().split()[0])


def new_folder(parent: Path, name: str) -> Path:
    """An empty folder."""
    folder = parent / name
    folder.mkdir()
    return folder


async def _new_shop(server: PostgresServer, parent: Path, kind: str) -> Shop:
    folder = Path(tempfile.mkdtemp(prefix=f"{kind}-", dir=parent))
    database = server.create_database() if kind == "postgresql" else str(folder / "tillway.sqlite3")
    return await seed(database, new_folder(folder, "data"), 0, live=False)
