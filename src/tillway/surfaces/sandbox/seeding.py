"""What a fresh sandbox holds, and `sandbox.json`, the file that tells people and programs of it."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Final

import msgspec
from schwifty import IBAN

from tillway.commands import cards, records
from tillway.commands.cards import CardPlan
from tillway.commands.records import OrderTerms, WebTerms
from tillway.commands.tools import Tools
from tillway.domain.clients import Grant, Issuer, Merchant, SecretUse, Surface
from tillway.domain.ids import IssuerId
from tillway.domain.money import exponent
from tillway.domain.refusals import ClientExists, IssuerExists
from tillway.queries.registry import Registry
from tillway.surfaces.common.days import end_of, last_before, today
from tillway.surfaces.sandbox.making import ZONE, Welcome
from tillway.surfaces.sandbox.ordering import IssuerMarks

FILE: Final = "sandbox.json"

PREFIX: Final = "999900"
"""What test numbers begin with. No live card's can: after a leading 9 come the three digits of a country
(ISO/IEC 7812-1), and 999 is nobody's: ISO 3166-1 leaves 900 to 999 to users for good."""

CURRENCY: Final = "NOK"

WEB_PREFIX: Final = "999901"
WEB_CURRENCY: Final = "EUR"
"""Web payments are in another currency, with gift cards of an issuer of its own to pay them with, in part or alone."""

_MERCHANT: Final = "Sandbox shop"
_VENDOR: Final = "sandbox"
_CLIENT: Final = "sandbox-till"
_MANAGER: Final = "sandbox-manager"
_WEB_VENDOR: Final = "sandbox-euro"
_WEB_SHOP: Final = "Sandbox web shop"
_ORDER_CLIENT: Final = "Sandbox order shop"
_ORDER_CURRENCY: Final = "EUR"
_ACCOUNTS: Final = (("SK", "12000000198742637541"), ("CZ", "08000000192000145399"), ("DE", "370400440532013000"))
"""Country and basic account number of the accounts that the shop is paid at: those of the usual examples."""

_RETURN_URLS: Final = (
    "https://merchant.example",
    "http://localhost:8082",
    "http://localhost:9000",
    "http://127.0.0.1:9000",
)
"""Where payers of payment orders may be sent back to: the made-up shop of the examples, and servers on this machine."""

_RETURN_HOSTS: Final = ("localhost", "127.0.0.1")
_LIFE_DAYS: Final = 365


class SandboxFileBroken(Exception):
    """The sandbox's file cannot be read; remove it to have a new one made."""


@dataclass(frozen=True, slots=True)
class SeededCard:
    """A test card in the clear; `balance` in the major unit, `expires_on` its last day."""

    number: str = field(repr=False)
    cvc: str = field(repr=False)
    balance: Decimal
    currency: str
    expires_on: str


@dataclass(frozen=True, slots=True)
class GiftCardSeed:
    """Credentials for the gift-card API, and cards to pay with; the first two are good for 500 each."""

    client_id: str
    client_secret: str = field(repr=False)
    vendor: str
    cards: tuple[SeededCard, ...]


@dataclass(frozen=True, slots=True)
class WebSeed:
    """Credentials for the web payments API, what its postbacks are signed with, and gift cards for its payers."""

    api_key: str
    api_secret: str = field(repr=False)
    """PEM text of a public key."""
    tenant_key: str = field(repr=False)
    webhook_secret: str = field(repr=False)
    cards: tuple[SeededCard, ...]


@dataclass(frozen=True, slots=True)
class OrderSeed:
    """Credentials for the payment orders API, and what its client may ask for; it may give money back too."""

    client_id: str
    client_secret: str = field(repr=False)
    recipient_ibans: tuple[str, ...]
    redirect_urls: tuple[str, ...]
    webhook_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ManagementSeed:
    """Credentials for the management API."""

    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SandboxFile:
    """What `sandbox.json` says; `acquirer`, `shop` and `banks` are where what is pretended beside the gateway is."""

    url: str
    gift_cards: GiftCardSeed
    management: ManagementSeed
    web_payments: WebSeed | None = None
    acquirer: str = ""
    shop: str = ""
    payment_orders: OrderSeed | None = None
    """None, as `web_payments`, in the file of a sandbox that was made before there were any."""
    banks: str = ""

    def welcome(self) -> Welcome:
        """What the sandbox's front door shows: the plain cards."""
        plain = tuple((card.number, card.cvc) for card in self.gift_cards.cards[: len(_PLAIN)])
        known, web, orders = self.gift_cards, self.web_payments, self.payment_orders
        keys = (web.api_key, web.tenant_key) if web else ("", "")
        credentials = (orders.client_id, orders.client_secret) if orders else ("", "")
        return Welcome(
            self.url, known.client_id, known.client_secret, plain, self.shop, *keys, self.banks, *credentials
        )


_PLAIN = (500, 500, 1000)
"""What the cards without tricks are worth, in the major unit."""

_EURO_PLAIN = (10, 50, 100)

PLAIN_CARDS: Final = ("pays", "pays", "pays")
TRICK_CARDS: Final = (
    "empty (102, 106)",
    "expired (101)",
    "issuer silent, nothing taken (253)",
    "issuer silent, but money taken (253)",
    "issuer answers with a failure (254)",
    "CVC cannot be read (252)",
)
BEHAVIOURS: Final = (*PLAIN_CARDS, *TRICK_CARDS)
"""What each card does, in the order of the file."""


