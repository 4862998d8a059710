"""`tillway sandbox`, `serve` and `migrate`: what starts a gateway."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tillway.cli.beside import finish, make_folder, plainly, settings_of
from tillway.cli.options import AsJson, Data, Database, Host, Port
from tillway.cli.speaking import show_facts

if TYPE_CHECKING:
    from tillway.settings import Settings


def add_to(app: typer.Typer) -> None:
    """Make these commands of the program itself."""
    app.command()(sandbox)
    app.command()(serve)
    app.command()(migrate)


def sandbox(
    port: Port = None,
    data: Data = None,
    database: Database = None,
    host: Host = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print sandbox.json instead of a welcome.")] = False,
) -> None:
    """Start a gateway to try things on, with a shop, credentials and test cards; the first time makes everything.

    Everything it made is in DIR/sandbox.json. Starting again on the same folder keeps it all.

    \b
    Examples:
      tillway sandbox
      tillway sandbox --port 9000 --data ./trial --database postgresql://tillway@localhost/trial
    """
    from tillway.cli import sandboxes

    with plainly():
        settings = settings_of(data, database, port=port, host=host, workers=1)
        content = finish(lambda: sandboxes.prepare(settings))
        sandboxes.welcome(settings, content, as_json=as_json)
        sandboxes.start(settings)


def serve(
    host: Host = None,
    port: Port = None,
    workers: Annotated[
        int | None,
        typer.Option(
            metavar="N", min=1, max=64, help="Processes; more than one needs PostgreSQL. Else TILLWAY_WORKERS, else 1."
        ),
    ] = None,
    data: Data = None,
    database: Database = None,
) -> None:
    """Serve payments. Refuses to start with a weak key, sandbox parts, an old schema or an open public address.

    docs/operating.md says what to set; docs/settings.md lists every setting.

    \b
    Example:
      TILLWAY_PUBLIC_URL=https://pay.example tillway serve --workers 4 --database postgresql://db/tillway
    """
    from tillway.cli import production

    with plainly():
        settings = settings_of(data, database, host=host, port=port, workers=workers)
        finish(lambda: production.check(settings))
        production.start(settings)


def migrate(
    data: Data = None,
    database: Database = None,
    *,
    sql: Annotated[bool, typer.Option("--sql", help="Print the SQL instead of running it.")] = False,
    as_json: AsJson = False,
) -> None:
    """Bring a database to the schema of this version; a SQLite file is made if it is missing.

    \b
    Examples:
      tillway migrate --data /var/lib/tillway
      tillway migrate --database postgresql://tillway@db/tillway --sql > upgrade.sql
    """
    with plainly():
        settings = settings_of(data, database)
        if sql:
            typer.echo(finish(lambda: _sql(settings)), nl=False)
            return
        before, after = finish(lambda: _migrate(settings))
        if as_json:
            show_facts({"from": before, "to": after}, as_json=True)
        elif before == after:
            typer.echo(f"The schema is {after} already.")
        else:
            typer.echo(f"The schema went from {before or 'nothing'} to {after}.")


async def _migrate(settings: "Settings") -> tuple[str, str]:
    from tillway.store.addresses import is_postgres
    from tillway.store.migrating import migrate as bring_up
    from tillway.store.revisions import newest_revision

    if not is_postgres(settings.store):
        make_folder(Path(settings.store).parent)
    return await bring_up(settings.store), newest_revision()


async def _sql(settings: "Settings") -> str:
    from tillway.store.addresses import is_postgres
    from tillway.store.migrating import migration_sql
    from tillway.store.revisions import newest_revision, revision_of

    revision = await revision_of(settings.store)
    if revision == newest_revision():
        return ""
    return migration_sql("postgresql" if is_postgres(settings.store) else "sqlite", revision or None)
