"""`tillway client`: sets of credentials that programs call with."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tillway.cli.beside import with_store, with_tools
from tillway.cli.client_terms import (
    BroughtKeys,
    ClientWanted,
    make,
    read_grants,
    read_ibans,
    read_methods,
    read_origins,
    read_redirect_urls,
)
from tillway.cli.groups import group
from tillway.cli.options import ApiWord, AsJson, Data, Database, GrantWord, Secret
from tillway.cli.speaking import MISUSED, Fact, Stopped, moment, note, show_facts, show_rows

if TYPE_CHECKING:
    from tillway.commands.tools import Tools
    from tillway.domain.clients import Client
    from tillway.store.protocol import Store

app = group("Clients: sets of credentials that tills, shops and programs call with.")

ClientId = Annotated[str, typer.Argument(metavar="CLIENT", help="The client's id.")]
Vendors = Annotated[
    list[str] | None, typer.Option("--vendor", metavar="ISSUER", help="An issuer whose cards it accepts; repeatable.")
]
ReturnHosts = Annotated[
    list[str] | None,
    typer.Option("--return-host", metavar="HOST", help="A host that payers may be sent back to; repeatable."),
]
Origins = Annotated[
    list[str] | None,
    typer.Option(
        "--origin",
        metavar="ORIGIN",
        help="A web origin that may show its payments, such as https://shop.example; repeatable. Without: any. [web]",
    ),
]
Methods = Annotated[
    list[str] | None,
    typer.Option(
        "--method",
        metavar="METHOD",
        help="What payers may pay with, such as card or gift_card; repeatable. Without: all there is. [web]",
    ),
]
Ibans = Annotated[
    list[str] | None,
    typer.Option("--recipient-iban", metavar="IBAN", help="An account it may be paid at; repeatable. [order]"),
]
RedirectUrls = Annotated[
    list[str] | None,
    typer.Option(
        "--redirect-url",
        metavar="URL",
        help="What the addresses begin with that payers may be sent back to; repeatable. [order]",
    ),
]
Grants = Annotated[
    list[GrantWord] | None,
    typer.Option("--grant", help="What more it may do, or wants to be held to; repeatable. [order]"),
]

_COLUMNS = (
    *("id", "api", "name", "merchant", "currency", "vendors", "return_hosts", "origins", "methods"),
    *("recipient_ibans", "redirect_urls", "grants", "state", "created_at"),
)


_ALLOWED = (
    *("--vendor", "--return-host", "--origin", "--method"),
    *("--recipient-iban", "--redirect-url", "--grant"),
)


@app.command()
def create(
    merchant: Annotated[str, typer.Option(help="Who is paid; made if there is no merchant of this name.")],
    name: Annotated[str, typer.Option(help="What you call it, such as Till 1.")],
    api: Annotated[ApiWord, typer.Option(help="The API that it speaks.")] = ApiWord.GIFT_CARD,
    vendors: Vendors = None,
    return_hosts: ReturnHosts = None,
    origins: Origins = None,
    methods: Methods = None,
    most_declines: Annotated[
        int | None,
        typer.Option(metavar="N", min=0, help="After so many a payment has failed; 0: never. [web; 5 unless given]"),
    ] = None,
    recipient_ibans: Ibans = None,
    redirect_urls: RedirectUrls = None,
    grants: Grants = None,
    currency: Annotated[str, typer.Option(help="ISO 4217 code of its payments.")] = "NOK",
    zone: Annotated[str, typer.Option(help="Time zone of a new merchant, in which its days end.")] = "Europe/Oslo",
    client_id: Annotated[str, typer.Option("--id", help="Its id; made up if not given.", show_default=False)] = "",
    api_key: Annotated[str, typer.Option(help="The API key it has already. [web]", show_default=False)] = "",
    tenant_key: Annotated[str, typer.Option(help="The tenant key it has already. [web]", show_default=False)] = "",
    login_key: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The private half (PEM) of the API secret it has already. [web]"),
    ] = None,
    data: Data = None,
    database: Database = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Add a client, and show its secrets: this once, since they are not kept in the clear.

    \b
    Examples:
      tillway client create --merchant "Corner shop" --name "Till 1" --vendor ark-books --return-host shop.example
      tillway client create --merchant "Corner shop" --name Web --api web --currency EUR --origin https://shop.example
      tillway client create --merchant Shop --name Orders --api order --currency EUR --redirect-url https://shop.example
      tillway client create --merchant "Corner shop" --name Dashboard --api management --json
    """
    wanted = ClientWanted(
        api,
        name,
        currency,
        client_id,
        tuple(vendors or ()),
        _lower(return_hosts),
        tuple(origins or ()),
        tuple(methods or ()),
        most_declines,
        BroughtKeys(api_key, tenant_key, login_key),
        tuple(recipient_ibans or ()),
        tuple(redirect_urls or ()),
        tuple(grants or ()),
    )

    async def act(tools: "Tools") -> dict[str, Fact]:
        from tillway.commands import records

        wanted.check()
        _check(zone, currency, client_id)
        return await make(tools, await records.add_merchant(tools, merchant, zone), wanted)

    show_facts(with_tools(data, database, act), as_json=as_json)
    note("Keep these now: they cannot be shown again.")


