"""What tests of far sides share: a connector whose calls may be held or lost, and what payers do on our page."""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any, TypeVar

from tests import gateway
from tests.far_side import FarBooks, Wish
from tests.gateway import clock_of
from tillway.commands import outcomes, payments, records, refunds, tendering
from tillway.commands.giftcards import CardPart
from tillway.commands.tools import Tools
from tillway.connectors.protocol import Callback, CallbackRefused, Journey, Operation
from tillway.domain.clients import Client, Surface
from tillway.domain.events import LoggedEvent
from tillway.domain.ids import PaymentId
from tillway.domain.notices import Notice
from tillway.domain.opening import Opening
from tillway.domain.orders import Access
from tillway.domain.outcomes import Outcome
from tillway.domain.payments import Attempt
from tillway.domain.refunding import Giving, Returned
from tillway.domain.replays import Replay
from tillway.domain.schedules import DAY
from tillway.domain.spending import Rest
from tillway.domain.standing import Standing
from tillway.queries import ledger
from tillway.queries import notices as notice_queries
from tillway.queries import payments as queries
from tillway.store.steps import Load, Program
from tillway.workers.resolve import Resolver

Kind = TypeVar("Kind", Notice, LoggedEvent)

JOURNEY = Journey("https://gateway.example/pay/token/return", "https://gateway.example/pay/token")
FAR, ISSUER = "far", "issuer"
POSTBACK_URL = "https://shop.example/postbacks"


class Loses(Enum):
    """What gets lost between us and a far side."""

    NOTHING = "nothing"
    REQUESTS = "requests"
    ANSWERS = "answers"


@dataclass(slots=True)
class Hold:
    """One call that is held: before it has any effect at the far side, or after, before it is answered."""

    is_before: bool
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    over: asyncio.Event = field(default_factory=asyncio.Event)

    async def wait(self) -> None:
        """Until it is over."""
        self.reached.set()
        await self.over.wait()


@dataclass(slots=True)
class FarConnector:
    """Our side of `books`: `wish` becomes of what begins there, `agrees` is said of refunds.

    `hold` holds the next call, `asked` keeps what was asked.
    """

    books: FarBooks
    wish: Wish = Wish.WAITS
    agrees: bool = True
    loses: Loses = Loses.NOTHING
    hold: Hold | None = None
    limit_seconds: float = 60.0
    asked: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])

    async def begin(self, operation: Operation) -> Outcome:
        """As its books."""
        wish = self.wish
        return await self._call("begin", operation, lambda one: self.books.begin(one.id, one.amount, wish))

    async def look_up(self, operation: Operation) -> Outcome:
        """As its books."""
        return await self._call("look up", operation, lambda one: self.books.look_up(one.id))

    async def reverse(self, operation: Operation) -> Outcome:
        """As its books."""
        return await self._call("reverse", operation, lambda one: self.books.reverse(one.id))

    async def refund(self, operation: Operation, refunded_id: str) -> Outcome:
        """As its books."""
        agrees = self.agrees
        return await self._call(
            "refund", operation, lambda one: self.books.refund(one.id, refunded_id, one.amount, agrees=agrees)
        )

    def read_callback(self, headers: Mapping[str, str], body: bytes, now: int) -> tuple[Callback, ...]:
        """Tests hand callbacks over themselves. Raises CallbackRefused."""
        raise CallbackRefused("nobody signs here")

    async def _call(self, verb: str, operation: Operation, act: Callable[[Operation], Outcome]) -> Outcome:
        hold, self.hold = self.hold, None
        loses = self.loses
        if hold is not None and hold.is_before:
            await hold.wait()
        if loses is Loses.REQUESTS:
            raise ConnectionError
        self.asked.append((verb, operation.id))
        outcome = act(operation)
        if hold is not None and not hold.is_before:
            await hold.wait()
        if loses is Loses.ANSWERS:
            raise ConnectionError
        return outcome


