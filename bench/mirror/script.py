"""What a command reads and writes, as a script for pgbench: the same rows, one plain statement for each step."""

from collections.abc import Sequence
from typing import Any

from bench.load.requests import AMOUNT_MINOR
from bench.mirror.filling import expression
from bench.mirror.marks import RECEIVER
from bench.mirror.recording import Life, Recorded
from tillway.domain.giftcards import GiftCard
from tillway.domain.payments import Payment
from tillway.store.rows import MAPPINGS
from tillway.store.steps import Insert, Load, Update

CLIENTS = 8
CARD_COUNT = 10_000
FIRST_CARD = 10_000
FIRST_ORDER = 100_000_000
ORDERS = "019a9f1e-7c1a-7b52-8f6e-"
ACTS = "019a9f1e-7c1a-7b52-8f6f-"
MOMENT = 1_800_000_000_000_000

REFUNDS_OF_EACH = 50
"""So often each client of pgbench refunds one payment, before all go on to the next."""

FIRST_REFUND = 500_000_000

GOT = " \\gset found_"
"""Ends a query in pgbench like `;`, and wants exactly one row."""

_BEFORE = f"""\
\\set order {FIRST_ORDER} + :begun * {CLIENTS} + :client_id
\\set begun :begun + 1
\\set card random({FIRST_CARD}, {FIRST_CARD} + :cards - 1)
\\set opened {MOMENT} + :order
\\set act :order
\\set acted {MOMENT} + :order + 1
\\set ends {MOMENT} + :order + 86400000000
"""

_BEFORE_A_REFUND = f"""\
\\set order {FIRST_ORDER} + :begun + :done / {REFUNDS_OF_EACH}
\\set card {FIRST_CARD}
\\set acted {MOMENT} + :order + 2
\\set ends {MOMENT} + :order + 86400000000
\\set act {FIRST_REFUND} + :begun * {CLIENTS * REFUNDS_OF_EACH} + :done * {CLIENTS} + :client_id
\\set done :done + 1
"""

_NAMED = {
    "order": f"'{ORDERS}' || :order::text",
    "act": f"'{ACTS}' || :act::text",
    "card1": "md5(:card::text)",
    "card2": "md5((:card + 1)::text)",
    "mask1": ":card::text",
    "mask2": "(:card + 1)::text",
    "opened": ":opened",
    "acted": ":acted",
    "ends": ":ends",
    "number": ":order",
    "receiver": f"'{RECEIVER}'",
    "refund": "(:found_refund_count + 1)",
    "refunded": f"(:found_refunded + {AMOUNT_MINOR})",
    "version": "(:found_version + 1)",
}


def script(life: Life, steps: Sequence[Recorded]) -> str:
    """One transaction of pgbench that does these steps of a life.

    It is given `begun`, the number of transactions each client has had before, and `cards`, from how many it chooses.
    """
    return _BEFORE + _transaction(life, steps)


def refund_script(life: Life, steps: Sequence[Recorded]) -> str:
    """One transaction of pgbench that refunds the payment that all clients refund at this time.

    It is given `begun`, the place of the first payment, and `done`, 0.
    """
    return _BEFORE_A_REFUND + _transaction(life, steps)


def _transaction(life: Life, steps: Sequence[Recorded]) -> str:
    lines = ["BEGIN", *(_statement(life, step) for step in steps), "COMMIT"]
    return "".join(f"{line}\n" if line.endswith(GOT) else f"{line};\n" for line in lines)


def _statement(life: Life, step: Recorded) -> str:
    match step:
        case Load():
            return _select(life, step)
        case Insert():
            mapping = MAPPINGS[step.kind]
            rows = ", ".join(_row(life, mapping.to_values(row)) for row in step.rows)
            return f"INSERT INTO {mapping.table.name} ({_names(mapping.columns)}) VALUES {rows}"
        case Update():
            return _update(life, step)
        case _:
            raise NotImplementedError


def _select(life: Life, step: Load) -> str:
    mapping = MAPPINGS[step.kind]
    keys: list[tuple[Any, ...]] = [key if len(step.columns) > 1 else (key,) for key in step.keys]
    if len(keys) == 1:
        among = _equal(step.columns, _values(life, keys[0]))
    else:
        among = f"({_names(step.columns)}) IN ({', '.join(_row(life, key) for key in keys)})"
    tail = f" ORDER BY {_names(step.columns)}" * (len(keys) > 1) + " FOR UPDATE" * step.lock
    among += f" AND \"{step.given}\" <> ''" if step.given else ""
    return f"SELECT {_names(mapping.columns)} FROM {mapping.table.name} WHERE {among}{tail}{_must_be_there(step)}"


def _must_be_there(step: Load) -> str:
    """A client that finds no more payments to perform stops, and so does the run."""
    return GOT if step.kind is Payment else ""


def _update(life: Life, step: Update) -> str:
    mapping = MAPPINGS[step.kind]
    columns = (*mapping.mutable, *mapping.key)
    rows = [_changes(life, row, mapping.key_and_mutable(row)) for row in step.rows]
    table = mapping.table.name
    if len(rows) == 1:
        fresh = dict(zip(columns, rows[0], strict=True))
        changes = ", ".join(f'"{column}" = {_kept(step, column)}{fresh[column]}' for column in mapping.mutable)
        return f"UPDATE {table} SET {changes} WHERE {_equal(mapping.key, [fresh[column] for column in mapping.key])}"
    changes = ", ".join(f'"{column}" = {_kept(step, column, "kept.")}fresh."{column}"' for column in mapping.mutable)
    keys = " AND ".join(f'kept."{column}" = fresh."{column}"' for column in mapping.key)
    values = ", ".join(f"({', '.join(row)})" for row in rows)
    return f"UPDATE {table} AS kept SET {changes} FROM (VALUES {values}) AS fresh ({_names(columns)}) WHERE {keys}"


def _changes(life: Life, row: Any, values: Sequence[Any]) -> list[str]:
    """The values of an update; a card's money as what is added to it, since pgbench does not decide."""
    if not isinstance(row, GiftCard):
        return _values(life, values)
    (before,) = (card for card in life.cards if card.id == row.id)
    moved = [row.balance - before.balance, row.held - before.held]
    return [*map(str, moved), *_values(life, values[len(moved) :])]


def _kept(step: Update, column: str, table: str = "") -> str:
    return f'{table}"{column}" + ' if step.kind is GiftCard and column in {"balance", "held"} else ""


def _row(life: Life, values: Sequence[Any]) -> str:
    return f"({', '.join(_values(life, values))})"


def _values(life: Life, values: Sequence[Any]) -> list[str]:
    return [expression(value, life.texts, _NAMED.__getitem__) for value in values]


def _equal(columns: Sequence[str], values: Sequence[str]) -> str:
    return " AND ".join(f'"{column}" = {value}' for column, value in zip(columns, values, strict=True))


def _names(columns: Sequence[str]) -> str:
    return ", ".join(f'"{column}"' for column in columns)
