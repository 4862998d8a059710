"""`tillway hooks`: the addresses where clients of the payment orders API are told of changes, and asked."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from tillway.cli.beside import settings_of, with_store, with_tools
from tillway.cli.groups import group
from tillway.cli.options import AsJson, Data, Database, HookWord
from tillway.cli.speaking import MISUSED, Fact, Stopped, microseconds, moment, note, show_facts, show_rows

if TYPE_CHECKING:
    from tillway.commands.tools import Tools
    from tillway.domain.hooks import Hook
    from tillway.domain.notices import Notice
    from tillway.store.protocol import Store

app = group("Hooks: where clients of the payment orders API are told of changes, and asked whether to go on.")

ClientId = Annotated[str, typer.Argument(metavar="CLIENT", help="The client's id.")]
Number = Annotated[int, typer.Argument(metavar="NUMBER", min=1, help="The hook's number, as listed.")]

_COLUMNS = ("client", "number", "type", "url", "starts_at", "ends_at", "created_at")


@app.command()
def add(
    client_id: ClientId,
    kind: Annotated[HookWord, typer.Option("--type", help="What it is called for.")],
    url: Annotated[str, typer.Option(help="Where: https; in a sandbox also http on loopback.")],
    since: Annotated[
        datetime | None, typer.Option("--from", help="Only from then on (UTC).", show_default=False)
    ] = None,
    until: Annotated[datetime | None, typer.Option(help="Only before then (UTC).", show_default=False)] = None,
    data: Data = None,
    database: Database = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Have a client told of every change, or asked before a payer is sent to the bank; several of a type may be.

    What it is told is signed with the client's signing secret.

    \b
    Examples:
      tillway hooks add 01a1f993-28bf-7e78-a3b3-e32d35a8e001 --type payment.statusChange --url https://shop.example/paid
      tillway hooks add 01a1f993-28bf-7e78-a3b3-e32d35a8e001 --type payment.statusCheck --url https://shop.example/ask
    """

    async def act(tools: "Tools") -> "Hook":
        from tillway.commands import hooks
        from tillway.domain.hooking import HookAsked
        from tillway.domain.hooks import HookType
        from tillway.surfaces.sandbox.seeding import FILE

        starts_at, ends_at = microseconds(since) if since else 0, microseconds(until) if until else 0
        if ends_at and ends_at <= max(starts_at, tools.now()):
            raise Stopped("it would be over before it has begun: see --from and --until", MISUSED)
        sandbox = (settings_of(data, database).data / FILE).exists()
        asked = HookAsked(HookType(kind.value), url, starts_at, ends_at)
        return await hooks.add(tools, client_id, asked, sandbox=sandbox)

    show_facts(_facts(with_tools(data, database, act)), as_json=as_json)


@app.command("list")
def list_(
    data: Data = None,
    database: Database = None,
    client: Annotated[
        str, typer.Option("--client", metavar="CLIENT", help="Only this client's.", show_default=False)
    ] = "",
    *,
    as_json: AsJson = False,
) -> None:
    """List the hooks, with those that are over.

    \b
    Examples:
      tillway hooks list
      tillway hooks list --client 01a1f993-28bf-7e78-a3b3-e32d35a8e001 --json
    """

    async def act(store: "Store") -> "list[Hook]":
        from tillway.queries import hooks

        return await hooks.hooks(store, client)

    show_rows([_facts(one) for one in with_store(data, database, act)], _COLUMNS, as_json=as_json)


@app.command()
def end(
    client_id: ClientId, number: Number, data: Data = None, database: Database = None, *, as_json: AsJson = False
) -> None:
    """Call a hook no more, from now on; what was to be told already is still told.

    \b
    Example:
      tillway hooks end 01a1f993-28bf-7e78-a3b3-e32d35a8e001 2
    """

    async def act(tools: "Tools") -> "Hook":
        from tillway.commands import hooks

        return await hooks.end(tools, client_id, number)

    show_facts(_facts(with_tools(data, database, act)), as_json=as_json)


@app.command("test")
def try_out(
    client_id: ClientId, number: Number, data: Data = None, database: Database = None, *, as_json: AsJson = False
) -> None:
    """Try a hook out: have it told of a made-up change, whose `eventType` is test, signed as everything is.

    \b
    Example:
      tillway hooks test 01a1f993-28bf-7e78-a3b3-e32d35a8e001 1
    """

    async def act(tools: "Tools") -> "Notice":
        from tillway.commands import hooks
        from tillway.surfaces.order_api.notices import trial

        return await hooks.try_out(tools, client_id, number, trial)

    notice = with_tools(data, database, act)
    show_facts({"webhook": notice.id, "client": notice.client_id, "url": notice.url}, as_json=as_json)
    note("It is told by the running gateway; `tillway webhooks list` says what came of it.")


def _facts(hook: "Hook") -> dict[str, Fact]:
    return {
        "client": hook.client_id,
        "number": hook.number,
        "type": hook.kind.value,
        "url": hook.url,
        "starts_at": moment(hook.starts_at),
        "ends_at": moment(hook.ends_at),
        "created_at": moment(hook.created_at),
    }
