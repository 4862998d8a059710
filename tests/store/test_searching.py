"""Searches of payment orders and payments find what a plain model of them does, by whichever way, on both databases."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from tests.gateway import START
from tests.store.catalogue import CLIENTS, CURRENCIES, IBANS, MESSAGES, entries, keep, listed, rows_of
from tillway.domain.money import exponent, exponents
from tillway.domain.payment_orders import OrderStatus
from tillway.domain.payments import PaymentState
from tillway.domain.refusals import SearchTooBroad
from tillway.domain.searching import ANY_SIZE, AmountRange, Bounds, Page, Place, SortField, Sought, Subject, Wanted
from tillway.store.opening import open_store
from tillway.store.protocol import Store, TooLong
from tillway.store.searching import find_page
from tillway.store.steps import Execute, Program

COUNT = 300
SECONDS = 30
WALKING = Bounds(few=0, looked_at=40, counted=40)
"""Everything is walked, and counts are cut short."""

BOUNDS = (Bounds(), Bounds(few=20, looked_at=50), WALKING)

Find = Callable[..., Page]


@pytest.fixture
def store(database: str) -> Iterator[tuple[asyncio.Runner, Store]]:
    """A store with the catalogue in it, and what runs it."""
    with asyncio.Runner() as runner:
        opened = open_store(database)
        runner.run(keep(opened, entries(COUNT)))
        yield runner, opened
        runner.run(opened.close())


@pytest.fixture
def find(store: tuple[asyncio.Runner, Store]) -> Find:
    """Finds a page in the catalogue."""
    runner, opened = store

    def found(subject: Subject, client: str, sought: Sought, wanted: Wanted, bounds: Bounds = WALKING) -> Page:
        return runner.run(opened.search(find_page(subject, client, sought, wanted, bounds), SECONDS))

    return found


def some(*values: str) -> st.SearchStrategy[str]:
    """Nothing, more often than not, or one of these."""
    return st.one_of(st.just(""), st.just(""), st.sampled_from(values))


@st.composite
def ranges(draw: st.DrawFn) -> tuple[AmountRange, ...] | None:
    """No amounts, or a range for some kinds of currency."""
    kinds = draw(st.none() | st.lists(st.sampled_from(exponents()), min_size=1, unique=True))
    if kinds is None:
        return None
    low = draw(st.sampled_from([1, 100, 105, 2500]))
    high = draw(st.just(low) | st.sampled_from([2500, 10_000]))
    return tuple(AmountRange(kind, low, max(low, high)) for kind in kinds)


MOMENTS = st.none() | st.integers(START // 1000, START // 1000 + COUNT * 1000)


def searches(subject: Subject) -> st.SearchStrategy[Sought]:
    """What may be sought: some of everything, most of it little."""
    rows = rows_of(subject, entries(COUNT))
    statuses = list(OrderStatus if subject is Subject.ORDERS else PaymentState)
    return st.builds(
        Sought,
        id=st.sampled_from(["", "", "", *(row.id for row in rows)]),
        instruction_id=some("name-1", "name-2", "nobody"),
        external_id=some("cart 1", "cart 3"),
        creditor_iban=some(*IBANS),
        bank_id=some("tatra", "fio"),
        amounts=ranges(),
        currency=some(*CURRENCIES),
        variable_symbol=some("0001", "0003", "1"),
        constant_symbol=some("0308"),
        specific_symbol=some("1"),
        reference=some("ref 0", "ref 1"),
        message=some(*(text for text in MESSAGES if text), "%", "_", "order", "\\"),
        statuses=st.lists(st.sampled_from(statuses), max_size=3, unique=True).map(tuple),
        created_from=MOMENTS,
        created_to=MOMENTS,
    ).map(_of_one_kind)


def _of_one_kind(sought: Sought) -> Sought:
    """Ranges of amounts are of the kind of the currency that is sought beside them."""
    if not sought.currency or sought.amounts is None:
        return sought
    kind = exponent(sought.currency)
    return replace(sought, amounts=tuple(replace(one, exponent=kind) for one in sought.amounts[:1]))


SORTS = st.sampled_from(list(SortField))


@pytest.mark.parametrize("subject", Subject)
@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_a_page_is_what_the_model_says(find: Find, subject: Subject, data: st.DataObject) -> None:
    rows = rows_of(subject, entries(COUNT))
    sought = data.draw(searches(subject) | st.just(Sought()))
    client, bounds = data.draw(st.sampled_from(CLIENTS)), data.draw(st.sampled_from(BOUNDS))
    sort, descending = data.draw(SORTS), data.draw(st.booleans())
    limit, skip = data.draw(st.integers(1, 100)), data.draw(st.sampled_from([0, 0, 1, 50, 1000]))
    expected = listed(rows, client, sought, sort, descending=descending)
    wanted = Wanted(sort, descending, limit, skip)
    try:
        page = find(subject, client, sought, wanted, bounds)
    except SearchTooBroad:
        assert sort not in ANY_SIZE
        assert len(rows) > bounds.counted
        return
    assert [place.id for place in page.places] == expected[skip : skip + limit]
    assert page.more == (len(expected) > skip + limit)
    assert page.count <= len(expected) if page.is_bounded else page.count == len(expected)


@pytest.mark.parametrize("subject", Subject)
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_going_from_place_to_place_meets_every_row_once_there_and_back(
    find: Find, subject: Subject, data: st.DataObject
) -> None:
    rows = rows_of(subject, entries(COUNT))
    sought, client = data.draw(searches(subject) | st.just(Sought())), data.draw(st.sampled_from(CLIENTS))
    sort, descending = data.draw(SORTS), data.draw(st.booleans())
    bounds = data.draw(st.sampled_from(BOUNDS if sort in ANY_SIZE else BOUNDS[:1]))
    expected = listed(rows, client, sought, sort, descending=descending)
    place: Place | None = None
    for backwards in (False, True):
        met: list[Place] = []
        more = True
        while more and (place is not None or not backwards):
            wanted = Wanted(sort, descending, 37, 0, place, backwards)
            page = find(subject, client, sought, wanted, bounds)
            met = [*page.places, *met] if backwards else [*met, *page.places]
            more = page.more
            if page.places:
                place = page.places[0] if backwards else page.places[-1]
        assert [one.id for one in met] == (expected[:-1] if backwards else expected)


@pytest.mark.parametrize("subject", Subject)
@pytest.mark.parametrize("descending", [False, True])
def test_a_walk_meets_what_was_there_once_while_more_is_added(
    store: tuple[asyncio.Runner, Store], find: Find, subject: Subject, *, descending: bool
) -> None:
    runner, opened = store
    before = listed(rows_of(subject, entries(COUNT)), CLIENTS[0], Sought(), SortField.CREATED_AT, descending=descending)
    met: list[str] = []
    place: Place | None = None
    for turn in range(100):
        page = find(subject, CLIENTS[0], Sought(), Wanted(SortField.CREATED_AT, descending, 10, 0, place))
        met += [one.id for one in page.places]
        if turn < 20:
            runner.run(keep(opened, entries(3, COUNT + turn * 3)))
        if not page.more:
            break
        place = page.places[-1]
    assert len(met) == len(set(met))
    assert [one for one in met if one in set(before)] == before


def test_one_that_takes_too_long_is_given_up_and_the_store_goes_on(store: tuple[asyncio.Runner, Store]) -> None:
    runner, opened = store
    with pytest.raises(TooLong):
        runner.run(opened.search(_endless(), 1))
    assert runner.run(opened.search(find_page(Subject.ORDERS, "nobody", Sought(), WANTED), 1)).count == 0


WANTED = Wanted(SortField.CREATED_AT, descending=True, limit=20)


def _endless() -> Program[list[Any]]:
    endless = "WITH RECURSIVE endless(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM endless) SELECT count(*) FROM endless"
    return (yield Execute(text(endless)))
