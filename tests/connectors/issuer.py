"""A pretend issuer: a real HTTP server that speaks our protocol, keeps what it did, and fails when told to."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import Enum

from aiohttp import web
from standardwebhooks import Webhook, WebhookVerificationError

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

SECRET = "whsec_" + "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
EMPTY_CARD = "6061009900000000001"
"""The issuer declines this card."""


class Fault(Enum):
    """What may go wrong between the issuer's decision and our side."""

    HANGS = "hangs"
    CLOSES = "closes"
    ANSWERS_500 = "answers 500"
    TALKS_RUBBISH = "talks rubbish"
    TALKS_OF_ANOTHER = "talks of another"
    REDIRECTS = "redirects"
    SAYS_A_NEW_WORD = "says a new word"


@dataclass
class Authorisation:
    state: str
    amount: int
    refunds: dict[str, str] = field(default_factory=dict[str, str])


@dataclass
class PretendIssuer:
    """`fault` strikes after the issuer has done what was asked; `deaf` swallows requests before that."""

    url: str = ""
    fault: Fault | None = None
    deaf: bool = False
    authorisations: dict[str, Authorisation] = field(default_factory=dict[str, Authorisation])
    requests: list[str] = field(default_factory=list[str])
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    unsigned: int = 0
    ending: asyncio.Event = field(default_factory=asyncio.Event)

    def taken(self) -> int:
        """How many authorisations stand."""
        return sum(one.state == "approved" for one in self.authorisations.values())

    async def begin(self, request: web.Request) -> web.StreamResponse:
        asked = await request.json()
        identity = asked["id"]
        if not self.deaf and identity not in self.authorisations:
            state = "declined" if asked["card"] == EMPTY_CARD else "approved"
            self.authorisations[identity] = Authorisation(state, asked["amount"])
        return await self._answer(request, identity)

    async def look_up(self, request: web.Request) -> web.StreamResponse:
        identity = request.match_info["id"]
        if identity not in self.authorisations:
            return web.json_response({"error": "unknown"}, status=404)
        return await self._answer(request, identity)

    async def reverse(self, request: web.Request) -> web.StreamResponse:
        identity = request.match_info["id"]
        if not self.deaf:
            self.authorisations[identity] = Authorisation("reversed", 0)
        return await self._answer(request, identity)

    async def refund(self, request: web.Request) -> web.StreamResponse:
        asked = await request.json()
        authorisation = self.authorisations[request.match_info["id"]]
        if asked["id"] not in authorisation.refunds:
            possible = authorisation.state == "approved" and asked["amount"] <= authorisation.amount
            authorisation.refunds[asked["id"]] = "approved" if possible else "declined"
            authorisation.amount -= asked["amount"] if possible else 0
        return await self._answer(request, asked["id"], authorisation.refunds[asked["id"]])

    async def _answer(self, request: web.Request, identity: str, state: str | None = None) -> web.StreamResponse:
        match self.fault:
            case Fault.HANGS:
                await self.ending.wait()
                return web.Response()
            case Fault.CLOSES:
                assert request.transport is not None
                request.transport.close()
                return web.Response()
            case Fault.ANSWERS_500:
                return web.json_response({"id": identity, "state": "approved"}, status=500)
            case Fault.TALKS_RUBBISH:
                return web.Response(body=b'\xff{"id":', content_type="application/json")
            case Fault.TALKS_OF_ANOTHER:
                return web.json_response({"id": "another", "state": "approved"})
            case Fault.REDIRECTS:
                return web.Response(status=307, headers={"Location": self.url + "/elsewhere"})
            case Fault.SAYS_A_NEW_WORD:
                return web.json_response({"id": identity, "state": "perhaps"})
            case None:
                told = state or self.authorisations[identity].state
                return web.json_response({"id": identity, "state": told})

    @web.middleware
    async def check_signature(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        self.requests.append(f"{request.method} {request.path}")
        self.asked.set()
        body = await request.read()
        try:
            Webhook(SECRET).verify(body, dict(request.headers), json_parse=False)
        except WebhookVerificationError:
            self.unsigned += 1
            return web.json_response({"error": "signature"}, status=401)
        return await handler(request)


@asynccontextmanager
async def pretend_issuer() -> AsyncGenerator[PretendIssuer]:
    """A pretend issuer that listens on 127.0.0.1."""
    issuer = PretendIssuer()
    app = web.Application(middlewares=[issuer.check_signature])
    app.add_routes(
        [
            web.post("/authorisations", issuer.begin),
            web.get("/authorisations/{id}", issuer.look_up),
            web.post("/authorisations/{id}/reversal", issuer.reverse),
            web.post("/authorisations/{id}/refunds", issuer.refund),
        ]
    )
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    issuer.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield issuer
    finally:
        issuer.ending.set()
        await runner.cleanup()
