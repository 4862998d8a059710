"""The sandbox as a site: its front door and the card generator."""

from tillway.commands.tools import Tools
from tillway.queries.registry import Registry
from tillway.surfaces.common.api import Telemetry
from tillway.surfaces.common.limits import Addresses
from tillway.surfaces.common.site import Site
from tillway.surfaces.sandbox.drawing import sandbox_pages
from tillway.surfaces.sandbox.making import Sandbox, Welcome
from tillway.surfaces.sandbox.ordering import IssuerMarks


def sandbox_site(
    tools: Tools,
    registry: Registry,
    marks: IssuerMarks,
    welcome: Welcome,
    telemetry: Telemetry,
    addresses: Addresses,
    origin: str | None = None,
) -> Site:
    """An entry for Starlette's router; never part of production."""
    pages = sandbox_pages()
    sandbox = Sandbox(tools, registry, pages, marks, welcome)
    return Site(
        "sandbox",
        pages,
        sandbox.routes(),
        prefixes=("/card-gen",),
        telemetry=telemetry,
        addresses=addresses,
        origin=origin,
    )
