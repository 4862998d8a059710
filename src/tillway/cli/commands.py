"""The commands of `tillway` and their groups."""

import typer

from tillway.cli import cards, clients, hooks, issuers, ledger, refunds, serving, statements, webhooks
from tillway.cli.groups import group
from tillway.cli.options import AsJson

app = group("A self-hosted payment gateway.")
serving.add_to(app)
app.add_typer(clients.app, name="client")
app.add_typer(issuers.app, name="issuer")
app.add_typer(cards.app, name="card")
app.add_typer(ledger.app, name="ledger")
app.add_typer(webhooks.app, name="webhooks")
app.add_typer(hooks.app, name="hooks")
app.add_typer(statements.app, name="statements")
app.add_typer(refunds.app, name="refunds")


@app.command()
def version(*, as_json: AsJson = False) -> None:
    """Say which version this is.

    \b
    Example:
      tillway version
    """
    from importlib.metadata import version as version_of

    from tillway.cli.speaking import show_json
    from tillway.store.revisions import newest_revision

    found = version_of("tillway")
    if as_json:
        show_json({"version": found, "schema": newest_revision()})
    else:
        typer.echo(f"tillway {found}")
