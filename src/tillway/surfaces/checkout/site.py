"""The hosted payment pages as a site: by themselves below `/pay`, inside a shop's own page below `/embed`."""

from collections.abc import Sequence

from tillway.commands.tools import Tools
from tillway.queries.registry import Registry
from tillway.surfaces.checkout.drawing import Drawing, checkout_pages
from tillway.surfaces.checkout.entering import Door, Entrance
from tillway.surfaces.checkout.laying import Laying
from tillway.surfaces.checkout.stripe_form import StripeAccess, StripeForm
from tillway.surfaces.checkout.tendering import Tendering
from tillway.surfaces.checkout.visiting import Checkout
from tillway.surfaces.common.api import Telemetry
from tillway.surfaces.common.limits import Addresses
from tillway.surfaces.common.site import PageRoute, Site


def checkout_site(
    tools: Tools,
    registry: Registry,
    telemetry: Telemetry,
    addresses: Addresses,
    *,
    sandbox: bool,
    origin: str | None = None,
    form_targets: Sequence[str] = (),
    stripe: StripeAccess | None = None,
) -> Site:
    """An entry for Starlette's router; with `sandbox` the pages say that the money is not real.

    `form_targets` are the origins of the connectors' own pages, to which payers are sent on. With `stripe` there is a
    page with Stripe's form too.
    """
    pages = checkout_pages()
    drawing = Drawing(pages, sandbox)
    routes: list[PageRoute] = []
    for door in Door:
        entrance = Entrance(tools, registry, drawing, door, form_targets)
        for handlers in (Checkout(entrance), Laying(entrance), Tendering(entrance)):
            routes += handlers.routes()
        if stripe is not None:
            routes += StripeForm(entrance, stripe).routes()
    return Site(
        "checkout",
        pages,
        routes,
        prefixes=[f"/{door.value}" for door in Door],
        telemetry=telemetry,
        addresses=addresses,
        origin=origin,
    )
