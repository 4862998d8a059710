"""A market for tests: the web payments API over a socket, on a clock that only moves when told, and its shops."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from io import BytesIO
from itertools import count
from typing import Any

import aiohttp
from sqlalchemy import func, select
from starlette.routing import Router

from tests import gateway
from tests.clients.document import Document, document_of
from tests.clients.integrator import Integrator
from tests.gateway import clock_of
from tests.surfaces.common.serving import serving
from tillway.commands import notices as telling
from tillway.commands import records, tendering
from tillway.commands.login_keys import LoginKey, make_login_key
from tillway.commands.records import WebCredentials, WebKeys, WebTerms
from tillway.commands.tools import Tools
from tillway.connectors.protocol import Callback, Connector, Journey, Operation
from tillway.domain.delivery import Reply
from tillway.domain.ids import ClientId
from tillway.domain.notices import Notice
from tillway.domain.outcomes import Outcome, Paid
from tillway.domain.spending import Rest
from tillway.domain.standing import Standing
from tillway.queries import notices as told
from tillway.queries import payments as finding
from tillway.queries.registry import Registry
from tillway.store import schema
from tillway.store.committer import Recall
from tillway.store.notices import Filter
from tillway.surfaces.common.api import Api, Telemetry
from tillway.surfaces.common.limits import Addresses
from tillway.surfaces.common.logs import AccessLog
from tillway.surfaces.common.metrics import RequestMetrics
from tillway.surfaces.common.openapi import document
from tillway.surfaces.web_api.api import web_api
from tillway.surfaces.web_api.calls import Manners

CURRENCY = "EUR"
EURO_PREFIX = "606300"
LOGIN_WINDOW_SECONDS = 900

_keys = count(1)
_pairs: list[LoginKey] = []
_documents: list[Document] = []


@dataclass(slots=True)
class FarBank:
    """A connector that answers every attempt and refund with what `says` and `refunds` say."""

    says: Outcome = field(default_factory=lambda: Paid("psp-1", "Visa", "4242"))
    refunds: Outcome = field(default_factory=Paid)
    limit_seconds: float = 1.0

    async def begin(self, operation: Operation) -> Outcome:
        return self.says

    async def look_up(self, operation: Operation) -> Outcome:
        return self.says

    async def reverse(self, operation: Operation) -> Outcome:
        return Paid()

    async def refund(self, operation: Operation, refunded_id: str) -> Outcome:
        return self.refunds

    def read_callback(self, headers: Any, body: bytes, now: int) -> tuple[Callback, ...]:
        return ()


@dataclass(slots=True)
class Market:
    """The API at `url`, the tools behind it, a bank far away, and a `shop` that has logged in."""

    tools: Tools
    registry: Registry
    bank: FarBank
    session: aiohttp.ClientSession
    url: str
    document: Document
    log: BytesIO
    flush: Any
    shop: Integrator = field(init=False)

    async def made(self, merchant: str = "Web shop", pair: LoginKey | None = None, **terms: Any) -> WebCredentials:
        """A new client."""
        owner = await gateway.merchant(self.tools, merchant)
        fresh = WebKeys(f"{next(_keys):022d}==", f"tenant key {next(_keys)}", pair or login_pair())
        agreed: dict[str, Any] = {"currency": CURRENCY, "vendors": ("euro",), **terms}
        return await records.add_web_client(self.tools, owner, "Web", WebTerms(**agreed), fresh)

    async def integrator(self, *, logged_in: bool = True, **made: Any) -> Integrator:
        """Someone with a new client's keys."""
        keys = await self.made(**made)
        found = Integrator(
            self.session,
            self.url,
            keys.client.id,
            keys.api_secret,
            keys.tenant_key,
            lambda: self.tools.now() / 1_000_000,
            self.document.check,
        )
        if logged_in:
            assert (await found.login()).status == 200
        return found

    async def standing(self, reference: str) -> Standing:
        """How a payment stands in the books."""
        return await finding.standing(self.tools.store, reference)

    async def pay(self, reference: str, *, cards: Sequence[int] = (), method: str = "card") -> Standing:
        """Pay as a payer does on the page: with gift cards of these balances (minor units), the rest at the bank."""
        issuer = await gateway.issuer(self.tools, "euro", EURO_PREFIX, CURRENCY)
        issued = await gateway.cards(self.tools, *cards, by=issuer) if cards else []
        opened = await self.standing(reference)
        caller = await self.registry.client(opened.order.client_id)
        assert caller is not None
        due = opened.payment.due
        parts = [gateway.part(card, min(card.card.balance, due)) for card in issued]
        rest = Rest(method, "bank") if sum(part.amount for part in parts) < due else None
        recall: Recall[Standing] = Recall(
            ClientId(caller.id), f"page {next(_keys)}", "asked", self.tools.now(), lambda _: None
        )
        journey = Journey("https://gateway.example/return", "https://gateway.example/pay")
        paid = await tendering.tender(self.tools, caller, opened, parts, rest, (EURO_PREFIX,), journey, recall)
        assert isinstance(paid, Standing)
        return paid

    async def paid(self, amount: object = 100, **paying: Any) -> str:
        """A payment of the shop's that has been paid, by its reference."""
        reference = await self.opened(amount)
        standing = await self.pay(reference, **paying)
        assert standing.payment.state == "BOOKED"
        return reference

    async def opened(self, amount: object = 100, **members: object) -> str:
        """A payment of the shop's that waits for its payer."""
        answer = await self.shop.initiate_web(amount=amount, **members)
        assert answer.status == 200, answer
        return answer.body["paymentReference"]

    def moment(self, seconds: float = 0) -> str:
        """So many seconds from now, as the document writes moments."""
        moment = datetime.fromtimestamp(self.tools.now() / 1_000_000 + seconds, UTC)
        return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        clock_of(self.tools).advance(seconds)

    async def notices(self, reference: str) -> list[Notice]:
        """What is to be told of a payment, in the order in which it happened."""
        found = await told.notices(self.tools.store, Filter())
        return [notice for notice in found if notice.payment_id == reference]

    async def tell(self, reference: str, status: int = 500) -> None:
        """Try every notice of a payment once, at a receiver that answers so."""
        for notice in await self.notices(reference):
            await telling.lease(self.tools, [notice.id], 1_000_000)
            await telling.record(self.tools, notice, Reply(self.tools.now(), 0, status, "", 0), 0)

    async def renewals(self) -> int:
        """How many renewed tokens are remembered."""
        return (await self.tools.store.fetch(select(func.count()).select_from(schema.renewals)))[0][0]

    def said(self) -> str:
        """What the access log has."""
        self.flush()
        return self.log.getvalue().decode()


