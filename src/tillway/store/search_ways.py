"""Ways to the rows of a search: each is an index, what it serves, and what is left to be looked at row by row.

A database that knows little of its tables takes the wrong index sooner or later, and reads a million rows for twenty.
So each way leaves it one index only: conditions that are another's are written so that no index serves them.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Select,
    Table,
    Text,
    and_,
    bindparam,
    func,
    literal_column,
    or_,
    select,
)

from tillway.domain.money import currencies_with, exponents
from tillway.domain.searching import Subject
from tillway.store import schema
from tillway.store.expressions import number, order_of, word

ORDERS: Final = schema.payment_orders
TOLD: Final = schema.instructions

AMOUNT: Final = "amount"
STATUS: Final = "status"
CLIENT: Final = "client"
ID: Final = "id"
MESSAGE: Final = "message"
CURRENCY: Final = "currency"
CREATED: Final = "created"
USUAL_EXPONENT: Final = 2

TEXTS: Final[dict[str, Table]] = {
    "instruction_id": TOLD,
    "external_id": ORDERS,
    "variable_symbol": TOLD,
    "specific_symbol": TOLD,
    "reference": TOLD,
    "bank_id": TOLD,
    "creditor_iban": TOLD,
    "constant_symbol": TOLD,
}
"""Texts that are searched for whole, and where they stand."""

INDEXED: Final = ("instruction_id", "external_id", "variable_symbol", "specific_symbol", "reference", "bank_id")
"""Those that have an index, which leaves out rows where they are empty; the most telling first."""


@dataclass(frozen=True, slots=True)
class Shape:
    """All of a search but its values, so that its statements are built once.

    `given` names the texts that are sought. `exponents` are those of the amounts that are sought (None: any amount
    will do), `exact` says that each is one amount and no range. `further` says that the client has payments that were
    added to their orders later.
    """

    subject: Subject
    given: frozenset[str]
    statuses: int
    exponents: tuple[int, ...] | None
    exact: bool
    begins: bool
    ends: bool
    further: bool

    @property
    def of_payments(self) -> bool:
        """Whether payments are sought, not orders."""
        return self.subject is Subject.PAYMENTS

    @property
    def table(self) -> Table:
        """Where what is sought stands."""
        return TOLD if self.of_payments else ORDERS


@dataclass(frozen=True, slots=True)
class Branch:
    """Rows that one index finds, of which those are sought that meet what is `left`.

    The index has the columns of `leading` first, each with the value that it has to have, and then, in a branch that is
    `by_id`, the `id` (as it stands there: of an order, or of a payment). It serves what is `served`, too. In one that
    is `by_time` the ids alone tell when a row was created: the later, the greater.
    """

    source: FromClause
    id: ColumnElement[str]
    index: str
    leading: tuple[tuple[ColumnElement[Any], ColumnElement[Any]], ...]
    served: tuple[ColumnElement[bool], ...]
    left: tuple[ColumnElement[bool], ...]
    by_id: bool
    by_time: bool
    tables: tuple[Table, ...]


def names_of_ways(shape: Shape) -> tuple[str, ...]:
    """Every way to the rows that are sought, the most telling first; the last one is by the client alone."""
    if ID in shape.given:
        return (ID,)
    by_text = tuple(name for name in INDEXED if name in shape.given)
    by_amount = () if shape.exponents is None else (AMOUNT,)
    return (*by_text, *by_amount, *((STATUS,) if shape.statuses else ()), CLIENT)


def whole(shape: Shape, way: str) -> tuple[Branch, ...]:
    """All that a way leads to, in branches without a row in common, in no order."""
    if not shape.of_payments:
        return firsts(shape, way)
    if _starts_at(shape, way) is TOLD:
        return tuple(_branch(shape, TOLD, lead) for lead in _leads(shape, way, TOLD, further=True))
    (lead,) = _leads(shape, way, ORDERS)
    stem = func.substr(ORDERS.c.order_id, number(1), number(33), type_=Text)
    of_order = (TOLD.c.payment_id > ORDERS.c.order_id, TOLD.c.payment_id < stem.concat(word("800")))
    return (_branch(shape, ORDERS, replace(lead, more=(*lead.more, *of_order)), joined=True),)


def firsts(shape: Shape, way: str) -> tuple[Branch, ...]:
    """Orders, or the first payment of each."""
    table = _starts_at(shape, way)
    return tuple(_branch(shape, table, lead, first=True) for lead in _leads(shape, way, table))


def added(shape: Shape) -> tuple[Branch, ...]:
    """The payments that were added to their orders later, if there are any; their index has the state of each, too."""
    if not (shape.of_payments and shape.further):
        return ()
    conditions = [*_FURTHER, *_at_times(shape)]
    if shape.statuses:
        conditions.append(TOLD.c.state.in_([text_named(f"status{place}") for place in range(shape.statuses)]))
    mine = ((TOLD.c.client_id, text_named(CLIENT)),)
    names = frozenset({CREATED, STATUS})
    return (_branch(shape, TOLD, _Lead("instructions_further", mine, tuple(conditions), names)),)


def further() -> ColumnElement[int]:
    """Whether the client has such payments."""
    found = select(number(1)).select_from(TOLD).where(TOLD.c.client_id == text_named(CLIENT), *_FURTHER).limit(1)
    return func.coalesce(through(found, TOLD, "instructions_further").scalar_subquery(), number(0), type_=BigInteger)


def through(rows: Select[Any], table: Table, index: str) -> Select[Any]:
    """The rows of a table, by this index and no other."""
    return rows.with_hint(table, f"INDEXED BY {index}", "sqlite") if index else rows


def status_of(table: Table) -> ColumnElement[str]:
    """The column of an order's status, or of a payment's."""
    return table.c.state if table is TOLD else table.c.status


def beside(table: Table) -> ColumnElement[bool]:
    """What ties a row of the other table to one of this: an order and its first payment, a payment and its order."""
    if table is ORDERS:
        return TOLD.c.payment_id == first_payment()
    return ORDERS.c.order_id == order_of(TOLD.c.payment_id)


def first_payment() -> ColumnElement[str]:
    """The id of an order's first payment."""
    return func.substr(ORDERS.c.order_id, number(1), number(33), type_=Text).concat(word("001"))


