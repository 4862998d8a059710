"""How a command gets at a gateway's database, whether a server is running on it or not."""

import asyncio
import os
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import typer

from tillway.cli.speaking import MISUSED, REFUSED, Stopped

if TYPE_CHECKING:
    from tillway.commands.tools import Tools
    from tillway.settings import Settings
    from tillway.store.protocol import Store

Answer = TypeVar("Answer")


def settings_of(data: Path | None, database: str | None, **more: object) -> "Settings":
    """The settings of the environment; where data or database is given, both are taken from the command line.

    A folder named on the command line never meets a database that happens to stand in the environment.
    """
    from tillway import settings

    if data is not None and database is None:
        database = ""
    return settings.load(data=data, database=database, **more)


def with_store(data: Path | None, database: str | None, act: "Callable[[Store], Awaitable[Answer]]") -> Answer:
    """Do something that only needs the database, not the key."""

    async def run() -> Answer:
        async with store_of(settings_of(data, database)) as store:
            return await act(store)

    return finish(run)


def with_tools(data: Path | None, database: str | None, act: "Callable[[Tools], Awaitable[Answer]]") -> Answer:
    """Do something that needs all that commands work with."""

    async def run() -> Answer:
        async with tools_of(settings_of(data, database)) as tools:
            return await act(tools)

    return finish(run)


def finish(run: Callable[[], Awaitable[Answer]]) -> Answer:
    """Run to the end, with every expected problem told in one line."""

    async def main() -> Answer:
        return await run()

    with plainly():
        return asyncio.run(main())


@contextmanager
def plainly() -> Generator[None]:
    """Turn every expected problem into one line on stderr and an exit code."""
    from tillway.domain.refusals import Refusal
    from tillway.settings import SettingsRefused
    from tillway.store.protocol import Conflict, Unavailable
    from tillway.store.revisions import SchemaOutdated
    from tillway.store.sqlite import FileTaken
    from tillway.store.vault import Unreadable

    os.umask(0o077)  # whatever a command makes is for its owner only
    try:
        yield
    except SettingsRefused as error:
        _stop(str(error), MISUSED)
    except Stopped as error:
        _stop(str(error), error.code)
    except Unreadable:
        _stop("this key is not the one that the database was written with", MISUSED)
    except Unavailable as error:
        _stop(f"the database cannot be reached: {error}", REFUSED)
    except Conflict as error:
        _stop(f"another program changed the same rows: {error}", REFUSED)
    except (Refusal, SchemaOutdated, FileTaken) as error:
        _stop(str(error), REFUSED)
    except OSError as error:
        _stop(f"{error.filename}: {error.strerror}" if error.filename else str(error), REFUSED)
    except KeyboardInterrupt:
        _stop("stopped", 130)


@asynccontextmanager
async def tools_of(settings: "Settings") -> "AsyncGenerator[Tools]":
    """What commands work with, on the same time as a sandbox that was pushed ahead."""
    from tillway.commands import clock as clocks
    from tillway.commands.tools import ShiftedClock, SystemClock, Tools
    from tillway.domain.clients import Surface
    from tillway.store.committer import Committer
    from tillway.store.vault import Vault
    from tillway.surfaces.order_api import notices

    vault = Vault(settings.gateway_key)
    async with store_of(settings) as store:
        clock = ShiftedClock(SystemClock())
        tools = Tools(Committer(store), store, clock, vault, {Surface.ORDER: notices.announce}, {})
        await clocks.restore(tools, clock)
        try:
            yield tools
        finally:
            await tools.committer.close()


@asynccontextmanager
async def store_of(settings: "Settings") -> "AsyncGenerator[Store]":
    """The settings' database, if it is there and has the schema of this version."""
    from tillway.store.addresses import is_postgres
    from tillway.store.opening import check_schema, open_store

    if not is_postgres(settings.store):
        _check_file(Path(settings.store))
    await check_schema(settings.store)
    store = open_store(settings.store)
    try:
        yield store
    finally:
        await store.close()


def make_folder(folder: Path) -> None:
    """Make a folder for what must not be read by others, if it is missing."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def _check_file(database: Path) -> None:
    if not database.exists():
        raise Stopped(f"there is no database at {database}; `tillway migrate` makes one", MISUSED)


def _stop(message: str, code: int) -> None:
    typer.echo(f"tillway: {' '.join(message.split())}", err=True)
    raise typer.Exit(code)
