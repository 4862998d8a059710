"""A gateway's database before a load: a merchant, his till and web shop, gift cards, payments that wait for them."""

from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Executable

from bench.load.requests import Caller
from bench.load.web_requests import WebCaller
from bench.loading import Fill, load
from bench.mirror.marks import RECEIVER
from bench.mirror.recording import Life, waiting
from tillway import settings as setting
from tillway import wiring
from tillway.commands import cards, records
from tillway.commands.cards import CardPlan
from tillway.commands.records import WebTerms
from tillway.commands.tools import IdMaker, SystemClock, Tools
from tillway.domain.clients import Client, ClientSecret, Issuer, Merchant, RecordState, SecretUse, Surface
from tillway.domain.ids import ClientId, MerchantId
from tillway.domain.issuing import LARGEST_BALANCE, MOST_IN_A_CALL
from tillway.domain.schedules import DAY
from tillway.settings import Settings
from tillway.store.migrating import migrate
from tillway.store.steps import Execute, Insert, Program, Write

ISSUER = "bench"
PREFIX = "606105"
CURRENCY = "NOK"
PIECE = 2000


@dataclass(frozen=True, slots=True)
class Shop:
    """A seeded database: `data` is the folder of the gateway's key, `numbers` are those of its cards."""

    database: str
    data: Path
    client: Client
    caller: Caller
    web_client: Client
    web_caller: WebCaller
    numbers: tuple[str, ...]

    @property
    def settings(self) -> Settings:
        """What a gateway on this database is started with."""
        return setting.load(data=self.data, database=self.database)


@asynccontextmanager
async def tools_of(settings: Settings) -> AsyncGenerator[Tools]:
    """What commands work with, in this process, beside whatever serves the database."""
    tools = wiring.build(settings, sandbox=False).tools
    try:
        yield tools
    finally:
        await tools.committer.close()
        await tools.store.close()


async def seed(database: str, data: Path, card_count: int, *, live: bool = True) -> Shop:
    """Bring a database to the newest schema and put a merchant, his clients and cards with very much on them into it.

    `data` is an empty folder; a sandbox has no `live` cards.
    """
    setting.make_key(data)
    await migrate(database)
    async with tools_of(setting.load(data=data, database=database)) as tools:
        merchant = await records.add_merchant(tools, "Corner shop", "Europe/Oslo")
        issuer = await records.add_issuer(tools, ISSUER, "Cards for load", PREFIX, CURRENCY, live=live)
        made = await records.add_client(
            tools, merchant, "till", "Till 1", Surface.GIFT_CARD, CURRENCY, (ISSUER,), ("localhost",)
        )
        web = await records.add_web_client(tools, merchant, "Web shop", WebTerms(CURRENCY, (ISSUER,)))
        numbers = tuple([number async for number in _issue(tools, issuer, card_count)])
    caller, web_caller = Caller("till", made.secret), WebCaller(web.client.id, web.tenant_key, web.api_secret)
    return Shop(database, data, made.client, caller, web.client, web_caller, numbers)


async def open_payments(shop: Shop, count: int, life: Life | None = None) -> list[str]:
    """Put `count` payments that wait into the database, of the till unless another `life` is given.

    Answers their ids, oldest first.
    """
    life, ids, now = life or await waiting(shop.client), IdMaker(), SystemClock().now()
    orders = [ids.make(now)[:33] for _ in range(count)]
    same: Fill = {"opened": now, "ends": now + DAY, "receiver": RECEIVER}
    fills = ({"order": order, "number": number, **same} for number, order in enumerate(orders, 1))
    await load(shop.database, ((life, fill) for fill in fills))
    return [order + "001" for order in orders]


async def add_merchants(shop: Shop, count: int) -> list[Caller]:
    """Add merchants with a till each, all with the secret of the shop's own till."""
    client = shop.client
    async with tools_of(shop.settings) as tools:
        now, kept = tools.now(), tools.vault.secret_digest(shop.caller.secret)
        rows: list[Any] = []
        for number in range(count):
            merchant = Merchant(MerchantId(tools.ids.make(now)), f"Merchant {number}", "Europe/Oslo", now)
            identity = ClientId(f"t{number:05d}")
            rows += (
                merchant,
                Client(identity, merchant.id, client.surface, "Till", CURRENCY, ISSUER, "", RecordState.ACTIVE, now),
                ClientSecret(identity, SecretUse.CALLING, 1, kept, now, 0),
            )
        for piece in _pieces(rows):
            await tools.store.write(_insert(piece))
    return [Caller(f"t{number:05d}", shop.caller.secret) for number in range(count)]


def running(statement: Executable) -> Program[None]:
    """A transaction of one statement."""
    yield Execute(statement)


async def _issue(tools: Tools, issuer: Issuer, count: int) -> AsyncGenerator[str]:
    plan = CardPlan(LARGEST_BALANCE, tools.now() + 365 * DAY)
    for begin in range(0, count, MOST_IN_A_CALL):
        for issued in await cards.issue(tools, issuer, plan, min(MOST_IN_A_CALL, count - begin)):
            yield issued.number


def _insert(rows: Sequence[Any]) -> Program[None]:
    for kind in dict.fromkeys(map(type, rows)):
        yield Write([Insert(kind, [row for row in rows if type(row) is kind])])


def _pieces(rows: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for begin in range(0, len(rows), PIECE):
        yield rows[begin : begin + PIECE]
