"""One campaign: a crowd, kills and, at the end, the questions whether all is as it was answered."""

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tests.campaigns.checking import settle
from tests.campaigns.crowd import Crowd, Receivers
from tests.campaigns.killing import Killer, Kills
from tests.campaigns.leaving import SLOW_SECONDS, Leaving
from tests.campaigns.plan import Plan
from tests.campaigns.traffic import Traffic
from tests.clients.receiver import receiving
from tests.postgresql import PostgresServer, database_name, postgres_server
from tests.server import serving
from tests.shop import open_shop
from tests.standby import Pair, postgres_pair


@dataclass(frozen=True, slots=True, repr=False)
class Report:
    """What a campaign came to; it was survived if there are no problems.

    It is not shown as a whole: asyncio would do so at the end of each run, and that took minutes after a long one.
    """

    plan: Plan
    kills: Kills
    traffic: Traffic
    crowd: Crowd
    leaving: Leaving
    seconds: float
    problems: list[str]

    @property
    def completed(self) -> int:
        """How many payments at tills were completed when they were answered."""
        return sum(life.status == "completed" for teller in self.crowd.tellers for life in teller.lives)

    @property
    def purchases_paid(self) -> int:
        """How many web payments were paid when they were answered."""
        return sum(purchase.is_paid for shopper in self.crowd.shoppers for purchase in shopper.purchases)

    @property
    def sales_booked(self) -> int:
        """How many payment orders were paid when they were answered."""
        return sum(sale.payment.status == "BOOKED" for seller in self.crowd.sellers for sale in seller.sales)


async def run(plan: Plan) -> Report:
    """Carry out a campaign."""
    begun = time.monotonic()
    traffic, leaving = Traffic(), Leaving()
    receivers = Receivers.from_seed(Random(f"{plan.seed} {plan.database}"))
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tillway-campaign-")))
        postgres, url = _database(plan, stack)
        servers = [await stack.enter_async_context(serving(folder, url)) for _ in range(plan.servers)]
        traffic.addresses = [server.url for server in servers]
        for one in receivers.all():
            await stack.enter_async_context(receiving(one))
        shop = await stack.enter_async_context(open_shop(servers[0]))
        crowd = await Crowd.hired(shop, plan, traffic, receivers)
        killer = Killer(servers, postgres, traffic, receivers.tills, Random(f"kills {plan.seed}"))
        several = plan.servers > 1
        # Where a server is to be killed for good at the end, let it be telling something then.
        before_the_end = (lambda: receivers.take_all(SLOW_SECONDS)) if several else lambda: None
        await _until_killed(killer, plan.kills, crowd, before_the_end)
        if several:
            servers[-1].kill()
            traffic.addresses.remove(servers[-1].url)
        receivers.take_all(0.0)
        if several:
            await leaving.note(shop, receivers.all())
        await settle(shop, traffic)
        problems = await crowd.find_problems(shop, traffic)
        problems += await leaving.look(shop)
    return Report(plan, killer.kills, traffic, crowd, leaving, time.monotonic() - begun, problems)


def _database(plan: Plan, stack: AsyncExitStack) -> tuple[PostgresServer | Pair | None, str]:
    """A fresh database, kept as safe as in production, and its address; a SQLite file has none yet."""
    if plan.database != "postgresql":
        return None, ""
    if plan.failover:
        pair = stack.enter_context(postgres_pair(durable=True))
        return pair, pair.url(database_name(pair.primary.create_database()))
    postgres = stack.enter_context(postgres_server(durable=True))
    return postgres, postgres.create_database()


async def _until_killed(killer: Killer, times: int, crowd: Crowd, before_the_end: Callable[[], None]) -> None:
    """Everybody works until the last kill, and then finishes what was begun."""
    over = asyncio.Event()

    async def go_on(with_next: Callable[[], Awaitable[None]]) -> None:
        while not over.is_set():
            await with_next()

    async with asyncio.TaskGroup() as group:
        for one in crowd.work():
            group.create_task(go_on(one))
        await killer.kill(times)
        before_the_end()
        over.set()
