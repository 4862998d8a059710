"""A pretend Stripe: a real HTTP server that speaks in Stripe's documented shapes, keeps idempotency keys, and fails.

What it says is written in `says/`, by us, after docs.stripe.com/api at version 2026-10-28.endive.
"""

import asyncio
import copy
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from enum import Enum
from itertools import count
from pathlib import Path
from typing import Any, cast

import stripe
from aiohttp import web

from tests.connectors.issuer import Fault
from tillway.connectors.protocol import Journey, Operation

SAYS = Path(__file__).parent / "says"
API_KEY = "sk_test_51Ex4mple"
WEBHOOK_SECRET = "whsec_Ex4mple"

Told = dict[str, Any]

PAGE = "https://pay.example/pay/token"
BEGUN = Operation("p-1", "", 25_00, "EUR", "card", journey=Journey(f"{PAGE}/return", PAGE, "nl", "BE"))
ASKED = replace(BEGUN, journey=None)
"""The same operation, asked about later."""


def said(name: str, **members: Any) -> Told:
    """One of Stripe's objects, with some of its members as they are here."""
    return cast("Told", json.loads((SAYS / f"{name}.json").read_text())) | members


ERRORS: dict[str, Told] = said("errors")


def known(reference: str) -> Operation:
    """The operation, asked about once its reference is known."""
    return replace(ASKED, reference=reference)


def refund_of(reference: str, number: int = 1, amount: int = 10_00) -> Operation:
    """A part of what an intent took, given back."""
    return Operation(f"p-1-r{number}", "", amount, "EUR", "card", reference)


class Oddity(Enum):
    """What may go wrong, beyond `Fault`, with an answer that the SDK takes for granted."""

    SAYS_A_LIST = "says a list"
    SAYS_ANOTHER_ERROR = "says another error"
    LEAVES_OUT = "leaves out what matters"


FAULTS: "tuple[Fault | Oddity, ...]" = (*Fault, *Oddity)


