"""Group commit: commands queue, and each batch is loaded, decided and saved in one transaction.

While one batch is written the next collects, without a timer: a lone command is written at once, and under load a batch
holds what came meanwhile. Nobody is answered before the transaction is durable.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

from tillway.domain.book import Book, InstructionName, Needs
from tillway.domain.clients import Client, ClientSecret, Issuer, Merchant, Surface
from tillway.domain.decision import Decide
from tillway.domain.giftcards import GiftCard
from tillway.domain.guesses import Guesses
from tillway.domain.hooks import Hook
from tillway.domain.ids import ClientId, OrderId, PaymentId, order_of, payment_id, refund_payment_id
from tillway.domain.notices import Notice, Receiver
from tillway.domain.orders import Order
from tillway.domain.payment_orders import Instruction, PaymentOrder
from tillway.domain.payments import Attempt, AttemptState, Payment
from tillway.domain.refunds import Refund, RefundPart
from tillway.domain.refusals import KeyReused, Overloaded, Refusal
from tillway.domain.renewals import Renewal
from tillway.domain.replays import Replay
from tillway.domain.statements import BankEntry, EntryPolicy, Statement
from tillway.store.protocol import Conflict, Store, Unavailable
from tillway.store.rows import MAPPINGS
from tillway.store.steps import Insert, Load, LoadAll, Program, Step, Update, Write

MOST_IN_A_BATCH = 128
MOST_WAITING = 4096
RUNS_OF_ONE = 4

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Recall(Generic[Answer]):
    """A caller's idempotency key: the answer is kept under it, in the transaction of what it answers.

    `fingerprint` is a hash of the request; `render` gives status and body, or None when the answer is not final yet.
    """

    client_id: ClientId
    key: str
    fingerprint: str
    at: int
    render: Callable[[Answer], tuple[int, str] | None]


@dataclass(slots=True)
class _Command:
    needs: Needs
    decide: Decide[Any]
    recall: Recall[Any] | None
    answer: "asyncio.Future[Any]"


class Committer:
    """The only writer of a process. Commands see what earlier ones of the same process decided."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: deque[_Command] = deque()
        self._arrived = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._closing = False

    async def run(self, needs: Needs, decide: Decide[Answer | Refusal]) -> Answer:
        """The command's answer, once it is durable. Raises its Refusal, or Overloaded.

        A caller that goes away changes nothing: the command commits all the same.
        """
        return cast("Answer", await self._enqueue(needs, decide, None))

    async def run_once(self, needs: Needs, decide: Decide[Answer | Refusal], recall: Recall[Answer]) -> Answer | Replay:
        """As `run`, but a call that happened before under the same key answers its Replay. Raises KeyReused."""
        return cast("Answer | Replay", await self._enqueue(needs, decide, recall))

    async def close(self) -> None:
        """Take no more, write and answer what is waiting, then stop."""
        self._closing = True
        self._arrived.set()
        if self._task is not None:
            await asyncio.wait((self._task,))

    async def _enqueue(self, needs: Needs, decide: Decide[Any], recall: Recall[Any] | None) -> object:
        if self._closing or len(self._waiting) >= MOST_WAITING:
            raise Overloaded
        if self._task is None:
            self._task = asyncio.create_task(self._write_batches(), name="committer")
        answer = asyncio.get_running_loop().create_future()
        self._waiting.append(_Command(needs, decide, recall, answer))
        self._arrived.set()
        return await answer

    async def _write_batches(self) -> None:
        waiting = self._waiting
        while waiting or not self._closing:
            if waiting:
                await self._write([waiting.popleft() for _ in range(min(len(waiting), MOST_IN_A_BATCH))])
            else:
                self._arrived.clear()
                await self._arrived.wait()

    async def _write(self, batch: Sequence[_Command], run: int = 1) -> None:
        try:
            answers = await self._store.write(_transaction(batch))
        except Unavailable as error:
            _fail(batch, error)
        except Exception as error:  # noqa: BLE001 - whatever one command provokes must not reach its neighbours
            if len(batch) > 1:
                middle = len(batch) // 2
                await self._write(batch[:middle])
                await self._write(batch[middle:])
            elif isinstance(error, Conflict) and run < RUNS_OF_ONE:
                await self._write(batch, run + 1)
            else:
                _fail(batch, error)
        else:
            for command, answer in zip(batch, answers, strict=True):
                if command.answer.done():
                    continue
                if isinstance(answer, Refusal):
                    command.answer.set_exception(answer)
                else:
                    command.answer.set_result(answer)


def _fail(batch: Sequence[_Command], error: Exception) -> None:
    for command in batch:
        if not command.answer.done():
            command.answer.set_exception(error)


def _transaction(batch: Sequence[_Command]) -> Program[list[Any]]:
    book = Book()
    yield from _load(book, batch)
    answers = [_decide(book, command) for command in batch]
    changes: list[Insert | Update] = []
    for kind in MAPPINGS:
        added = book.added.get(kind)
        if added:
            changes.append(Insert(kind, _by_key(added)))
        changed = book.changed.get(kind)
        if changed:
            changes.append(Update(kind, _by_key(changed)))
    if changes:
        yield Write(changes)
    return answers


def _by_key(rows: dict[Any, Any]) -> list[Any]:
    """Rows in the order of their keys: all processes write in this one, so that none waits for another in a circle."""
    return [rows[key] for key in sorted(rows)]


