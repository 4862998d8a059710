"""Lists of orders and payments: found, sorted and paged as the document says, on both databases."""

import asyncio
from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import pytest

from tests.clients.merchant_client import API, RECIPIENT, codes, members
from tests.clients.till import Answer, Json
from tests.surfaces.order_api.stall import CZECH, Stall, data

pytestmark = pytest.mark.anyio

OWN = "https://gateway.example"
LISTS = ("orders", "payments")


async def listed(stall: Stall, which: str = "orders", query: str = "", **asked: str) -> Answer:
    """A page of a list."""
    text = query or urlencode(asked)
    return await stall.shop.call("GET", f"{API}/{which}{'?' if text else ''}{text}")


async def found(stall: Stall, which: str = "orders", query: str = "", **asked: str) -> list[Json]:
    """What a page has."""
    return data(await listed(stall, which, query, **asked))


async def followed(stall: Stall, answer: Answer, way: str) -> Answer | None:
    """The page whose address an answer has, if there is one."""
    url = answer.body["meta"]["pagination"][way]
    if url is None:
        return None
    assert url.startswith(f"{OWN}{API}/")
    return await stall.shop.call("GET", url.removeprefix(OWN))


def asked_by(url: str) -> list[tuple[str, str]]:
    """The parameters of a page's address."""
    return parse_qsl(urlsplit(url).query)


async def opened(stall: Stall, count: int, **members: object) -> list[str]:
    """So many orders, a second apart; answers their ids."""
    ids: list[str] = []
    for number in range(count):
        ids.append((await stall.opened(externalId=f"cart-{number:03}", **members))["id"])
        stall.advance(1)
    return ids


async def test_a_list_shows_orders_and_payments_as_their_details_do(stall: Stall) -> None:
    order = await stall.paid(instructionId="mine")
    data(await stall.shop.refund(order["id"], 1))
    assert await found(stall) == [data(await stall.shop.order(order["id"]))]
    assert await found(stall, "payments") == [data(await stall.shop.payment(order["processablePaymentId"]))]


@pytest.mark.parametrize("which", LISTS)
async def test_an_empty_list_has_one_page(stall: Stall, which: str) -> None:
    answer = await listed(stall, which)
    assert data(answer) == []
    assert answer.body["meta"]["pagination"] == {
        "page": 1,
        "countPerPage": 20,
        "countTotal": 0,
        "countIsBounded": False,
        "first": 1,
        "last": 1,
        "firstPageUrl": f"{OWN}{API}/{which}?page=1&countPerPage=20",
        "lastPageUrl": f"{OWN}{API}/{which}?page=1&countPerPage=20",
        "nextPageUrl": None,
        "previousPageUrl": None,
    }


@pytest.mark.parametrize("which", LISTS)
async def test_pages_lead_to_each_other_and_keep_what_was_asked_for(stall: Stall, which: str) -> None:
    await opened(stall, 7, variableSymbol="77")
    await stall.opened(variableSymbol="88")
    asked = [("sort", "createdAt:asc"), ("variableSymbol", "77"), ("status[]", "UNPAID"), ("status[]", "PAID")]
    if which == "payments":
        asked = [*asked[:2], ("status[]", "CREATED"), ("createdFrom", "2026-01-01")]
    page: Answer | None = await listed(stall, which, urlencode([("countPerPage", "3"), *asked]))
    assert page is not None
    met: list[Json] = []
    for number in (1, 2, 3):
        assert page is not None
        pagination = page.body["meta"]["pagination"]
        assert [pagination[name] for name in ("page", "countTotal", "last")] == [number, 7, 3]
        for name in ("firstPageUrl", "lastPageUrl", "nextPageUrl", "previousPageUrl"):
            if pagination[name] is not None:
                given = asked_by(pagination[name])
                assert [pair for pair in given if pair[0] not in {"page", "countPerPage", "after", "before"}] == asked
        met += data(page)
        last, page = page, await followed(stall, page, "nextPageUrl")
    assert page is None
    assert len({one["id"] for one in met}) == 7
    assert all(one["createdAt"] < other["createdAt"] for one, other in pairwise(met))
    back = await followed(stall, last, "previousPageUrl")
    assert back is not None
    assert data(back) == met[3:6]
    back = await followed(stall, back, "previousPageUrl")
    assert back is not None
    assert data(back) == met[:3]
    assert back.body["meta"]["pagination"]["previousPageUrl"] is None
    for way, rows in (("firstPageUrl", met[:3]), ("lastPageUrl", met[6:]), ("nextPageUrl", met[3:6])):
        page = await followed(stall, back, way)
        assert page is not None
        assert data(page) == rows


async def test_plain_numbers_lead_to_the_same_pages_and_beyond_the_last_there_is_nothing(stall: Stall) -> None:
    ids = await opened(stall, 5)
    assert [one["id"] for one in await found(stall, page="2", countPerPage="2")] == ids[::-1][2:4]
    beyond = await listed(stall, page="9", countPerPage="2")
    assert data(beyond) == []
    assert beyond.body["meta"]["pagination"]["nextPageUrl"] is None
    back = await followed(stall, beyond, "previousPageUrl")
    assert back is not None
    assert [one["id"] for one in data(back)] == ids[:1]


