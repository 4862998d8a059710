"""Programs that only look things up by key."""

from collections.abc import Sequence

from tillway.domain.clients import Client, ClientSecret, Issuer, Merchant
from tillway.domain.giftcards import GiftCard
from tillway.domain.guesses import Guesses
from tillway.domain.ids import CardId, ClientId, MerchantId, PaymentId, order_of
from tillway.domain.orders import Order
from tillway.domain.payments import Attempt, Payment
from tillway.domain.refunds import Refund
from tillway.domain.renewals import Renewal
from tillway.domain.replays import Replay
from tillway.domain.standing import Standing
from tillway.store.steps import Load, LoadAll, Program


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
