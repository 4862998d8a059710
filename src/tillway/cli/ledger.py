"""`tillway ledger`: prove the books, what the accounts have come to, and what is in doubt."""

from typing import TYPE_CHECKING, Annotated

import typer

from tillway.cli.beside import with_store
from tillway.cli.groups import group
from tillway.cli.options import AsJson, Data, Database
from tillway.cli.speaking import REFUSED, Fact, amount, moment, note, show_json, show_rows

if TYPE_CHECKING:
    from tillway.domain.proof import Verdict

app = group("Prove the books, see what the accounts have come to, and what is in doubt.")

MOST_DOUBTS = 1000


@app.command()
def verify(data: Data = None, database: Database = None, *, as_json: AsJson = False) -> None:
    """Prove every rule of the books at one moment, beside a running gateway or without one.

    Ends with 0 when every rule holds, with 1 when one is broken. docs/ledger.md lists the rules.

    \b
    Examples:
      tillway ledger verify --data /var/lib/tillway
      tillway ledger verify --database postgresql://tillway@db/tillway --json
    """
    from tillway.queries import ledger

    verdict = with_store(data, database, ledger.verify)
    if as_json:
        show_json(
            {
                "sound": verdict.is_sound,
                "checked": dict(verdict.checked),
                "found": {rule.value: count for rule, count in verdict.found.items()},
                "violations": [
                    {"rule": one.rule.value, "subject": one.subject, "detail": one.detail} for one in verdict.violations
                ],
            }
        )
    else:
        _tell(verdict)
    if not verdict.is_sound:
        raise typer.Exit(REFUSED)


def _tell(verdict: "Verdict") -> None:
    from tillway.domain.proof import MEANINGS

    checked = ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in verdict.checked.items() if count)
    typer.echo(f"Checked {checked or 'an empty database'}.")
    if verdict.is_sound:
        typer.echo("Every rule holds.")
        return
    for rule, count in verdict.found.items():
        typer.echo(f"\nBROKEN {rule}: {count:,} times. {MEANINGS[rule]}")
        for one in verdict.violations:
            if one.rule is rule:
                typer.echo(f"  {one.subject}: {one.detail}")


@app.command()
def balances(
    data: Data = None,
    database: Database = None,
    account: Annotated[
        str, typer.Option(metavar="PREFIX", help="Only accounts whose names begin so, such as payable:")
    ] = "",
    *,
    as_json: AsJson = False,
) -> None:
    """Show what every account has come to; all cards of a currency are one account, and those at nothing are left out.

    \b
    Examples:
      tillway ledger balances
      tillway ledger balances --account payable: --json
    """
    from tillway.queries import ledger

    found = with_store(data, database, lambda store: ledger.balances(store, account))
    rows = [
        {
            "account": one.account,
            "kind": one.kind,
            "owner": one.owner,
            "currency": one.currency,
            "balance": amount(one.minor, one.currency),
        }
        for one in found
        if one.minor
    ]
    show_rows(rows, ("account", "balance", "currency"), as_json=as_json)
    if not rows:
        note("No account has moved yet.")


@app.command()
def doubts(data: Data = None, database: Database = None, *, as_json: AsJson = False) -> None:
    """List money that a far side still has to answer for, longest in doubt first.

    The gateway asks again by itself, for up to 30 days; what it no longer asks about has no next look-up: find out
    from the issuer or acquirer what became of it.

    \b
    Example:
      tillway ledger doubts --json
    """
    from tillway.queries import ledger

    found = with_store(data, database, lambda store: ledger.doubts(store, MOST_DOUBTS))
    rows: list[dict[str, Fact]] = [
        {
            "payment": one.payment_id,
            "attempt": one.attempt,
            "refund": one.refund or None,
            "connector": one.connector,
            "state": one.state,
            "amount": amount(one.amount, one.currency),
            "currency": one.currency,
            "since": moment(one.since),
            "next_look_up": moment(one.next_look_up_at) if one.next_look_up_at else None,
        }
        for one in found
    ]
    show_rows(rows, _DOUBT_COLUMNS, as_json=as_json)
    if not rows:
        note("Nothing is in doubt.")
    elif len(rows) == MOST_DOUBTS:
        note(f"These are the first {MOST_DOUBTS:,}; there may be more.")


_DOUBT_COLUMNS = (
    "payment",
    "attempt",
    "refund",
    "connector",
    "state",
    "amount",
    "currency",
    "since",
    "next_look_up",
)
