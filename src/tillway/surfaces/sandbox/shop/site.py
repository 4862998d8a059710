"""The demo shop as an app of its own, to be served on an origin of its own; never part of production."""

from collections.abc import Callable

from starlette.routing import Router

from tillway.surfaces.common.api import Telemetry
from tillway.surfaces.common.limits import Addresses
from tillway.surfaces.common.site import Site
from tillway.surfaces.sandbox.seeding import WEB_CURRENCY, WebSeed
from tillway.surfaces.sandbox.shop.drawing import Drawing, shop_pages
from tillway.surfaces.sandbox.shop.integrator import Exchange, Integrator, Keys
from tillway.surfaces.sandbox.shop.memory import Memory
from tillway.surfaces.sandbox.shop.postbacks import postback_route
from tillway.surfaces.sandbox.shop.visiting import Around, Shop


def keys_of(seeded: WebSeed) -> Keys:
    """The shop's keys, as `sandbox.json` has them."""
    return Keys(seeded.api_key, seeded.api_secret, seeded.tenant_key, seeded.webhook_secret)


def shop_app(
    keys: Keys,
    around: Around,
    exchange: Exchange,
    now: Callable[[], int],
    telemetry: Telemetry,
    addresses: Addresses,
) -> Router:
    """The shop of the client with these keys; it reaches the gateway over `exchange` only."""
    pages, memory = shop_pages(), Memory()
    integrator = Integrator(around.server, keys, exchange, now)
    shop = Shop(integrator, keys, memory, Drawing(pages, WEB_CURRENCY), around, now)
    site = Site("shop", pages, shop.routes(), prefixes=("/",), telemetry=telemetry, addresses=addresses)
    return Router([postback_route(memory, keys.signing_secret, now), site])
