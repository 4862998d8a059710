"""Many receivers, some of which hang or fail: the others are told as if those were not there."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from aiohttp import web
from sqlalchemy import func, select

from tests import gateway
from tests.workers.telling import many_notices
from tillway.commands.tools import Tools
from tillway.connectors.addresses import Reach
from tillway.connectors.outbound import Outbound
from tillway.domain.notices import NoticeState
from tillway.store import schema
from tillway.workers.deliver import Deliverer

pytestmark = pytest.mark.anyio

HOSTS = 40
HANGING = 8
FAILING = 8
EACH = 25
PATIENCE_SECONDS = 60


@dataclass
class Crowd:
    """Receivers that count what each was told, and how many calls at most were under way at once."""

    hosts: list[str] = field(default_factory=list[str])
    told: Counter[str] = field(default_factory=Counter[str])
    under_way: Counter[str] = field(default_factory=Counter[str])
    most_under_way: Counter[str] = field(default_factory=Counter[str])


@asynccontextmanager
async def many_hosts(hanging: int, failing: int) -> AsyncGenerator[Crowd]:
    """Receivers on as many loopback addresses; the first `hanging` never answer, the next `failing` answer 500."""
    crowd = Crowd()

    async def handle(request: web.Request) -> web.StreamResponse:
        host = request.host
        place = int(host.partition(":")[0].rpartition(".")[2])
        crowd.told[host] += 1
        crowd.under_way[host] += 1
        crowd.most_under_way[host] = max(crowd.most_under_way[host], crowd.under_way[host])
        await asyncio.sleep(3600 if place <= hanging else 0)
        crowd.under_way[host] -= 1
        return web.Response(status=500 if hanging < place <= hanging + failing else 200)

    app = web.Application()
    app.router.add_post("/", handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1, handler_cancellation=True)
    await runner.setup()
    for number in range(1, HOSTS + 1):
        await web.TCPSite(runner, f"127.0.1.{number}", 0).start()
    crowd.hosts += [f"{address[0]}:{address[1]}" for address in runner.addresses]
    try:
        yield crowd
    finally:
        await runner.cleanup()


async def waiting_for(tools: Tools, hosts: list[str]) -> int:
    columns = schema.notices.c
    wanted = select(func.count()).where(columns.state == NoticeState.DUE, columns.host.in_(hosts))
    return (await tools.store.fetch(wanted))[0][0]


async def test_receivers_that_hang_or_fail_do_not_delay_the_others(tools: Tools) -> None:
    await gateway.client(tools)
    outbound = Outbound(Reach.SANDBOX)
    deliverer = Deliverer(tools, outbound, most_in_flight=32)
    async with many_hosts(HANGING, FAILING) as crowd:
        hosts, told = crowd.hosts, crowd.told
        await many_notices(tools, hosts, EACH)
        hanging, failing, healthy = hosts[:HANGING], hosts[HANGING : HANGING + FAILING], hosts[HANGING + FAILING :]
        end = time.monotonic() + PATIENCE_SECONDS
        while await waiting_for(tools, healthy) and time.monotonic() < end:
            await deliverer.turn()
        assert await waiting_for(tools, healthy) == 0
        assert {host: told[host] for host in healthy} == dict.fromkeys(healthy, EACH)
        assert await waiting_for(tools, hanging) == HANGING * EACH
        assert {host: told[host] for host in hanging} == dict.fromkeys(hanging, 1)
        assert {host: crowd.most_under_way[host] for host in failing} == dict.fromkeys(failing, 1)
        assert sum(told[host] for host in failing) < FAILING * EACH
        await deliverer.finish(drain_seconds=0)
    await outbound.close()
