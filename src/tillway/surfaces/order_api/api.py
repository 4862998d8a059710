"""The payment orders API, put together: its dialect over its endpoints, and where they are served."""

from tillway.commands.tools import Tools
from tillway.domain.clients import Client
from tillway.queries.registry import Registry
from tillway.surfaces.common.api import Api, Telemetry
from tillway.surfaces.common.limits import Addresses
from tillway.surfaces.order_api.calls import OrderCalls, OrderManners
from tillway.surfaces.order_api.dialect import OrderDialect
from tillway.surfaces.order_api.routes import PREFIXES, endpoints


def order_api(
    tools: Tools, registry: Registry, manners: OrderManners, telemetry: Telemetry, addresses: Addresses
) -> Api[Client]:
    """An entry for the wiring."""
    calls = OrderCalls(tools, registry, manners)
    return Api(
        OrderDialect(calls.credentials),
        endpoints(calls),
        prefixes=PREFIXES,
        telemetry=telemetry,
        addresses=addresses,
    )
