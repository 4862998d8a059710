"""The lists of the payment orders API: orders and payments, page by page, each with the addresses of its neighbours."""

from collections.abc import Sequence
from typing import Final, Literal
from urllib.parse import urlencode

from pydantic import Field

from tillway.domain.clients import Client
from tillway.domain.ids import OrderId, PaymentId, order_of
from tillway.domain.payment_orders import OrderStanding
from tillway.domain.searching import Page, Subject
from tillway.queries.searching import search
from tillway.store.protocol import Store
from tillway.surfaces.common.call import Call, Reply
from tillway.surfaces.order_api.list_places import AFTER, BEFORE, written_place
from tillway.surfaces.order_api.list_query import PAGE, PER_PAGE, ListQuery, read_query
from tillway.surfaces.order_api.rendering import OrderDetail, PaymentDetail, Written, order_body, payment_body

ORDERS: Final = "/api/v2/orders"
PAYMENTS: Final = "/api/v2/payments"

_URL = "https://pay.example/api/v2/orders?page=1&countPerPage=20"


class Pagination(Written):
    """Which page this is, and where the others are."""

    page: int = Field(examples=[1])
    count_per_page: int = Field(examples=[20])
    count_total: int = Field(description="How many there are; no more than 10000 are counted.", examples=[57])
    count_is_bounded: bool = Field(description="Whether there may be more than `countTotal`.")
    first: int = Field(examples=[1])
    last: int = Field(description="The last page of those that were counted.", examples=[3])
    first_page_url: str = Field(examples=[_URL])
    last_page_url: str = Field(examples=[_URL])
    next_page_url: str | None = Field(description="Null at the end.", examples=[_URL])
    previous_page_url: str | None = Field(description="Null at the beginning.", examples=[_URL])


class ListMeta(Written):
    """That the call succeeded, and which part of the list it answers."""

    status: Literal["SUCCESS"]
    pagination: Pagination


class OrderListAnswer(Written):
    """A page of orders."""

    meta: ListMeta
    data: list[OrderDetail]


class PaymentListAnswer(Written):
    """A page of payments."""

    meta: ListMeta
    data: list[PaymentDetail]


class Lists:
    """The handlers of both lists; `public_url` is where callers find us."""

    def __init__(self, store: Store, public_url: str) -> None:
        self._store = store
        self._url = public_url

    async def orders(self, call: Call[None, Client]) -> Reply:
        """A page of orders."""
        query = read_query(Subject.ORDERS, call.query, call.caller.currency)
        page, found = await search(self._store, call.caller, Subject.ORDERS, query.sought, query.wanted)
        data = [order_body(found[OrderId(place.id)]) for place in page.places]
        return self._answer(ORDERS, query, page, data)

    async def payments(self, call: Call[None, Client]) -> Reply:
        """A page of payments."""
        query = read_query(Subject.PAYMENTS, call.query, call.caller.currency)
        page, found = await search(self._store, call.caller, Subject.PAYMENTS, query.sought, query.wanted)
        data = [_payment(found, PaymentId(place.id)) for place in page.places]
        return self._answer(PAYMENTS, query, page, data)

    def _answer(self, path: str, query: ListQuery, page: Page, data: Sequence[object]) -> Reply:
        pagination = _pagination(self._url + path, query, page)
        return Reply.json(200, {"meta": {"status": "SUCCESS", "pagination": pagination}, "data": data})


def _payment(found: dict[OrderId, OrderStanding], payment_id: PaymentId) -> dict[str, object]:
    standing = found[order_of(payment_id)]
    return payment_body(standing, next(one for one in standing.payments if one.id == payment_id))


def _pagination(address: str, query: ListQuery, page: Page) -> dict[str, object]:
    each, number = query.wanted.limit, query.page
    total = max(page.count, query.wanted.skip + len(page.places)) if page.is_bounded else page.count
    last = max(1, -(-total // each))
    kept = [(name, text) for name, text in query.kept if name != PER_PAGE]

    def url(at: int, name: str = "", token: str = "") -> str:
        more = [(name, token)] if token else []
        return f"{address}?{urlencode([(PAGE, str(at)), (PER_PAGE, str(each)), *kept, *more])}"

    sort, backwards = query.wanted.sort, query.wanted.backwards
    following = previous = None
    if page.places:
        if page.more or backwards:
            following = url(number + 1, AFTER, written_place(sort, page.places[-1]))
        if page.more if backwards else number > 1 or query.wanted.place is not None:
            previous = url(max(1, number - 1), BEFORE, written_place(sort, page.places[0]))
    elif backwards:
        following = url(1)
    elif number > 1:
        previous = url(min(number - 1, last))
    return {
        PAGE: number,
        PER_PAGE: each,
        "countTotal": total,
        "countIsBounded": page.is_bounded,
        "first": 1,
        "last": last,
        "firstPageUrl": url(1),
        "lastPageUrl": url(last),
        "nextPageUrl": following,
        "previousPageUrl": previous,
    }
