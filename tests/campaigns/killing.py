"""The killer: ends a server, or the database under it, at moments that a seed chooses, and brings them back."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

from tests.campaigns.traffic import Traffic
from tests.clients.receiver import Receiver
from tests.postgresql import PostgresServer
from tests.server import Server
from tests.standby import Pair

ANSWERS_BETWEEN_KILLS = 25
ANSWERS_OF_THE_OTHERS = 10
LONGEST_DELAY_SECONDS = 0.4


@dataclass(slots=True)
class Kills:
    """How often what was killed, and how much was under way at those moments.

    A primary is not brought back: its standby takes over for good, and the servers have to find that out.
    """

    server: int = 0
    database: int = 0
    primary: int = 0
    calls_in_flight: list[int] = field(default_factory=list[int])
    deliveries_under_way: list[int] = field(default_factory=list[int])
    seconds_to_an_answer: list[float] = field(default_factory=list[float])
    """From each loss of a primary to the first answer after its standby took over."""
    answered_by_others: int = 0
    """Calls that other servers answered while a killed one was away."""


@dataclass(slots=True)
class Killer:
    """Kills while there is traffic; `postgres` is the servers' database, a pair of servers of it, or None on SQLite."""

    servers: Sequence[Server]
    postgres: PostgresServer | Pair | None
    traffic: Traffic
    receiver: Receiver
    random: Random
    kills: Kills = field(default_factory=Kills)

    async def kill(self, times: int) -> None:
        """So many kills, each after some calls were answered and then at any moment."""
        for number in range(times):
            weights = (1, 7, 2) if isinstance(self.postgres, Pair) else (7, 2, 1)
            target = self.random.choices(("server", "database", "both"), weights)[0]
            delay = self.random.uniform(0, LONGEST_DELAY_SECONDS)
            server = self.random.choice(self.servers)
            await self._some_answers(ANSWERS_BETWEEN_KILLS)
            await asyncio.sleep(delay)
            self.kills.calls_in_flight.append(self.traffic.in_flight)
            self.kills.deliveries_under_way.append(self.receiver.under_way)
            as_well = server if target == "both" else None
            if self.postgres is None or target == "server":
                await self._kill_server_alone(server)
            elif isinstance(self.postgres, Pair):
                await self._kill_primary(self.postgres, as_well, rewind=number % 2 == 1)
            else:
                await self._kill_database(self.postgres, as_well)
            await self._all_ready()

    async def _kill_server_alone(self, server: Server) -> None:
        self._kill_server(server)
        if len(self.servers) > 1:
            before = self.traffic.answered
            await self._some_answers(ANSWERS_OF_THE_OTHERS)
            self.kills.answered_by_others += self.traffic.answered - before

    def _kill_server(self, server: Server) -> None:
        server.kill()
        self.kills.server += 1

    async def _kill_database(self, postgres: PostgresServer, server: Server | None) -> None:
        await asyncio.to_thread(postgres.crash)
        self.kills.database += 1
        if server is not None:
            self._kill_server(server)
        await asyncio.to_thread(postgres.start)

    async def _kill_primary(self, pair: Pair, server: Server | None, *, rewind: bool) -> None:
        await asyncio.to_thread(pair.primary.kill)
        begun = time.monotonic()
        self.kills.primary += 1
        if server is not None:
            self._kill_server(server)
        await asyncio.to_thread(pair.take_over)
        await self._start_the_dead()
        await self._some_answers(1)
        self.kills.seconds_to_an_answer.append(time.monotonic() - begun)
        await asyncio.to_thread(pair.mend, rewind=rewind)

    async def _start_the_dead(self) -> None:
        for one in self.servers:
            if not one.is_alive:
                await one.start()

    async def _all_ready(self) -> None:
        await self._start_the_dead()
        for one in self.servers:
            await one.wait_until_ready()

    async def _some_answers(self, count: int) -> None:
        before = self.traffic.answered
        while self.traffic.answered < before + count:
            self.traffic.progress.clear()
            await self.traffic.progress.wait()
