"""A small API to test the layer with: an orchard that sells apples, in a dialect unlike any real one of ours."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from io import BytesIO
from typing import Any

from prometheus_client import CollectorRegistry
from pydantic import BaseModel, ConfigDict, Field
from starlette.types import Scope

from tillway.domain.refusals import BalanceTooLow, CardExpired, CredentialsRefused, KeyReused, Overloaded, Refusal
from tillway.surfaces.common.api import Api, Endpoint, Telemetry
from tillway.surfaces.common.call import Call, Reply
from tillway.surfaces.common.dialect import About, Parameter, RefusalEntry
from tillway.surfaces.common.faults import Fault, bad_value
from tillway.surfaces.common.fields import Moment, PositiveNumber
from tillway.surfaces.common.limits import Addresses
from tillway.surfaces.common.logs import AccessLog
from tillway.surfaces.common.metrics import RequestMetrics
from tillway.surfaces.common.reading import BodyRules, Headers

KEY = {"x-gardener": "rosa"}


class Basket(BaseModel):
    """What is put into a basket."""

    model_config = ConfigDict(strict=True, extra="forbid")

    kilograms: int = Field(gt=0, description="How much.", examples=[3])
    price: PositiveNumber = Field(description="For all of it.", examples=[12.5])
    sort: str = Field(default="Gravensteiner", max_length=20, description="Which apples.")
    ripe_at: Moment | None = Field(default=None, alias="ripeAt", description="When they are ripe.")
    notes: dict[str, str] = Field(default_factory=dict[str, str], description="Whatever you like to note.")


class Picked(BaseModel):
    """What was put into the basket."""

    basket: str = Field(description="Which basket.", examples=["b-1"])
    price: float = Field(description="For all of it.", examples=[12.5])


class Seen(BaseModel):
    """What the orchard knows about the basket."""

    basket: str = Field(description="Which basket.")
    query: dict[str, list[str]] = Field(description="What was asked.")
    agent: str | None = Field(description="By whom.")


class Wish(BaseModel):
    """Anything at all."""

    model_config = ConfigDict(strict=True)

    please: Any = None


@dataclass(frozen=True, slots=True)
class Gardener:
    name: str


ENTRIES: dict[type[Refusal], RefusalEntry] = {
    CredentialsRefused: RefusalEntry(401, "stranger", "We do not know you.", {"no": "stranger"}),
    KeyReused: RefusalEntry(422, "again", "This key was used before.", {"no": "again"}),
    CardExpired: RefusalEntry(410, "wilted", "The card is expired.", {"no": "wilted"}),
    BalanceTooLow: RefusalEntry(402, "poor", "The balance does not cover the amount.", {"no": "poor"}),
}


@dataclass(frozen=True, slots=True)
class OrchardDialect:
    """Says `{"no": <why>}` to everything it does not like."""

    name: str = "orchard"
    body_rules: BodyRules = field(default_factory=lambda: BodyRules(most_bytes=4096, within_seconds=0.4))
    about: About = field(
        default_factory=lambda: About(
            title="Orchard",
            version="1",
            introduction="Buy apples.\n\nThey are good.",
            security_schemes={"gardener": {"type": "apiKey", "in": "header", "name": "x-gardener"}},
            credentials=(("x-gardener", "rosa"),),
            error_schema={"type": "object", "properties": {"no": {"type": "string"}}, "required": ["no"]},
            parameters={"basket": Parameter("Which basket.", "b-1"), "how": Parameter("In which way.", "refused")},
            faults=(RefusalEntry(400, "what", "The body is at fault.", {"no": "what"}),),
        )
    )

    async def authenticate(self, headers: Headers, scope: Scope) -> Gardener | Reply:
        name = headers.get(b"x-gardener")
        return Gardener("rosa") if name == b"rosa" else no(401, "stranger")

    def client_of(self, caller: Gardener) -> str:
        return caller.name

    def refused(self, refusal: Refusal) -> Reply:
        entry = ENTRIES[type(refusal)]
        return no(entry.status, entry.code)

    def entry_of(self, refusal: type[Refusal]) -> RefusalEntry:
        return ENTRIES[refusal]

    def invalid(self, faults: Sequence[Fault]) -> Reply:
        told = [{"where": fault.member, "kind": fault.kind, "what": fault.message} for fault in faults]
        return Reply.json(400, {"no": "what", "faults": told})

    def not_found(self) -> Reply:
        return no(404, "nowhere")

    def method_not_allowed(self, allowed: Sequence[str]) -> Reply:
        return no(405, "not like this")

    def too_large(self) -> Reply:
        return no(413, "too heavy")

    def unsupported_media_type(self) -> Reply:
        return no(415, "not apples")

    def timed_out(self) -> Reply:
        return no(408, "too slow")

    def overloaded(self, retry_after_seconds: int) -> Reply:
        return no(503, "busy")

    def crashed(self, request_id: str) -> Reply:
        return no(500, "fell off the tree")


def no(status: int, why: str) -> Reply:
    return Reply.json(status, {"no": why})


async def pick(call: Call[Basket, Gardener]) -> Reply:
    if call.body.sort == "stone":
        raise bad_value("sort", "is not an apple")
    told = {
        "basket": call.path["basket"],
        "price": call.body.price,
        "kilograms": call.body.kilograms,
        "ripeAt": call.body.ripe_at,
        "by": call.caller.name,
        "peer": call.peer,
        "request": call.request_id,
        "fingerprint": call.fingerprint,
        "key": call.idempotency.key if call.idempotency else None,
    }
    return Reply.json(200, told)


async def look(call: Call[None, Gardener]) -> Reply:
    return Reply.json(200, {"basket": call.path["basket"], "query": call.query, "agent": call.header(b"user-agent")})


async def wish(call: Call[Wish, None]) -> Reply:
    return Reply.json(200, {"fingerprint": call.fingerprint, "caller": call.caller})


async def fail(call: Call[None, Gardener]) -> Reply:
    match call.path["how"]:
        case "refused":
            raise CardExpired
        case "busy":
            raise Overloaded
        case "unlisted":
            raise Refusal
        case "slow":
            await asyncio.sleep(0.6)
            return Reply.json(200, {"price": Decimal("1.10")})
        case secret:
            raise RuntimeError(f"card 9578000000000012345 broke at {secret}")


ENDPOINTS = (
    Endpoint(
        name="pickApples",
        method="POST",
        path="/orchard/baskets/{basket}/apples",
        summary="Pick apples",
        description="Puts apples into a basket.",
        handler=pick,
        request=Basket,
        answer=Picked,
        refusals=(CardExpired, BalanceTooLow),
        tags=("Baskets",),
        idempotent=True,
    ),
    Endpoint(
        name="lookIntoBasket",
        method="GET",
        path="/orchard/baskets/{basket}",
        summary="Look into a basket",
        handler=look,
        answer=Seen,
        tags=("Baskets",),
    ),
    Endpoint(
        name="wish",
        method="POST",
        path="/orchard/wishes",
        summary="Wish for something",
        handler=wish,
        request=Wish,
        body_optional=True,
        tags=("Wishes",),
        public=True,
    ),
    Endpoint(
        name="fail",
        method="DELETE",
        path="/orchard/trees/{how}",
        summary="Fail in a chosen way",
        handler=fail,
        tags=("Trees",),
    ),
)


class Orchard:
    """The API with what it wrote down."""

    def __init__(self, trusted_proxies: Sequence[str] = ()) -> None:
        self.log = BytesIO()
        self.access_log = AccessLog(self.log)
        self.metrics = RequestMetrics()
        self.registry = CollectorRegistry()
        self.registry.register(self.metrics)
        self.api = Api(
            OrchardDialect(),
            ENDPOINTS,
            prefixes=("/orchard",),
            telemetry=Telemetry(self.access_log, self.metrics),
            addresses=Addresses(trusted_proxies),
        )
