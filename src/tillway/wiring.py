"""The wiring: the one module that knows everyone, and puts a gateway together from its settings."""

import gc
import logging
import os
import sys
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry
from starlette.applications import Starlette
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from tillway import settings as setting
from tillway import taking_in
from tillway.commands import clock as clocks
from tillway.commands.tools import Clock, ShiftedClock, SystemClock, Tools
from tillway.connecting import (
    ACQUIRER_PLACE,
    BANKS_PLACE,
    BERLIN,
    PRETEND,
    SIMULATOR,
    acquirers_of,
    bank_pages_of,
    connectors_of,
    directory_of,
    methods_of,
    pretend_secret,
    stripe_access,
)
from tillway.connectors import simulator
from tillway.connectors.addresses import Reach
from tillway.connectors.outbound import Outbound
from tillway.domain.clients import Surface
from tillway.queries.payment_orders import PaymentOrders
from tillway.queries.registry import Registry
from tillway.settings import Settings
from tillway.store.addresses import is_postgres
from tillway.store.committer import Committer
from tillway.store.finding import find_nothing
from tillway.store.opening import check_schema, open_store
from tillway.store.sqlite import ServerLock
from tillway.store.vault import Vault
from tillway.surfaces.bank_checkout.site import bank_checkout_site
from tillway.surfaces.checkout.callbacks import Callbacks
from tillway.surfaces.checkout.embedding import widget_routes
from tillway.surfaces.checkout.site import checkout_site
from tillway.surfaces.common import logs
from tillway.surfaces.common.api import Api, Telemetry
from tillway.surfaces.common.front import Front
from tillway.surfaces.common.limits import Addresses
from tillway.surfaces.common.logs import AccessLog
from tillway.surfaces.common.metrics import RequestMetrics
from tillway.surfaces.common.operations import Check, operations
from tillway.surfaces.common.reference import reference
from tillway.surfaces.giftcard_api import notices as giftcard_notices
from tillway.surfaces.giftcard_api import routes as giftcard_routes
from tillway.surfaces.giftcard_api.calls import GiftCardCalls, Places
from tillway.surfaces.giftcard_api.dialect import GiftCardDialect
from tillway.surfaces.management_api import routes as management_routes
from tillway.surfaces.management_api.dialect import ManagementDialect
from tillway.surfaces.management_api.routes import ManagementCalls
from tillway.surfaces.order_api import notices as order_notices
from tillway.surfaces.order_api.api import order_api
from tillway.surfaces.order_api.calls import OrderManners
from tillway.surfaces.order_api.checking import LIMIT_SECONDS as CHECK_SECONDS
from tillway.surfaces.order_api.checking import StatusChecks
from tillway.surfaces.sandbox import helpers, paying, seeding, telling
from tillway.surfaces.sandbox.acquirer.site import acquirer_app
from tillway.surfaces.sandbox.banks.site import banks_app
from tillway.surfaces.sandbox.making import Welcome
from tillway.surfaces.sandbox.ordering import IssuerMarks
from tillway.surfaces.sandbox.paying_by_bank import BankPayer
from tillway.surfaces.sandbox.shop.site import keys_of, shop_app
from tillway.surfaces.sandbox.shop.visiting import Around
from tillway.surfaces.sandbox.site import sandbox_site
from tillway.surfaces.web_api import notices as web_notices
from tillway.surfaces.web_api.api import web_api
from tillway.surfaces.web_api.calls import Manners
from tillway.workers.chores import all_chores
from tillway.workers.loop import Chore, Workers
from tillway.workers.pretend import PretendCaller
from tillway.workers.signing import Signer

MARKS = IssuerMarks(
    SIMULATOR,
    silent=simulator.SILENT_AND_NEVER_RECEIVED,
    silent_but_paid=simulator.SILENT_BUT_PAID,
    failing=simulator.FAILING,
)
GC_THRESHOLDS = (50_000, 20, 50)
"""Requests make many short-lived objects and hardly any cycles: looking for those less often saves 5 % of the time."""
SHOP_PLACE = 2
NEIGHBOURS = 3
"""A sandbox has four origins: the gateway's port, then the pretend acquirer's, the demo shop's and the banks'."""
SANDBOX_FLAG = "TILLWAY_SANDBOX"
"""Set by `tillway sandbox` for the server it starts; `tillway serve` refuses to start with it."""


@dataclass(slots=True)
class Gateway:
    """Everything of one process, put together but not started."""

    settings: Settings
    tools: Tools
    registry: Registry
    clock: Clock
    telemetry: Telemetry
    counted: CollectorRegistry
    outbound: Outbound
    sandbox: bool


