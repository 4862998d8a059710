"""`tillway card`: issue gift cards, look one up, block it, extend it."""

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tillway.cli.beside import plainly, settings_of, with_store, with_tools
from tillway.cli.groups import group
from tillway.cli.options import AsJson, Data, Database
from tillway.cli.speaking import MISUSED, Fact, Stopped, amount, moment, note, show_facts, show_json, show_rows

if TYPE_CHECKING:
    from tillway.commands.tools import Tools
    from tillway.domain.giftcards import CardState, GiftCard
    from tillway.domain.ids import CardId

app = group("Gift cards.")

Card = Annotated[
    str,
    typer.Argument(
        metavar="[CARD]",
        show_default=False,
        help="Its id (32 characters, from --ending); without it, its number is asked for or read from stdin. "
        "A number given here works, but others may see it in the list of processes and in your shell's history.",
    ),
]
Zone = Annotated[str, typer.Option(help="The time zone whose day it is; the merchants', if they have one in common.")]

_COLUMNS = ("id", "number", "issuer", "balance", "held", "currency", "state", "expires_at")


@app.command()
def issue(
    issuer: Annotated[str, typer.Argument(metavar="ISSUER", help="Whose cards: an issuer's id.")],
    balance: Annotated[str, typer.Option("--amount", help="What each is worth, such as 500 or 99.50.")],
    count: Annotated[int, typer.Option(min=1, max=100_000, help="How many.")] = 1,
    expires: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], metavar="DAY", help="Its last day; a year from now if not given."),
    ] = None,
    zone: Zone = "",
    csv: Annotated[Path | None, typer.Option(metavar="FILE", help="Write numbers and CVCs to a new CSV file.")] = None,
    pdf: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write cards with barcodes, ten to an A4 page, to a new PDF.")
    ] = None,
    data: Data = None,
    database: Database = None,
    *,
    connector: Annotated[
        str, typer.Option(metavar="NAME", help="Who must agree before their money moves: one of TILLWAY_CONNECTORS.")
    ] = "",
    inactive: Annotated[bool, typer.Option("--inactive", help="Not to be used before they are unblocked.")] = False,
    as_json: AsJson = False,
) -> None:
    """Issue gift cards. Files are made anew, readable by you only: whoever reads them can spend the cards.

    \b
    Examples:
      tillway card issue ark-books --amount 500 --count 2000 --csv cards.csv --pdf cards.pdf
      tillway card issue ark-books --amount 99.50 --expires 2027-12-31 --json
    """
    from tillway.cli.issuing import Batch, Targets, issue_cards

    if csv is None and pdf is None and not as_json:
        raise typer.BadParameter("say where the cards go: --csv, --pdf or --json")
    if connector:
        with plainly():
            known = settings_of(data, database).connectors
        if connector not in known:
            raise typer.BadParameter(f"TILLWAY_CONNECTORS names no {connector}")
    last_day = expires.date() if expires else None
    batch = Batch(issuer, balance, count, last_day, zone, inactive=inactive, connector=connector)
    targets = Targets(csv, pdf)
    issued = with_tools(data, database, lambda tools: issue_cards(tools, batch, targets))
    if as_json:
        show_json([card.as_facts() for card in issued])
    for target in (csv, pdf):
        if target is not None:
            note(f"{count:,} cards are in {target}.")


@app.command()
def show(
    card: Card = "",
    ending: Annotated[
        str, typer.Option(metavar="DIGITS", help="List the cards whose numbers end in these five digits.")
    ] = "",
    data: Data = None,
    database: Database = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Show a card, its number masked.

    \b
    Examples:
      tillway card show --ending 40312
      tillway card show 3f0c9a51e2b84d6f9a7c1d20b5e8f6a4
      tillway card show < number.txt
    """
    if not ending:
        show_facts(_facts(_change(card, data, database, None)), as_json=as_json)
        return
    from tillway.queries import records

    if not (ending.isascii() and ending.isdigit() and len(ending) == 5):
        raise typer.BadParameter("five digits are needed", param_hint="--ending")
    found = with_store(data, database, lambda store: records.cards_ending_in(store, ending))
    show_rows([_facts(one) for one in found], _COLUMNS, as_json=as_json)


@app.command()
def block(card: Card = "", data: Data = None, database: Database = None, *, as_json: AsJson = False) -> None:
    """Let a card pay no more; what it has reserved for open payments stays reserved.

    \b
    Example:
      tillway card block 3f0c9a51e2b84d6f9a7c1d20b5e8f6a4
    """
    from tillway.domain.giftcards import CardState

    show_facts(_facts(_change(card, data, database, CardState.BLOCKED)), as_json=as_json)


@app.command()
def unblock(card: Card = "", data: Data = None, database: Database = None, *, as_json: AsJson = False) -> None:
    """Let a blocked or inactive card pay.

    \b
    Example:
      tillway card unblock 3f0c9a51e2b84d6f9a7c1d20b5e8f6a4
    """
    from tillway.domain.giftcards import CardState

    show_facts(_facts(_change(card, data, database, CardState.ACTIVE)), as_json=as_json)


@app.command()
def extend(
    until: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], metavar="DAY", help="Its new last day.")],
    card: Card = "",
    zone: Zone = "",
    data: Data = None,
    database: Database = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Give a card another last day, earlier or later.

    \b
    Example:
      tillway card extend 3f0c9a51e2b84d6f9a7c1d20b5e8f6a4 --until 2028-12-31
    """
    show_facts(_facts(_change(card, data, database, until.date(), zone)), as_json=as_json)


def _change(
    card: str, data: Path | None, database: str | None, change: "CardState | date | None", zone: str = ""
) -> "GiftCard":
    """The card after the change: another state, another last day, or none."""
    named = card or _asked_number()

    async def act(tools: "Tools") -> "GiftCard":
        from tillway.cli.issuing import zone_of
        from tillway.commands import cards
        from tillway.domain.giftcards import CardState
        from tillway.domain.refusals import CardUnknown
        from tillway.queries import giftcards
        from tillway.surfaces.common.days import end_of

        card_id = _id_of(tools, named)
        if isinstance(change, CardState):
            return await cards.set_state(tools, card_id, change)
        if change is not None:
            return await cards.extend(tools, card_id, end_of(change, await zone_of(tools, zone)))
        found = await giftcards.card(tools.store, card_id)
        if found is None:
            raise CardUnknown
        return found

    return with_tools(data, database, act)


def _asked_number() -> str:
    """A card's number, from a prompt that does not show it or from the first line of stdin."""
    import sys

    if sys.stdin.isatty():
        return typer.prompt("Card number", hide_input=True)
    return sys.stdin.readline()


def _id_of(tools: "Tools", named: str) -> "CardId":
    from tillway.domain.giftcards import NUMBER_LENGTH
    from tillway.domain.ids import CardId

    plain = "".join(named.split())
    if plain.isascii() and plain.isdigit() and len(plain) == NUMBER_LENGTH:
        return tools.vault.card_id(plain)
    if len(plain) == 32 and not plain.strip("0123456789abcdef"):
        return CardId(plain)
    raise Stopped("a card is named by the 19 digits of its number or the 32 characters of its id", MISUSED)


def _facts(card: "GiftCard") -> dict[str, Fact]:
    from tillway.domain.giftcards import masked

    return {
        "id": card.id,
        "number": masked(card.last5),
        "issuer": card.issuer_id,
        "balance": amount(card.balance, card.currency),
        "held": amount(card.held, card.currency),
        "currency": card.currency,
        "state": card.state.value,
        "expires_at": moment(card.expires_at),
    }
