"""How payments stand, and what became of calls."""

from tillway.domain.clients import Client
from tillway.domain.ids import PaymentId, is_uuid
from tillway.domain.ownership import check_owner
from tillway.domain.refunds import Refund
from tillway.domain.refusals import PaymentUnknown
from tillway.domain.replays import Replay
from tillway.domain.standing import Standing
from tillway.store.finding import find_refunds, find_replay, find_standing
from tillway.store.protocol import Store


async def standing(store: Store, payment_id: str) -> Standing:
    """How a payment stands. Refuses: PaymentUnknown."""
    if not is_uuid(payment_id):
        raise PaymentUnknown
    found = await store.read(find_standing(PaymentId(payment_id)))
    if found is None:
        raise PaymentUnknown
    return found


async def standing_of(store: Store, caller: Client, payment_id: str) -> Standing:
    """How a payment of the caller's stands. Refuses: PaymentUnknown, NotYourPayment, NotYourClientsPayment."""
    found = await standing(store, payment_id)
    check_owner(found.order, caller)
    return found


async def refunds(store: Store, payment_id: PaymentId) -> list[Refund]:
    """The refunds of a payment, first to last."""
    return await store.read(find_refunds(payment_id))


async def replay(store: Store, caller: Client, key: str) -> Replay | None:
    """The kept answer of a call of the caller's."""
    return await store.read(find_replay(caller.id, key))
