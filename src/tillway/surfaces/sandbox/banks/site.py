"""The pretend banks as one ASGI app, for an origin of their own."""

from typing import final

from starlette.routing import Router
from starlette.types import ASGIApp, Receive, Scope, Send

from tillway.commands.tools import Tools
from tillway.surfaces.common.api import Api, Telemetry
from tillway.surfaces.common.limits import Addresses
from tillway.surfaces.common.site import Site
from tillway.surfaces.sandbox.banks.answers import PAGE, PREFIX
from tillway.surfaces.sandbox.banks.dialect import BankDialect
from tillway.surfaces.sandbox.banks.drawing import STATIC_PREFIX, bank_pages
from tillway.surfaces.sandbox.banks.protocol import BankCalls, endpoints
from tillway.surfaces.sandbox.banks.visiting import Counter

_ANYWHERE = ("https:", "http:")
"""Where the answer to a customer's form may lead: to the gateway, and from there to any merchant."""


@final
class BanksApp:
    """Calls of gateways below `/xs2a`, and pages for customers everywhere else; never part of production."""

    def __init__(self, api: ASGIApp, pages: ASGIApp) -> None:
        self._api = api
        self._pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope["path"]
        app = self._api if path.startswith(f"{PREFIX}/") else self._pages
        await app(scope, receive, send)


def banks_app(tools: Tools, origin: str, telemetry: Telemetry, addresses: Addresses) -> BanksApp:
    """The app for the web origin `origin`."""
    pages = bank_pages()
    api = Api(
        BankDialect(),
        endpoints(BankCalls(tools, origin)),
        prefixes=[PREFIX],
        telemetry=telemetry,
        addresses=addresses,
    )
    site = Site(
        "banks",
        pages,
        Counter(tools, pages).routes(),
        prefixes=(PAGE, STATIC_PREFIX),
        telemetry=telemetry,
        addresses=addresses,
        form_targets=_ANYWHERE,
    )
    return BanksApp(api, Router([site]))
