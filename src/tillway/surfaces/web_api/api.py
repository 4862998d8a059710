"""The web payments API, put together: its dialect over its endpoints, and where they are served."""

from tillway.commands.tools import Tools
from tillway.domain.clients import Client
from tillway.queries.registry import Registry
from tillway.surfaces.common.api import Api, Telemetry
from tillway.surfaces.common.limits import Addresses
from tillway.surfaces.web_api.calls import Manners, WebCalls
from tillway.surfaces.web_api.dialect import WebDialect
from tillway.surfaces.web_api.routes import PREFIXES, endpoints


def web_api(
    tools: Tools, registry: Registry, manners: Manners, telemetry: Telemetry, addresses: Addresses
) -> Api[Client]:
    """An entry for the wiring."""
    calls = WebCalls(tools, registry, manners)
    return Api(
        WebDialect(calls.credentials),
        endpoints(calls),
        prefixes=PREFIXES,
        telemetry=telemetry,
        addresses=addresses,
    )