@dataclass
class PretendStripe:
    """`fault` strikes after Stripe has acted; `refusal`, the name of an error, before it; `search` is there or not."""

    url: str = ""
    fault: Fault | Oddity | None = None
    refusal: str = ""
    searches: bool = True
    intents: dict[str, Told] = field(default_factory=dict[str, Told])
    refunds: dict[str, Told] = field(default_factory=dict[str, Told])
    refund_status: str = "succeeded"
    offered: tuple[str, ...] = ("card", "bancontact", "ideal")
    requests: list[str] = field(default_factory=list[str])
    kept: dict[str, tuple[Told, int, Told]] = field(default_factory=dict[str, tuple[Told, int, Told]])
    ending: asyncio.Event = field(default_factory=asyncio.Event)
    numbers: "count[int]" = field(default_factory=count)

    def pay(self, reference: str, status: str = "succeeded", **charge: Any) -> None:
        """What Stripe knows once the payer has used the form."""
        intent = self.intents[reference]
        intent["status"] = status
        if status == "succeeded":
            amount = intent["amount"]
            more = {"amount": amount, "metadata": intent["metadata"], "payment_intent": reference}
            intent |= {"amount_received": amount, "latest_charge": said("charge", **more, **charge)}

    def fail(self, reference: str, **error: str) -> None:
        """The payer's card was declined; the payer may try again."""
        self.intents[reference] |= {"status": "requires_payment_method", "last_payment_error": error}

    def forget_keys(self) -> None:
        """A day goes by."""
        self.kept.clear()

    def open_intents(self) -> list[str]:
        """Those that can still be paid."""
        return [key for key, intent in self.intents.items() if intent["status"].startswith("requires")]

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """One exchange."""
        self.requests.append(f"{request.method} {request.path}")
        asked = _tree(dict(request.query) | cast("dict[str, str]", dict(await request.post())))
        if request.headers.get("Authorization") != f"Bearer {API_KEY}":
            return _json(*_error("wrong_api_key"))
        if self.refusal:
            return _json(*_error(self.refusal))
        status, told, replayed = self._once(request, asked)
        headers = {"Idempotent-Replayed": "true"} if replayed else {}
        return await self._sent(request, status, told, headers)

    def _once(self, request: web.Request, asked: Told) -> tuple[int, Told, bool]:
        key = f"{request.path} {request.headers.get('Idempotency-Key', '')}"
        if request.method != "POST":
            return *self._act(request, asked), False
        if key in self.kept:
            known, status, told = self.kept[key]
            return (status, copy.deepcopy(told), True) if known == asked else (*_error("key_of_another"), False)
        status, told = self._act(request, asked)
        self.kept[key] = (asked, status, copy.deepcopy(told))
        return status, told, False

    def _act(self, request: web.Request, asked: Told) -> tuple[int, Told]:
        match request.path.split("/")[2:]:
            case ["payment_intents"]:
                return 200, self._create(asked)
            case ["payment_intents", "search"]:
                return self._search(asked["query"])
            case ["payment_intents", reference] if reference in self.intents:
                return 200, self._shown(self.intents[reference], asked)
            case ["payment_intents", reference, "cancel"] if reference in self.intents:
                return self._cancel(self.intents[reference])
            case ["refunds"] if request.method == "POST":
                return self._refund(asked)
            case ["refunds"]:
                return 200, self._list(asked)
            case _:
                return _error("resource_missing")

    def _create(self, asked: Told) -> Told:
        reference = f"pi_{next(self.numbers)}"
        wanted = [asked[name] for name in asked if name.startswith("allowed_payment_method_types")]
        self.intents[reference] = said(
            "payment_intent",
            id=reference,
            amount=int(asked["amount"]),
            currency=asked["currency"],
            metadata=asked["metadata"],
            client_secret=f"{reference}_secret_Ex4mple",
            payment_method_types=[method for method in wanted if method in self.offered],
        )
        return self.intents[reference]

    def _shown(self, intent: Told, asked: Told) -> Told:
        """With the charge only if it was asked for."""
        charge = intent["latest_charge"]
        if charge is None or any(name.startswith("expand") for name in asked):
            return intent
        return intent | {"latest_charge": charge["id"]}

    def _search(self, query: str) -> tuple[int, Told]:
        if not self.searches:
            return _error("parameter_invalid")
        found = [one for one in self.intents.values() if f"'{one['metadata']['operation']}'" in query]
        page = {"object": "search_result", "url": "/v1/payment_intents/search", "has_more": False, "next_page": None}
        return 200, {**page, "data": [self._shown(one, {}) for one in found]}

    def _cancel(self, intent: Told) -> tuple[int, Told]:
        if not intent["status"].startswith("requires"):
            return _error("unexpected_state")
        intent["status"] = "canceled"
        return 200, intent

    def _refund(self, asked: Told) -> tuple[int, Told]:
        intent = self.intents[asked["payment_intent"]]
        back = sum(one["amount"] for one in self._of(intent["id"]) if one["status"] not in {"failed", "canceled"})
        if back + int(asked["amount"]) > intent["amount_received"]:
            return _error("already_refunded")
        reference = f"re_{next(self.numbers)}"
        about = {"amount": int(asked["amount"]), "metadata": asked["metadata"], "payment_intent": intent["id"]}
        self.refunds[reference] = said("refund", id=reference, status=self.refund_status, **about)
        return 200, self.refunds[reference]

    def _list(self, asked: Told) -> Told:
        """Newest first, and never more than two on a page, so that pages are turned."""
        made = list(reversed(self._of(asked["payment_intent"])))
        places = [one["id"] for one in made]
        start = places.index(asked["starting_after"]) + 1 if "starting_after" in asked else 0
        page = made[start : start + 2]
        return {"object": "list", "url": "/v1/refunds", "has_more": start + 2 < len(made), "data": page}

    def _of(self, reference: str) -> list[Told]:
        return [one for one in self.refunds.values() if one["payment_intent"] == reference]

    async def _sent(self, request: web.Request, status: int, told: Told, headers: dict[str, str]) -> web.StreamResponse:
        match self.fault:
            case Fault.HANGS:
                await self.ending.wait()
                return web.Response()
            case Fault.CLOSES:
                assert request.transport is not None
                request.transport.close()
                return web.Response()
            case Fault.ANSWERS_500:
                return _json(500, told)
            case Fault.TALKS_RUBBISH:
                return web.Response(body=b'\xff{"id":', content_type="application/json")
            case Fault.TALKS_OF_ANOTHER:
                return _json(status, told | {"id": "another", "metadata": {"operation": "another"}})
            case Fault.SAYS_A_NEW_WORD:
                return _json(status, told | {"status": "perhaps"})
            case Fault.REDIRECTS:
                return web.Response(status=307, headers={"Location": f"{self.url}/elsewhere"})
            case Oddity.SAYS_A_LIST:
                return web.json_response([told])
            case Oddity.SAYS_ANOTHER_ERROR:
                return web.json_response({"error": 5}, status=400)
            case Oddity.LEAVES_OUT:
                return web.json_response({"id": told.get("id", ""), "object": told.get("object", "")})
            case None:
                return _json(status, told, headers)


@asynccontextmanager
async def pretend_stripe() -> AsyncGenerator[PretendStripe]:
    """A pretend Stripe that listens on 127.0.0.1."""
    pretended = PretendStripe()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", pretended.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    pretended.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield pretended
    finally:
        pretended.ending.set()
        await runner.cleanup()


def event(kind: str, told: Told) -> bytes:
    """The body of an event."""
    return json.dumps(said("event", type=kind, data={"object": told})).encode()


def signed(body: bytes, at: int, secret: str = WEBHOOK_SECRET) -> dict[str, str]:
    """The headers of an event that Stripe signs at `at` (microseconds UTC)."""
    header = stripe.WebhookSignature.generate_signature_header(body.decode(), secret, at // 1_000_000)
    return {"stripe-signature": header}


def _error(name: str) -> tuple[int, Told]:
    return ERRORS[name]["status"], {"error": ERRORS[name]["error"]}


def _json(status: int, told: Told, headers: dict[str, str] | None = None) -> web.Response:
    return web.json_response(told, status=status, headers=headers)


def _tree(flat: dict[str, str]) -> Told:
    """`metadata[operation]=…` as Stripe reads it; lists stay flat."""
    tree: Told = {name: text for name, text in flat.items() if not name.startswith("metadata[")}
    metadata = {name[9:-1]: text for name, text in flat.items() if name.startswith("metadata[")}
    return tree | ({"metadata": metadata} if metadata else {})
