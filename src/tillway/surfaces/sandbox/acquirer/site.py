"""The pretend acquirer as one ASGI app, for an origin of its own."""

from typing import final

from starlette.routing import Router
from starlette.types import ASGIApp, Receive, Scope, Send

from tillway.commands.tools import Tools
from tillway.surfaces.common.api import Api, Telemetry
from tillway.surfaces.common.limits import Addresses
from tillway.surfaces.common.site import Site
from tillway.surfaces.sandbox.acquirer.drawing import STATIC_PREFIX, acquirer_pages
from tillway.surfaces.sandbox.acquirer.protocol import PAGE, PREFIX, AcquirerCalls, AcquirerDialect, endpoints
from tillway.surfaces.sandbox.acquirer.signed import Signed
from tillway.surfaces.sandbox.acquirer.visiting import PayDesk

_ANYWHERE = ("https:", "http:")
"""Where the answer to a payer's form may lead: to the gateway, and from there to any shop."""


@final
class AcquirerApp:
    """Signed calls of gateways below `/v1`, and pages for payers everywhere else; never part of production."""

    def __init__(self, api: ASGIApp, pages: ASGIApp) -> None:
        self._api = api
        self._pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope["path"]
        app = self._api if path.startswith(f"{PREFIX}/") else self._pages
        await app(scope, receive, send)


def acquirer_app(tools: Tools, origin: str, secret: str, telemetry: Telemetry, addresses: Addresses) -> AcquirerApp:
    """The app for the web origin `origin`."""
    pages = acquirer_pages()
    api = Api(
        AcquirerDialect(),
        endpoints(AcquirerCalls(tools, origin)),
        prefixes=[PREFIX],
        telemetry=telemetry,
        addresses=addresses,
    )
    site = Site(
        "acquirer",
        pages,
        PayDesk(tools, pages).routes(),
        prefixes=(PAGE, STATIC_PREFIX),
        telemetry=telemetry,
        addresses=addresses,
        form_targets=_ANYWHERE,
    )
    return AcquirerApp(Signed(api, secret), Router([site]))
