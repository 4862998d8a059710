"""A stand for the demo shop: the shop itself, served, and the other end of its wire in place of a gateway."""

import io
import json
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import aiohttp
from standardwebhooks import Webhook

from tests import gateway
from tests.gateway import VirtualClock
from tests.pages.serving import served
from tillway.commands.login_keys import LoginKey, make_login_key
from tillway.surfaces.common.api import Telemetry
from tillway.surfaces.common.limits import Addresses
from tillway.surfaces.common.logs import AccessLog
from tillway.surfaces.common.metrics import RequestMetrics
from tillway.surfaces.sandbox.shop.integrator import Keys
from tillway.surfaces.sandbox.shop.site import shop_app
from tillway.surfaces.sandbox.shop.visiting import Around

GATEWAY = "http://gateway.example"
SIGNING_SECRET = "whsec_QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo="
LOGIN_KEY: LoginKey = make_login_key()
KEYS = Keys("QrCDN6CcXkGOnRiNcZMrpw==", LOGIN_KEY.public, "dGVuYW50IGtleSBvZiAxNg==", SIGNING_SECRET)
REFUSAL = {"errors": [{"code": 1201, "message": "is not refundable in this state", "propertyName": "", "trace": "t"}]}


@dataclass(frozen=True, slots=True)
class Asked:
    """One request that the shop sent; `body` is None if there was none."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: Any


@dataclass(slots=True)
class Wire:
    """The other end: answers by what the path ends with, and keeps what was asked."""

    answers: dict[str, tuple[int, Any] | None] = field(default_factory=dict[str, Any])
    asked: list[Asked] = field(default_factory=list[Asked])
    initiated: int = 0

    async def exchange(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, bytes] | None:
        """One request."""
        assert url.startswith(GATEWAY)
        path = url.removeprefix(GATEWAY)
        self.asked.append(Asked(method, path, headers, json.loads(body) if body else None))
        answer = next((said for ending, said in self.answers.items() if path.endswith(ending)), self._usual(path))
        return None if answer is None else (answer[0], _text(answer[1]))

    def _usual(self, path: str) -> tuple[int, Any]:
        if path.endswith(("/login", "/renew")):
            return 200, {"authToken": f"token-{len(self.asked)}", "refreshToken": f"refresh-{len(self.asked)}"}
        if path.endswith(("/web", "/weblink")):
            self.initiated += 1
            reference = f"019a9f1e-7c1a-7b52-8f6e-2f1d3c4b5{self.initiated:03d}"
            link = f"{GATEWAY}/pay/{reference}.6a.b0b1"
            return 200, {"paymentReference": reference, "sessionToken": "session.1", "paymentLinkUrl": link}
        if path.endswith(("/refund", "/refunds")):
            return 202, {"refundReference": "refund-1"}
        return 200, {"status": {"value": "open", "tentative": True}}


@dataclass(slots=True)
class Stand:
    """What a test works with; `url` is where the shop is served."""

    wire: Wire
    clock: VirtualClock
    url: str = ""

    async def buy(self, way: str = "widget", **fields: str) -> str:
        """A basket with one notebook, bought: the reference of the payment."""
        status, location, _ = await self.post("/sales", notebook="1", way=way, country="NL", **fields)
        assert status == 303
        return location.removeprefix("/sales/")

    async def post(self, path: str, **fields: str) -> tuple[int, str, str]:
        """A form as the shop's own page sends it: the status, where it leads, and the page."""
        async with (
            aiohttp.ClientSession() as session,
            session.post(
                self.url + path, data=fields, headers={"sec-fetch-site": "same-origin"}, allow_redirects=False
            ) as answer,
        ):
            return answer.status, answer.headers.get("location", ""), await answer.text()

    async def get(self, path: str) -> tuple[int, str]:
        """A page."""
        async with aiohttp.ClientSession() as session, session.get(self.url + path) as answer:
            return answer.status, await answer.text()

    async def told(self, body: bytes, headers: Mapping[str, str] | None = None) -> int:
        """The status of the answer to a postback; without `headers` it is signed as the gateway does."""
        sent = signed(body) if headers is None else headers
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{self.url}/postbacks", data=body, headers=sent) as answer,
        ):
            return answer.status


def signed(body: bytes, secret: str = SIGNING_SECRET, age_seconds: float = 0) -> dict[str, str]:
    """The headers that a gateway sends with a body."""
    at = datetime.fromtimestamp(time.time() - age_seconds, UTC)
    mark = Webhook(secret).sign("msg_1", at, body.decode())
    return {"webhook-id": "msg_1", "webhook-timestamp": str(int(at.timestamp())), "webhook-signature": mark}


@asynccontextmanager
async def standing() -> AsyncGenerator[Stand]:
    """The shop, served."""
    wire, clock = Wire(), gateway.VirtualClock()
    telemetry = Telemetry(AccessLog(io.BytesIO()), RequestMetrics())
    around = Around(GATEWAY, "http://acquirer.example", GATEWAY, "http://shop.internal")
    app = shop_app(KEYS, around, wire.exchange, clock.now, telemetry, Addresses())
    async with served(app) as url:
        yield Stand(wire, clock, url)


def _text(answer: Any) -> bytes:
    return answer if isinstance(answer, bytes) else json.dumps(answer).encode()