async def test_a_walk_meets_every_order_once_while_others_are_opened(stall: Stall) -> None:
    ids = await opened(stall, 12)
    met: list[str] = []
    page: Answer | None = await listed(stall, countPerPage="5")
    while page is not None:
        met += [one["id"] for one in data(page)]
        await opened(stall, 3)
        page = await followed(stall, page, "nextPageUrl")
    assert met == ids[::-1]


async def test_another_clients_orders_are_in_no_list(stall: Stall) -> None:
    own = await opened(stall, 2)
    other = await stall.client(merchant="Someone else")
    theirs = data(await other.create(instructionId="theirs"))
    for which in LISTS:
        mine = {one.get("orderId", one["id"]) for one in await found(stall, which)}
        assert mine == set(own)
        assert await found(stall, which, instructionId="theirs") == []
        assert await found(stall, which, id=theirs["id"]) == []
        assert await found(stall, which, id=theirs["processablePaymentId"]) == []


async def test_each_filter_finds_what_it_names_in_both_lists(stall: Stall) -> None:
    plain = await stall.opened(amount=10, variableSymbol="1", constantSymbol=None, specificSymbol=None)
    special = await stall.opened(
        amount=Decimal("20.50"),
        currency="CZK",
        instructionId="Invoice 7",
        externalId="Cart & co",
        recipientIban=CZECH,
        senderBankId="tatra",
        variableSymbol=None,
        constantSymbol=None,
        specificSymbol=None,
        reference="RF/7 (x)",
        paymentMessage="100% of a_b",
    )
    symbols = await stall.opened(amount=30, variableSymbol="22", constantSymbol="0008", specificSymbol="3")
    ids = {plain["id"]: "plain", special["id"]: "special", symbols["id"]: "symbols"}
    expected: Sequence[tuple[dict[str, str], set[str]]] = (
        ({"instructionId": "Invoice 7"}, {"special"}),
        ({"externalId": "Cart & co"}, {"special"}),
        ({"recipientIban": CZECH}, {"special"}),
        ({"recipientIban": f"{RECIPIENT[:4]} {RECIPIENT[4:]}".lower()}, {"plain", "symbols"}),
        ({"senderBankId": "tatra"}, {"special"}),
        ({"amount": "20.5"}, {"special"}),
        ({"amount": "10..20.49"}, {"plain"}),
        ({"amount": "20.5.."}, {"special", "symbols"}),
        ({"amount": "..20.5", "currency": "eur"}, {"plain"}),
        ({"amount": "0.001..0.002"}, set()),
        ({"currency": "CZK"}, {"special"}),
        ({"variableSymbol": "22"}, {"symbols"}),
        ({"constantSymbol": "0008"}, {"symbols"}),
        ({"specificSymbol": "3"}, {"symbols"}),
        ({"reference": "RF/7 (x)"}, {"special"}),
        ({"paymentMessage": "%"}, {"special"}),
        ({"paymentMessage": "a_b"}, {"special"}),
        ({"paymentMessage": "0% of a"}, {"special"}),
        ({"paymentMessage": "axb"}, set()),
        ({"createdFrom": "2026-01-01T00:00:00Z"}, {"plain", "special", "symbols"}),
        ({"createdFrom": "2026-01-01T00:00:00.001"}, set()),
        ({"createdTo": "2026-01-01T01:00:00+01:00"}, {"plain", "special", "symbols"}),
        ({"createdTo": "2025-12-31"}, set()),
        ({"createdFrom": "2026-01-01", "createdTo": "2026-01-01"}, {"plain", "special", "symbols"}),
        ({"externalId": ""}, {"plain", "special", "symbols"}),
        ({"unheardOf": "x"}, {"plain", "special", "symbols"}),
    )
    for which in LISTS:
        for asked, names in expected:
            rows = await found(stall, which, **asked)
            assert {ids[one.get("orderId", one["id"])] for one in rows} == names, (which, asked)
    assert {ids[one["id"]] for one in await found(stall, id=plain["id"].upper())} == {"plain"}
    unescaped = await found(stall, query="createdTo=2026-01-01T01:00:00+01:00")
    assert len(unescaped) == 3


async def test_statuses_may_be_given_again_under_either_name(stall: Stall) -> None:
    await stall.paid()
    withdrawn = await stall.opened()
    data(await stall.shop.withdraw(withdrawn["id"]))
    await stall.opened()
    assert [one["status"] for one in await found(stall, status="PAID")] == ["PAID"]
    assert len(await found(stall, query="status[]=PAID&status=unpaid")) == 3
    rows = await found(stall, "payments", query=f"{quote('status[]')}=BOOKED&{quote('status[]')}=WITHDRAWN")
    assert {one["status"] for one in rows} == {"BOOKED", "WITHDRAWN"}


