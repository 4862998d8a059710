"""What tests of webhooks of payment orders share: hooks at a receiver, deliveries, and signatures checked by hand."""

import hmac
import json
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from tests.surfaces.order_api.stall import Stall
from tests.workers.telling import Receiver, Told, deliver, receiver
from tillway.commands import hooks
from tillway.connectors.addresses import Reach
from tillway.connectors.outbound import Outbound
from tillway.domain.hooking import HookAsked
from tillway.domain.hooks import HookType
from tillway.domain.notices import Notice
from tillway.queries import events
from tillway.queries import notices as queries
from tillway.workers.deliver import Deliverer

PAYMENTS = HookType.PAYMENT_STATUS_CHANGE
ORDERS = HookType.ORDER_STATUS_CHANGE
CHECKS = HookType.PAYMENT_STATUS_CHECK
NOWHERE = "https://shop.example/hooks"


@dataclass(slots=True)
class Hearing:
    """A stall whose shop listens: `shop` is the receiver, `deliverer` tells it."""

    stall: Stall
    shop: Receiver
    outbound: Outbound
    deliverer: Deliverer

    async def listens(self, kind: HookType, url: str = "", **window: int) -> None:
        """The shop is told, at its own address if no other is given."""
        await add(self.stall, kind, url or self.shop.url, **window)

    async def told(self) -> list[Any]:
        """Have everything told that is due, and read what the receiver has got so far."""
        await deliver(self.deliverer)
        return [json.loads(one.body) for one in self.shop.told]


@asynccontextmanager
async def hearing(stall: Stall, wall_clock: Callable[[], float] = time.time) -> AsyncGenerator[Hearing]:
    """A receiver for the stall's shop, and a deliverer."""
    outbound = Outbound(Reach.SANDBOX)
    try:
        async with receiver() as shop:
            yield Hearing(stall, shop, outbound, Deliverer(stall.tools, outbound, wall_clock=wall_clock))
    finally:
        await outbound.close()


async def add(stall: Stall, kind: HookType, url: str = NOWHERE, **window: int) -> None:
    """A hook of the stall's shop."""
    await hooks.add(stall.tools, stall.shop.client_id, HookAsked(kind, url, **window), sandbox=True)


async def notices_of(stall: Stall) -> list[Notice]:
    """Everything that the stall's shop is told, in order."""
    return await queries.notices(stall.tools.store, queries.Filter(stall.shop.client_id), queries.LARGEST_PAGE)


async def statuses_of(stall: Stall, subject: str) -> list[str]:
    """What the shop is told of a payment or a refund, in the log's order: ids of one moment have none."""
    tools = stall.tools
    soon = tools.now() + 2 * events.SETTLING
    logged = await events.events(tools.store, "", stall.shop.client_id, events.LARGEST_PAGE, soon)
    places = {one.id: one.sequence for one in logged}
    told = sorted(await notices_of(stall), key=lambda one: places[one.event_id])
    data = [json.loads(one.body)["data"] for one in told]
    return [one["status"] for one in data if subject in {one.get("paymentId"), one.get("refundId")}]


def marks_of(told: Told) -> dict[str, str]:
    """The parts of the header `Signature`, by name, in the order in which they came."""
    return dict(part.split("=", 1) for part in told.headers["signature"].split(";"))


def marked(secret: str, stamp: str, body: bytes) -> str:
    """What the document says that a secret makes of a body."""
    return hmac.new(secret.encode(), f"{stamp}.".encode() + body, "sha256").hexdigest()
