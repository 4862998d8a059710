"""`tillway sandbox`: what it makes the first time, keeps ever after, and says when it starts."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from tillway import settings as setting
from tillway.cli import launching
from tillway.cli.beside import make_folder, tools_of
from tillway.cli.speaking import MISUSED, Stopped
from tillway.connecting import ACQUIRER_PLACE, BANKS_PLACE, check_parted
from tillway.queries.records import has_issuers
from tillway.store.addresses import is_postgres
from tillway.store.migrating import migrate
from tillway.surfaces.sandbox.first_payment import commands
from tillway.surfaces.sandbox.seeding import (
    BEHAVIOURS,
    FILE,
    SandboxFile,
    SandboxFileBroken,
    is_seeded,
    read_file,
    seed,
    seed_orders,
    seed_web,
    write_file,
)
from tillway.wiring import MARKS, NEIGHBOURS, SANDBOX_FLAG, SHOP_PLACE

if TYPE_CHECKING:
    from tillway.settings import Settings


async def prepare(settings: "Settings") -> SandboxFile:
    """Make what is missing: folder, key, database, shop and cards. Raises Stopped, FileTaken, SettingsRefused."""
    check_parted(settings)
    if settings.stripe is not None and not settings.stripe.is_test:
        raise Stopped("TILLWAY_STRIPE has live keys, and a sandbox says that its money is not real", MISUSED)
    make_folder(settings.data)
    if not is_postgres(settings.store):
        make_folder(Path(settings.store).parent)
    launching.check_free(settings, neighbours=NEIGHBOURS)
    if not settings.key.get_secret_value():
        setting.make_key(settings.data)
    await migrate(settings.store)
    async with tools_of(settings) as tools:
        if await has_issuers(tools.store, live=True):
            raise Stopped("this database has live cards: a sandbox needs one of its own", MISUSED)
        content = _read(settings.data)
        if content is None or not await is_seeded(tools, content):
            content = await seed(tools, settings.address, MARKS)
        if content.web_payments is None:
            content = replace(content, web_payments=await seed_web(tools))
        if content.payment_orders is None:
            content = replace(content, payment_orders=await seed_orders(tools))
        content = replace(
            content,
            url=settings.address,
            acquirer=settings.neighbour_address(ACQUIRER_PLACE),
            shop=settings.neighbour_address(SHOP_PLACE),
            banks=settings.neighbour_address(BANKS_PLACE),
        )
        write_file(settings.data, content)
    return content


def _read(folder: Path) -> SandboxFile | None:
    try:
        return read_file(folder)
    except SandboxFileBroken as broken:
        raise Stopped(str(broken), MISUSED) from broken


def start(settings: "Settings") -> None:
    """Serve until stopped."""
    launching.start(settings, {SANDBOX_FLAG: "1"}, neighbours=NEIGHBOURS)


def welcome(settings: "Settings", content: SandboxFile, *, as_json: bool) -> None:
    """Say where to look, and give a first payment to paste."""
    place = settings.data / FILE
    if as_json:
        typer.echo(place.read_text(), nl=False)
        return
    console = Console(highlight=False, soft_wrap=True)
    url, known = content.url, content.gift_cards
    console.print(Text.assemble("Tillway sandbox at ", (url, "bold")))
    console.print()
    places = Table.grid(padding=(0, 2))
    for what, where in (
        ("start here", f"{url}/"),
        ("gift-card API", f"{url}/docs-v1/"),
        ("web payments API", f"{url}/docs-web/"),
        ("payment orders API", f"{url}/docs-orders/"),
        ("make test cards", f"{url}/card-gen"),
        ("demo shop", f"{content.shop}/"),
        ("test card numbers", f"{content.acquirer}/"),
        ("test banks", f"{content.banks}/"),
        ("credentials", str(place)),
        ("database", _without_password(settings.store)),
    ):
        places.add_row(what, Text(where, style="cyan"))
    console.print(places)
    console.print()
    cards = Table.grid(padding=(0, 2))
    for card, behaviour in zip(known.cards, BEHAVIOURS, strict=False):
        cards.add_row(card.number, f"CVC {card.cvc}", f"{card.balance} {card.currency}", Text(behaviour, style="dim"))
    console.print(cards)
    console.print()
    console.print(Text("A first payment, with two cards. Paste it into another terminal:", style="bold"))
    console.print()
    first, second = (card.number for card in known.cards[:2])
    console.print(Text(commands(url, known.client_id, known.client_secret, (first, second))))


def _without_password(database: str) -> str:
    """The address as it may be shown."""
    parts = urlsplit(database)
    if not is_postgres(database) or not parts.password:
        return database
    return urlunsplit(parts._replace(netloc=parts.netloc.replace(f":{parts.password}@", "@")))
