"""A merchant whose payers pay at the pretend banks: a gateway's tools, and the banks as a server of their own."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from tests import gateway
from tests.connectors.berlin.far import CREDITOR, JOURNEY, Wire, banks_beside, connector_to
from tests.gateway import clock_of
from tillway.commands import banking, orders, payments, pretend_banking, records
from tillway.commands.outcomes import resolve_call
from tillway.commands.records import OrderTerms
from tillway.commands.tools import Tools
from tillway.connectors.addresses import Reach
from tillway.connectors.outbound import Outbound
from tillway.connectors.protocol import Journey
from tillway.domain.banks import Directory
from tillway.domain.clients import Client, Grant
from tillway.domain.ids import PaymentId
from tillway.domain.order_refunds import RefundAsked
from tillway.domain.ordering import Instructed, OrderAsked
from tillway.domain.payments import Attempt
from tillway.domain.pretended_banks import directory_of
from tillway.domain.pretended_transfers import BankTransfer
from tillway.domain.schedules import DAY
from tillway.domain.standing import Standing
from tillway.queries import payments as standings
from tillway.queries.payment_orders import PaymentOrders
from tillway.workers.expire import Expirer
from tillway.workers.resolve import Resolver

NAME = "berlin"
LIMIT_SECONDS = 3.0
RETURN_URL = "https://shop.example/thanks"


@dataclass
class BankShop:
    """A client whose gateway has the connector to the pretend banks at `url`; `wire` is what lies between."""

    tools: Tools
    client: Client
    orders: PaymentOrders
    url: str
    wire: Wire
    journey: Journey = JOURNEY
    opened: int = 0

    async def open(self, amount: int = 250_00, currency: str = "EUR", bank_id: str = "") -> Standing:
        """The payment of a fresh order, seen by its payer."""
        self.opened += 1
        asked = OrderAsked(
            amount, currency, self.instructed(f"order {self.opened}", bank_id), "", "SK", "", 0, 0, 0,
            f"asked {self.opened}", self.tools.now() + DAY,
        )  # fmt: skip
        order = await orders.open_order(self.tools, self.client, asked)
        return await payments.see(self.tools, order.payments[0].id)

    async def open_refund(self, paid: Standing, amount: int) -> Standing:
        """A refund of an order, to the account that paid."""
        instructed = replace(self.instructed("refund", ""), creditor_iban="")
        asked = RefundAsked(amount, paid.payment.currency, instructed, self.tools.now() + DAY)
        made = await orders.open_refund(self.tools, self.client, paid.order.id, asked)
        return await payments.see(self.tools, made.refund.id)

    def instructed(self, name: str, bank_id: str) -> Instructed:
        """What the bank is to be told."""
        return Instructed(
            name, CREDITOR, "Obchod", "", bank_id, "", "0012345678", "0308", "", "", "", RETURN_URL, "en", "{}"
        )

    async def begin(self, standing: Standing, bank_id: str = "karpatska", debtor_iban: str = "") -> Standing:
        """The payer chooses a bank."""
        bank = self.tools.banks.find(bank_id)
        assert bank is not None
        return await banking.begin(self.tools, standing.payment.id, bank, debtor_iban, f"page {bank_id}", self.journey)

    async def at_the_bank(self, user: str, bank_id: str = "karpatska") -> Standing:
        """A payment whose payer has done everything at the bank, and not come back yet."""
        begun = await self.begin(await self.open(), bank_id)
        await pretend_banking.act(self.tools, begun.attempts[-1].reference, user)
        return begun

    async def back(self, standing: Standing) -> Standing:
        """The payer has come back, and the gateway asks."""
        return await resolve_call(self.tools, standing.payment.id, may_begin=False)

    async def paid(self, user: str, bank_id: str = "karpatska") -> Standing:
        """How a payment stands right after its payer has come back."""
        return await self.back(await self.at_the_bank(user, bank_id))

    async def pass_time(self, seconds: float = 11) -> None:
        """Let time pass, and have the gateway end and ask what is due then, until nothing more is."""
        clock_of(self.tools).advance(seconds)
        await Expirer(self.tools).turn()
        while await Resolver(self.tools).turn():
            pass

    async def standing(self, payment_id: PaymentId) -> Standing:
        """How a payment stands by now."""
        return await standings.standing(self.tools.store, payment_id)

    async def attempt(self, payment_id: PaymentId) -> Attempt:
        """Its last attempt."""
        return (await self.standing(payment_id)).attempts[-1]

    async def known_there(self, standing: Standing) -> BankTransfer:
        """What the bank knows of a payment."""
        known = await pretend_banking.look_up(self.tools, standing.attempts[-1].reference)
        assert known is not None
        return known


@asynccontextmanager
async def bank_shop(tools: Tools) -> AsyncGenerator[BankShop]:
    """A merchant, its gateway's tools with the connector `berlin`, and the banks listening."""
    outbound = Outbound(Reach.SANDBOX)
    async with banks_beside(tools) as (url, wire):
        connectors = {**tools.connectors, NAME: connector_to(url, outbound, LIMIT_SECONDS)}
        far = replace(tools, connectors=connectors, banks=Directory(directory_of(NAME)))
        terms = OrderTerms("EUR", (CREDITOR,), ("https://shop.example",), (Grant.REFUNDS,))
        made = await records.add_order_client(far, await gateway.merchant(far), "Stall", terms)
        yield BankShop(far, made.client, PaymentOrders(far.store), url, wire)
        await outbound.close()
