"""`tillway statements`: take bank statements in, and decide about what found no payment by itself."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tillway.cli.beside import with_store, with_tools
from tillway.cli.groups import group
from tillway.cli.options import AsJson, Data, Database
from tillway.cli.speaking import MISUSED, Fact, Stopped, amount, moment, note, show_facts, show_rows

if TYPE_CHECKING:
    from tillway.commands.statement_files import Owners
    from tillway.commands.tools import Tools
    from tillway.domain.ids import MerchantId
    from tillway.domain.statements import BankEntry, EntryPolicy
    from tillway.store.protocol import Store

app = group("Bank statements: take them in, and decide about what found no payment by itself.")

MOST_LISTED = 1000

MerchantName = Annotated[str, typer.Option("--merchant", metavar="NAME", help="The merchant's name.")]


class HandlingWord(StrEnum):
    """What to do with money that is not what was asked for."""

    ACCEPT = "accept"
    REFUND = "refund"
    HOLD = "hold"


class VerbWord(StrEnum):
    """What may be decided about an entry."""

    MATCH = "match"
    ACCEPT = "accept"
    REFUND = "refund"
    IGNORE = "ignore"
    REOPEN = "reopen"


@app.command("import")
def import_(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE…", help="Statements: camt.053, MT940, or CSV of a known bank.")
    ],
    account: Annotated[
        str, typer.Option(metavar="IBAN", help="The account, where a CSV file does not tell it.", show_default=False)
    ] = "",
    merchant: MerchantName = "",
    data: Data = None,
    database: Database = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Book what banks tell, once however often it is told, and let payments have what belongs to them.

    A file that cannot be read, contradicts itself or is of somebody else's account is refused before anything of it is
    booked. One that was cut short is finished by taking it in again. Ends with 1 if a file was refused.

    \b
    Examples:
      tillway statements import statement.xml
      tillway statements import /var/spool/bank/*.sta --json
      tillway statements import export.csv --account SK3112000000198742637541
    """

    async def act(tools: "Tools") -> list[dict[str, Fact]]:
        from tillway import taking_in

        find = await taking_in.owners(tools, await _merchant(tools.store, merchant) if merchant else None)
        iban = "".join(account.split()).upper()
        return [await _import_one(tools, path, iban, find) for path in files]

    rows = with_tools(data, database, act)
    show_rows(rows, _FILE_COLUMNS, as_json=as_json)
    refused = [row for row in rows if row["refused"]]
    for row in refused:
        note(f"tillway: {row['refused']}")
    if refused:
        raise typer.Exit(1)


_FILE_COLUMNS = ("file", "entries", "fresh", "matched", "review", "unmatched", "returning", "refused")


async def _import_one(tools: "Tools", path: Path, account: str, find: "Owners") -> dict[str, Fact]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from tillway import taking_in
    from tillway.commands.statement_files import Counts, FileRefused

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    counts, refused = Counts(), ""
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as progress:
        task = progress.add_task(path.name, total=None)

        def advance(done: int, total: int) -> None:
            progress.update(task, completed=done, total=total)

        try:
            counts = await taking_in.import_file(tools, path, account, find, advance)
        except FileRefused as fault:
            refused = f"{path.name}: {fault}" if fault.is_unreadable else str(fault)
    return {
        "file": str(path),
        "entries": counts.entries,
        "fresh": counts.fresh,
        "matched": counts.matched,
        "review": counts.review,
        "unmatched": counts.unmatched,
        "returning": counts.returning,
        "refused": refused,
    }


@app.command("list")
def list_(data: Data = None, database: Database = None, *, as_json: AsJson = False) -> None:
    """List the statements that were taken in, newest first.

    \b
    Example:
      tillway statements list --json
    """

    async def act(store: "Store") -> list[dict[str, Fact]]:
        from tillway.queries import statements

        return [
            {
                "account": one.account,
                "name": one.name,
                "from": day(one.from_on),
                "to": day(one.to_on),
                "opening": amount(one.opening, one.currency),
                "closing": amount(one.closing, one.currency),
                "currency": one.currency,
                "adds_up": bool(one.adds_up),
                "entries": one.entry_count,
                "complete": bool(one.is_read),
                "taken_in_at": moment(one.created_at),
            }
            for one in await statements.newest(store, MOST_LISTED)
        ]

    rows = with_store(data, database, act)
    show_rows(rows, _STATEMENT_COLUMNS, as_json=as_json)
    if not rows:
        note("No statement was taken in yet.")


_STATEMENT_COLUMNS = (
    *("account", "name", "from", "to", "opening", "closing", "currency", "adds_up", "entries", "complete"),
    "taken_in_at",
)


