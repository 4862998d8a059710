"""`tillway refunds`: pay refunds of payment orders, and money that goes back, by a file for the bank."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tillway.cli.beside import with_store, with_tools
from tillway.cli.groups import group
from tillway.cli.options import AsJson, Data, Database
from tillway.cli.speaking import MISUSED, Fact, Stopped, amount, moment, note, show_facts, show_rows
from tillway.cli.statements import day

if TYPE_CHECKING:
    from tillway.commands.tools import Tools
    from tillway.domain.batches import CreditBatch
    from tillway.store.protocol import Store

app = group("Refunds of payment orders and money that goes back: pay them all by one file for the bank.")

MOST_LISTED = 1000


@app.command()
def export(
    out: Annotated[Path, typer.Option(metavar="FILE", help="The file to write; one that is there stays as it is.")],
    merchant: Annotated[str, typer.Option(metavar="NAME", help="The merchant's name.", show_default=False)] = "",
    account: Annotated[
        str, typer.Option(metavar="IBAN", help="The account that pays; needed if several are to.", show_default=False)
    ] = "",
    refunds: Annotated[
        list[str] | None,
        typer.Option("--refund", metavar="ID", help="Only this refund; repeatable. Without: all that wait."),
    ] = None,
    batch: Annotated[
        str, typer.Option(metavar="ID", help="Write a file that was written before once more.", show_default=False)
    ] = "",
    data: Data = None,
    database: Database = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Write refunds and returns that wait into a pain.001 file, which you give to your bank; from then on they are
    under way, until a statement shows them.

    If it is cut short after that, the file is written again by its id (`tillway refunds list`), byte for byte the same.

    \b
    Examples:
      tillway refunds export --merchant "Corner shop" --out refunds.xml
      tillway refunds export --merchant "Corner shop" --account SK3112000000198742637541 --out refunds.xml --json
      tillway refunds export --batch 019a9f1e7c1a7b528f6e2f1d3c4b5a69 --out again.xml
    """

    async def act(tools: "Tools") -> "CreditBatch | None":
        from tillway.cli import refund_files

        if bool(merchant) is bool(batch):
            raise Stopped("say whose refunds, --merchant, or which file to write again, --batch", MISUSED)
        if out.exists():
            raise Stopped(f"{out} is there already", MISUSED)
        if batch:
            return await refund_files.write_again(tools, batch, out)
        iban = "".join(account.split()).upper()
        return await refund_files.write_new(tools, merchant, iban, tuple(refunds or ()), out)

    found = with_tools(data, database, act)
    if found is None:
        note("Nothing waits to be paid.")
        return
    show_facts(_facts(found), as_json=as_json)


@app.command("list")
def list_(data: Data = None, database: Database = None, *, as_json: AsJson = False) -> None:
    """List the files that were written, newest first.

    \b
    Example:
      tillway refunds list --json
    """

    async def act(store: "Store") -> "list[CreditBatch]":
        from tillway.queries import statements

        return await statements.batches(store, MOST_LISTED)

    rows = [_facts(one) for one in with_store(data, database, act)]
    show_rows(rows, _COLUMNS, as_json=as_json)
    if not rows:
        note("No file was written yet.")


_COLUMNS = ("batch", "account", "payments", "amount", "currency", "execution_on", "made_at")


def _facts(batch: "CreditBatch") -> dict[str, Fact]:
    return {
        "batch": batch.id,
        "account": batch.account,
        "payments": batch.line_count,
        "amount": amount(batch.amount, batch.currency),
        "currency": batch.currency,
        "execution_on": day(batch.execution_on),
        "made_at": moment(batch.created_at),
    }