def read_file(folder: Path) -> SandboxFile | None:
    """What the folder's file says, if there is one. Raises SandboxFileBroken."""
    try:
        return msgspec.json.decode((folder / FILE).read_bytes(), type=SandboxFile)
    except FileNotFoundError:
        return None
    except msgspec.DecodeError as error:
        raise SandboxFileBroken(f"{SandboxFileBroken.__doc__} ({folder / FILE}: {error})") from error


def write_file(folder: Path, content: SandboxFile) -> None:
    """Put the file in its place, whole, for its owner only."""
    text = msgspec.json.format(msgspec.json.Encoder(decimal_format="number").encode(content), indent=2)
    fresh = folder / f"{FILE}.new"
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(text + b"\n")
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(folder / FILE)


async def is_seeded(tools: Tools, content: SandboxFile) -> bool:
    """Whether the database knows the credentials of the file."""
    registry = Registry(tools.store, tools.vault)
    known = content.gift_cards
    caller = await registry.authenticate(known.client_id, known.client_secret, Surface.GIFT_CARD, tools.now())
    return caller is not None


async def seed(tools: Tools, url: str, marks: IssuerMarks) -> SandboxFile:
    """Make a shop with credentials, a pretend issuer and test cards. What was made before a crash is used again."""
    merchant = await records.add_merchant(tools, _MERCHANT, ZONE)
    issuer = await _issuer(tools, _VENDOR, "Sandbox gift cards", PREFIX, CURRENCY)
    secret = await _client(tools, merchant, _CLIENT, Surface.GIFT_CARD)
    token = await _client(tools, merchant, _MANAGER, Surface.MANAGEMENT)
    made = [await _card(tools, issuer, plan) for plan in _plans(tools, marks)]
    return SandboxFile(
        url,
        GiftCardSeed(_CLIENT, secret, issuer.id, tuple(made)),
        ManagementSeed(f"{_MANAGER}.{token}"),
        await seed_web(tools),
        payment_orders=await seed_orders(tools),
    )


async def seed_web(tools: Tools) -> WebSeed:
    """Make credentials for the web payments API, and gift cards in its currency."""
    merchant = await records.add_merchant(tools, _MERCHANT, ZONE)
    issuer = await _issuer(tools, _WEB_VENDOR, "Sandbox gift cards (euro)", WEB_PREFIX, WEB_CURRENCY)
    made = await records.add_web_client(tools, merchant, _WEB_SHOP, WebTerms(WEB_CURRENCY, (issuer.id,)))
    ends, major = _plain_end(tools), 10 ** exponent(WEB_CURRENCY)
    plain = [await _card(tools, issuer, CardPlan(balance * major, ends)) for balance in _EURO_PLAIN]
    return WebSeed(made.client.id, made.api_secret, made.tenant_key, made.signing_secret, tuple(plain))


async def seed_orders(tools: Tools) -> OrderSeed:
    """Make credentials for the payment orders API."""
    merchant = await records.add_merchant(tools, _MERCHANT, ZONE)
    ibans = tuple(str(IBAN.from_bban(country, number)) for country, number in _ACCOUNTS)
    terms = OrderTerms(_ORDER_CURRENCY, ibans, _RETURN_URLS, (Grant.REFUNDS,))
    made = await records.add_order_client(tools, merchant, _ORDER_CLIENT, terms)
    return OrderSeed(made.client.id, made.secret, ibans, _RETURN_URLS, made.signing_secret)


async def _issuer(tools: Tools, issuer_id: str, name: str, prefix: str, currency: str) -> Issuer:
    try:
        return await records.add_issuer(tools, issuer_id, name, prefix, currency, live=False)
    except IssuerExists:
        return (await Registry(tools.store, tools.vault).issuers()).by_id[IssuerId(issuer_id)]


async def _client(tools: Tools, merchant: Merchant, client_id: str, surface: Surface) -> str:
    """The secret of the client, fresh."""
    try:
        made = await records.add_client(
            tools, merchant, client_id, client_id, surface, CURRENCY, (_VENDOR,), _RETURN_HOSTS
        )
    except ClientExists:
        return await records.replace_secret(tools, client_id, SecretUse.CALLING)
    return made.secret


def _plans(tools: Tools, marks: IssuerMarks) -> Sequence[CardPlan]:
    day, ends = today(tools.now(), ZONE), _plain_end(tools)
    major = 10 ** exponent(CURRENCY)
    tricks = (
        CardPlan(0, ends),
        CardPlan(500 * major, end_of(day - timedelta(days=1), ZONE)),
        *(
            CardPlan(500 * major, ends, connector=marks.connector, marker=marker)
            for marker in (marks.silent, marks.silent_but_paid, marks.failing)
        ),
        CardPlan(500 * major, ends, readable_cvc=False),
    )
    return (*(CardPlan(balance * major, ends) for balance in _PLAIN), *tricks)


def _plain_end(tools: Tools) -> int:
    return end_of(today(tools.now(), ZONE) + timedelta(days=_LIFE_DAYS), ZONE)


async def _card(tools: Tools, issuer: Issuer, plan: CardPlan) -> SeededCard:
    (issued,) = await cards.issue(tools, issuer, plan, 1)
    card = issued.card
    balance = Decimal(card.balance).scaleb(-exponent(card.currency))
    last_day = last_before(card.expires_at, ZONE).isoformat()
    return SeededCard(issued.number, issued.cvc, balance, card.currency, last_day)
