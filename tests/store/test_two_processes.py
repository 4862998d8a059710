"""Two processes on one database: whatever they do at once, nothing is lost and neither waits for the other for ever."""

import asyncio
import random

import pytest
from sqlalchemy import BigInteger, Text, column, select, table, text

from tests import gateway
from tests.store.watched import count, counted, every, needs
from tillway.commands import records
from tillway.commands.tools import Tools
from tillway.domain.clients import Merchant
from tillway.domain.recording import Allowed
from tillway.domain.refusals import PrefixTaken
from tillway.queries.registry import Registry
from tillway.store.committer import Committer
from tillway.store.postgres import PostgresStore
from tillway.store.protocol import Store

pytestmark = pytest.mark.anyio


_DEADLOCKS = column("deadlocks", BigInteger)
_DATABASES = table("pg_stat_database", _DEADLOCKS, column("datname", Text))


async def _deadlocks(store: Store) -> int:
    if not isinstance(store, PostgresStore):
        return 0
    found = await store.fetch(select(_DEADLOCKS).select_from(_DATABASES).where(text("datname = current_database()")))
    return found[0][0]


async def test_counters_of_two_processes_miss_nothing(store: Store, second: Tools) -> None:
    committers = (Committer(store), second.committer)
    scopes = [f"scope {number}" for number in range(5)]
    calls = (committers[number % 2].run(needs(scope), count(scope)) for number in range(100) for scope in scopes)
    await asyncio.gather(*calls)
    assert await counted(store, *scopes) == dict.fromkeys(scopes, 100)


async def test_needs_that_overlap_in_any_order_do_not_deadlock(store: Store, second: Tools) -> None:
    committers = (Committer(store), second.committer)
    scopes = [f"scope {number}" for number in range(12)]
    chance = random.Random(1)

    async def one_after_another(committer: Committer) -> None:
        for _ in range(40):
            chosen = [chance.sample(scopes, 6) for _ in range(3)]
            await asyncio.gather(*(committer.run(needs(*some), count(*some)) for some in chosen))

    await asyncio.gather(*(one_after_another(committer) for committer in committers for _ in range(2)))
    assert sum((await counted(store, *scopes)).values()) == 2 * 2 * 40 * 3 * 6
    assert await _deadlocks(store) == 0


async def test_new_keys_in_any_order_do_not_deadlock(store: Store, second: Tools) -> None:
    committers = (Committer(store), second.committer)
    for turn in range(3):
        # Thousands of rows in one statement, so that the two are certain to be under way at once.
        commands = [[f"{turn} {command} {number}" for number in range(60)] for command in range(60)]
        backwards = [scopes[::-1] for scopes in commands[::-1]]
        await asyncio.gather(
            *(committers[0].run(needs(*scopes), count(*scopes)) for scopes in commands),
            *(committers[1].run(needs(*scopes), count(*scopes)) for scopes in backwards),
        )
        scopes = [scope for some in commands for scope in some]
        assert await counted(store, *scopes) == dict.fromkeys(scopes, 2)
    assert await _deadlocks(store) == 0


async def test_what_two_processes_allow_a_client_at_once_is_all_allowed(tools: Tools, second: Tools) -> None:
    await gateway.client(tools)
    hosts = [f"shop{number}.example" for number in range(40)]

    async def one_after_another(process: Tools, some: list[str]) -> None:
        for host in some:
            await records.allow(process, "till", Allowed(return_hosts=(host,)))

    await asyncio.gather(one_after_another(tools, hosts[:20]), one_after_another(second, hosts[20:]))
    client = await Registry(tools.store, tools.vault).client("till")
    assert client is not None
    assert set(client.return_hosts.split()) >= set(hosts)


async def test_two_processes_that_add_one_merchant_at_once_add_it_once(tools: Tools, second: Tools) -> None:
    for number in range(10):
        name = f"Shop {number}"
        first, other = await asyncio.gather(gateway.merchant(tools, name), gateway.merchant(second, name))
        assert first == other
    assert len(await tools.store.read(every(Merchant))) == 10


async def test_two_processes_that_give_issuers_one_prefix_at_once_refuse_one(tools: Tools, second: Tools) -> None:
    for number in range(10):
        answers = await asyncio.gather(
            gateway.issuer(tools, f"one{number}", f"60{number}"),
            gateway.issuer(second, f"other{number}", f"60{number}"),
            return_exceptions=True,
        )
        assert [type(answer) for answer in answers].count(PrefixTaken) == 1