def build(settings: Settings, *, sandbox: bool) -> Gateway:
    """A gateway on the database of the settings; nothing is opened before it is used."""
    clock: Clock = ShiftedClock(SystemClock()) if sandbox else SystemClock()
    store = open_store(settings.store)
    vault = Vault(settings.gateway_key)
    outbound = Outbound(Reach.SANDBOX, settings.host) if sandbox else Outbound(Reach.PUBLIC)
    tools = Tools(
        Committer(store),
        store,
        clock,
        vault,
        {
            Surface.GIFT_CARD: giftcard_notices.announce,
            Surface.WEB: web_notices.announce,
            Surface.ORDER: order_notices.announce,
        },
        connectors_of(settings, vault, outbound, sandbox=sandbox),
        methods=methods_of(settings, sandbox=sandbox),
        banks=directory_of(settings, sandbox=sandbox),
    )
    checks = StatusChecks(partial(outbound.ask, limit_seconds=CHECK_SECONDS), Signer(tools, time.time).signed)
    tools = replace(tools, permission=checks)
    metrics = RequestMetrics()
    counted = CollectorRegistry()
    counted.register(metrics)
    telemetry = Telemetry(AccessLog(sys.stdout.buffer), metrics)
    return Gateway(settings, tools, Registry(store, vault), clock, telemetry, counted, outbound, sandbox)


def application() -> ASGIApp:
    """What the HTTP server serves: a gateway by the settings of the environment."""
    settings = setting.load()
    logs.configure(sys.stderr.buffer, logging.getLevelNamesMapping()[settings.log_level.upper()])
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)
    return app_of(build(settings, sandbox=SANDBOX_FLAG in os.environ))


def app_of(gateway: Gateway) -> ASGIApp:
    """The ASGI app of a gateway; its workers run while it is served."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncGenerator[None]:
        async with running(gateway):
            yield

    apis = _apis(gateway)
    rest = Starlette(routes=_routes(gateway, apis), lifespan=lifespan)
    return Front(apis, rest, _neighbours(gateway) if gateway.sandbox else {})


@asynccontextmanager
async def running(gateway: Gateway) -> AsyncGenerator[None]:
    """Hold the database, and run the workers beside whatever the caller does."""
    database = gateway.settings.store
    await check_schema(database)
    async with AsyncExitStack() as stack:
        if not is_postgres(database):
            stack.callback(ServerLock(Path(database)).release)
        stack.push_async_callback(gateway.tools.store.close)
        stack.push_async_callback(gateway.tools.committer.close)
        stack.callback(gateway.telemetry.access_log.flush)
        if isinstance(gateway.clock, ShiftedClock):
            await clocks.restore(gateway.tools, gateway.clock)
        stack.push_async_callback(gateway.outbound.close)
        workers = Workers((*all_chores(gateway.tools, gateway.outbound), *_sandbox_chores(gateway)))
        workers.start()
        stack.push_async_callback(workers.stop)
        yield


def _sandbox_chores(gateway: Gateway) -> tuple[Chore, ...]:
    """What only a sandbox does by itself: its pretend acquirer calls the gateway."""
    if not gateway.sandbox:
        return ()
    secret = pretend_secret(gateway.tools.vault)
    return (PretendCaller(gateway.tools, gateway.outbound, secret, time.time).chore(),)


def _neighbours(gateway: Gateway) -> dict[int, ASGIApp]:
    """What a sandbox serves at the ports after the gateway's, each on an origin of its own."""
    settings = gateway.settings
    acquirer = acquirer_app(
        gateway.tools,
        settings.neighbour_address(ACQUIRER_PLACE),
        pretend_secret(gateway.tools.vault),
        gateway.telemetry,
        _addresses(settings),
    )
    banks = banks_app(gateway.tools, settings.neighbour_address(BANKS_PLACE), gateway.telemetry, _addresses(settings))
    return {
        settings.port + ACQUIRER_PLACE: acquirer,
        settings.port + SHOP_PLACE: _shop(gateway),
        settings.port + BANKS_PLACE: banks,
    }


def _shop(gateway: Gateway) -> ASGIApp:
    """The demo shop: with the keys of `sandbox.json`, over HTTP and by a clock of its own, as any other would be."""
    settings, content = gateway.settings, seeding.read_file(gateway.settings.data)
    if content is None or content.web_payments is None:
        return Starlette()
    around = Around(
        settings.address,
        settings.neighbour_address(ACQUIRER_PLACE),
        settings.own_address(),
        settings.own_address(SHOP_PLACE),
    )
    keys = keys_of(content.web_payments)
    return shop_app(keys, around, gateway.outbound.ask, SystemClock().now, gateway.telemetry, _addresses(settings))


