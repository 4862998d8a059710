"""Searching payment orders and payments: how a way is chosen, a page found by its place, and the rest counted.

Every way is first counted up to a bound, through its index alone. If the best leads to few rows, all of them are looked
at and sorted; else the list is walked in its own order, from the place where the page begins, until the page is full.
"""

from collections.abc import Mapping

from tillway.domain.ids import OrderId, PaymentId, first_of, milliseconds_of, number_in_order, order_of, payment_id
from tillway.domain.refusals import SearchTooBroad
from tillway.domain.searching import ANY_SIZE, Bounds, Page, Place, SortField, Sought, Subject, Wanted
from tillway.store.search_statements import (
    Listing,
    branches_of,
    by_id_alone,
    counting,
    further_statement,
    paging,
    probing,
)
from tillway.store.search_ways import AMOUNT, CURRENCY, ID, MESSAGE, STATUS, TEXTS, Shape, names_of_ways
from tillway.store.statements import Bound
from tillway.store.steps import Execute, Program

_NAMES = (*TEXTS, ID, CURRENCY, MESSAGE)


BOUNDS = Bounds()


def find_page(
    subject: Subject, client_id: str, sought: Sought, wanted: Wanted, bounds: Bounds = BOUNDS
) -> Program[Page]:
    """A page of a client's orders or payments. Refuses: SearchTooBroad."""
    if sought.amounts == ():
        return Page((), more=False, count=0, is_bounded=False)
    values = {"client": client_id, "bound": bounds.counted + 1, **_values(sought), **_times(sought)}
    added = subject is Subject.PAYMENTS and bool((yield Execute(Bound(further_statement(), values)))[0][0])
    shape = _shape(subject, sought, further=added)
    most = bounds.few if wanted.sort in ANY_SIZE else bounds.counted
    counts = yield from _probe(shape, values, most, bounds.counted + 1)
    best = min(counts, key=lambda way: counts[way])
    few = best == ID or counts[best] <= most
    if not few and wanted.sort not in ANY_SIZE:
        raise SearchTooBroad
    way = best if few else _walked(shape, counts, wanted.sort)
    descending = wanted.descending != wanted.backwards
    listing = Listing(way, not few, wanted.sort, descending, wanted.place is not None)
    reach = wanted.skip + wanted.limit + 1
    values |= {"limit": wanted.limit + 1, "skip": wanted.skip, "reach": reach, **_place_values(subject, wanted)}
    values |= _ends(values, descending=descending)
    rows = yield Execute(Bound(paging(shape, listing), values))
    places = [_place(shape, wanted.sort, *row[:2]) for row in rows[: wanted.limit]]
    if wanted.backwards:
        places.reverse()
    if few and rows:
        count, is_bounded = rows[0][2], False
    else:
        count, is_bounded = yield from _count(shape, best, counts, values, bounds)
    return Page(tuple(places), len(rows) > wanted.limit, count, is_bounded)


def _probe(shape: Shape, values: Mapping[str, object], few: int, bound: int) -> Program[dict[str, int]]:
    """How many rows each way leads to; that by the client alone is left out if another leads to few."""
    every = names_of_ways(shape)
    counts: dict[str, int] = {}
    for ways in (every[:-1], every[-1:]):
        if ways and (not counts or min(counts.values()) > few):
            (found,) = yield Execute(Bound(probing(shape, ways), values))
            counts |= {way: min(count, bound) for way, count in zip(ways, found, strict=True)}
    return counts


def _count(
    shape: Shape, way: str, counts: Mapping[str, int], values: Mapping[str, object], bounds: Bounds
) -> Program[tuple[int, bool]]:
    """How many rows there are, and whether there may be more: only so many are looked at."""
    branches = branches_of(shape, way)
    if not any(branch.left or len(branch.tables) > 1 for branch in branches):
        return min(counts[way], bounds.counted), counts[way] > bounds.counted
    most = bounds.counted if counts[way] <= bounds.few else bounds.looked_at
    ((looked_at, count),) = yield Execute(Bound(counting(shape, way), {**values, "bound": most + 1}))
    return min(count, most), looked_at > most


def _walked(shape: Shape, counts: Mapping[str, int], sort: SortField) -> str:
    """The way in whose order a long list is walked."""
    if sort in {SortField.AMOUNT, SortField.STATUS}:
        return AMOUNT if sort is SortField.AMOUNT else STATUS
    in_order = [way for way in counts if way != AMOUNT or shape.exact]
    return min(in_order, key=lambda way: counts[way])


def _shape(subject: Subject, sought: Sought, *, further: bool) -> Shape:
    ranges = sought.amounts
    return Shape(
        subject,
        frozenset(name for name in _NAMES if getattr(sought, name)),
        len(sought.statuses),
        None if ranges is None else tuple(each.exponent for each in ranges),
        ranges is not None and all(each.low == each.high for each in ranges),
        sought.created_from is not None,
        sought.created_to is not None,
        further,
    )


def _values(sought: Sought) -> dict[str, object]:
    """Every value of a search, by the name that statements know it by."""
    values: dict[str, object] = {name: getattr(sought, name) for name in _NAMES}
    for each in sought.amounts or ():
        values |= {f"low{each.exponent}": each.low, f"high{each.exponent}": each.high}
    values |= {f"status{place}": status for place, status in enumerate(sought.statuses)}
    return values


def _times(sought: Sought) -> dict[str, object]:
    """Between what ids the rows of a time are; ids are hexadecimal, so that all are between an empty text and a `g`."""
    begin, end = sought.created_from, sought.created_to
    begins = "" if begin is None else first_of(begin)[:-1]
    ends = "g" if end is None else first_of(end + 1)[:-1]
    times: dict[str, object] = {"from_ms": begin, "to_ms": end, "open_order": "", "open_told": ""}
    return times | {"from_order": begins, "from_told": begins, "to_order": ends, "to_told": ends}


def _ends(values: Mapping[str, object], *, descending: bool) -> dict[str, object]:
    """Between what ids the rest of a list is that is walked by creation, from the place where the page begins."""
    ends: dict[str, object] = {}
    for kind in ("order", "told"):
        begin, end, place = (str(values.get(f"{name}_{kind}", "")) for name in ("from", "to", "first"))
        if place:
            begin, end = (begin, min(end, place)) if descending else (max(begin, place), end)
        ends |= {f"low_{kind}": begin, f"high_{kind}": end}
    return ends


def _place_values(subject: Subject, wanted: Wanted) -> dict[str, object]:
    """Where a page begins, in the words of each table: an order is found by its first payment, and a first payment by
    its order; a payment that was added later stands behind all first payments of the milliseconds before it.
    """
    place = wanted.place
    if place is None:
        return {}
    if subject is Subject.ORDERS:
        order, told = place.id, payment_id(OrderId(place.id), 1)
    else:
        told = PaymentId(place.id)
        order = f"{place.id[:33]}{number_in_order(told) - 1:03x}"
    values: dict[str, object] = {"place_key": place.key, "place_order": order, "place_told": told}
    values |= {"first_order": order, "first_told": told}
    if wanted.sort is SortField.CREATED_AT and place.key != milliseconds_of(place.id):
        begins = first_of(int(place.key))[:-1]
        values |= {"first_order": begins, "first_told": begins}
    return values


def _place(shape: Shape, sort: SortField, key: str | int, raw: str) -> Place:
    """The place of a row, by its id as a table has it."""
    order = order_of(PaymentId(raw))
    identity = raw if shape.of_payments and raw != order else payment_id(order, 1) if shape.of_payments else order
    return Place(milliseconds_of(raw) if by_id_alone(shape, sort) else key, identity)
