"""The statements of a search, each built once for every shape: what leads where, how many there are, and one page."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    and_,
    case,
    func,
    select,
    tuple_,
    union_all,
)

from tillway.domain.searching import SortField
from tillway.store.expressions import number
from tillway.store.search_ways import (
    AMOUNT,
    CLIENT,
    ID,
    MOMENT,
    ORDERS,
    TOLD,
    Branch,
    Shape,
    added,
    beside,
    first_payment,
    firsts,
    further,
    number_named,
    status_of,
    text_named,
    through,
    whole,
)

KEPT_STATEMENTS = 1000

_KEYS: Final = {
    SortField.INSTRUCTION_ID: TOLD.c.instruction_id,
    SortField.EXTERNAL_ID: ORDERS.c.external_id,
    SortField.VARIABLE_SYMBOL: TOLD.c.variable_symbol,
    SortField.REFERENCE: TOLD.c.reference,
}
_WORDS: Final = frozenset({SortField.STATUS, SortField.CURRENCY, *_KEYS})


@dataclass(frozen=True, slots=True)
class Listing:
    """How a page is found: by which way, `walked` in the list's order or looked at whole, and whether from a place."""

    way: str
    walked: bool
    sort: SortField
    descending: bool
    placed: bool


@lru_cache(maxsize=1)
def further_statement() -> Select[Any]:
    """Whether the client has payments that were added to their orders later: 1 or 0."""
    return select(further())


@lru_cache(maxsize=KEPT_STATEMENTS)
def probing(shape: Shape, ways: tuple[str, ...]) -> Select[Any]:
    """How many rows each of these ways leads to, through its index alone; of each branch no more than a bound."""
    return _select(*(_entries(_entered(shape, way)).label(way) for way in ways))


@lru_cache(maxsize=KEPT_STATEMENTS)
def counting(shape: Shape, way: str) -> Select[Any]:
    """Of the first rows that a way leads to (up to a bound): how many there are, and how many are sought."""
    parts: list[Select[Any]] = []
    for branch in branches_of(shape, way):
        hit = case((and_(*branch.left), number(1))) if branch.left else number(1)
        rows = _in_order(_found(branch, hit.label("hit")), branch).limit(_BOUND).subquery()
        parts.append(select(rows.c.hit))
    looked_at = parts[0].subquery() if len(parts) == 1 else union_all(*parts).subquery()
    return _select(func.count(), func.count(looked_at.c.hit)).select_from(looked_at)


@lru_cache(maxsize=KEPT_STATEMENTS)
def paging(shape: Shape, listing: Listing) -> Select[Any]:
    """Key and id, as it stands in the table, of the rows of a page, in order; beside them, unless walked, the count."""
    if not listing.walked:
        return _looked_at(shape, listing)
    branches = walked_branches(shape, listing)
    walks = [_walk(shape, listing, branch) for branch in branches]
    if len(walks) == 1:
        return walks[0].limit(_LIMIT).offset(_SKIP)
    parts = [walk.limit(_REACH).subquery() for walk in walks]
    rows = union_all(*(_select(part.c.key, part.c.id) for part in parts)).subquery()
    return _sorted(shape, listing, _select(rows.c.key, rows.c.id), rows.c.key, rows.c.id).limit(_LIMIT).offset(_SKIP)


def by_id_alone(shape: Shape, sort: SortField) -> bool:
    """Whether the order of a list is that of its ids."""
    return sort is SortField.ID or (sort is SortField.CREATED_AT and not shape.further)


def branches_of(shape: Shape, way: str) -> tuple[Branch, ...]:
    """All that a way leads to: first and later payments by themselves where ids alone tell when a row was created."""
    in_order = way not in {ID, AMOUNT} or (way == AMOUNT and shape.exact)
    apart = way == CLIENT or (shape.further and shape.begins and in_order)
    return (*firsts(shape, way), *added(shape)) if apart else whole(shape, way)


def walked_branches(shape: Shape, listing: Listing) -> tuple[Branch, ...]:
    """The branches in whose order a list is walked."""
    if listing.sort in {SortField.CREATED_AT, SortField.ID}:
        return (*firsts(shape, listing.way), *added(shape))
    return whole(shape, listing.way)


_BOUND: Final = number_named("bound")
_LIMIT: Final = number_named("limit")
_SKIP: Final = number_named("skip")
_REACH: Final = number_named("reach")


def _entered(shape: Shape, way: str) -> tuple[Branch, ...]:
    """The branches of which a way's entries are counted: of a way by orders the orders, each of which has a payment."""
    branches = branches_of(shape, way)
    if len(branches[0].tables) == 1:
        return branches
    return tuple(replace(one, by_time=branches[0].by_time) for one in firsts(shape, way))


def _entries(branches: Sequence[Branch]) -> ColumnElement[int]:
    counts = [
        select(func.count(type_=BigInteger))
        .select_from(_in_order(_found(each, number(1)), each).limit(_BOUND).subquery())
        .scalar_subquery()
        for each in branches
    ]
    total: ColumnElement[int] = counts[0]
    for count in counts[1:]:
        total = total + count
    return total