def _apis(gateway: Gateway) -> tuple[Api[Any], ...]:
    settings, tools = gateway.settings, gateway.tools
    places = Places(settings.address, ("https", "http") if gateway.sandbox else ("https",))
    giftcards = Api(
        GiftCardDialect(gateway.registry, gateway.clock),
        giftcard_routes.endpoints(GiftCardCalls(tools, gateway.registry, places)),
        prefixes=[giftcard_routes.PREFIX],
        telemetry=gateway.telemetry,
        addresses=_addresses(settings),
    )
    management = Api(
        ManagementDialect(gateway.registry, gateway.clock),
        management_routes.endpoints(ManagementCalls(tools)),
        prefixes=[management_routes.PREFIX],
        telemetry=gateway.telemetry,
        addresses=_addresses(settings),
    )
    window = settings.login_window_seconds * 1_000_000
    manners = Manners(settings.address, window, SystemClock(), loopback=gateway.sandbox)
    web = web_api(tools, gateway.registry, manners, gateway.telemetry, _addresses(settings))
    order_manners = OrderManners(settings.address, loopback=gateway.sandbox)
    orders = order_api(tools, gateway.registry, order_manners, gateway.telemetry, _addresses(settings))
    if not isinstance(gateway.clock, ShiftedClock):
        return giftcards, management, web, orders
    sandbox = Api(
        helpers.SandboxDialect(),
        (
            *helpers.endpoints(tools, gateway.clock),
            *paying.endpoints(_payer(gateway)),
            telling.endpoint(telling.BankTeller(tools, PaymentOrders(tools.store), taking_in.take_in)),
        ),
        prefixes=[helpers.PREFIX],
        telemetry=gateway.telemetry,
        addresses=_addresses(settings),
    )
    return giftcards, management, web, orders, sandbox


def _payer(gateway: Gateway) -> paying.Payer:
    """Who pays in the sandbox where nobody is there to do it."""
    address = gateway.settings.address
    banks = BankPayer(gateway.tools, PaymentOrders(gateway.tools.store), BERLIN, address)
    return paying.Payer(gateway.tools, gateway.registry, MARKS, PRETEND, address, banks)


def _routes(gateway: Gateway, apis: Sequence[Api[Any]]) -> list[BaseRoute]:
    settings = gateway.settings
    front_door = [_sandbox_site(gateway)] if gateway.sandbox else []
    return [
        *apis,
        *reference(apis[0], "/docs-v1", base_url=settings.address),
        *reference(apis[1], "/docs-management", base_url=settings.address),
        *reference(apis[2], "/docs-web", base_url=settings.address),
        *reference(apis[3], "/docs-orders", base_url=settings.address),
        *(route for api in apis[4:] for route in reference(api, "/docs-sandbox", base_url=settings.address)),
        *operations({"database": _database_check(gateway.tools)}, gateway.counted),
        *widget_routes(gateway.tools),
        checkout_site(
            gateway.tools,
            gateway.registry,
            gateway.telemetry,
            _addresses(settings),
            sandbox=gateway.sandbox,
            origin=settings.public_url or None,
            form_targets=_far_pages(gateway),
            stripe=stripe_access(settings, gateway.outbound),
        ),
        bank_checkout_site(
            gateway.tools,
            gateway.registry,
            gateway.telemetry,
            _addresses(settings),
            sandbox=gateway.sandbox,
            origin=settings.public_url or None,
            form_targets=bank_pages_of(settings, sandbox=gateway.sandbox),
        ),
        Callbacks(gateway.tools, gateway.telemetry),
        *front_door,
    ]


def _far_pages(gateway: Gateway) -> tuple[str, ...]:
    """The origins of far sides' own pages, which a payer's form may lead to."""
    found = acquirers_of(gateway.settings, gateway.tools.vault, sandbox=gateway.sandbox).values()
    return tuple(sorted({acquirer.pages for acquirer in found}))


def _sandbox_site(gateway: Gateway) -> BaseRoute:
    """The sandbox's own pages, which tell of what `tillway sandbox` has made."""
    settings = gateway.settings
    content = seeding.read_file(settings.data)
    welcome = Welcome(settings.address, "", "", ()) if content is None else content.welcome()
    return sandbox_site(
        gateway.tools,
        gateway.registry,
        MARKS,
        welcome,
        taking_in.take_in,
        gateway.telemetry,
        _addresses(settings),
        settings.public_url or None,
    )


def _addresses(settings: Settings) -> Addresses:
    return Addresses([str(network) for network in settings.trusted_proxies])


def _database_check(tools: Tools) -> Check:
    async def check() -> str | None:
        await tools.store.read(find_nothing())
        return None

    return check