def text_named(name: str) -> ColumnElement[str]:
    """A text that a search is given."""
    return bindparam(name, type_=Text, required=False)


def number_named(name: str) -> ColumnElement[int]:
    """A whole number that a search is given."""
    return bindparam(name, type_=BigInteger, required=False)


MOMENT: Final[ColumnElement[int]] = literal_column("(instructions.created_at / 1000)", BigInteger)
"""When a payment was created, in milliseconds: written as the index of payments that were added later has it."""

_FURTHER: Final[tuple[ColumnElement[bool], ...]] = (
    TOLD.c.outgoing == number(0),
    func.substr(TOLD.c.payment_id, number(34), type_=Text) != word("001"),
)
"""The condition of that index."""


@dataclass(frozen=True, slots=True)
class _Lead:
    """The index of a branch: what it begins with, what it serves beside (`names` says which of what is sought, with
    `leading`), what its rows must be `beside`, and whether its ids stand right behind what it begins with.
    """

    index: str
    leading: tuple[tuple[ColumnElement[Any], ColumnElement[Any]], ...]
    more: tuple[ColumnElement[bool], ...] = ()
    names: frozenset[str] = frozenset()
    beside: tuple[ColumnElement[bool], ...] = ()
    by_id: bool = False


def _starts_at(shape: Shape, way: str) -> Table:
    """The table whose index a way goes through."""
    if way == CLIENT:
        return ORDERS
    return TEXTS.get(way, shape.table)


def _leads(shape: Shape, way: str, table: Table, *, further: bool = False) -> tuple[_Lead, ...]:
    """Of each branch of a way. Of instructions those of first payments are taken; `further` takes later ones too."""
    digits = func.substr(TOLD.c.payment_id, number(34), type_=Text)
    kind = () if table is ORDERS else (digits < word("800"),) if further else (digits == word("001"),)
    if way == ID:
        own = ORDERS.c.order_id if table is ORDERS else TOLD.c.payment_id
        mine = plain(table.c.client_id) == text_named(CLIENT)
        return (_Lead("", ((own, text_named(ID)),), (), frozenset({ID}), (mine, *kind)),)
    mine = (table.c.client_id, text_named(CLIENT))
    incoming = ((TOLD.c.outgoing, number(0)),) if table is TOLD else ()
    index = f"{table.name}_{_INDEXES.get((way, table.name), way)}"
    if way == CLIENT:
        return (_Lead(index, (mine,), by_id=True),)
    if way == STATUS:
        column = status_of(table)
        every = [((column, text_named(f"status{place}")),) for place in range(shape.statuses)]
        names = frozenset({STATUS} if every else ())
        return tuple(_Lead(index, (mine, *incoming, *one), kind, names, by_id=bool(every)) for one in (every or [()]))
    if way == AMOUNT:
        if shape.exponents is None:
            return (_Lead(index, (mine, *incoming), kind),)
        return tuple(_of_amount(shape, table, each, index, (mine, *incoming), kind) for each in shape.exponents)
    tied = incoming if way == "instruction_id" else ()
    pairs = (mine, *tied, (table.c[way], text_named(way)))
    return (_Lead(index, pairs, (table.c[way] != word(""), *kind), frozenset({way}), by_id=True),)