def _looked_at(shape: Shape, listing: Listing) -> Select[Any]:
    """Every row that a way leads to, sorted. The bound also keeps a database from taking another way."""
    branches = branches_of(shape, listing.way)
    parts = [
        _in_order(_found(each, _key(shape, listing.sort, each).label("key"), _listed_id(shape, each).label("id")), each)
        .where(*each.left)
        .limit(_BOUND)
        .subquery()
        for each in branches
    ]
    every = parts[0] if len(parts) == 1 else union_all(*(_select(part.c.key, part.c.id) for part in parts)).subquery()
    rows = _select(every.c.key, every.c.id, func.count().over().label("count")).subquery()
    found = _select(rows.c.key, rows.c.id, rows.c.count)
    if listing.placed:
        place = text_named("place_told") if shape.of_payments else _place_in(branches[0])
        found = found.where(_behind(shape, listing, rows.c.key, rows.c.id, place))
    return _sorted(shape, listing, found, rows.c.key, rows.c.id).limit(_LIMIT).offset(_SKIP)


def _walk(shape: Shape, listing: Listing, branch: Branch) -> Select[Any]:
    key = _key(shape, listing.sort, branch)
    columns = (key.label("key"), branch.id.label("id"))
    if branch.by_id and listing.sort in {SortField.CREATED_AT, SortField.ID}:
        rows = _found(branch, *columns, ends=("low", "high")).where(*branch.left)
        return _in_order(rows, branch, descending=listing.descending)
    rows = _found(branch, *columns, in_order=False).where(*branch.left)
    if listing.placed:
        rows = rows.where(_behind(shape, listing, key, branch.id, _place_in(branch)))
    return _sorted(shape, listing, rows, key, branch.id)


def _found(
    branch: Branch, *columns: ColumnElement[Any], ends: tuple[str, str] = ("from", "to"), in_order: bool = True
) -> Select[Any]:
    """The rows that a branch's index finds between two ids.

    Compared as a whole, what the index begins with can be found and walked by this index alone: PostgreSQL would take
    the primary key, too, where it sees that all before the id is the same in every row, and read what is others'.
    """
    table = _table_of(branch)
    begin, end = (text_named(f"{name}_{_kind(branch)}") for name in (ends if branch.by_time else ("open", "to")))
    rows = through(_select(*columns).select_from(branch.source), branch.tables[0], branch.index).where(*branch.served)
    if branch.by_id and in_order:
        entry = tuple_(*(column for column, _ in branch.leading), branch.id)
        values = [value for _, value in branch.leading]
        return rows.where(entry > tuple_(*values, begin), entry < tuple_(*values, end))
    rows = rows.where(*(column == value for column, value in branch.leading))
    own = ORDERS.c.order_id if table is ORDERS else TOLD.c.payment_id
    return rows.where(own > begin, own < end) if branch.index != _ADDED else rows


def _in_order(rows: Select[Any], branch: Branch, *, descending: bool = True) -> Select[Any]:
    if not branch.by_id:
        return rows
    columns = (*(column for column, _ in branch.leading), branch.id)
    return rows.order_by(*(column.desc() if descending else column for column in columns))


_ADDED: Final = "instructions_further"


def _table_of(branch: Branch) -> Any:
    return branch.tables[0]


def _listed_id(shape: Shape, branch: Branch) -> ColumnElement[str]:
    """The id of a row: of a payment, where payments are listed, though it was found by its order."""
    return first_payment() if shape.of_payments and TOLD not in branch.tables else branch.id


def _kind(branch: Branch) -> str:
    return "told" if _table_of(branch) is TOLD else "order"


def _place_in(branch: Branch) -> ColumnElement[str]:
    """The id of the place where a page begins, as the branch's table has it."""
    return text_named(f"place_{'told' if TOLD in branch.tables else 'order'}")


def _behind(
    shape: Shape, listing: Listing, key: ColumnElement[Any], identity: ColumnElement[str], place: ColumnElement[str]
) -> ColumnElement[bool]:
    """That a row stands behind the place where a page begins."""
    if by_id_alone(shape, listing.sort):
        return _beyond(listing, identity, place)
    at = text_named("place_key") if listing.sort in _WORDS else number_named("place_key")
    return _beyond(listing, tuple_(key, identity), tuple_(at, place))


def _beyond(listing: Listing, row: Any, place: Any) -> ColumnElement[bool]:
    return row < place if listing.descending else row > place


def _sorted(
    shape: Shape, listing: Listing, rows: Select[Any], key: ColumnElement[Any], identity: ColumnElement[str]
) -> Select[Any]:
    columns = [identity] if by_id_alone(shape, listing.sort) else [key, identity]
    return rows.order_by(*(column.desc() if listing.descending else column for column in columns))


def _key(shape: Shape, sort: SortField, branch: Branch) -> ColumnElement[Any]:
    """What a list is sorted by before its ids."""
    own = shape.table
    match sort:
        case SortField.CREATED_AT | SortField.ID:
            if by_id_alone(shape, sort):
                return number(0)
            return MOMENT if TOLD in branch.tables else ORDERS.c.created_at // number(1000)
        case SortField.AMOUNT:
            column = own.c.amount
        case SortField.STATUS:
            column = status_of(own)
        case SortField.CURRENCY:
            column = own.c.currency
        case _:
            column = _KEYS[sort]
    table = column.table
    if table in branch.tables:
        return column
    (here,) = branch.tables
    return select(column).where(beside(here)).correlate(here).scalar_subquery()


def _select(*columns: ColumnElement[Any]) -> Select[Any]:
    return select(*columns)
