"""One campaign: tills, kills and, at the end, the questions whether all is as it was answered."""

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tests import gateway
from tests.campaigns.checking import find_problems, settle
from tests.campaigns.killing import Killer, Kills
from tests.campaigns.leaving import SLOW_SECONDS, Leaving
from tests.campaigns.stories import Cards, Teller
from tests.campaigns.traffic import Traffic
from tests.campaigns.web_checking import find_web_problems
from tests.campaigns.web_stories import Shopper
from tests.clients.integrator import Integrator
from tests.clients.receiver import OK, Receiver, receiving
from tests.postgresql import PostgresServer, database_name, postgres_server
from tests.server import serving
from tests.shop import Shop, open_shop
from tests.standby import Pair, postgres_pair
from tillway.commands import records
from tillway.commands.records import WebTerms
from tillway.connectors.simulator import FAILING, SILENT_AND_NEVER_RECEIVED, SILENT_BUT_PAID

INITIAL_BALANCE = 900_000_00
"""What every card begins with, in minor units: more than any campaign spends."""

WEB_PREFIX = "606700"
WEB_CURRENCY = "EUR"

FAULTY = 0.1
"""How often the receiver of webhooks says that it cannot take one now."""
SLOWEST_RECEIVER_SECONDS = 0.3


@dataclass(frozen=True, slots=True)
class Plan:
    """What decides a campaign: the same plan tells the same stories and kills in the same order."""

    database: str
    seed: int
    kills: int
    tellers: int = 12
    shoppers: int = 8
    servers: int = 1
    """Processes that share the database; more than one needs PostgreSQL. The last of several is killed for good."""
    failover: bool = False
    """Whether the database has a standby, which takes over when the database is killed."""


@dataclass(frozen=True, slots=True, repr=False)
class Report:
    """What a campaign came to; it was survived if there are no problems.

    It is not shown as a whole: asyncio would do so at the end of each run, and that took minutes after a long one.
    """

    plan: Plan
    kills: Kills
    traffic: Traffic
    receiver: Receiver
    payments: int
    completed: int
    purchases: int
    purchases_paid: int
    postbacks: Receiver
    leaving: Leaving
    seconds: float
    problems: list[str]


async def run(plan: Plan) -> Report:
    """Carry out a campaign."""
    begun = time.monotonic()
    random = Random(f"{plan.seed} {plan.database}")
    traffic, leaving = Traffic(), Leaving()
    receiver, postbacks = _receiver(random), _receiver(random)
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tillway-campaign-")))
        postgres, url = _database(plan, stack)
        servers = [await stack.enter_async_context(serving(folder, url)) for _ in range(plan.servers)]
        traffic.addresses = [server.url for server in servers]
        for one in (receiver, postbacks):
            await stack.enter_async_context(receiving(one))
        shop = await stack.enter_async_context(open_shop(servers[0]))
        receiver.secret = shop.signing_secret
        tellers = await _hire(shop, plan, traffic, receiver)
        shoppers = await _attract(shop, plan, traffic, postbacks)
        killer = Killer(servers, postgres, traffic, receiver, Random(f"kills {plan.seed}"))
        work = [*(teller.next_payment for teller in tellers), *(shopper.next_purchase for shopper in shoppers)]
        await _until_killed(killer, plan.kills, work, before_the_end=lambda: _slow_down(plan, receiver, postbacks))
        if plan.servers > 1:
            await leaving.kill(shop, servers[-1], traffic, (receiver, postbacks))
        for one in (receiver, postbacks):
            one.answers = lambda: OK
            one.delays = lambda: 0.0
        await settle(shop, traffic)
        problems = await find_problems(shop, tellers, traffic, receiver, INITIAL_BALANCE)
        problems += await find_web_problems(shop, shoppers, postbacks)
        problems += await leaving.look(shop)
    lives = [life for teller in tellers for life in teller.lives]
    completed = sum(life.status == "completed" for life in lives)
    purchases = [purchase for shopper in shoppers for purchase in shopper.purchases]
    return Report(
        plan,
        killer.kills,
        traffic,
        receiver,
        len(lives),
        completed,
        len(purchases),
        sum(purchase.is_paid for purchase in purchases),
        postbacks,
        leaving,
        time.monotonic() - begun,
        problems,
    )


def _receiver(random: Random) -> Receiver:
    """One that is slow and refuses, now and then."""
    return Receiver(lambda: OK if random.random() > FAULTY else 500, lambda: random.random() * SLOWEST_RECEIVER_SECONDS)


async def _hire(shop: Shop, plan: Plan, traffic: Traffic, receiver: Receiver) -> list[Teller]:
    (shared,) = [gift.number for gift in await shop.cards(INITIAL_BALANCE)]
    tellers: list[Teller] = []
    for number in range(plan.tellers):
        first, second = [gift.number for gift in await shop.cards(INITIAL_BALANCE, INITIAL_BALANCE)]
        doubtful = [
            (await shop.card(INITIAL_BALANCE, connector="simulator", marker=marker)).number
            for marker in (SILENT_AND_NEVER_RECEIVED, SILENT_BUT_PAID, FAILING)
        ]
        random = Random(f"teller {number} {plan.seed}")
        cards = Cards((first, second), shared, *doubtful)
        tellers.append(Teller(f"teller {number}", shop.till, cards, random, traffic, receiver.url))
    return tellers


async def _attract(shop: Shop, plan: Plan, traffic: Traffic, postbacks: Receiver) -> list[Shopper]:
    """Payers of one web shop, whose gift cards they may use too."""
    await gateway.issuer(shop.tools, "web-cards", WEB_PREFIX, WEB_CURRENCY)
    terms = WebTerms(WEB_CURRENCY, ("web-cards",), most_declines=3)
    made = await records.add_web_client(shop.tools, await gateway.merchant(shop.tools), "Web shop", terms)
    postbacks.secret = made.signing_secret
    integrator = Integrator(shop.session, shop.server.url, made.client.id, made.api_secret, made.tenant_key)
    assert (await integrator.login()).status == 200
    return [
        Shopper(integrator, Random(f"shopper {number} {plan.seed}"), traffic, postbacks.url)
        for number in range(plan.shoppers)
    ]


def _database(plan: Plan, stack: AsyncExitStack) -> tuple[PostgresServer | Pair | None, str]:
    """A fresh database, kept as safe as in production, and its address; a SQLite file has none yet."""
    if plan.database != "postgresql":
        return None, ""
    if plan.failover:
        pair = stack.enter_context(postgres_pair(durable=True))
        return pair, pair.url(database_name(pair.primary.create_database()))
    postgres = stack.enter_context(postgres_server(durable=True))
    return postgres, postgres.create_database()


def _slow_down(plan: Plan, *receivers: Receiver) -> None:
    """Where a server is to be killed for good, let it be telling something then."""
    if plan.servers > 1:
        for receiver in receivers:
            receiver.delays = lambda: SLOW_SECONDS


async def _until_killed(
    killer: Killer, times: int, work: Sequence[Callable[[], Awaitable[None]]], before_the_end: Callable[[], None]
) -> None:
    """Everybody works until the last kill, and then finishes what was begun."""
    over = asyncio.Event()

    async def go_on(with_next: Callable[[], Awaitable[None]]) -> None:
        while not over.is_set():
            await with_next()

    async with asyncio.TaskGroup() as group:
        for one in work:
            group.create_task(go_on(one))
        await killer.kill(times)
        before_the_end()
        over.set()