_INDEXES: Final = {
    (CLIENT, ORDERS.name): "of_client",
    (STATUS, TOLD.name): "state",
    ("instruction_id", TOLD.name): "named",
    ("bank_id", TOLD.name): "bank",
}
"""The indexes that are not called as the way is."""


def _of_amount(
    shape: Shape,
    table: Table,
    exponent: int,
    index: str,
    leading: tuple[tuple[ColumnElement[Any], ColumnElement[Any]], ...],
    kind: tuple[ColumnElement[bool], ...],
) -> _Lead:
    column, names, of_kind = table.c.amount, frozenset({AMOUNT}), _of_exponent(shape, table, exponent)
    low, high = number_named(f"low{exponent}"), number_named(f"high{exponent}")
    if shape.exact:
        return _Lead(index, (*leading, (column, low)), kind, names, of_kind, by_id=True)
    return _Lead(index, leading, (column >= low, column <= high, *kind), names, of_kind)


def _of_exponent(shape: Shape, table: Table, exponent: int) -> tuple[ColumnElement[bool], ...]:
    """That a row's currency has so many decimals; where the currency is sought itself, that says it."""
    if CURRENCY in shape.given:
        return ()
    column = plain(table.c.currency)
    if exponent != USUAL_EXPONENT:
        return (column.in_([word(code) for code in currencies_with(exponent)]),)
    others = [word(code) for digits in exponents() if digits != USUAL_EXPONENT for code in currencies_with(digits)]
    return (column.not_in(others),)


def _branch(shape: Shape, table: Table, lead: _Lead, *, first: bool = False, joined: bool = False) -> Branch:
    tables = (ORDERS, TOLD) if joined else (table,)
    source = ORDERS.join(TOLD, TOLD.c.payment_id > ORDERS.c.order_id) if joined else table
    own = TOLD.c.payment_id if TOLD in tables else ORDERS.c.order_id
    by_time = first or not (shape.of_payments and shape.further)
    known = lead.names | {CREATED} if by_time else lead.names
    left = (*lead.beside, *_left(shape, tables, known))
    by_id = lead.by_id and not joined
    return Branch(source, own, lead.index, lead.leading, lead.more, left, by_id, by_time, tables)


def _at_times(shape: Shape) -> list[ColumnElement[bool]]:
    """That a payment was created in the time sought."""
    begins = [number_named("from_ms") <= MOMENT] if shape.begins else []
    return [*begins, *([number_named("to_ms") >= MOMENT] if shape.ends else [])]


def _left(shape: Shape, tables: Collection[Table], served: Collection[str]) -> tuple[ColumnElement[bool], ...]:
    """What an index that serves these does not serve; of a table that is not at hand by a look at its one row."""
    conditions: dict[Table, list[ColumnElement[bool]]] = {ORDERS: [], TOLD: []}
    for name, table in TEXTS.items():
        if name in shape.given and name not in served:
            conditions[table].append(plain(table.c[name]) == text_named(name))
    own = conditions[shape.table]
    if CURRENCY in shape.given:
        own.append(plain(shape.table.c.currency) == text_named(CURRENCY))
    if MESSAGE in shape.given:
        rest = func.replace(TOLD.c.message, text_named(MESSAGE), word(""), type_=Text)
        conditions[TOLD].append(rest != TOLD.c.message)
    if shape.statuses and STATUS not in served:
        sought = [text_named(f"status{place}") for place in range(shape.statuses)]
        own.append(plain(status_of(shape.table)).in_(sought))
    if shape.exponents is not None and AMOUNT not in served:
        own.append(_some_amount(shape))
    if CREATED not in served:
        own += _at_times(shape)
    found: list[ColumnElement[bool]] = []
    for table, wanted in conditions.items():
        if table in tables:
            found += wanted
        elif wanted:
            (here,) = tables
            look = select(number(1)).select_from(table).where(beside(here), *wanted).correlate(here)
            found.append(look.scalar_subquery() == number(1))
    return tuple(found)


def _some_amount(shape: Shape) -> ColumnElement[bool]:
    column = plain(shape.table.c.amount)
    return or_(
        *(
            and_(
                column >= number_named(f"low{exponent}"),
                column <= number_named(f"high{exponent}"),
                *_of_exponent(shape, shape.table, exponent),
            )
            for exponent in shape.exponents or ()
        )
    )


def plain(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """The same value, that no index knows."""
    return column.concat(word("")) if isinstance(column.type, Text) else column + number(0)
