"""What a visitor does in the sandbox: look around, open a first payment, make test cards."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from tillway.commands import cards, payments
from tillway.commands.tools import Tools
from tillway.domain.clients import Client, Issuer
from tillway.domain.money import Money, exponent
from tillway.domain.opening import Opening
from tillway.domain.orders import Access
from tillway.domain.standing import Standing
from tillway.queries import giftcards as card_queries
from tillway.queries.registry import Registry
from tillway.surfaces.common.days import last_before, today
from tillway.surfaces.common.payment_links import payment_link
from tillway.surfaces.common.serving import Pages
from tillway.surfaces.common.site import PageRoute
from tillway.surfaces.common.visits import PageReply, Visit, see_other
from tillway.surfaces.sandbox.drawing import draw
from tillway.surfaces.sandbox.first_payment import AMOUNT_MAJOR, commands
from tillway.surfaces.sandbox.ordering import (
    USUAL_LIFE_DAYS,
    CardOrder,
    IssuerMarks,
    Terms,
    read_order,
)
from tillway.surfaces.sandbox.views import Behaviour, CardFault, CardForm, CardGeneratorPage, HomePage, TestCard

ZONE = "Europe/Oslo"
"""Where days end when no client says otherwise."""

_FIRST_PAYMENT_LASTS_SECONDS = 3600
_LONGEST_FIELD = 100


@dataclass(frozen=True, slots=True)
class Welcome:
    """What a fresh sandbox has: its address, its client's credentials, its first cards (number and CVC), its shop.

    `api_key` and `tenant_key` are those of the client of the web payments API, `order_id` and `order_secret` those of
    the client of payment orders, and `banks` is where the pretended banks are.
    """

    url: str
    client_id: str
    client_secret: str = field(repr=False)
    cards: tuple[tuple[str, str], ...] = field(repr=False)
    shop: str = ""
    api_key: str = ""
    tenant_key: str = field(default="", repr=False)
    banks: str = ""
    order_id: str = ""
    order_secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Sandbox:
    """The handlers of the sandbox's pages."""

    tools: Tools
    registry: Registry
    pages: Pages
    marks: IssuerMarks
    welcome: Welcome

    def routes(self) -> Sequence[PageRoute]:
        """Every page and form target."""
        return (
            PageRoute("GET", "/", self.look_around),
            PageRoute("POST", "/first-payment", self.open_first_payment),
            PageRoute("GET", "/card-gen", self.ask_for_cards),
            PageRoute("POST", "/card-gen", self.make_cards),
        )

    async def look_around(self, visit: Visit) -> PageReply:
        """Where everything is."""
        welcome = self.welcome
        pasted = _pasted(welcome)
        first_cards = tuple([card async for card in self._first_cards()])
        view = HomePage(
            welcome.url,
            welcome.client_id,
            welcome.client_secret,
            first_cards,
            pasted,
            welcome.shop,
            welcome.api_key,
            welcome.tenant_key,
            welcome.banks,
            welcome.order_id,
            welcome.order_secret,
        )
        return PageReply(200, draw(self.pages, view, visit.language()))

    async def open_first_payment(self, visit: Visit) -> PageReply:
        """Open a payment as the sandbox's shop would, and go to its page."""
        client = await self.registry.client(self.welcome.client_id)
        if client is None:
            return see_other("/")
        expires_at = self.tools.now() + _FIRST_PAYMENT_LASTS_SECONDS * 1_000_000
        asked = Opening(
            AMOUNT_MAJOR * 10 ** exponent(client.currency),
            Access.WEB,
            "first payment",
            self.welcome.url,
            "",
            visit.language(),
            "{}",
            expires_at,
        )
        opened = await payments.open_payment(self.tools, client, asked)
        assert isinstance(opened, Standing)
        return see_other(payment_link(self.tools.vault, "", opened.payment.id, expires_at))

    async def ask_for_cards(self, visit: Visit) -> PageReply:
        """The empty form; a client id in the address is filled in."""
        client_id = visit.query.get("client_id", self.welcome.client_id)[:_LONGEST_FIELD]
        client = await self.registry.client(client_id)
        issuers = await self._issuers()
        form = CardForm(
            client_id, "500", "1", _usual_vendor(client, issuers), self._usual_last_day(), Behaviour.NORMAL.value
        )
        return self._page(visit, form, {}, issuers, ())

    async def make_cards(self, visit: Visit) -> PageReply:
        """Make the cards, or say at each field what is wrong."""
        form = _form(visit)
        client = await self.registry.client(form.client_id)
        issuers = await self._issuers()
        zone = await self._zone(client)
        terms = Terms(client, issuers, self.marks, zone, today(self.tools.now(), zone))
        order = read_order(form, terms)
        if not isinstance(order, CardOrder):
            return self._page(visit, form, order, issuers, ())
        made = await cards.issue(self.tools, order.issuer, order.plan, order.count)
        shown = tuple(_test_card(one, zone) for one in made)
        return self._page(visit, form, {}, issuers, shown)

    def _page(
        self,
        visit: Visit,
        form: CardForm,
        faults: dict[str, CardFault],
        issuers: Sequence[Issuer],
        made: tuple[TestCard, ...],
    ) -> PageReply:
        vendors = tuple((str(issuer.id), issuer.name) for issuer in issuers)
        view = CardGeneratorPage(form, faults, vendors, made)
        return PageReply(422 if faults else 200, draw(self.pages, view, visit.language()))

    async def _issuers(self) -> tuple[Issuer, ...]:
        """The issuers of test cards; a live one's cards are never made here."""
        issuers = await self.registry.issuers()
        return tuple(issuer for issuer in issuers.by_id.values() if not issuer.live)

    async def _first_cards(self) -> AsyncIterator[TestCard]:
        for number, cvc in self.welcome.cards:
            card = await card_queries.card(self.tools.store, self.tools.vault.card_id(number))
            if card is not None:
                yield _test_card(cards.IssuedCard(card, number, cvc), ZONE)

    async def _zone(self, client: Client | None) -> str:
        merchant = await self.registry.merchant(client.merchant_id) if client else None
        return merchant.zone if merchant else ZONE

    def _usual_last_day(self) -> str:
        return (today(self.tools.now(), ZONE) + timedelta(days=USUAL_LIFE_DAYS)).isoformat()


def _pasted(welcome: Welcome) -> str:
    """A payment to paste, where there are two cards to pay it with."""
    if len(welcome.cards) < 2:
        return ""
    (first, _), (second, _) = welcome.cards[:2]
    return commands(welcome.url, welcome.client_id, welcome.client_secret, (first, second))


def _form(visit: Visit) -> CardForm:
    typed = {name: text[:_LONGEST_FIELD] for name, text in visit.form.items()}
    return CardForm(
        typed.get("client_id", "").strip(),
        typed.get("amount", ""),
        typed.get("count", "1"),
        typed.get("vendor", ""),
        typed.get("last_day", ""),
        typed.get("behaviour", Behaviour.NORMAL.value),
    )


def _usual_vendor(client: Client | None, issuers: Sequence[Issuer]) -> str:
    """The first vendor whose cards the client accepts, else the first of all."""
    accepted = (issuer for issuer in issuers if client is not None and client.accepts(issuer.id))
    return str(next(accepted, issuers[0]).id) if issuers else ""


def _test_card(issued: cards.IssuedCard, zone: str) -> TestCard:
    card = issued.card
    return TestCard(issued.number, issued.cvc, Money(card.balance, card.currency), last_before(card.expires_at, zone))
