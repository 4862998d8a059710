"""A payment with all that its client may ask of it; whoever asks at the same moment shares one read."""

from collections.abc import Mapping

from tillway.domain.clients import Client
from tillway.domain.ids import PaymentId, is_uuid
from tillway.domain.ownership import check_owner
from tillway.domain.refusals import PaymentUnknown
from tillway.queries.gathering import Gathering
from tillway.store.overviews import Overview, find_overviews
from tillway.store.protocol import Store

__all__ = ["Overview", "Overviews"]


class Overviews:
    """Payments by id, as they stand in the database at the moment of asking, or after it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._asked = Gathering(self._read)

    async def of(self, caller: Client, payment_id: str) -> Overview:
        """A payment of the caller's. Refuses: PaymentUnknown, NotYourPayment, NotYourClientsPayment."""
        if not is_uuid(payment_id):
            raise PaymentUnknown
        found = await self._asked.find(PaymentId(payment_id))
        if found is None:
            raise PaymentUnknown
        check_owner(found.standing.order, caller)
        return found

    async def _read(self, ids: list[PaymentId]) -> Mapping[PaymentId, Overview]:
        return await self._store.read(find_overviews(ids))
