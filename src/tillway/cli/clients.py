"""`tillway client`: sets of credentials that programs call with."""

from typing import TYPE_CHECKING, Annotated

import typer

from tillway.cli.beside import with_store, with_tools
from tillway.cli.groups import group
from tillway.cli.options import AsJson, Data, Database, Secret
from tillway.cli.speaking import MISUSED, Fact, Stopped, moment, note, show_facts, show_rows

if TYPE_CHECKING:
    from tillway.commands.records import Credentials
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

_COLUMNS = ("id", "api", "name", "merchant", "currency", "vendors", "return_hosts", "state", "created_at")


@app.command()
def create(
    merchant: Annotated[str, typer.Option(help="Who is paid; made if there is no merchant of this name.")],
    name: Annotated[str, typer.Option(help="What you call it, such as Till 1.")],
    vendors: Vendors = None,
    return_hosts: ReturnHosts = None,
    currency: Annotated[str, typer.Option(help="ISO 4217 code of its payments.")] = "NOK",
    zone: Annotated[str, typer.Option(help="Time zone of a new merchant, in which its days end.")] = "Europe/Oslo",
    client_id: Annotated[str, typer.Option("--id", help="Its id; made up if not given.", show_default=False)] = "",
    data: Data = None,
    database: Database = None,
    *,
    management: Annotated[
        bool, typer.Option("--management", help="For the management API instead of gift-card payments.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Add a client, and show its secrets: this once, since they are not kept in the clear.

    \b
    Examples:
      tillway client create --merchant "Corner shop" --name "Till 1" --vendor ark-books --return-host shop.example
      tillway client create --merchant "Corner shop" --name Dashboard --management --json
    """

    async def act(tools: "Tools") -> "Credentials":
        import secrets

        from tillway.commands import records
        from tillway.domain.clients import Surface

        _check(zone, currency, client_id)
        owner = await records.add_merchant(tools, merchant, zone)
        surface = Surface.MANAGEMENT if management else Surface.GIFT_CARD
        hosts = tuple(host.lower() for host in return_hosts or ())
        made_up = f"client-{secrets.token_hex(6)}"
        return await records.add_client(
            tools, owner, client_id or made_up, name, surface, currency, tuple(vendors or ()), hosts
        )

    made = with_tools(data, database, act)
    facts: dict[str, Fact] = {"client_id": made.client.id}
    if management:
        facts["token"] = f"{made.client.id}.{made.secret}"
    else:
        facts |= {"client_secret": made.secret, "webhook_secret": made.signing_secret}
    show_facts(facts, as_json=as_json)
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
        Secret, typer.Option(help="Which: what it calls with, or what its webhooks are signed with.")
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
    """

    async def act(tools: "Tools") -> str:
        from tillway.commands import records
        from tillway.domain.clients import SecretUse

        return await records.replace_secret(tools, client_id, SecretUse(use.value))

    secret = with_tools(data, database, act)
    show_facts({"client_id": client_id, f"{use.value}_secret": secret}, as_json=as_json)
    note("Keep it now: it cannot be shown again. The one before is good for another day.")


@app.command()
def allow(
    client_id: ClientId,
    vendors: Vendors = None,
    return_hosts: ReturnHosts = None,
    data: Data = None,
    database: Database = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Let a client accept more issuers' cards, or send payers back to more hosts.

    \b
    Example:
      tillway client allow client-4f1b22 --vendor ark-books --return-host shop.example
    """

    async def act(tools: "Tools") -> "Client":
        from tillway.commands import records
        from tillway.domain.recording import Allowed

        if not vendors and not return_hosts:
            raise Stopped("say what to allow: --vendor or --return-host", MISUSED)
        hosts = tuple(host.lower() for host in return_hosts or ())
        return await records.allow(tools, client_id, Allowed(tuple(vendors or ()), hosts))

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
