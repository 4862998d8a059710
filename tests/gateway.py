"""A gateway for tests: tools with a clock that only moves when told, and builders of what a payment needs."""

from dataclasses import dataclass

from tillway.commands import cards as card_commands
from tillway.commands import giftcards, payments, records, refunds
from tillway.commands.cards import CardPlan, IssuedCard
from tillway.commands.giftcards import CardPart
from tillway.commands.records import Credentials
from tillway.commands.tools import Tools
from tillway.connectors.protocol import Connector
from tillway.connectors.simulator import IssuerSimulator
from tillway.domain.clients import Client, Issuer, Merchant, Surface
from tillway.domain.giftcards import CardState
from tillway.domain.ids import IssuerId
from tillway.domain.opening import Opening
from tillway.domain.orders import Access
from tillway.domain.refunding import Giving, Returned
from tillway.domain.refusals import ClientExists, IssuerExists
from tillway.domain.replays import Replay
from tillway.domain.schedules import DAY
from tillway.domain.standing import Standing
from tillway.queries.registry import Registry
from tillway.store.committer import Committer, Recall
from tillway.store.finding import find_card
from tillway.store.protocol import Store
from tillway.store.vault import KEY_BYTES, Vault
from tillway.surfaces.giftcard_api.notices import announce
from tillway.surfaces.order_api import notices as order_notices
from tillway.surfaces.web_api import notices as web_notices

START = 1_767_225_600_000_000
"""Where every test's clock begins: the first instant of 2026, UTC, in microseconds."""

ZONE = "Europe/Oslo"
CURRENCY = "NOK"
PREFIX = "606100"
"""What every number of the issuer `sandbox` begins with."""

PREFIXES = (PREFIX,)

WEBHOOK_URL = "https://shop.example/hooks"
ANSWER_SECONDS = 0.05
"""How long the issuer simulator may take before it has not answered."""

VAULT = Vault(bytes(range(KEY_BYTES)))


@dataclass(slots=True)
class VirtualClock:
    """A clock that stands still until it is told to move."""

    time: int = START

    def now(self) -> int:
        """Microseconds since 1970, UTC."""
        return self.time

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.time += round(seconds * 1_000_000)


def tools_on(store: Store, clock: VirtualClock | None = None, asked: Connector | None = None) -> Tools:
    """Tools over a store, with a committer of their own; two on one database are like two processes."""
    return Tools(
        Committer(store),
        store,
        clock or VirtualClock(),
        VAULT,
        {Surface.GIFT_CARD: announce, Surface.WEB: web_notices.announce, Surface.ORDER: order_notices.announce},
        {"simulator": asked or IssuerSimulator(ANSWER_SECONDS)},
    )


def clock_of(tools: Tools) -> VirtualClock:
    """The clock of a test's tools."""
    assert isinstance(tools.clock, VirtualClock)
    return tools.clock


async def merchant(tools: Tools, name: str = "Corner shop") -> Merchant:
    """A merchant; the same one for the same name."""
    return await records.add_merchant(tools, name, ZONE)


async def issuer(tools: Tools, issuer_id: str = "sandbox", prefix: str = PREFIX, currency: str = CURRENCY) -> Issuer:
    """An issuer of test cards; the same one for the same id."""
    try:
        return await records.add_issuer(tools, issuer_id, f"Cards of {issuer_id}", prefix, currency, live=False)
    except IssuerExists:
        return (await Registry(tools.store, tools.vault).issuers()).by_id[IssuerId(issuer_id)]


async def credentials(
    tools: Tools,
    client_id: str = "till",
    *,
    merchant_name: str = "Corner shop",
    vendors: tuple[str, ...] = ("sandbox",),
    currency: str = CURRENCY,
    hosts: tuple[str, ...] = ("localhost", "127.0.0.1"),
) -> Credentials:
    """A new client of the gift-card API with its secrets, and with its merchant and the issuer `sandbox` behind it."""
    if "sandbox" in vendors:
        await issuer(tools)
    owner = await merchant(tools, merchant_name)
    return await records.add_client(
        tools, owner, client_id, f"Client {client_id}", Surface.GIFT_CARD, currency, vendors, hosts
    )


