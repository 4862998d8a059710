"""A decision is what one act changes: rows that are new, rows that are different, and the answer."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Generic, TypeVar

from tillway.domain.batches import BatchLine, CreditBatch
from tillway.domain.clients import Client, ClientSecret, Issuer, Merchant
from tillway.domain.events import LoggedEvent
from tillway.domain.giftcards import GiftCard
from tillway.domain.guesses import Guesses
from tillway.domain.hooks import Hook
from tillway.domain.ledger import Transfer
from tillway.domain.notices import Notice, Receiver, Try
from tillway.domain.orders import Order
from tillway.domain.payment_orders import Instruction, PaymentOrder
from tillway.domain.payments import Attempt, Payment, Transition
from tillway.domain.refunds import Refund, RefundPart
from tillway.domain.renewals import Renewal
from tillway.domain.replays import Replay
from tillway.domain.statements import BankEntry, EntryPolicy, Statement
from tillway.domain.values import value

if TYPE_CHECKING:
    from tillway.domain.book import Book

Row = (
    Order
    | PaymentOrder
    | Payment
    | Instruction
    | Attempt
    | Refund
    | RefundPart
    | GiftCard
    | Guesses
    | Notice
    | Receiver
    | Merchant
    | Client
    | ClientSecret
    | Hook
    | Issuer
    | Transition
    | Transfer
    | LoggedEvent
    | Try
    | Replay
    | Renewal
    | Statement
    | BankEntry
    | EntryPolicy
    | CreditBatch
    | BatchLine
)

Answer_co = TypeVar("Answer_co", covariant=True)


@value
class Decision(Generic[Answer_co]):
    """`answer` goes to the caller once `added` and `changed` are durable.

    An answer that is a Refusal is raised to the caller then: a refusal that leaves a trace, such as a counted guess.
    """

    answer: Answer_co
    added: tuple[Row, ...] = ()
    changed: tuple[Row, ...] = ()


Decide = Callable[["Book"], Decision[Answer_co]]
"""Pure: it may be run more than once, and only the last run counts."""


@value
class Stamp:
    """When an act happens and the fresh UUID (version 7) that its new rows take their ids from."""

    now: int
    unique: str

    def id(self, number: int) -> str:
        """The act's id number `number` (1 to 4,095): time-ordered, and the same on every run."""
        return f"{self.unique[:33]}{number:03x}"
