"""A stall for tests: the payment orders API over a socket, on a clock that only moves when told, with its own banks."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from io import BytesIO
from typing import Any

import aiohttp
from starlette.routing import Router

from tests import gateway
from tests.clients.document import Document, document_of
from tests.clients.merchant_client import RECIPIENT, SHOP, MerchantClient
from tests.clients.till import Answer, Json
from tests.gateway import clock_of
from tests.surfaces.common.serving import serving
from tillway.commands import banking, records
from tillway.commands import payments as watching
from tillway.commands.records import Credentials, OrderTerms
from tillway.commands.tools import Tools
from tillway.connectors.protocol import Callback, Journey, Operation, Step, StepKind
from tillway.domain.banks import Bank, BankKind, Directory
from tillway.domain.clients import Grant, Surface
from tillway.domain.events import Event
from tillway.domain.ids import PaymentId
from tillway.domain.outcomes import Outcome, Paid, Pending
from tillway.domain.telling import Audience, Telling
from tillway.queries.registry import Registry
from tillway.surfaces.common.api import Api, Telemetry
from tillway.surfaces.common.limits import Addresses
from tillway.surfaces.common.logs import AccessLog
from tillway.surfaces.common.metrics import RequestMetrics
from tillway.surfaces.common.openapi import document
from tillway.surfaces.order_api.api import order_api
from tillway.surfaces.order_api.calls import OrderManners

CZECH = "CZ6508000000192000145399"
PAYER = "AT611904300234573201"

BANKS = Directory(
    (
        Bank("tatra", "Tatra banka", "SK", "TATRSKBX", connector="bank"),
        Bank("group", "Two brands", "SK", "", BankKind.MAIN_GROUP),
        Bank("kinds", "Kinds of access", "SK", "", BankKind.PRODUCT_GROUP, group="group"),
        Bank("private", "Private", "SK", "GIBASKBX", connector="bank", group="kinds"),
        Bank("business", "Business", "SK", "", connector="bank", group="kinds"),
        Bank("careful", "Careful bank", "CZ", "", connector="bank", needs_iban=1),
    )
)

_documents: list[Document] = []


@dataclass(slots=True)
class FarBank:
    """A bank that answers whatever begins with `says`, and authorises step by step."""

    says: Outcome = field(default_factory=lambda: Pending("far-1"))
    steps: list[Step] = field(default_factory=list[Step])
    given: list[Mapping[str, str]] = field(default_factory=list[Mapping[str, str]])
    asked: list[Operation] = field(default_factory=list[Operation])
    limit_seconds: float = 1.0

    async def begin(self, operation: Operation) -> Outcome:
        self.asked.append(operation)
        return self.says

    async def look_up(self, operation: Operation) -> Outcome:
        return self.says

    async def reverse(self, operation: Operation) -> Outcome:
        return Paid()

    async def refund(self, operation: Operation, refunded_id: str) -> Outcome:
        return Paid()

    def read_callback(self, headers: Any, body: bytes, now: int) -> tuple[Callback, ...]:
        return ()

    async def authorise(self, operation: Operation, values: Mapping[str, str]) -> Step:
        self.given.append(dict(values))
        return self.steps.pop(0) if self.steps else Step(StepKind.NEXT)


@dataclass(slots=True)
class Stall:
    """The API at `url`, the tools behind it, a bank far away, and a `shop` with a token that is good for refunds."""

    tools: Tools
    registry: Registry
    bank: FarBank
    session: aiohttp.ClientSession
    url: str
    document: Document
    log: BytesIO
    flush: Any
    shop: MerchantClient = field(init=False)

    async def made(self, merchant: str = "Stall", grants: tuple[Grant, ...] = (Grant.REFUNDS,)) -> Credentials:
        """A new client."""
        owner = await gateway.merchant(self.tools, merchant)
        terms = OrderTerms(
            "EUR", (RECIPIENT, CZECH), (SHOP, "https://shop.example/back", "http://localhost:3000"), grants
        )
        return await records.add_order_client(self.tools, owner, "The stall", terms)

    async def client(self, *, scope: str = "refunds", **made: Any) -> MerchantClient:
        """Someone with a new client's credentials, and with a token."""
        keys = await self.made(**made)
        found = MerchantClient(self.session, self.url, keys.client.id, keys.secret, self.document.check)
        assert (await found.login(scope)).status == 200
        return found

    async def opened(self, **members: object) -> Json:
        """An order of the shop's."""
        answer = await self.shop.create(**members)
        assert answer.status == 200, answer
        return answer.body["data"]

    async def paid(self, amount: object = 100, debtor_iban: str = PAYER, **members: object) -> Json:
        """An order of the shop's that was paid at once."""
        order = await self.opened(amount=amount, **members)
        self.bank.says = Paid("far-1", debtor_iban=debtor_iban)
        answer = await self.shop.process(order["processablePaymentId"], senderBankId="tatra")
        assert answer.status == 200, answer
        assert answer.body["data"]["status"] == "BOOKED"
        return order

    async def begun(self, payment_id: str, bank_id: str = "tatra") -> None:
        """Begin a payment, or a refund, as its page does."""
        bank = self.tools.banks.find(bank_id)
        assert bank is not None
        journey = Journey("https://gateway.example/bank/x/return", "https://gateway.example/bank/x")
        await banking.begin(self.tools, PaymentId(payment_id), bank, "", "page", journey)

    async def seen(self, payment_id: str) -> None:
        """Have the payer open the page."""
        await watching.see(self.tools, PaymentId(payment_id))

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        clock_of(self.tools).advance(seconds)

    def said(self) -> str:
        """What the access log has."""
        self.flush()
        return self.log.getvalue().decode()


def _silent(event: Event, audience: Audience) -> tuple[Telling, ...]:
    return ()


def _document_of(api: Api[Any]) -> Document:
    """The API's document, which is the same for every test and takes a while to read."""
    if not _documents:
        _documents.append(document_of(document(api)))
    return _documents[0]


@asynccontextmanager
async def stall_on(tools: Tools, *, loopback: bool = False) -> AsyncGenerator[Stall]:
    """The API of these tools, whose payers' banks are the stall's own."""
    bank = FarBank()
    tools = replace(
        tools,
        connectors={**tools.connectors, "bank": bank},
        announcers={Surface.ORDER: _silent, **tools.announcers},
        banks=BANKS,
    )
    registry, log = Registry(tools.store, tools.vault), BytesIO()
    access_log = AccessLog(log)
    manners = OrderManners("https://gateway.example", loopback=loopback)
    api = order_api(tools, registry, manners, Telemetry(access_log, RequestMetrics()), Addresses())
    async with (
        serving(Router(routes=[api])) as url,
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session,
    ):
        stall = Stall(tools, registry, bank, session, url, _document_of(api), log, access_log.flush)
        stall.shop = await stall.client()
        yield stall


def data(answer: Answer) -> Any:
    """What a call that succeeded answers."""
    assert answer.status == 200, answer
    assert answer.body["meta"]["status"] == "SUCCESS"
    return answer.body["data"]
