"""A shop whose payers pay by bank: its client, its own pages, the gateway's, and banks with and without a page."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from io import BytesIO
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route, Router

from tests.pages.bank_samples import CZECH, DIRECTORY, SLOVAK
from tests.pages.far_side import PAID, FarSide
from tests.pages.serving import served
from tillway.commands import banking, orders, records
from tillway.commands.outcomes import resolve_call
from tillway.commands.records import OrderTerms
from tillway.commands.tools import Tools
from tillway.connectors.protocol import Asked, Journey, Operation, Step, StepKind
from tillway.domain.banks import Bank, Directory
from tillway.domain.clients import Client, Grant, Surface
from tillway.domain.events import Event
from tillway.domain.ids import PaymentId, order_of
from tillway.domain.order_refunds import RefundAsked
from tillway.domain.ordering import Instructed, OrderAsked
from tillway.domain.outcomes import Outcome, Pending
from tillway.domain.payment_orders import Instruction
from tillway.domain.payments import Payment
from tillway.domain.standing import Standing
from tillway.domain.telling import Audience, Telling
from tillway.queries import payments as payment_queries
from tillway.queries.payment_orders import PaymentOrders
from tillway.queries.registry import Registry
from tillway.surfaces.bank_checkout.site import bank_checkout_site
from tillway.surfaces.common.api import Telemetry
from tillway.surfaces.common.limits import Addresses
from tillway.surfaces.common.logs import AccessLog
from tillway.surfaces.common.metrics import RequestMetrics
from tillway.surfaces.common.payment_links import bank_link

SECOND = 1_000_000
MERCHANT = "Horský obchod"
CODE = "123456"

_LED = Bank("led", "Led bank", "SK", "", connector="led")
BANKS = Directory((*DIRECTORY.banks, _LED))


@dataclass(slots=True)
class LedBank(FarSide):
    """A bank without a page: it asks for a code on ours, and then for a confirmation in its app."""

    given: list[Mapping[str, str]] = field(default_factory=list[Mapping[str, str]])
    has_code: bool = False

    async def begin(self, operation: Operation) -> Outcome:
        """At work, with no page to go to."""
        self.began[operation.id] += 1
        return self.outcomes.setdefault(operation.id, Pending())

    async def authorise(self, operation: Operation, values: Mapping[str, str]) -> Step:
        """Ask for the code until it is right; then wait for the app."""
        self.given.append(values)
        self.has_code = self.has_code or values.get("code") == CODE
        if self.has_code:
            return Step(StepKind.PUSH)
        said = "That code was wrong." if values else ""
        return Step(StepKind.INPUT, inputs=(Asked("code", "PASSWORD", "Code"),), description=said)


@dataclass(slots=True)
class BankShop:
    """What tests of payment orders' pages work with; `shop` is the shop's own origin, `url` the gateway's."""

    tools: Tools
    client: Client
    bank: FarSide
    led: LedBank
    url: str
    shop: str

    async def order(self, amount: int = 12_990, *, lasts_seconds: int = 3600, **members: Any) -> Payment:
        """An order of `amount` cents from the shop, with a variable symbol unless a reference is given."""
        own = {name: members.pop(name) for name in ("is_external", "country", "currency") if name in members}
        symbol = "" if "reference" in members else "0020240418"
        told = Instructed(
            "",
            SLOVAK,
            "Horský obchod, s. r. o.",
            "",
            "",
            "",
            symbol,
            "",
            "",
            "",
            "Topánky",
            f"{self.shop}/done?order=7",
            "",
            "{}",
        )
        asked = OrderAsked(
            amount,
            "EUR",
            replace(told, **members),
            "payer@shop.example",
            "",
            "",
            10_000,
            0,
            0,
            "asked",
            self.tools.now() + lasts_seconds * SECOND,
        )
        opened = await orders.open_order(self.tools, self.client, replace(asked, **own))
        return opened.payments[0]

    async def refund(self, payment: Payment, return_url: str | None = None, **members: Any) -> Payment:
        """A refund of 45 euro of an order that was paid."""
        url = f"{self.shop}/done" if return_url is None else return_url
        told = Instructed("", CZECH, "Zuzana Kováčová", "", "", "", "0020240418", "", "", "", "", url, "", "{}")
        asked = RefundAsked(4_500, "EUR", replace(told, **members), self.tools.now() + 3600 * SECOND)
        opened = await orders.open_refund(self.tools, self.client, order_of(payment.id), asked)
        return opened.refund

    def link(self, payment: Payment) -> str:
        """The address of the page of a payment, or a refund."""
        return bank_link(self.tools.vault, self.url, payment.id, payment.expires_at)

    def done(self, payment: Payment, name: str = "id") -> str:
        """Where whoever pays ends up."""
        return f"{self.shop}/done?order=7&{name}={payment.id}"

    def operation(self, payment: Payment) -> str:
        """What the bank calls the payment."""
        return f"{payment.id}-1"

    async def now(self, payment: Payment) -> Standing:
        """How a payment stands by now."""
        return await payment_queries.standing(self.tools.store, payment.id)

    async def told(self, payment: Payment) -> Instruction:
        """What the bank is told of a payment by now."""
        found = await PaymentOrders(self.tools.store).standing(order_of(payment.id))
        return found.instruction_of(PaymentId(payment.id))

    async def begun(self, payment: Payment, bank_id: str) -> Standing:
        """How a payment stands once it was begun at a bank, as its page does."""
        bank = self.tools.banks.find(bank_id)
        assert bank is not None
        journey = Journey(f"{self.link(payment)}/return", self.link(payment))
        return await banking.begin(self.tools, payment.id, bank, "", "page", journey)

    async def resolved(self, payment: Payment) -> Standing:
        """How a payment stands once the worker that asks banks has come by."""
        return await resolve_call(self.tools, payment.id, may_begin=False)

    def pays(self, payment: Payment) -> None:
        """The bank has paid, and told nobody."""
        self.bank.outcomes[self.operation(payment)] = self.led.outcomes[self.operation(payment)] = PAID


@asynccontextmanager
async def open_bank_shop(tools: Tools, *, proxies: tuple[str, ...] = ()) -> AsyncGenerator[BankShop]:
    """A shop with banks; the gateway, the shop and the bank are three origins, the shop on another site."""
    bank, led = FarSide(), LedBank()
    tools = replace(
        tools,
        connectors={**tools.connectors, "bank": bank, "led": led},
        banks=BANKS,
        announcers={**tools.announcers, Surface.ORDER: _silent},
    )
    owner = await records.add_merchant(tools, MERCHANT, "Europe/Bratislava")
    async with served(bank.pages()) as bank_url, served(Router([Route("/done", _done)])) as shop_url:
        bank.url = bank_url
        shop = shop_url.replace("127.0.0.1", "localhost")
        terms = OrderTerms("EUR", (SLOVAK, CZECH), (shop,), (Grant.REFUNDS,))
        made = await records.add_order_client(tools, owner, "Mountain shop", terms)
        site = bank_checkout_site(
            tools,
            Registry(tools.store, tools.vault),
            Telemetry(AccessLog(BytesIO()), RequestMetrics()),
            Addresses(proxies),
            sandbox=True,
            form_targets=(bank_url,),
        )
        async with served(Router([site])) as url:
            yield BankShop(tools, made.client, bank, led, url, shop)


def _silent(event: Event, audience: Audience) -> tuple[Telling, ...]:
    return ()


async def _done(request: Request) -> Response:
    return HTMLResponse(
        '<!doctype html><html lang="en"><link rel="icon" href="data:,"><title>Done</title><h1>Done</h1>'
    )
