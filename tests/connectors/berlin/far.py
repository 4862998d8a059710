"""A pretend bank as the suite of every connector sees it: over HTTP, behind something that garbles what it says."""

import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from io import BytesIO

import msgspec
from starlette.responses import PlainTextResponse, Response
from starlette.types import Message, Receive, Scope, Send

from tests import gateway
from tests.connectors.faults import Faulty
from tests.connectors.issuer import Fault
from tests.pages.serving import served
from tillway.commands import pretend_banking
from tillway.commands.tools import Tools
from tillway.connectors.addresses import Reach
from tillway.connectors.berlin.aspsps import Aspsp
from tillway.connectors.berlin.connector import BerlinConnector
from tillway.connectors.berlin.messages import request_id
from tillway.connectors.outbound import Outbound
from tillway.connectors.protocol import Connector, CreditTransfer, Journey, Operation
from tillway.domain.pretended_banks import BANKS
from tillway.domain.pretended_transfers import BankTransfer
from tillway.store.opening import open_store
from tillway.surfaces.common.api import Telemetry
from tillway.surfaces.common.limits import Addresses
from tillway.surfaces.common.logs import AccessLog
from tillway.surfaces.common.metrics import RequestMetrics
from tillway.surfaces.sandbox.banks.answers import PREFIX
from tillway.surfaces.sandbox.banks.site import banks_app

BANK = "karpatska"
HOME = "https://gateway.example"
JOURNEY = Journey(
    f"{HOME}/bank/token/return", f"{HOME}/bank/token", "sk", "SK", "", "Order 7", "203.0.113.7", "Browser"
)
CREDITOR = "SK3112000000198742637541"
LIMIT_SECONDS = 0.7
ANOTHER = "00000000-0000-4000-8000-000000000000"


def transfer(bank: str = BANK, debtor_iban: str = "") -> CreditTransfer:
    """What a bank is told to pay."""
    return CreditTransfer(bank, CREDITOR, "Obchod, s. r. o.", "", debtor_iban, "0012345678", "0308", "", "", "Ďakujeme")


class GarbledBank(Faulty):
    """As Faulty, in the words of the standard."""

    async def _garbled(self, fault: Fault, body: bytes, scope: Scope, receive: Receive, send: Send) -> None:
        asked = dict(scope["headers"]).get(b"x-request-id", b"").decode()
        match fault:
            case Fault.TALKS_OF_ANOTHER:
                answer = Response(body, media_type="application/json", headers={"X-Request-ID": ANOTHER})
            case Fault.SAYS_A_NEW_WORD:
                told = msgspec.json.decode(body or b"{}") | {"transactionStatus": "XXXX"}
                answer = Response(
                    msgspec.json.encode(told), media_type="application/json", headers={"X-Request-ID": asked}
                )
            case _:
                await super()._garbled(fault, body, scope, receive, send)
                return
        await answer(scope, receive, send)


@dataclass
class Wire:
    """What lies between a gateway and the banks: notes what was asked, and loses answers while it is told to."""

    app: Faulty
    asked: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    loses: frozenset[str] = frozenset()
    """The methods of requests whose answers are lost; the bank has done what they asked."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        self.asked.append((scope["method"], scope["path"]))
        if scope["method"] not in self.loses or not scope["path"].startswith(PREFIX):
            await self.app(scope, receive, send)
            return

        async def lose(_: Message) -> None:
            """Nobody hears it."""

        await self.app(scope, receive, lose)
        await PlainTextResponse("", 502)(scope, receive, send)


@asynccontextmanager
async def banks_beside(tools: Tools) -> AsyncGenerator[tuple[str, Wire]]:
    """The address of pretend banks whose books are in the database of the tools, and what lies between."""
    faulty = GarbledBank(PlainTextResponse("not yet", 503))
    wire = Wire(faulty)
    async with served(wire) as url:
        telemetry = Telemetry(AccessLog(BytesIO()), RequestMetrics())
        faulty.app = banks_app(tools, url, telemetry, Addresses())
        try:
            yield url, wire
        finally:
            faulty.ending.set()


def connector_to(url: str, outbound: Outbound, limit_seconds: float = LIMIT_SECONDS) -> BerlinConnector:
    """The connector to all pretend banks at an address."""
    banks = [Aspsp(one.bank.id, f"{url}{PREFIX}/{one.bank.id}", (url,), one.product, one.domestic) for one in BANKS]
    return BerlinConnector(banks, outbound, time.time, HOME, limit_seconds)


@dataclass
class BerlinFar:
    """A pretend bank: it remembers, and calls nobody."""

    connector: Connector
    tools: Tools
    wire: Wire
    remembers: bool = True
    is_over_http: bool = True
    calls_us: bool = False
    gives_back: bool = False

    def operation(self, identity: str = "p-1", amount: int = 100_00, *, fails: bool = False) -> Operation:
        return Operation(identity, "", amount, "EUR", "bank", journey=JOURNEY, transfer=transfer())

    async def pay(self, operation: Operation, *, fails: bool = False) -> None:
        known = await self.known(operation.id)
        assert known is not None
        await pretend_banking.act(self.tools, known.id, "nomoney" if fails else "books")

    def strike(self, fault: Fault | None) -> None:
        self.wire.app.fault = fault

    async def taken(self, identity: str) -> int:
        known = await self.known(identity)
        return known.terms.amount if known is not None and known.status == "ACSC" else 0

    async def known(self, identity: str) -> BankTransfer | None:
        """What the bank knows of an operation."""
        return await pretend_banking.look_up(self.tools, known_as(BANK, identity))

    async def callback(self, identity: str) -> tuple[dict[str, str], bytes]:
        raise AssertionError("banks call nobody")

    def signed(self, body: bytes, at: float) -> tuple[dict[str, str], bytes]:
        raise AssertionError("banks call nobody")


def known_as(bank: str, operation_id: str) -> str:
    """The id that a pretend bank gives the payment of an operation."""
    return pretend_banking.identity_of(bank, request_id(operation_id, "begin"))


@asynccontextmanager
async def berlin_far(database: str) -> AsyncGenerator[BerlinFar]:
    """Pretend banks that listen, with their books in a database of ours."""
    outbound = Outbound(Reach.SANDBOX)
    store = open_store(database)
    tools = gateway.tools_on(store)
    async with banks_beside(tools) as (url, wire):
        yield BerlinFar(connector_to(url, outbound), tools, wire)
        await outbound.close()
    await tools.committer.close()
    await store.close()
