"""`tillway serve`: what a gateway for real money is checked for before it starts."""

import os
from typing import TYPE_CHECKING

from tillway import settings as setting
from tillway.cli import launching
from tillway.cli.beside import store_of
from tillway.cli.speaking import MISUSED, Stopped
from tillway.connecting import check_parted
from tillway.queries.records import has_issuers
from tillway.surfaces.sandbox.seeding import FILE
from tillway.wiring import SANDBOX_FLAG

if TYPE_CHECKING:
    from tillway.settings import Settings


async def check(settings: "Settings") -> None:
    """Refuse what must not serve real money. Raises Stopped, SettingsRefused, SchemaOutdated, FileTaken."""
    setting.check_production(settings)
    check_parted(settings)
    if SANDBOX_FLAG in os.environ or (settings.data / FILE).exists():
        raise Stopped(
            f"this is a sandbox ({SANDBOX_FLAG} is set, or there is a {FILE}); use `tillway sandbox`", MISUSED
        )
    async with store_of(settings) as store:
        if await has_issuers(store, live=False):
            raise Stopped("this database has issuers of test cards, which are never served beside live ones", MISUSED)
        if settings.stripe is not None and settings.stripe.is_test and await has_issuers(store, live=True):
            raise Stopped("TILLWAY_STRIPE has test keys, which take no money, beside live gift cards", MISUSED)
    launching.check_free(settings)


def start(settings: "Settings") -> None:
    """Serve until stopped."""
    launching.start(settings)
