"""`tillway issuer`: who owes the holders of gift cards."""

from typing import TYPE_CHECKING, Annotated

import typer

from tillway.cli.beside import with_store, with_tools
from tillway.cli.groups import group
from tillway.cli.options import AsJson, Data, Database
from tillway.cli.speaking import MISUSED, Fact, Stopped, show_facts, show_rows

if TYPE_CHECKING:
    from tillway.commands.tools import Tools
    from tillway.domain.clients import Issuer

app = group("Issuers of gift cards (in the API: vendors).")

_COLUMNS = ("id", "name", "prefix", "currency", "kind")


@app.command()
def create(
    issuer_id: Annotated[str, typer.Argument(metavar="ID", help="Short and lower-case, such as ark-books.")],
    name: Annotated[str, typer.Option(help="What is printed on the cards.")],
    prefix: Annotated[str, typer.Option(help="The 4 to 9 digits that begin every number of its cards.")],
    currency: Annotated[str, typer.Option(help="ISO 4217 code.")] = "NOK",
    data: Data = None,
    database: Database = None,
    *,
    test: Annotated[
        bool, typer.Option("--test", help="Test cards; a gateway serves either test or live cards.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Add an issuer of gift cards.

    \b
    Example:
      tillway issuer create ark-books --name "Ark Books" --prefix 606123
    """

    async def act(tools: "Tools") -> "Issuer":
        from tillway.commands import records
        from tillway.queries.records import has_issuers

        _check(issuer_id, prefix, currency)
        if await has_issuers(tools.store, live=test):
            raise Stopped("this gateway has issuers of the other kind: test and live cards never mix")
        return await records.add_issuer(tools, issuer_id, name, prefix, currency, live=not test)

    show_facts(_facts(with_tools(data, database, act)), as_json=as_json)


@app.command("list")
def list_(data: Data = None, database: Database = None, *, as_json: AsJson = False) -> None:
    """List the issuers.

    \b
    Example:
      tillway issuer list --json
    """
    from tillway.queries import records

    show_rows([_facts(one) for one in with_store(data, database, records.issuers)], _COLUMNS, as_json=as_json)


def _check(issuer_id: str, prefix: str, currency: str) -> None:
    from tillway.domain.money import exponent

    if not issuer_id.replace("-", "").replace("_", "").isalnum() or not issuer_id.isascii():
        raise Stopped("an issuer's id has letters, digits, hyphens and underscores only", MISUSED)
    if not (prefix.isascii() and prefix.isdigit() and 4 <= len(prefix) <= 9):
        raise Stopped("a prefix has 4 to 9 digits", MISUSED)
    try:
        exponent(currency)
    except ValueError:
        raise Stopped(f"{currency} is not a currency of ISO 4217", MISUSED) from None


def _facts(issuer: "Issuer") -> dict[str, Fact]:
    return {
        "id": issuer.id,
        "name": issuer.name,
        "prefix": issuer.prefix,
        "currency": issuer.currency,
        "kind": "live" if issuer.live else "test",
    }