async def test_an_order_with_a_further_payment_is_one_order_and_two_payments_by_time_of_their_own(
    stall: Stall,
) -> None:
    order = await stall.paid(10, instructionId="first", externalId="twice")
    stall.advance(60)
    between = await stall.opened()
    stall.advance(60)
    data(await stall.shop.update(order["id"], amount=15))
    assert [one["id"] for one in await found(stall, instructionId="first")] == [order["id"]]
    rows = await found(stall, "payments", sort="createdAt:asc")
    assert [one["orderId"] for one in rows] == [order["id"], between["id"], order["id"]]
    assert [one["amount"] for one in rows] == [10, Decimal("1.05"), 5]
    late = await found(stall, "payments", createdFrom="2026-01-01T00:01:30Z")
    assert [one["amount"] for one in late] == [5]
    assert len(await found(stall, "payments", externalId="twice")) == 2


@pytest.mark.parametrize("which", LISTS)
async def test_lists_are_sorted_by_each_field_and_then_by_id(stall: Stall, which: str) -> None:
    for number in range(6):
        await stall.opened(
            amount=number % 3 + 1,
            currency=("EUR", "CZK")[number % 2],
            instructionId=f"name-{number * 5 % 7}",
            externalId=f"cart-{number % 2}" if number else None,
            variableSymbol=f"{number % 2}",
        )
        stall.advance(1)
    for field in ("createdAt", "id", "amount", "status", "currency", "instructionId", "variableSymbol"):
        up = await found(stall, which, sort=f"{field}:asc")
        assert [one["id"] for one in await found(stall, which, sort=f"{field}:desc")] == [one["id"] for one in up][::-1]
        shown = [one.get(field) or one.get("payments", [one])[0][field] for one in up]
        assert shown == sorted(shown)
    for field in ("externalId", "reference"):
        assert len(await found(stall, which, sort=field)) == 6


BAD: tuple[tuple[str, Any], ...] = (
    ("page", ("0", "-1", "1.5", "x", "10000000")),
    ("countPerPage", ("0", "101", "x")),
    ("sort", ("nothing:asc", "amount:up", "amount:asc:desc", ":")),
    ("id", ("x", "019a9f1e7c1a7b528f6e2f1d3c4b5000")),
    ("instructionId", ("x" * 65,)),
    ("externalId", ("x" * 256,)),
    ("recipientIban", ("SK00", "SK3112000000198742637542")),
    ("senderBankId", ("x" * 101,)),
    ("amount", ("x", "1,5", "..", "5..1", "1...2", "-1", "1e3", "9" * 13)),
    ("currency", ("EURO", "XXX", "E")),
    ("variableSymbol", ("1" * 11, "a")),
    ("constantSymbol", ("12345",)),
    ("specificSymbol", ("x",)),
    ("reference", ("ä", "x" * 36)),
    ("paymentMessage", ("x" * 141, "\x01")),
    ("status", ("NEVER",)),
    ("createdFrom", ("yesterday", "2026-13-01", "1" * 100)),
    ("createdTo", ("2026-01-01T25:00", "x")),
    ("after", ("x", "=", "WzEsMiwzXQ", "ä", "x" * 3000)),
    ("before", ("x",)),
)


@pytest.mark.parametrize(("member", "values"), BAD, ids=[member for member, _ in BAD])
async def test_a_bad_value_is_named(stall: Stall, member: str, values: Sequence[str]) -> None:
    for which in LISTS:
        for text in values:
            answer = await listed(stall, which, **{member: text})
            assert answer.status == 422, (member, text)
            assert codes(answer) == ["REQUEST_VALIDATION_ERROR"]
            assert members(answer) == [member]


async def test_every_fault_is_told_and_what_is_given_twice_is_one(stall: Stall) -> None:
    answer = await listed(stall, page="x", amount="x", currency="x")
    assert sorted(members(answer)) == ["amount", "currency", "page"]
    assert members(await listed(stall, query="page=1&page=2")) == ["page"]


async def test_the_place_of_another_list_is_no_place_of_this_one(stall: Stall) -> None:
    await opened(stall, 3)
    page = await listed(stall, countPerPage="1")
    query = dict(asked_by(page.body["meta"]["pagination"]["nextPageUrl"]))
    assert members(await listed(stall, **{**query, "sort": "amount:asc"})) == ["after"]
    assert members(await listed(stall, "payments", **query)) == ["after"]
    assert (await listed(stall, **{**query, "sort": "createdAt:asc"})).status == 200


async def test_a_list_asks_for_a_token(stall: Stall) -> None:
    for which in LISTS:
        answer = await stall.shop.call("GET", f"{API}/{which}", headers={})
        assert (answer.status, codes(answer)) == (401, ["INVALID_AUTH_HEADER"])


async def test_many_lists_at_once_are_all_answered(stall: Stall) -> None:
    await opened(stall, 3)
    answers = await asyncio.gather(*(listed(stall, which) for which in LISTS * 20))
    assert {len(data(answer)) for answer in answers} == {3}
