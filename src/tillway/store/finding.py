"""Programs that only look things up by key."""

from collections.abc import Iterable, Sequence
from typing import TypeVar

from tillway.domain.clients import Client, ClientSecret, Issuer, Merchant
from tillway.domain.giftcards import GiftCard
from tillway.domain.guesses import Guesses
from tillway.domain.hooks import Hook
from tillway.domain.ids import (
    CardId,
    ClientId,
    MerchantId,
    OrderId,
    PaymentId,
    is_outgoing,
    order_of,
    payment_id,
    refund_payment_id,
)
from tillway.domain.orders import Order
from tillway.domain.payment_orders import Instruction, OrderStanding, PaymentOrder
from tillway.domain.payments import Attempt, Payment
from tillway.domain.refunds import Refund
from tillway.domain.renewals import Renewal
from tillway.domain.replays import Replay
from tillway.domain.standing import Standing
from tillway.store.steps import Load, LoadAll, Program

Kept = TypeVar("Kept")


def find_standing(payment_id: PaymentId) -> Program[Standing | None]:
    """A payment with its order and attempts."""
    orders: list[Order] = yield Load(Order, ("id",), [order_of(payment_id)])
    payments: list[Payment] = yield Load(Payment, ("id",), [payment_id])
    if not orders or not payments:
        return None
    attempts: list[Attempt] = []
    if payments[0].attempt_count:
        attempts = yield Load(Attempt, ("payment_id",), [payment_id])
        attempts.sort(key=lambda attempt: attempt.number)
    return Standing(orders[0], payments[0], tuple(attempts))


def find_order(order_id: OrderId) -> Program[OrderStanding | None]:
    """A payment order with all that hangs on it."""
    found = yield from find_orders([order_id])
    return found.get(order_id)


def find_orders(ids: Sequence[OrderId]) -> Program[dict[OrderId, OrderStanding]]:
    """Those of the payment orders that exist, by id; `ids` in ascending order."""
    orders: list[Order] = yield Load(Order, ("id",), ids)
    terms: list[PaymentOrder] = yield Load(PaymentOrder, ("order_id",), ids)
    terms_of = {one.order_id: one for one in terms}
    orders = [order for order in orders if order.id in terms_of]
    paid = [payment_id(order.id, number) for order in orders for number in range(1, order.payment_count + 1)]
    given = [refund_payment_id(one.order_id, number) for one in terms for number in range(1, one.refund_count + 1)]
    keys = sorted([*paid, *given])
    payments: list[Payment] = yield Load(Payment, ("id",), keys)
    instructions: list[Instruction] = yield Load(Instruction, ("payment_id",), keys)
    found: dict[OrderId, OrderStanding] = {}
    payments.sort(key=lambda one: one.id)
    instructions.sort(key=lambda one: one.payment_id)
    payments_of = _by_order((one.id, one) for one in payments)
    told = _by_order((one.payment_id, one) for one in instructions)
    for order in orders:
        own = payments_of.get(order.id, [])
        found[order.id] = OrderStanding(
            order,
            terms_of[order.id],
            tuple(one for one in own if not is_outgoing(one.id)),
            tuple(one for one in own if is_outgoing(one.id)),
            tuple(told.get(order.id, ())),
        )
    return found


def _by_order(rows: Iterable[tuple[PaymentId, Kept]]) -> dict[OrderId, list[Kept]]:
    by_order: dict[OrderId, list[Kept]] = {}
    for identity, row in rows:
        by_order.setdefault(order_of(identity), []).append(row)
    return by_order


def find_hooks(client_id: ClientId) -> Program[list[Hook]]:
    """The hooks of a client, by number."""
    hooks: list[Hook] = yield Load(Hook, ("client_id",), [client_id])
    return sorted(hooks, key=lambda hook: hook.number)


def find_refunds(payment_id: PaymentId) -> Program[list[Refund]]:
    """The refunds of a payment, first to last."""
    refunds: list[Refund] = yield Load(Refund, ("payment_id",), [payment_id])
    return sorted(refunds, key=lambda refund: refund.number)


def find_card(card_id: CardId) -> Program[GiftCard | None]:
    """A gift card."""
    cards: list[GiftCard] = yield Load(GiftCard, ("id",), [card_id])
    return cards[0] if cards else None


def find_guesses(scope: str) -> Program[Guesses | None]:
    """A counter of guesses."""
    found: list[Guesses] = yield Load(Guesses, ("scope",), [scope])
    return found[0] if found else None


def find_renewals(token_ids: Sequence[str]) -> Program[list[Renewal]]:
    """Those of the tokens that were renewed."""
    return (yield Load(Renewal, ("token_id",), token_ids))


def find_replay(client_id: ClientId, key: str) -> Program[Replay | None]:
    """The kept answer of a call."""
    replays: list[Replay] = yield Load(Replay, ("client_id", "key"), [(client_id, key)])
    return replays[0] if replays else None


def find_clients(ids: Sequence[ClientId]) -> Program[list[tuple[Client, list[ClientSecret]]]]:
    """Those of the clients that exist, each with all its secrets."""
    clients: list[Client] = yield Load(Client, ("id",), ids)
    secrets: dict[ClientId, list[ClientSecret]] = {client.id: [] for client in clients}
    for secret in (yield Load(ClientSecret, ("client_id",), ids)):
        secrets[secret.client_id].append(secret)
    return [(client, secrets[client.id]) for client in clients]


def find_merchant(merchant_id: MerchantId) -> Program[Merchant | None]:
    """A merchant."""
    merchants: list[Merchant] = yield Load(Merchant, ("id",), [merchant_id])
    return merchants[0] if merchants else None


def find_issuers() -> Program[list[Issuer]]:
    """Every issuer."""
    return (yield LoadAll(Issuer))


def find_nothing() -> Program[None]:
    """Nothing: to see that the database answers."""
    yield Load(Merchant, ("id",), [""])
