"""The book: the rows that a batch has loaded and changed, as decide functions read them."""

from collections.abc import Callable, Hashable, Iterable
from typing import Any, Final, TypeVar, cast

from tillway.domain.batches import BatchLine, CreditBatch
from tillway.domain.clients import Client, ClientSecret, Issuer, Merchant
from tillway.domain.decision import Decision, Row
from tillway.domain.events import LoggedEvent
from tillway.domain.giftcards import GiftCard
from tillway.domain.guesses import Guesses
from tillway.domain.hooks import Hook
from tillway.domain.ids import (
    CardId,
    ClientId,
    MerchantId,
    NoticeId,
    OrderId,
    PaymentId,
    order_of,
    payment_id,
    refund_payment_id,
)
from tillway.domain.ledger import Transfer
from tillway.domain.notices import Notice, Receiver, Try
from tillway.domain.orders import Order
from tillway.domain.payment_orders import Instruction, PaymentOrder
from tillway.domain.payments import Attempt, Payment, Transition
from tillway.domain.refunds import Refund, RefundPart
from tillway.domain.renewals import Renewal
from tillway.domain.replays import Replay
from tillway.domain.statements import BankEntry, EntryId, EntryPolicy, Statement, StatementId
from tillway.domain.values import value

KEYS: Final[dict[type[Any], Callable[[Any], Hashable]]] = {
    Order: lambda row: row.id,
    PaymentOrder: lambda row: row.order_id,
    Payment: lambda row: row.id,
    Instruction: lambda row: row.payment_id,
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
    Hook: lambda row: (row.client_id, row.number),
    Issuer: lambda row: row.id,
    Replay: lambda row: (row.client_id, row.key),
    Transition: lambda row: (row.subject, row.number),
    Transfer: lambda row: row.id,
    LoggedEvent: lambda row: row.id,
    Try: lambda row: (row.notice_id, row.number),
    Renewal: lambda row: row.token_id,
    Statement: lambda row: row.id,
    BankEntry: lambda row: row.id,
    EntryPolicy: lambda row: row.merchant_id,
    CreditBatch: lambda row: row.id,
    BatchLine: lambda row: (row.batch_id, row.number),
}
"""The primary key of every kind of row."""


InstructionName = tuple[ClientId, int, str]
"""A client, 1 for a refund or 0 for a payment, and the client's own name for it."""


@value
class Needs:
    """The rows a command decides on, which are locked and loaded before it runs.

    An order brings its payments, their attempts and refunds, the gift cards those took money from and, if it is a
    payment order, its terms, instructions and its client's hooks. `instructions` are clients' own names for payments
    (client, 1 for a refund, name), and bring the orders that have them. `registry` brings all merchants, clients,
    secrets, hooks and issuers. `entries` of statements bring those that belong to the orders' payments already.
    """

    orders: tuple[OrderId, ...] = ()
    cards: tuple[CardId, ...] = ()
    guesses: tuple[str, ...] = ()
    notices: tuple[NoticeId, ...] = ()
    receivers: tuple[tuple[ClientId, str], ...] = ()
    renewals: tuple[str, ...] = ()
    registry: bool = False
    instructions: tuple[InstructionName, ...] = ()
    statements: tuple[StatementId, ...] = ()
    entries: tuple[EntryId, ...] = ()
    policies: tuple[MerchantId, ...] = ()


Kind = TypeVar("Kind")


class Book:
    """Loaded rows by kind and key; a decision's rows take effect for those that decide after it."""

    __slots__ = ("_named", "_rows", "added", "changed")

    def __init__(self) -> None:
        self._rows: dict[type[Any], dict[Hashable, Any]] = {kind: {} for kind in KEYS}
        self._named: dict[InstructionName, PaymentId] = {}
        self.added: dict[type[Any], dict[Hashable, Row]] = {}
        self.changed: dict[type[Any], dict[Hashable, Row]] = {}

    def load(self, kind: type[Any], rows: Iterable[Any]) -> None:
        """Take in rows as the database has them."""
        key_of = KEYS[kind]
        held = self._rows[kind]
        for row in rows:
            held[key_of(row)] = row
            if kind is Instruction:
                self._name(row)

    def find(self, kind: type[Kind], key: Hashable) -> Kind | None:
        """The row with this key, if it was needed and exists."""
        return self._rows[kind].get(key)

    def all(self, kind: type[Kind]) -> list[Kind]:
        """Every loaded row of a kind, in order of loading."""
        return list(cast("dict[Hashable, Kind]", self._rows[kind]).values())

    def order_of(self, payment: PaymentId) -> Order | None:
        """The order of a payment."""
        return self._rows[Order].get(order_of(payment))

    def instruction_named(self, name: InstructionName) -> Instruction | None:
        """The payment or refund to which a client has given this name."""
        payment = self._named.get(name)
        return None if payment is None else self._rows[Instruction][payment]

    def payments_of(self, order: Order) -> list[Payment]:
        """The payments of an order, first to last."""
        rows = self._rows[Payment]
        return [rows[payment_id(order.id, number)] for number in range(1, order.payment_count + 1)]

    def outgoing_of(self, terms: PaymentOrder) -> list[Payment]:
        """The refunds of a payment order, which are payments the other way, first to last."""
        rows = self._rows[Payment]
        return [rows[refund_payment_id(terms.order_id, number)] for number in range(1, terms.refund_count + 1)]

    def _name(self, row: Instruction) -> None:
        if row.instruction_id:
            self._named[row.client_id, row.outgoing, row.instruction_id] = row.payment_id

    def attempts_of(self, payment: Payment) -> list[Attempt]:
        """The attempts of a payment, first to last."""
        rows = self._rows[Attempt]
        return [rows[payment.id, number] for number in range(1, payment.attempt_count + 1)]

    def entries_of(self, payment: PaymentId) -> list[BankEntry]:
        """The bank entries that settle attempts of a payment, if entries were needed."""
        entries: Iterable[BankEntry] = self._rows[BankEntry].values()
        return [entry for entry in entries if entry.payment_id == payment and entry.attempt]

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
            if isinstance(row, Instruction):
                self._name(row)
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
