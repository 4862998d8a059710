"""Payment orders as their client asks for them; whoever asks at the same moment shares one read."""

from collections.abc import Mapping

from tillway.domain.clients import Client
from tillway.domain.ids import OrderId, PaymentId, order_of
from tillway.domain.payment_orders import OrderStanding
from tillway.domain.payments import Payment
from tillway.domain.refusals import OrderUnknown, PaymentUnknown, RefundUnknown
from tillway.queries.gathering import Gathering
from tillway.store.finding import find_orders
from tillway.store.protocol import Store


class PaymentOrders:
    """Orders by id, as they stand in the database at the moment of asking, or after it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._asked = Gathering(self._read)

    async def standing(self, order_id: OrderId) -> OrderStanding:
        """An order, whoever's it is. Refuses: OrderUnknown."""
        found = await self._asked.find(order_id)
        if found is None:
            raise OrderUnknown
        return found

    async def order(self, caller: Client, order_id: OrderId) -> OrderStanding:
        """An order of the caller's; another client's is unknown. Refuses: OrderUnknown."""
        found = await self._asked.find(order_id)
        if found is None or found.order.client_id != caller.id:
            raise OrderUnknown
        return found

    async def payment(self, caller: Client, payment_id: PaymentId) -> tuple[OrderStanding, Payment]:
        """A payment of the caller's, with its order. Refuses: PaymentUnknown."""
        found = await self._asked.find(order_of(payment_id))
        if found is not None and found.order.client_id == caller.id:
            for payment in found.payments:
                if payment.id == payment_id:
                    return found, payment
        raise PaymentUnknown

    async def refund(self, caller: Client, refund_id: PaymentId) -> tuple[OrderStanding, Payment]:
        """A refund of the caller's, with its order. Refuses: RefundUnknown."""
        found = await self._asked.find(order_of(refund_id))
        if found is not None and found.order.client_id == caller.id:
            for refund in found.refunds:
                if refund.id == refund_id:
                    return found, refund
        raise RefundUnknown

    async def _read(self, ids: list[OrderId]) -> Mapping[OrderId, OrderStanding]:
        return await self._store.read(find_orders(ids))
