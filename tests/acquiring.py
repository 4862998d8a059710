"""A shop whose payers pay at the pretend acquirer: a gateway's tools, and the acquirer as a server of its own."""

import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from io import BytesIO

from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from tests import gateway
from tests.connectors.faults import Faulty
from tests.gateway import clock_of
from tests.pages.serving import served
from tillway.commands import pretending
from tillway.commands.outcomes import hear
from tillway.commands.tendering import tender
from tillway.commands.tools import Tools
from tillway.connectors.acquirer import Acquirer, AcquirerConnector
from tillway.connectors.addresses import Reach
from tillway.connectors.outbound import Outbound
from tillway.connectors.protocol import CallbackRefused, Connector, Journey
from tillway.domain.clients import Client
from tillway.domain.ids import PaymentId
from tillway.domain.orders import Access
from tillway.domain.payments import Attempt
from tillway.domain.pretended import Pretended
from tillway.domain.published import BY_CODE
from tillway.domain.replays import Replay
from tillway.domain.spending import Rest
from tillway.domain.standing import Standing
from tillway.queries import payments
from tillway.store.committer import Recall
from tillway.surfaces.common.api import Telemetry
from tillway.surfaces.common.limits import Addresses
from tillway.surfaces.common.logs import AccessLog
from tillway.surfaces.common.metrics import RequestMetrics
from tillway.surfaces.sandbox.acquirer.protocol import PREFIX
from tillway.surfaces.sandbox.acquirer.site import acquirer_app
from tillway.workers.expire import Expirer
from tillway.workers.pretend import PretendCaller
from tillway.workers.resolve import Resolver

NAME = "acquirer"
SECRET = "whsec_" + "YW5vdGhlciBzZWNyZXQgb2YgMzIgYnl0ZXMgZXhhY3Q="
RETURN_URL = "https://gateway.example/pay/token/return"
JOURNEY = Journey(RETURN_URL, "https://gateway.example/pay/token", "en", "NO", "payer@mail.example", "Order 7")
LIMIT_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Came:
    """A callback that arrived."""

    headers: dict[str, str]
    body: bytes
    believed: bool


@dataclass
class Hears:
    """The gateway's end of callbacks; what came is kept. While `deaf` it takes nothing in."""

    tools: Tools | None = None
    deaf: bool = False
    came: list[Came] = field(default_factory=list[Came])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = b""
        more = True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        headers = {name.decode(): text.decode() for name, text in scope["headers"]}
        status = 503 if self.deaf else await self._hear(headers, body)
        await PlainTextResponse("", status)(scope, receive, send)

    async def _hear(self, headers: dict[str, str], body: bytes) -> int:
        assert self.tools is not None
        try:
            for callback in self.tools.connectors[NAME].read_callback(headers, body, time.time_ns() // 1000):
                await hear(self.tools, NAME, callback)
        except CallbackRefused:
            self.came.append(Came(headers, body, believed=False))
            return 400
        self.came.append(Came(headers, body, believed=True))
        return 200


@dataclass
class FarShop:
    """A client whose gateway has the acquirer as a connector; `acquirer` is where its pages are,
    and `wire` what lies between."""

    tools: Tools
    client: Client
    acquirer: str
    wire: Faulty
    hears: Hears
    caller: PretendCaller
    journey: Journey = JOURNEY
    calls: int = 0

    async def open(self, amount: int = 250_00, *, lasts_seconds: int = 86_400, most_declines: int = 0) -> Standing:
        """A payment that waits for its payer on our page."""
        expires_at = self.tools.now() + lasts_seconds * 1_000_000
        asked = gateway.opening(amount, access=Access.WEB, return_url="https://shop.example/", expires_at=expires_at)
        return await gateway.payment(self.tools, self.client, amount, replace(asked, most_declines=most_declines))

    async def begin(self, standing: Standing, method: str = "card", tools: Tools | None = None) -> Standing:
        """The payer chooses a method and leaves for the acquirer."""
        self.calls += 1
        recall = Recall(self.client.id, f"press {self.calls}", "same", self.tools.now(), _final)
        begun = await tender(
            tools or self.tools, self.client, standing, (), Rest(method, NAME), gateway.PREFIXES, self.journey, recall
        )
        assert not isinstance(begun, Replay)
        return begun

    async def at_the_acquirer(self, code: str, standing: Standing | None = None) -> Standing:
        """A payment whose payer has typed the published number of a behaviour, and not come back yet."""
        begun = await self.begin(standing or await self.open())
        await pretending.enter_card(self.tools, begun.attempts[-1].operation_id, BY_CODE[code])
        return begun

    async def paid(self, code: str = "paid") -> Standing:
        """A payment that is complete, with the published number of a behaviour."""
        begun = await self.at_the_acquirer(code)
        await self.tell()
        return await self.standing(begun.payment.id)

    async def tell(self, seconds: float = 0) -> None:
        """Let time pass, and have the acquirer call until it has nothing more to say now."""
        clock_of(self.tools).advance(seconds)
        while await self.caller.turn():
            pass

    async def resolve(self, seconds: float = 11, tools: Tools | None = None) -> None:
        """Let time pass, and have the gateway end and ask what is due then, until nothing more is."""
        clock_of(self.tools).advance(seconds)
        used = tools or self.tools
        await Expirer(used).turn()
        while await Resolver(used).turn():
            pass

    async def standing(self, payment_id: PaymentId) -> Standing:
        """How a payment stands by now."""
        return await payments.standing_of(self.tools.store, self.client, payment_id)

    async def attempt(self, payment_id: PaymentId) -> Attempt:
        """Its last attempt."""
        return (await self.standing(payment_id)).attempts[-1]

    async def known_there(self, operation_id: str) -> Pretended:
        """What the acquirer knows of an operation."""
        known = await pretending.look_up(self.tools, operation_id)
        assert known is not None
        return known


def _final(standing: Standing) -> tuple[int, str] | None:
    return None if standing.awaits_issuer() else (200, "{}")


@asynccontextmanager
async def acquirer_beside(tools: Tools) -> AsyncGenerator[tuple[str, Faulty]]:
    """The address of a pretend acquirer whose books are in the database of the tools, and what may garble its words."""
    wire = Faulty(PlainTextResponse("not yet", 503))
    async with served(wire) as url:
        telemetry = Telemetry(AccessLog(BytesIO()), RequestMetrics())
        wire.app = acquirer_app(tools, url, SECRET, telemetry, Addresses())
        try:
            yield url, wire
        finally:
            wire.ending.set()


@asynccontextmanager
async def far_shop(tools: Tools) -> AsyncGenerator[FarShop]:
    """A shop, its gateway's tools with the connector `acquirer`, and that acquirer listening."""
    outbound = Outbound(Reach.SANDBOX)
    hears = Hears()
    async with acquirer_beside(tools) as (url, wire), served(hears) as callback_url:
        acquirer = Acquirer(url + PREFIX, SECRET, url, f"{callback_url}/callbacks/{NAME}", LIMIT_SECONDS)
        connector: Connector = AcquirerConnector(acquirer, outbound, time.time)
        far = replace(
            tools,
            connectors={**tools.connectors, NAME: connector},
            methods=dict.fromkeys(pretending.PRETENDED_METHODS, NAME),
        )
        hears.tools = far
        caller = PretendCaller(far, outbound, SECRET, time.time)
        yield FarShop(far, await gateway.client(far), url, wire, hears, caller)
    await outbound.close()