@app.command("list")
def list_(data: Data = None, database: Database = None, *, as_json: AsJson = False) -> None:
    """List the clients, without their secrets.

    \b
    Example:
      tillway client list --json
    """

    async def act(store: "Store") -> list[dict[str, Fact]]:
        from tillway.queries import records

        names = {merchant.id: merchant.name for merchant in await records.merchants(store)}
        return [_facts(client, names.get(client.merchant_id, "")) for client in await records.clients(store)]

    show_rows(with_store(data, database, act), _COLUMNS, as_json=as_json)


@app.command("rotate-secret")
def rotate_secret(
    client_id: ClientId,
    use: Annotated[
        Secret,
        typer.Option(
            help="Which: what it calls with, what its webhooks are signed with; of a web client its tenant key, or the "
            "pair it logs in with, of which the public half is shown."
        ),
    ] = Secret.CALLING,
    data: Data = None,
    database: Database = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Give a client a fresh secret; the old one stays good for a day, so that both sides can change over.

    \b
    Example:
      tillway client rotate-secret client-4f1b22 --use signing
      tillway client rotate-secret QrCDN6CcXkGOnRiNcZMrpw== --use login
    """

    async def act(tools: "Tools") -> str:
        from tillway.commands import records
        from tillway.domain.clients import SecretUse

        return await records.replace_secret(tools, client_id, SecretUse(use.value))

    secret = with_tools(data, database, act)
    show_facts({"client_id": client_id, _SHOWN_AS.get(use, f"{use.value}_secret"): secret}, as_json=as_json)
    note("Keep it now: it cannot be shown again. The one before is good for another day.")


@app.command()
def allow(
    client_id: ClientId,
    vendors: Vendors = None,
    return_hosts: ReturnHosts = None,
    origins: Origins = None,
    methods: Methods = None,
    recipient_ibans: Ibans = None,
    redirect_urls: RedirectUrls = None,
    grants: Grants = None,
    data: Data = None,
    database: Database = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Let a client do more: accept more issuers' cards, be paid at more accounts, send payers back to more places.

    A client without any origin or method may use them all; with the first one it may use that one only.

    \b
    Example:
      tillway client allow client-4f1b22 --vendor ark-books --return-host shop.example
      tillway client allow QrCDN6CcXkGOnRiNcZMrpw== --origin https://shop.example --method card
      tillway client allow order-shop --recipient-iban SK3112000000198742637541 --grant refunds
    """

    async def act(tools: "Tools") -> "Client":
        from tillway.commands import records
        from tillway.domain.recording import Allowed

        more = Allowed(
            tuple(vendors or ()),
            _lower(return_hosts),
            read_origins(origins or ()),
            read_methods(methods or ()),
            read_ibans(recipient_ibans or ()),
            read_redirect_urls(redirect_urls or ()),
            read_grants(grants or ()),
        )
        if more == Allowed():
            raise Stopped(f"say what to allow: {', '.join(_ALLOWED[:-1])} or {_ALLOWED[-1]}", MISUSED)
        return await records.allow(tools, client_id, more)

    show_facts(_facts(with_tools(data, database, act)), as_json=as_json)


@app.command()
def close(client_id: ClientId, data: Data = None, database: Database = None, *, as_json: AsJson = False) -> None:
    """Let a client call no more; a running gateway knows it within two seconds.

    \b
    Example:
      tillway client close client-4f1b22
    """

    async def act(tools: "Tools") -> "Client":
        from tillway.commands import records

        return await records.close(tools, client_id)

    show_facts(_facts(with_tools(data, database, act)), as_json=as_json)


_SHOWN_AS = {Secret.LOGIN: "api_secret", Secret.TENANT: "tenant_key"}


def _lower(hosts: list[str] | None) -> tuple[str, ...]:
    return tuple(host.lower() for host in hosts or ())


def _facts(client: "Client", merchant: str | None = None) -> dict[str, Fact]:
    named: dict[str, Fact] = {} if merchant is None else {"merchant": merchant}
    return {
        "id": client.id,
        "api": client.surface.value,
        "name": client.name,
        **named,
        "currency": client.currency,
        "vendors": client.vendors,
        "return_hosts": client.return_hosts,
        "origins": client.origins,
        "methods": client.methods,
        "recipient_ibans": client.ibans,
        "redirect_urls": client.return_urls,
        "grants": client.grants,
        "state": client.state.value,
        "created_at": moment(client.created_at),
    }


def _check(zone: str, currency: str, client_id: str) -> None:
    from zoneinfo import ZoneInfo

    from tillway.domain.money import exponent

    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        raise Stopped(f"there is no time zone {zone}", MISUSED) from None
    try:
        exponent(currency)
    except ValueError:
        raise Stopped(f"{currency} is not a currency of ISO 4217", MISUSED) from None
    if client_id and not (client_id.isascii() and client_id.replace("-", "").replace("_", "").isalnum()):
        raise Stopped("a client's id has letters, digits, hyphens and underscores only", MISUSED)
