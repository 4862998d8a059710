"""A payment's life, led once through the product's own commands on a store that writes down every step they take."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from operator import attrgetter
from typing import Any, Final, TypeVar

from bench.load.order_requests import EMAIL, IBAN, MESSAGE, SHOP, SYMBOL
from bench.load.requests import AMOUNT_MINOR
from bench.load.web_requests import COUNTRY, LANGUAGE, ORIGIN, RETURN_URL
from bench.mirror.marks import (
    ACT,
    ACTED,
    ENDS,
    LAST5,
    NUMBER,
    ORDER,
    RECEIVER,
    REFUNDED,
    REFUNDS,
    VERSION,
    MarkedClock,
    MarkedIds,
    named,
)
from tillway.commands import expiry, giftcards, orders, payments, refunds, tendering
from tillway.commands.giftcards import CardPart
from tillway.commands.tools import Tools
from tillway.connectors.protocol import Journey
from tillway.domain.book import KEYS
from tillway.domain.clients import Client, Surface
from tillway.domain.giftcards import CardState, GiftCard
from tillway.domain.ids import IssuerId, PaymentId
from tillway.domain.issuing import LARGEST_BALANCE, full_number
from tillway.domain.opening import Opening
from tillway.domain.ordering import Instructed, OrderAsked
from tillway.domain.orders import Access, Order
from tillway.domain.payment_orders import WHOLE_PERCENT
from tillway.domain.payments import Attempt, Payment
from tillway.domain.refunding import Giving
from tillway.domain.standing import Standing
from tillway.store.committer import Committer, Recall
from tillway.store.statements import Search
from tillway.store.steps import Insert, Load, Program, Step, Update, Write
from tillway.store.vault import KEY_BYTES, Vault
from tillway.surfaces.giftcard_api.notices import announce as announce_till
from tillway.surfaces.order_api.notices import announce as announce_order
from tillway.surfaces.web_api.notices import announce as announce_web

CARDS_END = 4_102_444_800_000_000
"""When the cards of a load are good no longer: the year 2100."""

REFUNDABLE: Final = 4_000
"""What a web payment is for that is refunded again and again, in minor units."""

NOWHERE: Final = Journey("", "", "", "", "", "")
"""What a payer who pays with gift cards is asked of his browser: nothing."""

Result = TypeVar("Result")

Recorded = Step | Insert | Update
"""What pgbench does one by one: a write of several kinds is recorded kind by kind."""

_VAULT = Vault(bytes(KEY_BYTES))
_PREFIX = "606105"
_RECEIVER_URL = f"http://{RECEIVER}/"
_PAYMENT = PaymentId(ORDER + "001")


@dataclass(frozen=True, slots=True)
class Life:
    """What was read and written to open a payment, and to do something with it; `rows` is all that is left of it.

    Cards stand in the steps but not among the rows: they were there before. `texts` names the marks of this life.
    """

    opening: tuple[Recorded, ...]
    act: tuple[Recorded, ...]
    rows: dict[type[Any], tuple[Any, ...]]
    texts: dict[str, str]
    cards: tuple[GiftCard, ...]


async def waiting(client: Client) -> Life:
    """A till's payment that nothing has happened to yet."""
    return await (await _Stage.opened(client, 0)).life(())


async def paid(client: Client, card_count: int) -> Life:
    """A till's payment that was performed with so many cards, each giving an equal part."""
    stage = await _Stage.opened(client, card_count)
    part = AMOUNT_MINOR // card_count
    parts = [CardPart(number, "", part) for number in stage.numbers]
    stage.clock.moment = ACTED
    await giftcards.perform(stage.tools, client, _PAYMENT, parts, (_PREFIX,))
    return await stage.life(tuple(stage.recorder.steps))


async def expired(client: Client) -> Life:
    """A payment that nobody paid in time; of a web shop's the receiver is told."""
    stage = await _Stage.opened(client, 0)
    stage.clock.moment = ENDS
    await expiry.expire(stage.tools, _PAYMENT)
    return await stage.life(tuple(stage.recorder.steps))


async def initiated(client: Client) -> Life:
    """A web shop's payment that nothing has happened to yet."""
    return await (await _Stage.opened(client, 0)).life(())


async def ordered(client: Client) -> Life:
    """A payment order of this client's, as one of the payment orders API, that nothing has happened to yet."""
    shop = replace(client, surface=Surface.ORDER, ibans=IBAN, return_urls=SHOP)
    recorder, clock = _Recorder(), MarkedClock()
    tools = Tools(Committer(recorder), recorder, clock, _VAULT, {Surface.ORDER: announce_order}, {}, MarkedIds())
    instructed = Instructed(ACT, IBAN, client.name, "", "", "", SYMBOL, "", "", "", MESSAGE, SHOP, "", "")
    limit, fingerprint = 100 * WHOLE_PERCENT, "0" * 32
    asked = OrderAsked(AMOUNT_MINOR, "EUR", instructed, EMAIL, "", "", limit, 0, 0, fingerprint, ENDS)
    await orders.open_order(tools, shop, asked)
    await tools.committer.close()
    rows = {kind: tuple(found.values()) for kind, found in recorder.rows.items() if found}
    return Life(tuple(recorder.steps), (), rows, named(()), ())


async def tendered(client: Client) -> Life:
    """A web shop's payment of REFUNDABLE that a payer paid with one gift card."""
    stage = await _Stage.opened(client, 1, REFUNDABLE)
    await stage.tender(client)
    return await stage.life(tuple(stage.recorder.steps))