def _decide(book: Book, command: _Command) -> Any:
    """The command's answer, or its refusal. A mistake of ours is raised, and ends the batch: it is found by halving."""
    recall = command.recall
    if recall is not None:
        kept = book.find(Replay, (recall.client_id, recall.key))
        if kept is not None:
            return kept if kept.fingerprint == recall.fingerprint else KeyReused()
    try:
        decision = command.decide(book)
    except Refusal as refusal:
        return refusal
    book.apply(decision)
    if recall is not None and not isinstance(decision.answer, Refusal):
        rendered = recall.render(decision.answer)
        if rendered is not None:
            book.keep(Replay(recall.client_id, recall.key, recall.fingerprint, *rendered, recall.at))
    return decision.answer


def _load(book: Book, batch: Sequence[_Command]) -> Generator[Step, list[Any], None]:
    """Lock and load what the commands need, tables in one order and keys sorted."""
    orders: set[OrderId] = set()
    names: set[InstructionName] = set()
    cards: set[str] = set()
    guesses: set[str] = set()
    notices: set[str] = set()
    receivers: set[tuple[str, str]] = set()
    replays: set[tuple[str, str]] = set()
    renewals: set[str] = set()
    statements: set[str] = set()
    entries: set[str] = set()
    policies: set[str] = set()
    registry = False
    for command in batch:
        needs = command.needs
        orders.update(needs.orders)
        names.update(needs.instructions)
        cards.update(needs.cards)
        guesses.update(needs.guesses)
        notices.update(needs.notices)
        receivers.update(needs.receivers)
        renewals.update(needs.renewals)
        statements.update(needs.statements)
        entries.update(needs.entries)
        policies.update(needs.policies)
        registry = registry or needs.registry
        if command.recall is not None:
            replays.add((command.recall.client_id, command.recall.key))
    if names:
        columns = ("client_id", "outgoing", "instruction_id")
        named: list[Instruction] = yield Load(Instruction, columns, sorted(names), given=columns[-1])
        orders.update(order_of(one.payment_id) for one in named)
    if orders:
        cards |= yield from _load_orders(book, sorted(orders))
    for kind, columns, keys, lock in (
        (GiftCard, ("id",), cards, True),
        (Guesses, ("scope",), guesses, True),
        (Notice, ("id",), notices, True),
        (Receiver, ("client_id", "url"), receivers, True),
        (Replay, ("client_id", "key"), replays, False),
        (Renewal, ("token_id",), renewals, False),
        (Statement, ("id",), statements, True),
        (EntryPolicy, ("merchant_id",), policies, False),
    ):
        if keys:
            book.load(kind, (yield Load(kind, columns, sorted(keys), lock)))
    if entries:
        yield from _load_entries(book, sorted(entries))
    if registry:
        for kind in (Merchant, Client, ClientSecret, Hook, Issuer):
            book.load(kind, (yield LoadAll(kind, lock=True)))


def _load_entries(book: Book, ids: list[str]) -> Generator[Step, list[Any], None]:
    """Load entries of statements, and those that settle payments of the orders that are loaded already."""
    paid = sorted(payment.id for payment in book.all(Payment) if payment.attempt_count)
    if paid:
        book.load(BankEntry, (yield Load(BankEntry, ("payment_id",), paid)))
    book.load(BankEntry, (yield Load(BankEntry, ("id",), ids, lock=True)))


def _load_orders(book: Book, ids: list[OrderId]) -> Generator[Step, list[Any], set[str]]:
    """Load orders with all that hangs on them; answers the gift cards that still have to do with them."""
    orders: list[Order] = yield Load(Order, ("id",), ids, lock=True)
    book.load(Order, orders)
    keys = [payment_id(order.id, number) for order in orders for number in range(1, order.payment_count + 1)]
    if not keys:
        return set()
    by_bank = [order for order in orders if order.surface is Surface.ORDER]
    if by_bank:
        keys = yield from _load_terms(book, by_bank, keys)
    payments: list[Payment] = yield Load(Payment, ("id",), keys)
    book.load(Payment, payments)
    tried = [payment.id for payment in payments if payment.attempt_count]
    attempts: list[Attempt] = []
    if tried:
        attempts = yield Load(Attempt, ("payment_id",), tried)
        book.load(Attempt, attempts)
    refunded = [payment.id for payment in payments if payment.refund_count]
    if refunded:
        book.load(Refund, (yield Load(Refund, ("payment_id",), refunded)))
        book.load(RefundPart, (yield Load(RefundPart, ("payment_id",), refunded)))
    ended = (AttemptState.DECLINED, AttemptState.WITHDRAWN)
    return {attempt.source for attempt in attempts if attempt.source and attempt.state not in ended}


def _load_terms(book: Book, orders: list[Order], keys: list[PaymentId]) -> Generator[Step, list[Any], list[PaymentId]]:
    """Load what payment orders have more than others; answers the keys of all payments, refunds among them."""
    terms: list[PaymentOrder] = yield Load(PaymentOrder, ("order_id",), [order.id for order in orders])
    book.load(PaymentOrder, terms)
    refunds = [refund_payment_id(one.order_id, number) for one in terms for number in range(1, one.refund_count + 1)]
    found = {order.id for order in orders}
    every = sorted([*keys, *refunds])
    book.load(Instruction, (yield Load(Instruction, ("payment_id",), [key for key in every if order_of(key) in found])))
    book.load(Hook, (yield Load(Hook, ("client_id",), sorted({order.client_id for order in orders}))))
    return every
