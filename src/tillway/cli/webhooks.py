"""`tillway webhooks`: who was told what, and telling them again."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from tillway.cli.beside import with_store, with_tools
from tillway.cli.groups import group
from tillway.cli.options import AsJson, Data, Database, NoticeWord
from tillway.cli.speaking import MISUSED, Fact, Stopped, microseconds, moment, note, show_facts, show_rows

if TYPE_CHECKING:
    from tillway.commands.tools import Tools
    from tillway.domain.notices import Notice
    from tillway.store.protocol import Store

app = group("Webhooks: who was told what, and telling them again.")

ClientId = Annotated[str, typer.Option("--client", metavar="CLIENT", help="Only this client's.", show_default=False)]

_COLUMNS = ("id", "client", "payment", "url", "state", "tries", "created_at", "next_try_at")


@app.command("list")
def list_(
    data: Data = None,
    database: Database = None,
    client: ClientId = "",
    state: Annotated[NoticeWord | None, typer.Option(help="Only those in this state.")] = None,
    after: Annotated[str, typer.Option(metavar="ID", help="The last one of the page before.", show_default=False)] = "",
    limit: Annotated[int, typer.Option(min=1, max=500, help="How many.")] = 100,
    *,
    as_json: AsJson = False,
) -> None:
    """List webhooks, oldest first.

    \b
    Examples:
      tillway webhooks list --state given_up
      tillway webhooks list --client client-4f1b22 --json
    """

    async def act(store: "Store") -> "list[Notice]":
        from tillway.domain.notices import NoticeState
        from tillway.queries import notices
        from tillway.store.notices import Filter

        wanted = Filter(client, NoticeState(state.value) if state else None, after=after)
        return await notices.notices(store, wanted, limit)

    show_rows([_facts(one) for one in with_store(data, database, act)], _COLUMNS, as_json=as_json)


@app.command()
def replay(
    notice: Annotated[str, typer.Argument(metavar="[ID]", help="One webhook.", show_default=False)] = "",
    client: ClientId = "",
    since: Annotated[
        datetime | None, typer.Option(help="With --client: made since then (UTC).", show_default=False)
    ] = None,
    until: Annotated[
        datetime | None, typer.Option(help="With --client: made before then (UTC).", show_default=False)
    ] = None,
    data: Data = None,
    database: Database = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Tell a webhook again, or all of a client's from some time on, with the same ids and bodies.

    \b
    Examples:
      tillway webhooks replay 019a9f1e-7c1a-7b52-8f6e-2f1d3c4b5003
      tillway webhooks replay --client client-4f1b22 --since 2026-11-20
    """
    if bool(notice) == bool(client):
        raise typer.BadParameter("name either one webhook or a client")

    async def one(tools: "Tools") -> "Notice":
        from tillway.commands import notices

        return await notices.replay_one(tools, notice)

    async def many(tools: "Tools") -> int:
        from tillway.commands import notices

        if since is None:
            raise Stopped("say from when on: --since", MISUSED)
        return await notices.replay_of_client(tools, client, microseconds(since), microseconds(until) if until else 0)

    if notice:
        show_facts(_facts(with_tools(data, database, one)), as_json=as_json)
    else:
        count = with_tools(data, database, many)
        show_facts({"client": client, "replayed": count}, as_json=as_json)
    note("They are told by the running gateway.")


def _facts(notice: "Notice") -> dict[str, Fact]:
    return {
        "id": notice.id,
        "client": notice.client_id,
        "payment": notice.payment_id,
        "url": notice.url,
        "state": notice.state.value,
        "tries": notice.tries,
        "created_at": moment(notice.created_at),
        "next_try_at": moment(notice.next_try_at) if notice.state.value == "due" else "",
    }
