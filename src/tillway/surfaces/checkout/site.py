"""The hosted payment pages as a site."""

from tillway.commands.tools import Tools
from tillway.queries.registry import Registry
from tillway.surfaces.checkout.drawing import Drawing, checkout_pages
from tillway.surfaces.checkout.visiting import Checkout
from tillway.surfaces.common.api import Telemetry
from tillway.surfaces.common.limits import Addresses
from tillway.surfaces.common.site import Site


def checkout_site(
    tools: Tools,
    registry: Registry,
    telemetry: Telemetry,
    addresses: Addresses,
    *,
    sandbox: bool,
    origin: str | None = None,
) -> Site:
    """An entry for Starlette's router; with `sandbox` the pages say that the money is not real."""
    pages = checkout_pages()
    checkout = Checkout(tools, registry, Drawing(pages, sandbox))
    return Site(
        "checkout",
        pages,
        checkout.routes(),
        prefixes=("/pay",),
        telemetry=telemetry,
        addresses=addresses,
        origin=origin,
    )
