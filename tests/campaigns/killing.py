"""The killer: ends the server, or the database under it, at moments that a seed chooses, and brings them back."""

import asyncio
from dataclasses import dataclass, field
from random import Random

from tests.campaigns.traffic import Traffic
from tests.clients.receiver import Receiver
from tests.postgresql import PostgresServer
from tests.server import Server

ANSWERS_BETWEEN_KILLS = 25
LONGEST_DELAY_SECONDS = 0.4


@dataclass(slots=True)
class Kills:
    """How often what was killed, and how much was under way at those moments."""

    server: int = 0
    database: int = 0
    calls_in_flight: list[int] = field(default_factory=list[int])
    deliveries_under_way: list[int] = field(default_factory=list[int])


@dataclass(slots=True)
class Killer:
    """Kills while there is traffic; `postgres` is the server's database server, None on SQLite."""

    server: Server
    postgres: PostgresServer | None
    traffic: Traffic
    receiver: Receiver
    random: Random
    kills: Kills = field(default_factory=Kills)

    async def kill(self, times: int) -> None:
        """So many kills, each after some calls were answered and then at any moment."""
        for _ in range(times):
            target = self.random.choices(("server", "database", "both"), (7, 2, 1))[0]
            delay = self.random.uniform(0, LONGEST_DELAY_SECONDS)
            await self._some_answers()
            await asyncio.sleep(delay)
            self.kills.calls_in_flight.append(self.traffic.in_flight)
            self.kills.deliveries_under_way.append(self.receiver.under_way)
            if self.postgres is None or target == "server":
                await self._kill_server()
            else:
                await self._kill_database(self.postgres, with_server=target == "both")

    async def _kill_server(self) -> None:
        self.server.kill()
        self.kills.server += 1
        await self.server.start()

    async def _kill_database(self, postgres: PostgresServer, *, with_server: bool) -> None:
        await asyncio.to_thread(postgres.crash)
        self.kills.database += 1
        if with_server:
            self.server.kill()
            self.kills.server += 1
        await asyncio.to_thread(postgres.start)
        if with_server:
            self.server.launch()
        await self.server.wait_until_ready()

    async def _some_answers(self) -> None:
        before = self.traffic.answered
        while self.traffic.answered < before + ANSWERS_BETWEEN_KILLS:
            self.traffic.progress.clear()
            await self.traffic.progress.wait()