async def refunded(client: Client) -> Life:
    """The same, a little of which was given back REFUNDS times before, and now once more."""
    stage = await _Stage.opened(client, 1, REFUNDABLE)
    await stage.tender(client)
    stage.recorder.steps.clear()
    stage.recorder.refund_before()
    stage = replace(stage, cards=tuple(stage.recorder.rows[GiftCard].values()))
    giving = Giving(AMOUNT_MINOR, "", _RECEIVER_URL)
    await refunds.refund(stage.tools, client, _PAYMENT, giving)
    return await stage.life(tuple(stage.recorder.steps))


def tender_once(client: Client, key: str, at: int) -> Recall[Standing]:
    """The key of a form that a payer sends once."""
    return Recall(client.id, key, "paid", at, lambda _: (200, ""))


@dataclass(slots=True)
class _Recorder:
    """A store in dictionaries."""

    rows: dict[type[Any], dict[Any, Any]] = field(default_factory=lambda: {kind: {} for kind in KEYS})
    steps: list[Recorded] = field(default_factory=list[Recorded])

    async def write(self, program: Program[Result]) -> Result:
        """Run a program and keep its steps."""
        try:
            step = next(program)
            while True:
                self.steps += step.changes if isinstance(step, Write) else (step,)
                step = program.send(self._take(step))
        except StopIteration as stop:
            return stop.value

    async def read(self, program: Program[Result]) -> Result:
        """As write."""
        return await self.write(program)

    async def search(self, program: Program[Result], seconds: int) -> Result:
        """Searches are no part of a command."""
        raise NotImplementedError

    async def fetch(self, statement: Search) -> list[Sequence[Any]]:
        """Searches are no part of a command."""
        raise NotImplementedError

    async def close(self) -> None:
        """Nothing is open."""

    def refund_before(self) -> None:
        """Make it look as if the payment had been refunded already."""
        (payment,), (attempt,) = self.rows[Payment].values(), self.rows[Attempt].values()
        payment = replace(payment, refunded=REFUNDED, refund_count=REFUNDS, version=VERSION)
        for row in (payment, replace(attempt, refunded=REFUNDED)):
            self.rows[type(row)][KEYS[type(row)](row)] = row

    def _take(self, step: Step) -> list[Any]:
        match step:
            case Load():
                key_of = attrgetter(*step.columns)
                return [row for row in self.rows[step.kind].values() if key_of(row) in step.keys]
            case Write():
                for change in step.changes:
                    self.rows[change.kind] |= {KEYS[change.kind](row): row for row in change.rows}
                return []
            case _:
                raise NotImplementedError


@dataclass(frozen=True, slots=True)
class _Stage:
    recorder: _Recorder
    tools: Tools
    clock: MarkedClock
    numbers: tuple[str, ...]
    cards: tuple[GiftCard, ...]
    opening: tuple[Recorded, ...]

    @classmethod
    async def opened(cls, client: Client, card_count: int, amount: int = AMOUNT_MINOR) -> "_Stage":
        recorder, clock = _Recorder(), MarkedClock()
        numbers = tuple(full_number(_PREFIX, serial) for serial in range(1, card_count + 1))
        cards = tuple(_card(client, number, last5) for number, last5 in zip(numbers, LAST5, strict=False))
        recorder.rows[GiftCard] = {card.id: card for card in cards}
        announcers = {Surface.GIFT_CARD: announce_till, Surface.WEB: announce_web}
        tools = Tools(Committer(recorder), recorder, clock, _VAULT, announcers, {}, MarkedIds())
        in_a_shop = web_opening(amount, _RECEIVER_URL, ENDS)
        await payments.open_payment(tools, client, in_a_shop if client.surface is Surface.WEB else _AT_A_TILL)
        opening = tuple(recorder.steps)
        recorder.steps.clear()
        return cls(recorder, tools, clock, numbers, cards, opening)

    async def tender(self, client: Client) -> None:
        """Have the payer pay with all cards."""
        self.clock.moment = ACTED
        (order,), (payment,) = (self.recorder.rows[kind].values() for kind in (Order, Payment))
        parts = [CardPart(number, "", 0) for number in self.numbers]
        standing = Standing(order, payment, ())
        once = tender_once(client, ACT, ACTED)
        await tendering.tender(self.tools, client, standing, parts, None, (_PREFIX,), NOWHERE, once)

    async def life(self, act: tuple[Recorded, ...]) -> Life:
        await self.tools.committer.close()
        rows = {kind: tuple(found.values()) for kind, found in self.recorder.rows.items() if found}
        rows.pop(GiftCard, None)
        return Life(self.opening, act, rows, named(tuple(card.id for card in self.cards)), self.cards)


def web_opening(amount: int, webhook_url: str, expires_at: int) -> Opening:
    """What a web shop asks for when it initiates a payment in the widget."""
    return Opening(
        amount,
        Access.WIDGET,
        "",
        RETURN_URL,
        webhook_url,
        LANGUAGE,
        "{}",
        expires_at,
        NUMBER,
        ORIGIN,
        COUNTRY,
        most_declines=5,
    )


_AT_A_TILL = Opening(AMOUNT_MINOR, Access.API, "", "", "", "", "{}", ENDS)


def _card(client: Client, number: str, last5: str) -> GiftCard:
    """A card that may be used; what its CVC is does not matter, but there must be one."""
    issuer = IssuerId(client.vendors.split(" ")[0])
    identity, active = _VAULT.card_id(number), CardState.ACTIVE
    return GiftCard(identity, issuer, last5, "-", "-", "", client.currency, LARGEST_BALANCE, 0, active, 0, CARDS_END)
