"""Everybody who works in a campaign: tills, payers of a web shop and sellers, and those who are told by webhook."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from random import Random

from tests import gateway
from tests.campaigns.checking import find_problems
from tests.campaigns.order_checking import find_order_problems
from tests.campaigns.order_stories import SCOPE, Seller
from tests.campaigns.plan import Plan
from tests.campaigns.stories import Cards, Teller
from tests.campaigns.traffic import Traffic
from tests.campaigns.web_checking import find_web_problems
from tests.campaigns.web_stories import Shopper
from tests.clients.integrator import Integrator
from tests.clients.merchant_client import RECIPIENT, SHOP, MerchantClient
from tests.clients.receiver import OK, Receiver
from tests.shop import Shop
from tillway.commands import hooks, records
from tillway.commands.records import OrderTerms, WebTerms
from tillway.connectors.simulator import FAILING, SILENT_AND_NEVER_RECEIVED, SILENT_BUT_PAID
from tillway.domain.clients import Grant
from tillway.domain.hooking import HookAsked
from tillway.domain.hooks import HookType
from tillway.domain.ids import ClientId

INITIAL_BALANCE = 900_000_00
"""What every card begins with, in minor units: more than any campaign spends."""

WEB_PREFIX = "606700"
WEB_CURRENCY = "EUR"

FAULTY = 0.1
"""How often the receiver of webhooks says that it cannot take one now."""
SLOWEST_RECEIVER_SECONDS = 0.3


@dataclass(frozen=True, slots=True)
class Receivers:
    """Who listens to the webhooks of tills, of the web shop, and of payment orders."""

    tills: Receiver
    shop: Receiver
    orders: Receiver

    @classmethod
    def from_seed(cls, random: Random) -> "Receivers":
        """Ones that are slow and refuse, now and then."""
        return cls(_receiver(random), _receiver(random), _receiver(random))

    def all(self) -> tuple[Receiver, ...]:
        """Each of them."""
        return (self.tills, self.shop, self.orders)

    def take_all(self, seconds: float) -> None:
        """Refuse nothing from now on, and take so long over each."""
        for one in self.all():
            one.answers = lambda: OK
            one.delays = lambda: seconds


@dataclass(frozen=True, slots=True)
class Crowd:
    """Everybody who pays and is paid."""

    tellers: list[Teller]
    shoppers: list[Shopper]
    sellers: list[Seller]
    seller_id: ClientId
    receivers: Receivers

    @classmethod
    async def hired(cls, shop: Shop, plan: Plan, traffic: Traffic, receivers: Receivers) -> "Crowd":
        """As many as the plan has, with cards and credentials."""
        receivers.tills.secret = shop.signing_secret
        tellers = await _hire(shop, plan, traffic, receivers.tills)
        shoppers = await _attract(shop, plan, traffic, receivers.shop)
        seller_id, sellers = await _appoint(shop, plan, traffic, receivers.orders)
        return cls(tellers, shoppers, sellers, seller_id, receivers)

    def work(self) -> list[Callable[[], Awaitable[None]]]:
        """What each of them does over and over."""
        return [
            *(teller.next_payment for teller in self.tellers),
            *(shopper.next_purchase for shopper in self.shoppers),
            *(seller.next_sale for seller in self.sellers),
        ]

    async def find_problems(self, shop: Shop, traffic: Traffic) -> list[str]:
        """Everything that is not as it was answered to them; nothing if all is well."""
        return [
            *await find_problems(shop, self.tellers, traffic, self.receivers.tills, INITIAL_BALANCE),
            *await find_web_problems(shop, self.shoppers, self.receivers.shop),
            *await find_order_problems(shop, self.seller_id, self.sellers, self.receivers.orders),
        ]


def _receiver(random: Random) -> Receiver:
    return Receiver(lambda: OK if random.random() > FAULTY else 500, lambda: random.random() * SLOWEST_RECEIVER_SECONDS)


async def _hire(shop: Shop, plan: Plan, traffic: Traffic, receiver: Receiver) -> list[Teller]:
    (shared,) = [gift.number for gift in await shop.cards(INITIAL_BALANCE)]
    tellers: list[Teller] = []
    for number in range(plan.tellers):
        first, second = [gift.number for gift in await shop.cards(INITIAL_BALANCE, INITIAL_BALANCE)]
        doubtful = [
            (await shop.card(INITIAL_BALANCE, connector="simulator", marker=marker)).number
            for marker in (SILENT_AND_NEVER_RECEIVED, SILENT_BUT_PAID, FAILING)
        ]
        random = Random(f"teller {number} {plan.seed}")
        cards = Cards((first, second), shared, *doubtful)
        tellers.append(Teller(f"teller {number}", shop.till, cards, random, traffic, receiver.url))
    return tellers


async def _attract(shop: Shop, plan: Plan, traffic: Traffic, postbacks: Receiver) -> list[Shopper]:
    """Payers of one web shop, whose gift cards they may use too."""
    await gateway.issuer(shop.tools, "web-cards", WEB_PREFIX, WEB_CURRENCY)
    terms = WebTerms(WEB_CURRENCY, ("web-cards",), most_declines=3)
    made = await records.add_web_client(shop.tools, await gateway.merchant(shop.tools), "Web shop", terms)
    postbacks.secret = made.signing_secret
    integrator = Integrator(shop.session, shop.server.url, made.client.id, made.api_secret, made.tenant_key)
    assert (await integrator.login()).status == 200
    return [
        Shopper(integrator, Random(f"shopper {number} {plan.seed}"), traffic, postbacks.url)
        for number in range(plan.shoppers)
    ]


async def _appoint(shop: Shop, plan: Plan, traffic: Traffic, receiver: Receiver) -> tuple[ClientId, list[Seller]]:
    """Sellers of one client that is paid from bank accounts, and is told of every change."""
    terms = OrderTerms("EUR", (RECIPIENT,), (SHOP,), (Grant.REFUNDS,))
    made = await records.add_order_client(shop.tools, await gateway.merchant(shop.tools), "Bank sales", terms)
    receiver.secret = made.signing_secret
    for kind in (HookType.PAYMENT_STATUS_CHANGE, HookType.ORDER_STATUS_CHANGE):
        await hooks.add(shop.tools, made.client.id, HookAsked(kind, receiver.url), sandbox=True)
    client = MerchantClient(shop.session, shop.server.url, made.client.id, made.secret)
    assert (await client.login(SCOPE)).status == 200
    sellers = [
        Seller(replace(client), RECIPIENT, Random(f"seller {number} {plan.seed}"), traffic)
        for number in range(plan.sellers)
    ]
    return made.client.id, sellers