async def client(
    tools: Tools,
    client_id: str = "till",
    *,
    merchant_name: str = "Corner shop",
    vendors: tuple[str, ...] = ("sandbox",),
    currency: str = CURRENCY,
) -> Client:
    """A client as by `credentials`; the same one for the same id."""
    try:
        made = await credentials(tools, client_id, merchant_name=merchant_name, vendors=vendors, currency=currency)
    except ClientExists:
        known = await Registry(tools.store, tools.vault).client(client_id)
        assert known is not None
        return known
    return made.client


async def cards(
    tools: Tools,
    *balances: int,
    by: Issuer | None = None,
    state: CardState = CardState.ACTIVE,
    expires_at: int | None = None,
    connector: str = "",
    marker: str = "",
    readable_cvc: bool = True,
) -> list[IssuedCard]:
    """Fresh cards, one for each balance (minor units), of the issuer `sandbox` if no other is given, for a year.

    Without a `marker` a connector's cards have one of no meaning, since any digits could be those of a silent issuer.
    """
    owner = by or await issuer(tools)
    marker = marker or ("00" if connector else "")
    end = tools.now() + 365 * DAY if expires_at is None else expires_at
    issued: list[IssuedCard] = []
    for balance in balances:
        plan = CardPlan(balance, end, state, connector, marker, readable_cvc)
        issued += await card_commands.issue(tools, owner, plan, 1)
    return issued


def opening(
    amount: int,
    *,
    access: Access = Access.API,
    reference: str = "receipt 1",
    webhook_url: str = WEBHOOK_URL,
    return_url: str = "",
    expires_at: int = START + DAY,
) -> Opening:
    """What a till asks for when it opens a payment of `amount` minor units."""
    return Opening(amount, access, reference, return_url, webhook_url, "", "{}", expires_at)


async def payment(tools: Tools, caller: Client, amount: int, asked: Opening | None = None) -> Standing:
    """An open payment of `amount` minor units, made through the API and good for a day."""
    standing = await payments.open_payment(tools, caller, asked or opening(amount, expires_at=tools.now() + DAY))
    assert not isinstance(standing, Replay)
    return standing


def part(issued: IssuedCard, amount: int = 0, cvc: str | None = None) -> CardPart:
    """What a card is to give, in minor units (0: what is due), with its own CVC if no other is given."""
    return CardPart(issued.number, issued.cvc if cvc is None else cvc, amount)


async def perform(
    tools: Tools, caller: Client, payment_id: str, *parts: CardPart, allow_partial: bool = False, final: bool = True
) -> Standing:
    """Pay with cards of the issuer `sandbox`."""
    standing = await giftcards.perform(
        tools, caller, payment_id, parts, PREFIXES, allow_partial=allow_partial, final=final
    )
    assert not isinstance(standing, Replay)
    return standing


async def refund(tools: Tools, caller: Client, payment_id: str, amount: int = 0) -> Returned:
    """Give money of a complete payment back; with 0 all that is left."""
    returned = await refunds.refund(tools, caller, payment_id, Giving(amount))
    assert not isinstance(returned, Replay)
    return returned


async def withdraw(tools: Tools, caller: Client, payment_id: str) -> Standing:
    """Give a payment up."""
    standing = await payments.withdraw(tools, caller, payment_id)
    assert not isinstance(standing, Replay)
    return standing


async def money_on(tools: Tools, *issued: IssuedCard) -> list[tuple[int, int]]:
    """What cards can spend, and what of them is reserved, in minor units."""
    found = [await tools.store.read(find_card(one.card.id)) for one in issued]
    return [(card.balance, card.held) for card in found if card is not None]


def recall(caller: Client, key: str = "key", fingerprint: str = "asked") -> Recall[Standing]:
    """An idempotency key of a call on a payment, whose kept answer tells what was paid once that is known."""

    def render(standing: Standing) -> tuple[int, str] | None:
        return None if standing.awaits_issuer() else (200, str(standing.payment.paid))

    return Recall(caller.id, key, fingerprint, START, render)
