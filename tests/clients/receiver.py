"""A receiver of webhooks: someone else's HTTP server, which checks signatures by the library that they would use."""

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from aiohttp import web
from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError

WAIT_SECONDS = 20
POLL_SECONDS = 0.02
OK = 204


@dataclass(frozen=True, slots=True)
class Delivery:
    """One time we were told; `text` is the body as it came, `status` what we answered."""

    id: str
    text: str
    headers: dict[str, str]
    status: int

    @property
    def body(self) -> dict[str, Any]:
        """The body as parsed, with every number that has a point exact."""
        return json.loads(self.text, parse_float=Decimal)


@dataclass(slots=True)
class Receiver:
    """Listens at `url` and answers each delivery with what `answers` says, after as many seconds as `delays` says.

    With a `secret` it checks each signature as it comes, since a signature is only good for some minutes.
    """

    answers: Callable[[], int] = lambda: OK
    delays: Callable[[], float] = lambda: 0.0
    url: str = ""
    secret: str = ""
    deliveries: list[Delivery] = field(default_factory=list[Delivery])
    badly_signed: list[Delivery] = field(default_factory=list[Delivery])
    under_way: int = 0

    def of(self, payment_id: str) -> list[Delivery]:
        """What we were told of a payment, first to last."""
        names = ("paymentId", "paymentReference")
        return [one for one in self.deliveries if payment_id in {one.body.get(name) for name in names}]

    async def told(self, payment_id: str, times: int = 1) -> list[Delivery]:
        """Wait until we were told of a payment so many times."""
        deadline = time.monotonic() + WAIT_SECONDS
        while len(found := self.of(payment_id)) < times:
            assert time.monotonic() < deadline, f"told {len(found)} times of {payment_id}"
            await asyncio.sleep(POLL_SECONDS)
        return found

    async def take(self, request: web.Request) -> web.Response:
        """One delivery."""
        self.under_way += 1
        try:
            text = await request.text()
            status = self.answers()
            await asyncio.sleep(self.delays())
            headers = {name.lower(): value for name, value in request.headers.items()}
            delivery = Delivery(headers["webhook-id"], text, headers, status)
            self.deliveries.append(delivery)
            if self.secret and not is_signed(delivery, self.secret):
                self.badly_signed.append(delivery)
            return web.Response(status=status)
        finally:
            self.under_way -= 1


def is_signed(delivery: Delivery, secret: str) -> bool:
    """Whether a delivery was signed with the secret, by the Standard Webhooks library and at about this time."""
    try:
        Webhook(secret).verify(delivery.text, delivery.headers)
    except WebhookVerificationError:
        return False
    return True


@asynccontextmanager
async def receiving(receiver: Receiver) -> AsyncGenerator[Receiver]:
    """The receiver, listening on a free port."""
    application = web.Application()
    application.router.add_post("/hooks", receiver.take)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    receiver.url = f"http://{host}:{port}/hooks"
    try:
        yield receiver
    finally:
        await runner.cleanup()
