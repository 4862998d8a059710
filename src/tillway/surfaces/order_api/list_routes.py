"""The lists' part of the endpoint table: both calls, with every parameter that they take."""

from collections.abc import Mapping
from typing import Any, Final

from tillway.domain import refusals
from tillway.domain.payment_orders import OrderStatus
from tillway.domain.payments import PaymentState
from tillway.domain.searching import ANY_SIZE, SortField
from tillway.surfaces.common.api import Endpoint
from tillway.surfaces.common.dialect import Parameter
from tillway.surfaces.order_api.list_places import AFTER, BEFORE
from tillway.surfaces.order_api.list_query import MOST_PER_PAGE, PAGE, PER_PAGE, SORT_FIELDS, STATUS, STATUSES
from tillway.surfaces.order_api.lists import ORDERS, PAYMENTS, Lists, OrderListAnswer, PaymentListAnswer

_ANY_SIZE: Final = ", ".join(f"`{field}`" for field in SortField if field in ANY_SIZE)
_SORT: Final = (
    f"`field:asc` or `field:desc`; the field is one of {', '.join(SORT_FIELDS)}. Rows alike in it stand in the order "
    f"of their ids. Lists of any length may be sorted by {_ANY_SIZE}; by the others those of at most 10000 rows. "
    "`createdAt:desc` unless given."
)
_DESCRIPTION: Final = (
    "Follow `nextPageUrl` to see all of a list: each page then begins behind the last row of the one before it, "
    "however far it is and whatever is added meanwhile. A page that is asked for by its number alone is counted off "
    "from the beginning, which takes the longer the farther it is.\n\n"
    "No more than 10000 rows are looked at to count a list. Where that is not enough, `countIsBounded` is true: there "
    "may be more rows than `countTotal`, and more pages than `last`. What would take longer than two seconds to "
    "find is refused; narrow it, by `createdFrom` and `createdTo` for example, or by a name, a symbol or the reference."
)


def list_endpoints(lists: Lists) -> tuple[Endpoint[Any, Any], ...]:
    """The lists of orders and payments."""
    shared: dict[str, Any] = {
        "method": "GET",
        "refusals": (refusals.CredentialsMissing, refusals.SearchTooBroad),
    }
    return (
        Endpoint(
            name="listOrders",
            path=ORDERS,
            summary="Search orders",
            description=(
                "An order is found by what the bank is told of its first payment: names, accounts, symbols, reference "
                f"and message.\n\n{_DESCRIPTION}"
            ),
            handler=lists.orders,
            query=_parameters("The order's.", ", ".join(OrderStatus), "PAID"),
            answer=OrderListAnswer,
            tags=("Orders",),
            **shared,
        ),
        Endpoint(
            name="listPayments",
            path=PAYMENTS,
            summary="Search payments",
            description=f"Refunds are not among them; they are listed with their order.\n\n{_DESCRIPTION}",
            handler=lists.payments,
            query=_parameters("The payment's.", ", ".join(PaymentState), "BOOKED"),
            answer=PaymentListAnswer,
            tags=("Payments",),
            **shared,
        ),
    )


def _parameters(whose: str, statuses: str, status: str) -> Mapping[str, Parameter]:
    return {
        PAGE: Parameter("Counted from 1.", "1"),
        PER_PAGE: Parameter(f"At most {MOST_PER_PAGE}; 20 unless given.", "20"),
        "sort": Parameter(_SORT, "createdAt:desc"),
        "id": Parameter(whose, "019a9f1e-7c1a-7b52-8f6e-2f1d3c4b5000"),
        "instructionId": Parameter("Your own name for the payment.", "ABCD11234"),
        "externalId": Parameter("Your own name for the order.", "cart-7"),
        "recipientIban": Parameter("The account that is paid.", "SK3112000000198742637541"),
        "senderBankId": Parameter("The bank that was chosen, or proposed.", "tatra"),
        "amount": Parameter(
            "In the major unit: one amount, or a range whose ends belong to it and either of which may be left out: "
            "`10`, `10.5..20`, `10..`, `..20`. Without `currency`, of those with as many decimals as your own.",
            "10.5..20",
        ),
        "currency": Parameter("ISO 4217.", "EUR"),
        "variableSymbol": Parameter("All of it.", "0000000001"),
        "constantSymbol": Parameter("All of it.", "0308"),
        "specificSymbol": Parameter("All of it.", "0000000003"),
        "reference": Parameter("All of it.", "RF18539007547034"),
        "paymentMessage": Parameter("A part of what the payer reads, in capitals and small letters as there.", "eshop"),
        STATUSES: Parameter(f"One of {statuses}. May be given again for another one.", status),
        STATUS: Parameter(f"The same as `{STATUSES}`.", status),
        "createdFrom": Parameter(
            "A moment as ISO 8601 writes it, UTC unless it has a zone, or a day. What was created then is found too.",
            "2026-11-20T14:30:00Z",
        ),
        "createdTo": Parameter("As `createdFrom`; of a day alone, all of it is meant.", "2026-11-21"),
        AFTER: Parameter("Part of a `nextPageUrl`, only to be sent as it was answered.", ""),
        BEFORE: Parameter("Part of a `previousPageUrl`, likewise.", ""),
    }
