"""Postbacks: very many due at once to receivers of which some fail or hang, and the same with the server killed."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from functools import partial
from typing import Any

import aiohttp
from sqlalchemy import ColumnElement, select, update

from bench import gateway
from bench.gateway import Gateway
from bench.load.receivers import POLL_SECONDS, Crowd, Manner, receiving
from bench.loading import Fill, load, tidy
from bench.mirror.recording import Life, expired
from bench.proof import prove_books
from bench.report import Aim, Check, Report, Sample
from bench.seeding import Shop, running, tools_of
from bench.speed import Effort, Run, in_turns
from bench.stage import Stage
from tillway.commands.tools import IdMaker
from tillway.domain.notices import NoticeState
from tillway.domain.schedules import DAY, SECOND
from tillway.store import schema
from tillway.workers.deliver import LEASE

MOST_CHANGE = 1.1
"""The sick are told one thing at a time: what the healthy wait longer for that is lost in the noise."""

ALONE, BESIDE = "{}, none sick", "{}, beside {} that hang and {} that fail"
"""How the two runs of a database are called."""


@dataclass(frozen=True, slots=True)
class Scale:
    """So many receivers, of which `sick` hang and as many answer 500, and so many notices for each of them.

    After a kill the clock goes on by itself until the leases have run out, or is moved there at once, to `hurry`.
    """

    receivers: int
    sick: int
    each: int
    hurry: bool

    @property
    def healthy(self) -> list[Manner]:
        """Those that accept what they are told."""
        return [Manner.ACCEPTS] * (self.receivers - 2 * self.sick)

    @property
    def mixed(self) -> list[Manner]:
        """All receivers; the sick are spread among the healthy ones."""
        manners = [*self.healthy]
        for place in range(self.sick):
            manners.insert(place * len(manners) // self.sick, Manner.HANGS)
            manners.insert(place * len(manners) // self.sick, Manner.FAILS)
        return manners


@dataclass(frozen=True, slots=True)
class Ground:
    """A kind of database: `new_shop` makes one, `database_cpu` tells the seconds its server has computed so far."""

    name: str
    new_shop: Callable[[], Awaitable[Shop]]
    database_cpu: Callable[[], float] = float


THOROUGH = Scale(receivers=100, sick=10, each=100, hurry=False)
QUICK = Scale(receivers=20, sick=2, each=25, hurry=True)

PATIENCE_SECONDS = 120.0
LEAD = 2 * SECOND


async def postbacks(stage: Stage, effort: Effort, report: Report) -> None:
    """The healthy receivers' delays with and without sick ones, and a kill in the middle, on both databases."""
    scale = THOROUGH if effort.rounds > 1 else QUICK
    for ground in (
        Ground("PostgreSQL", partial(stage.new_shop, "postgresql"), stage.one.database_cpu),
        Ground("SQLite", partial(stage.new_shop, "sqlite")),
    ):
        await delays(ground, scale, effort, report)
        await kill(ground, scale, report)


async def delays(ground: Ground, scale: Scale, effort: Effort, report: Report) -> None:
    """How long after they were due the healthy receivers are told, in turns without and with sick ones."""
    name = ground.name
    alone, beside = ALONE.format(name), BESIDE.format(name, scale.sick, scale.sick)
    runs: dict[str, Run] = {
        alone: lambda: _tell_all(ground, scale.healthy, scale),
        beside: lambda: _tell_all(ground, scale.mixed, scale),
    }
    await in_turns("postbacks", runs, effort, report)
    one, other = report.row("postbacks", alone), report.row("postbacks", beside)
    assert one
    assert other
    for which, most in (("p99", MOST_CHANGE), ("p50", None)):
        before, after = one.middle(f"{which}_ms"), other.middle(f"{which}_ms")
        aim = f"postbacks: {which} of the healthy with sick ones beside ({name})"
        how = f"{after:,.0f} / {before:,.0f} ms after they were due, {len(scale.healthy) * scale.each:,} at once"
        report.aims.append(Aim(aim, after / before, most=most, how=how))
    spent = one.middle("gateway_us"), other.middle("gateway_us")
    how = f"{spent[1]:.0f} / {spent[0]:.0f} µs for each notice of a healthy one"
    report.aims.append(Aim(f"postbacks: CPU with sick ones beside ({name})", spent[1] / spent[0], how=how))


