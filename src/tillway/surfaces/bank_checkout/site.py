"""The pages of payment orders as a site below `/bank`."""

from collections.abc import Sequence

from tillway.commands.tools import Tools
from tillway.queries.payment_orders import PaymentOrders
from tillway.queries.registry import Registry
from tillway.surfaces.bank_checkout.authorising import Authorising
from tillway.surfaces.bank_checkout.choosing import Choosing
from tillway.surfaces.bank_checkout.drawing import Drawing, bank_pages
from tillway.surfaces.bank_checkout.entering import Entrance
from tillway.surfaces.bank_checkout.leaving import Goodbye
from tillway.surfaces.bank_checkout.listing import Listing
from tillway.surfaces.bank_checkout.returning import Returning
from tillway.surfaces.bank_checkout.transferring import Transferring
from tillway.surfaces.common.api import Telemetry
from tillway.surfaces.common.limits import Addresses
from tillway.surfaces.common.payment_links import BANK_ROOM
from tillway.surfaces.common.site import PageRoute, Site


def bank_checkout_site(
    tools: Tools,
    registry: Registry,
    telemetry: Telemetry,
    addresses: Addresses,
    *,
    sandbox: bool,
    origin: str | None = None,
    form_targets: Sequence[str] = (),
) -> Site:
    """An entry for Starlette's router; with `sandbox` the pages say that the money is not real.

    `form_targets` are the origins of banks' own pages, to which payers are redirected; to any other they are led by a
    page that goes on by itself.
    """
    pages = bank_pages()
    entrance = Entrance(tools, registry, PaymentOrders(tools.store), Drawing(pages, sandbox), form_targets)
    routes: list[PageRoute] = []
    for handlers in (
        Choosing(entrance, Listing(tools.banks)),
        Transferring(entrance),
        Goodbye(entrance),
        Returning(entrance),
        Authorising(entrance),
    ):
        routes += handlers.routes()
    return Site(
        "bank_checkout",
        pages,
        routes,
        prefixes=[f"/{BANK_ROOM}"],
        telemetry=telemetry,
        addresses=addresses,
        origin=origin,
        form_targets=form_targets,
    )
