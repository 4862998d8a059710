"""Lists of payment orders and payments, as their client searches for them."""

from tillway.domain.clients import Client
from tillway.domain.ids import OrderId, PaymentId, order_of
from tillway.domain.payment_orders import OrderStanding
from tillway.domain.refusals import SearchTooBroad
from tillway.domain.searching import Page, Sought, Subject, Wanted
from tillway.store.finding import find_orders
from tillway.store.protocol import Store, TooLong
from tillway.store.searching import find_page
from tillway.store.steps import Program

SEARCH_SECONDS = 2
"""How long one step of a search may take before it is given up."""


async def search(
    store: Store, caller: Client, subject: Subject, sought: Sought, wanted: Wanted
) -> tuple[Page, dict[OrderId, OrderStanding]]:
    """A page of the caller's orders or payments, and the orders of all that is on it. Refuses: SearchTooBroad."""
    try:
        return await store.search(_found(caller, subject, sought, wanted), SEARCH_SECONDS)
    except TooLong:
        raise SearchTooBroad from None


def _found(
    caller: Client, subject: Subject, sought: Sought, wanted: Wanted
) -> Program[tuple[Page, dict[OrderId, OrderStanding]]]:
    page = yield from find_page(subject, caller.id, sought, wanted)
    if not page.places:
        return page, {}
    return page, (yield from find_orders(sorted({order_of(PaymentId(place.id)) for place in page.places})))
