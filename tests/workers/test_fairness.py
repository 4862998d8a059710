"""Many receivers, some of which hang: the others are told as if those were not there."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

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
EACH = 25
PATIENCE_SECONDS = 60


@asynccontextmanager
async def many_hosts(hanging: int) -> AsyncGenerator[tuple[list[str], Counter[str]]]:
    """Receivers on as many loopback addresses, of which the first `hanging` never answer; counts what each was told."""
    told: Counter[str] = Counter()
    slow = {f"127.0.1.{number}" for number in range(1, hanging + 1)}

    async def handle(request: web.Request) -> web.StreamResponse:
        told[request.host] += 1
        if request.host.partition(":")[0] in slow:
            await asyncio.sleep(3600)
        return web.Response()

    app = web.Application()
    app.router.add_post("/", handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1, handler_cancellation=True)
    await runner.setup()
    for number in range(1, HOSTS + 1):
        await web.TCPSite(runner, f"127.0.1.{number}", 0).start()
    hosts = [f"{address[0]}:{address[1]}" for address in runner.addresses]
    try:
        yield hosts, told
    finally:
        await runner.cleanup()


async def waiting_for(tools: Tools, hosts: list[str]) -> int:
    columns = schema.notices.c
    wanted = select(func.count()).where(columns.state == NoticeState.DUE, columns.host.in_(hosts))
    return (await tools.store.fetch(wanted))[0][0]


async def test_receivers_that_hang_do_not_delay_the_others(tools: Tools) -> None:
    await gateway.client(tools)
    outbound = Outbound(Reach.SANDBOX)
    deliverer = Deliverer(tools, outbound, most_in_flight=32)
    async with many_hosts(HANGING) as (hosts, told):
        await many_notices(tools, hosts, EACH)
        hanging, healthy = hosts[:HANGING], hosts[HANGING:]
        end = time.monotonic() + PATIENCE_SECONDS
        while await waiting_for(tools, healthy) and time.monotonic() < end:
            await deliverer.turn()
        assert await waiting_for(tools, healthy) == 0
        assert {host: told[host] for host in healthy} == dict.fromkeys(healthy, EACH)
        assert await waiting_for(tools, hanging) == HANGING * EACH
        assert {host: told[host] for host in hanging} == dict.fromkeys(hanging, 1)
        await deliverer.finish(drain_seconds=0)
    await outbound.close()
