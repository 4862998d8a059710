"""The book: the rows that a batch has loaded and changed, as decide functions read them."""

from collections.abc import Callable, Hashable, Iterable
from typing import Any, Final, TypeVar, cast

from tillway.domain.clients import Client, ClientSecret, Issuer, Merchant
from tillway.domain.decision import Decision, Row
from tillway.domain.events import LoggedEvent
from tillway.domain.giftcards import GiftCard
from tillway.domain.guesses import Guesses
from tillway.domain.ids import CardId, ClientId, NoticeId, OrderId, PaymentId, order_of
from tillway.domain.ledger import Transfer
from tillway.domain.notices import Notice, Receiver, Try
from tillway.domain.orders import Order
from tillway.domain.payments import Attempt, Payment, Transition
from tillway.domain.refunds import Refund, RefundPart
from tillway.domain.renewals import Renewal
from tillway.domain.replays import Replay
from tillway.domain.values import value

KEYS: Final[dict[type[Any], Callable[[Any], Hashable]]] = {
    Order: lambda row: row.id,
    Payment: lambda row: row.id,
    Attempt: lambda row: (row.payment_id, row.number),
    Refund: lambda row: (row.payment_id, row.number),
    RefundPart: lambda row: (row.payment_id, row.refund, row.attempt),
    GiftCard: lambda row: row.id,
    Guesses: lambda row: row.scope,
    Notice: lambda row: row.id,
    Receiver: lambda row: (row.client_id, row.url),
    Merchant: lambda row: row.id,
    Client: lambda row: row.id,
    ClientSecret: lambda row: (row.client_id, row.use, row.number),
    Issuer: lambda row: row.id,
    Replay: lambda row: (row.client_id, row.key),
    Transition: lambda row: (row.subject, row.number),
    Transfer: lambda row: row.id,
    LoggedEvent: lambda row: row.id,
    Try: lambda row: (row.notice_id, row.number),
    Renewal: lambda row: row.token_id,
}
"""The primary key of every kind of row."""


@value
class Needs:
    """The rows a command decides on, which are locked and loaded before it runs.

    An order brings its payments, their attempts and refunds, and the gift cards those took money from. `registry`
    brings all merchants, clients, secrets and issuers.
    """

    orders: tuple[OrderId, ...] = ()
    cards: tuple[CardId, ...] = ()
    guesses: tuple[str, ...] = ()
    notices: tuple[NoticeId, ...] = ()
    receivers: tuple[tuple[ClientId, str], ...] = ()
    renewals: tuple[str, ...] = ()
    registry: bool = False


Kind = TypeVar("Kind")


class Book:
    """Loaded rows by kind and key; a decision's rows take effect for those that decide after it."""

    __slots__ = ("_rows", "added", "changed")

    def __init__(self) -> None:
        self._rows: dict[type[Any], dict[Hashable, Any]] = {kind: {} for kind in KEYS}
        self.added: dict[type[Any], dict[Hashable, Row]] = {}
        self.changed: dict[type[Any], dict[Hashable, Row]] = {}

    def load(self, kind: type[Any], rows: Iterable[Any]) -> None:
        """Take in rows as the database has them."""
        key_of = KEYS[kind]
        held = self._rows[kind]
        for row in rows:
            held[key_of(row)] = row

    def find(self, kind: type[Kind], key: Hashable) -> Kind | None:
        """The row with this key, if it was needed and exists."""
        return self._rows[kind].get(key)

    def all(self, kind: type[Kind]) -> list[Kind]:
        """Every loaded row of a kind, in order of loading."""
        return list(cast("dict[Hashable, Kind]", self._rows[kind]).values())

    def order_of(self, payment: PaymentId) -> Order | None:
        """The order of a payment."""
        return self._rows[Order].get(order_of(payment))

    def attempts_of(self, payment: Payment) -> list[Attempt]:
        """The attempts of a payment, first to last."""
        rows = self._rows[Attempt]
        return [rows[payment.id, number] for number in range(1, payment.attempt_count + 1)]

    def refunds_of(self, payment: Payment) -> list[Refund]:
        """The refunds of a payment, first to last."""
        rows = self._rows[Refund]
        return [rows[payment.id, number] for number in range(1, payment.refund_count + 1)]

    def parts_of(self, refund: Refund, payment: Payment) -> list[RefundPart]:
        """The parts of a refund, in order of the attempts they go back to."""
        rows = self._rows[RefundPart]
        keys = ((payment.id, refund.number, number) for number in range(1, payment.attempt_count + 1))
        return [rows[key] for key in keys if key in rows]

    def keep(self, replay: Replay) -> None:
        """Keep the answer of a call, for its retries."""
        self.apply(Decision(None, (replay,)))

    def apply(self, decision: Decision[Any]) -> None:
        """Let a decision take effect: what it adds must be new, what it changes must be there."""
        for row in decision.added:
            kind = type(row)
            key = KEYS[kind](row)
            held = self._rows[kind]
            if key in held:
                raise RuntimeError(f"a second {kind.__name__} with the key of the first")
            held[key] = row
            self.added.setdefault(kind, {})[key] = row
        for row in decision.changed:
            kind = type(row)
            key = KEYS[kind](row)
            held = self._rows[kind]
            if key not in held:
                raise RuntimeError(f"a {kind.__name__} that was not loaded cannot change")
            held[key] = row
            added = self.added.get(kind)
            if added is not None and key in added:
                added[key] = row
            else:
                self.changed.setdefault(kind, {})[key] = row
