"""A payment's life, led once through the product's own commands on a store that writes down every step they take."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, TypeVar

from bench.load.requests import AMOUNT_MINOR
from bench.mirror.marks import ACTED, ENDS, LAST5, ORDER, MarkedClock, MarkedIds, named
from tillway.commands import expiry, giftcards, payments
from tillway.commands.giftcards import CardPart
from tillway.commands.tools import Tools
from tillway.domain.book import KEYS
from tillway.domain.clients import Client, Surface
from tillway.domain.giftcards import CardState, GiftCard
from tillway.domain.ids import IssuerId, PaymentId
from tillway.domain.issuing import LARGEST_BALANCE, full_number
from tillway.domain.opening import Opening
from tillway.domain.orders import Access
from tillway.store.committer import Committer
from tillway.store.statements import Search
from tillway.store.steps import Insert, Load, Program, Step, Update, Write
from tillway.store.vault import KEY_BYTES, Vault
from tillway.surfaces.giftcard_api.notices import announce

CARDS_END = 4_102_444_800_000_000
"""When the cards of a load are good no longer: the year 2100."""

Result = TypeVar("Result")

Recorded = Step | Insert | Update
"""What pgbench does one by one: a write of several kinds is recorded kind by kind."""

_VAULT = Vault(bytes(KEY_BYTES))
_PREFIX = "606105"
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
    """A payment that nothing has happened to yet."""
    return await (await _Stage.opened(client, 0)).life(())


async def paid(client: Client, card_count: int) -> Life:
    """A payment that was performed with so many cards, each giving an equal part."""
    stage = await _Stage.opened(client, card_count)
    part = AMOUNT_MINOR // card_count
    parts = [CardPart(number, "", part) for number in stage.numbers]
    stage.clock.moment = ACTED
    await giftcards.perform(stage.tools, client, _PAYMENT, parts, (_PREFIX,))
    return await stage.life(tuple(stage.recorder.steps))


async def expired(client: Client) -> Life:
    """A payment that nobody performed in time."""
    stage = await _Stage.opened(client, 0)
    stage.clock.moment = ENDS
    await expiry.expire(stage.tools, _PAYMENT)
    return await stage.life(tuple(stage.recorder.steps))


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

    async def fetch(self, statement: Search) -> list[Sequence[Any]]:
        """Searches are no part of a command."""
        raise NotImplementedError

    async def close(self) -> None:
        """Nothing is open."""

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
    async def opened(cls, client: Client, card_count: int) -> "_Stage":
        recorder, clock = _Recorder(), MarkedClock()
        numbers = tuple(full_number(_PREFIX, serial) for serial in range(1, card_count + 1))
        cards = tuple(_card(client, number, last5) for number, last5 in zip(numbers, LAST5, strict=False))
        recorder.rows[GiftCard] = {card.id: card for card in cards}
        tools = Tools(Committer(recorder), recorder, clock, _VAULT, {Surface.GIFT_CARD: announce}, {}, MarkedIds())
        await payments.open_payment(tools, client, Opening(AMOUNT_MINOR, Access.API, "", "", "", "", "{}", ENDS))
        opening = tuple(recorder.steps)
        recorder.steps.clear()
        return cls(recorder, tools, clock, numbers, cards, opening)

    async def life(self, act: tuple[Recorded, ...]) -> Life:
        await self.tools.committer.close()
        rows = {kind: tuple(found.values()) for kind, found in self.recorder.rows.items() if found}
        rows.pop(GiftCard, None)
        return Life(self.opening, act, rows, named(tuple(card.id for card in self.cards)), self.cards)


def _card(client: Client, number: str, last5: str) -> GiftCard:
    """A card that may be used; what its CVC is does not matter, but there must be one."""
    issuer = IssuerId(client.vendors.split(" ")[0])
    identity, active = _VAULT.card_id(number), CardState.ACTIVE
    return GiftCard(identity, issuer, last5, "-", "-", "", client.currency, LARGEST_BALANCE, 0, active, 0, CARDS_END)