@dataclass(frozen=True, slots=True)
class Page:
    """A web client, what it works with, and the two far sides there are."""

    tools: Tools
    client: Client
    far: FarConnector
    issuer: FarConnector

    async def open(
        self, amount: int = 100_00, *, most_declines: int = 0, hours: int = 24, postback_url: str = POSTBACK_URL
    ) -> Standing:
        """A fresh payment in the widget, with a postback."""
        end = self.tools.now() + hours * DAY // 24
        asked = Opening(amount, Access.WIDGET, "", "", postback_url, "", "{}", end, most_declines=most_declines)
        opened = await payments.open_payment(self.tools, self.client, asked)
        assert not isinstance(opened, Replay)
        return opened

    async def tender(
        self, opened: Standing, *parts: CardPart, method: str = "card", key: str = "", tools: Tools | None = None
    ) -> Standing | Replay:
        """Pay what the cards do not at the far side, under a key that is used once if none is given."""
        used = tools or self.tools
        return await tendering.tender(
            used,
            self.client,
            opened,
            parts,
            Rest(method, FAR),
            gateway.PREFIXES,
            JOURNEY,
            gateway.recall(self.client, key or used.stamp().unique),
        )

    async def asked(self, *parts: CardPart, amount: int = 100_00, wish: Wish = Wish.WAITS) -> PaymentId:
        """A fresh payment for which the far side was asked."""
        self.far.wish = wish
        opened = await self.open(amount)
        await self.tender(opened, *parts)
        return opened.payment.id

    async def call_back(self, payment: PaymentId, number: int = 1, *, refund: int = 0) -> None:
        """The far side tells how an operation stands there."""
        identity = f"{payment}-{number}"
        told = self.far.books.told(identity)
        await outcomes.hear(self.tools, FAR, Callback(f"{identity}-r{refund}" if refund else identity, told))

    async def refund(self, payment: PaymentId, amount: int = 0, *, url: str = "") -> Returned:
        """Give money back."""
        returned = await refunds.refund(self.tools, self.client, payment, Giving(amount, webhook_url=url))
        assert not isinstance(returned, Replay)
        return returned

    async def standing(self, payment: PaymentId) -> Standing:
        """How it stands."""
        return await queries.standing(self.tools.store, payment)

    async def states(self, payment: PaymentId) -> list[str]:
        """The words for where the payment and its attempts stand."""
        standing = await self.standing(payment)
        return [standing.payment.state, *(attempt.state for attempt in standing.attempts)]

    async def attempt(self, payment: PaymentId, number: int = 1) -> Attempt:
        """One attempt as it is now."""
        return (await self.standing(payment)).attempts[number - 1]

    async def resolve(self, seconds: float = 0) -> None:
        """Let time pass, and have everything asked that is due then, until nothing more is."""
        clock_of(self.tools).advance(seconds)
        resolver = Resolver(self.tools)
        while await resolver.turn():
            pass

    async def notices(self) -> Sequence[Notice]:
        """All that somebody must be told."""
        return await notice_queries.notices(self.tools.store, notice_queries.Filter())

    async def notices_of(self, payment: PaymentId) -> list[Notice]:
        """What somebody must be told of one payment."""
        return await self.tools.store.read(_all_of(Notice, payment))

    async def events_of(self, payment: PaymentId) -> list[tuple[str, dict[str, Any]]]:
        """What happened to one payment, by kind, with the members of each event."""
        logged = await self.tools.store.read(_all_of(LoggedEvent, payment))
        return [(one.kind, json.loads(str(one.event))) for one in logged]

    async def proves_sound_but_for_what_is_open(self) -> None:
        """Fails unless every rule of the books holds."""
        assert (await ledger.verify(self.tools.store)).violations == ()

    async def proves_sound(self) -> None:
        """Fails unless every rule of the books holds, and the far side has what our books say."""
        await self.proves_sound_but_for_what_is_open()
        owed = await ledger.balances(self.tools.store, f"receivable:{FAR}")
        assert -sum(balance.minor for balance in owed) == sum(self.far.books.has().values())


def _all_of(kind: type[Kind], payment: PaymentId) -> Program[list[Kind]]:
    return (yield Load(kind, ("payment_id",), [payment]))


async def with_far_sides(tools: Tools) -> Page:
    """A page in a gateway whose far side and issuer are the tests' own."""
    far, issuer = FarConnector(FarBooks()), FarConnector(FarBooks(undoes=True), wish=Wish.TAKES)
    asking = asking_these(tools, far, issuer)
    await gateway.issuer(asking)
    owner = await gateway.merchant(asking)
    made = await records.add_client(asking, owner, "widget", "Widget", Surface.WEB, gateway.CURRENCY, ("sandbox",), ())
    return Page(asking, made.client, far, issuer)


def asking_these(tools: Tools, far: FarConnector, issuer: FarConnector) -> Tools:
    """Tools, of this process or another, with these far sides."""
    return replace(tools, connectors={**tools.connectors, FAR: far, ISSUER: issuer}, methods={"card": FAR})


async def until_held(work: asyncio.Task[object], hold: Hold) -> bool:
    """Whether the work is held; if not, it is done."""
    reached = asyncio.create_task(hold.reached.wait())
    await asyncio.wait((work, reached), return_when=asyncio.FIRST_COMPLETED)
    reached.cancel()
    return not work.done()