def _document_of(api: Api[Any]) -> Document:
    """The API's document, which is the same for every test and takes a while to read."""
    if not _documents:
        _documents.append(document_of(document(api)))
    return _documents[0]


def login_pair() -> LoginKey:
    """One pair for all tests: making one takes a tenth of a second."""
    if not _pairs:
        _pairs.append(make_login_key())
    return _pairs[0]


@asynccontextmanager
async def market_on(tools: Tools, *, loopback: bool = False) -> AsyncGenerator[Market]:
    """The API of these tools, whose payers' methods are served by a bank of the market's own."""
    bank = FarBank()
    served: Connector = bank
    tools = replace(tools, connectors={**tools.connectors, "bank": served}, methods={"card": "bank", "ideal": "bank"})
    registry, log = Registry(tools.store, tools.vault), BytesIO()
    access_log = AccessLog(log)
    manners = Manners("https://gateway.example", LOGIN_WINDOW_SECONDS * 1_000_000, tools.clock, loopback=loopback)
    api = web_api(tools, registry, manners, Telemetry(access_log, RequestMetrics()), Addresses())
    await gateway.issuer(tools, "euro", EURO_PREFIX, CURRENCY)
    async with (
        serving(Router(routes=[api])) as url,
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session,
    ):
        market = Market(tools, registry, bank, session, url, _document_of(api), log, access_log.flush)
        market.shop = await market.integrator()
        yield market
