"""Reaching PostgreSQL: all hosts of an address are tried at once, and the first that keeps what is written is taken."""

import asyncio
from collections.abc import Sequence
from typing import Any, cast

import asyncpg

from tillway.store.addresses import each_host
from tillway.store.protocol import Unavailable

CONNECT_SECONDS = 10
"""How long each host has for a connection and its proof."""
PROOF_SECONDS = 5
PARTING_SECONDS = 2

_PROOF = "SELECT pg_logical_emit_message(true, 'tillway', '') WHERE NOT pg_is_in_recovery()"
"""Writes a record into the log that nobody reads, and waits until it is as durable as a payment has to be.

Whatever a server shows is then durable too. One that was killed while its standby was away has, once it is back,
commits that only it knows of, and PostgreSQL shows them; one that was replaced by its standby knows nothing newer."""
_UNREACHABLE = (
    OSError,
    TimeoutError,
    ValueError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)


async def reach(url: str, **options: Any) -> asyncpg.Connection:
    """A connection to the host that takes writes, whichever of the address it is. Raises Unavailable.

    A host that does not answer keeps nobody from another that does. Whoever wants to look at a standby says so in the
    address (`target_session_attrs=any`). `options` are those of `asyncpg.connect`.
    """
    if "target_session_attrs=" not in url:
        options["target_session_attrs"] = "read-write"
    try:
        hosts = each_host(url)
    except ValueError as error:
        raise Unavailable(f"the database's address cannot be read: {error}") from None
    tries = [asyncio.create_task(_proven(one, options)) for one in hosts]
    chosen: asyncpg.Connection | None = None
    try:
        chosen = await _first(tries)
        return chosen
    finally:
        for one in tries:
            one.cancel()
        for ended in await asyncio.gather(*tries, return_exceptions=True):
            if isinstance(ended, asyncpg.Connection) and ended is not chosen:
                ended.terminate()


async def _first(tries: "Sequence[asyncio.Task[asyncpg.Connection]]") -> asyncpg.Connection:
    reasons: list[str] = []
    for ended in asyncio.as_completed(tries):
        try:
            return await ended
        except _UNREACHABLE as error:
            reasons.append(str(error).partition("\n")[0] or "no answer")
    raise Unavailable("; ".join(reasons))


async def _proven(url: str, options: dict[str, Any]) -> asyncpg.Connection:
    async with asyncio.timeout(CONNECT_SECONDS):
        connection = cast("asyncpg.Connection", await asyncpg.connect(url, **options))
        try:
            await connection.execute(_PROOF, timeout=PROOF_SECONDS)
        except TimeoutError:
            # Long enough to tell the server to stop: it would keep one more connection for each proof that waits.
            await connection.close(timeout=PARTING_SECONDS)
            raise
        except BaseException:
            connection.terminate()
            raise
        return connection


class Patience:
    """Ends a connection on which one step takes too long, without asking the server to stop.

    A commit that waits for a standby and is told to stop has happened: PostgreSQL shows it to everybody from then on,
    though the standby may not have it. One that nobody waits for any more stays hidden until the standby has it.
    """

    def __init__(self, connection: asyncpg.Connection, seconds: float) -> None:
        self._connection = connection
        self._seconds = seconds
        self._loop = asyncio.get_running_loop()
        self._since = self._loop.time()
        self._timer = self._loop.call_later(seconds, self._look)

    def next_step(self) -> None:
        """The time of one step begins anew."""
        self._since = self._loop.time()

    def end(self) -> None:
        """Nothing is waited for any more."""
        self._timer.cancel()

    def _look(self) -> None:
        left = self._since + self._seconds - self._loop.time()
        if left > 0:
            self._timer = self._loop.call_later(left, self._look)
        else:
            self._connection.terminate()
