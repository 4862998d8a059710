"""The killer: ends the server, or the database under it, at moments that a seed chooses, and brings them back."""

import asyncio
from collections.abc import Sequence
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
    """Kills while there is traffic; `postgres` is the servers' database server, None on SQLite."""

    servers: Sequence[Server]
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
            server = self.random.choice(self.servers)
            await self._some_answers()
            await asyncio.sleep(delay)
            self.kills.calls_in_flight.append(self.traffic.in_flight)
            self.kills.deliveries_under_way.append(self.receiver.under_way)
            if self.postgres is None or target == "server":
                self._kill_server(server)
            else:
                await self._kill_database(self.postgres, server if target == "both" else None)
            for one in self.servers:
                if not one.is_alive:
                    await one.start()
                await one.wait_until_ready()

    def _kill_server(self, server: Server) -> None:
        server.kill()
        self.kills.server += 1

    async def _kill_database(self, postgres: PostgresServer, server: Server | None) -> None:
        await asyncio.to_thread(postgres.crash)
        self.kills.database += 1
        if server is not None:
            self._kill_server(server)
        await asyncio.to_thread(postgres.start)

    async def _some_answers(self) -> None:
        before = self.traffic.answered
        while self.traffic.answered < before + ANSWERS_BETWEEN_KILLS:
            self.traffic.progress.clear()
            await self.traffic.progress.wait()
