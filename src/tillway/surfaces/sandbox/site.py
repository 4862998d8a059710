"""The sandbox as a site: its front door, the card generator and the desk for bank statements."""

from tillway.commands.statement_files import TakesFilesIn
from tillway.commands.tools import Tools
from tillway.queries.registry import Registry
from tillway.surfaces.common.api import Telemetry
from tillway.surfaces.common.limits import Addresses
from tillway.surfaces.common.site import Site
from tillway.surfaces.sandbox.drawing import sandbox_pages
from tillway.surfaces.sandbox.making import Sandbox, Welcome
from tillway.surfaces.sandbox.ordering import IssuerMarks
from tillway.surfaces.sandbox.stating import PATH, StatementDesk


def sandbox_site(
    tools: Tools,
    registry: Registry,
    marks: IssuerMarks,
    welcome: Welcome,
    takes_in: TakesFilesIn,
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
        [*sandbox.routes(), *StatementDesk(tools, pages, takes_in).routes()],
        prefixes=("/card-gen", PATH),
        telemetry=telemetry,
        addresses=addresses,
        origin=origin,
    )