async def kill(ground: Ground, scale: Scale, report: Report) -> None:
    """The server is killed when the healthy receivers have half of their notices; nothing may be lost."""
    shop = await ground.new_shop()
    async with receiving(scale.mixed) as crowd:
        wanted = len(crowd.healthy) * scale.each
        async with _serving(shop) as served:
            await _make_due(shop, crowd.hosts, scale)
            if not await crowd.have_heard(crowd.healthy, wanted // 2, PATIENCE_SECONDS):
                raise TimeoutError("half of the notices did not arrive")
            served.kill()
        killed, before = time.monotonic(), sum(map(crowd.heard, crowd.healthy))
        async with _serving(shop) as served:
            if scale.hurry:
                await _advance(served, LEASE // SECOND + 1)
            await crowd.have_heard(crowd.healthy, wanted, PATIENCE_SECONDS)
            seconds = time.monotonic() - killed
            lost = await _lost(shop, crowd)
            crowd.close()
        heard = [arrival for arrival in crowd.arrivals if arrival.receiver in set(crowd.healthy)]
        again = len(heard) - len({arrival.id for arrival in heard})
    holds = lost == 0 and sum(map(crowd.heard, crowd.healthy)) == wanted
    found = f"{wanted:,} notices, {before:,} before the kill, the last {seconds:.0f} s after it"
    found += f"; {again} twice, {lost} lost"
    report.checks.append(Check(f"{ground.name}: nothing is lost over a kill", holds, found))
    await prove_books(f"{ground.name}, killed", shop, report)


async def _tell_all(ground: Ground, manners: Sequence[Manner], scale: Scale) -> Sample:
    """Have everything told to the healthy ones among these receivers; the rate is theirs."""
    shop = await ground.new_shop()
    async with _serving(shop) as served, receiving(manners) as crowd:
        due = await _make_due(shop, crowd.hosts, scale)
        await asyncio.sleep(max(0.0, due / SECOND - time.time()))
        wanted, gateway_cpu, other_cpu = len(crowd.healthy) * scale.each, served.cpu_seconds, ground.database_cpu()
        if not await crowd.have_heard(crowd.healthy, wanted, PATIENCE_SECONDS):
            raise TimeoutError(f"{wanted - sum(map(crowd.heard, crowd.healthy))} notices did not arrive")
        each = 1e6 / wanted
        computed = (served.cpu_seconds - gateway_cpu) * each, (ground.database_cpu() - other_cpu) * each
        healthy = set(crowd.healthy)
        waits = sorted((arrival.at - due) / 1000 for arrival in crowd.arrivals if arrival.receiver in healthy)
    middle, late = waits[len(waits) // 2], waits[len(waits) * 99 // 100]
    return Sample(wanted * 1000 / waits[-1], middle, late, *computed)


def _serving(shop: Shop) -> AbstractAsyncContextManager[Gateway]:
    return gateway.serve(shop.settings, sandbox=True)


async def _make_due(shop: Shop, hosts: Sequence[str], scale: Scale) -> int:
    """Payments that have expired, each with a notice for one of the hosts; answers when all of them fall due."""
    life, later = await expired(shop.web_client), time.time_ns() // 1000 + DAY
    await load(shop.database, _payments(life, hosts, scale.each, later))
    await tidy(shop.database)
    due, notices = time.time_ns() // 1000 + LEAD, schema.notices
    async with tools_of(shop.settings) as tools:
        await tools.store.write(running(update(notices).values(next_try_at=due, created_at=due)))
    return max(due, time.time_ns() // 1000)


def _payments(life: Life, hosts: Sequence[str], each: int, ends: int) -> Iterator[tuple[Life, Fill]]:
    ids, opened = IdMaker(), ends - 2 * DAY
    for number in range(len(hosts) * each):
        ways: Fill = {"number": number + 1, "receiver": hosts[number % len(hosts)]}
        times: Fill = {"opened": opened, "acted": ends, "ends": ends}
        yield life, {**ways, **times, "order": ids.make(opened)[:33], "act": ids.make(ends)[:33]}


async def _advance(served: Gateway, seconds: int) -> None:
    """Move the sandbox's clock."""
    url, body = f"{served.url}/sandbox/v1/clock/advance", json.dumps({"seconds": seconds})
    headers = {"Content-Type": "application/json"}
    async with aiohttp.ClientSession() as session, session.post(url, data=body, headers=headers) as answer:
        answer.raise_for_status()


async def _lost(shop: Shop, crowd: Crowd) -> int:
    """How many of the healthy receivers' notices they have not heard, or are never kept as accepted.

    What was heard just before the kill, and not kept yet, is told again once its lease has run out.
    """
    notices, heard = schema.notices.c, {arrival.id for arrival in crowd.arrivals}
    columns: list[ColumnElement[Any]] = [notices.id, notices.state]
    wanted = select(*columns).where(notices.host.in_([crowd.hosts[place] for place in crowd.healthy]))
    deadline = time.monotonic() + PATIENCE_SECONDS
    async with tools_of(shop.settings) as tools:
        while True:
            rows = await tools.store.fetch(wanted)
            lost = sum(identity not in heard or state != NoticeState.ACCEPTED for identity, state in rows)
            if not lost or time.monotonic() > deadline:
                return lost
            await asyncio.sleep(POLL_SECONDS)