@app.command()
def review(
    merchant: MerchantName,
    again: Annotated[
        bool, typer.Option("--again", help="First let what belongs to nothing look for its payment once more.")
    ] = False,
    data: Data = None,
    database: Database = None,
    *,
    as_json: AsJson = False,
) -> None:
    """List the entries that wait for a decision, and money that came and belongs to nothing; oldest first.

    \b
    Examples:
      tillway statements review --merchant "Corner shop"
      tillway statements review --merchant "Corner shop" --again --json
    """

    async def act(tools: "Tools") -> "list[BankEntry]":
        from tillway import taking_in
        from tillway.commands import statements as commands
        from tillway.commands.statement_files import FileRefused
        from tillway.queries import statements

        owner = await _merchant(tools.store, merchant)
        if again:
            find = await taking_in.owners(tools, owner)
            for entry in await statements.unmatched(tools.store, owner, MOST_LISTED):
                try:
                    clients = find(entry.account).clients
                except FileRefused as fault:
                    raise Stopped(str(fault)) from None
                await commands.match_again(tools, clients, [entry])
        return await statements.waiting(tools.store, owner, MOST_LISTED)

    rows = [_entry_facts(entry) for entry in with_tools(data, database, act)]
    show_rows(rows, _ENTRY_COLUMNS, as_json=as_json)
    if not rows:
        note("Nothing waits for a decision.")


@app.command()
def decide(
    entry: Annotated[str, typer.Argument(metavar="ENTRY", help="The entry's id.")],
    verb: Annotated[VerbWord, typer.Argument(help="What to do with what is left of it.")],
    payment: Annotated[
        str, typer.Option(metavar="ID", help="For match: the payment or the refund that it is.", show_default=False)
    ] = "",
    returned: Annotated[
        str,
        typer.Option(
            "--return-of", metavar="ENTRY", help="For match: the entry that it gives back.", show_default=False
        ),
    ] = "",
    data: Data = None,
    database: Database = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Decide about an entry: which payment has it, or whether the merchant keeps it, gives it back or sets it aside.

    match lets a payment have it, in part too; accept: the merchant keeps it (or bears it, if it left the account);
    refund: it goes back with the next `tillway refunds export`; ignore sets it aside; reopen looks at it anew.

    \b
    Examples:
      tillway statements decide 04f1a6d1c0ffee0123456789abcdef01 match --payment 019a9f1e-7c1a-7b52-8f6e-2f1d3c4b5001
      tillway statements decide 04f1a6d1c0ffee0123456789abcdef01 accept
      tillway statements decide 04f1a6d1c0ffee0123456789abcdef01 refund --json
    """

    async def act(tools: "Tools") -> "BankEntry":
        from tillway.commands import entries
        from tillway.domain.reviewing import Verb

        if (verb is VerbWord.MATCH) is not (bool(payment) is not bool(returned)):
            raise Stopped("match needs either --payment or --return-of, and nothing else does", MISUSED)
        if payment:
            return await entries.match_payment(tools, entry, payment)
        if returned:
            return await entries.match_return(tools, entry, returned)
        return await entries.decide(tools, entry, Verb(verb.value))

    show_facts(_entry_facts(with_tools(data, database, act)), as_json=as_json)


@app.command()
def policy(
    merchant: MerchantName,
    part: Annotated[
        HandlingWord | None, typer.Option(help="Less came than was asked for: accept lets the payment be smaller.")
    ] = None,
    over: Annotated[HandlingWord | None, typer.Option(help="More came than was asked for.")] = None,
    late: Annotated[HandlingWord | None, typer.Option(help="The payment is over, or was paid already.")] = None,
    data: Data = None,
    database: Database = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Say, or show, how a merchant handles money that is not what was asked for; unless said it is held for a person.

    \b
    Examples:
      tillway statements policy --merchant "Corner shop"
      tillway statements policy --merchant "Corner shop" --over refund --late refund --part hold
    """

    async def act(tools: "Tools") -> "EntryPolicy":
        from tillway.commands import entries
        from tillway.domain.statements import Handling

        owner = await _merchant(tools.store, merchant)
        wanted = [None if word is None else Handling(word.value) for word in (part, over, late)]
        return await entries.set_policy(tools, owner, *wanted)

    found = with_tools(data, database, act)
    facts: dict[str, Fact] = {
        "merchant": merchant,
        "part": found.part.value,
        "over": found.over.value,
        "late": found.late.value,
    }
    show_facts(facts, as_json=as_json)


async def _merchant(store: "Store", name: str) -> "MerchantId":
    """The merchant of this name. Raises Stopped."""
    from tillway.queries import records

    for merchant in await records.merchants(store):
        if merchant.name == name:
            return merchant.id
    raise Stopped(f"there is no merchant {name}")


def day(days: int) -> str:
    """A day (since 1970) in ISO 8601; empty where there is none."""
    from tillway.surfaces.common.days import day_of

    return day_of(days).isoformat() if days else ""


_ENTRY_COLUMNS = (
    *("entry", "state", "cause", "booked_on", "amount", "left", "currency", "direction", "variable_symbol"),
    *("reference", "remittance", "counterparty", "payment", "score"),
)


def _entry_facts(entry: "BankEntry") -> dict[str, Fact]:
    return {
        "entry": entry.id,
        "state": entry.state.value,
        "cause": entry.cause,
        "booked_on": day(entry.booked_on),
        "amount": amount(entry.amount, entry.currency),
        "left": amount(entry.left, entry.currency),
        "currency": entry.currency,
        "direction": "in" if entry.is_credit else "out",
        "variable_symbol": entry.variable_symbol,
        "reference": entry.reference,
        "remittance": entry.remittance,
        "counterparty": entry.counterparty_iban,
        "payment": entry.payment_id,
        "score": entry.score,
    }
