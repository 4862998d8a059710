"""Taking statements in: each entry is booked once, whatever file tells it, and finds its payment if it can."""

from collections.abc import Sequence
from dataclasses import replace

from tillway.domain.book import Book
from tillway.domain.clearing import Acting, Clearing
from tillway.domain.decision import Decision
from tillway.domain.end_to_end import payment_named, return_named
from tillway.domain.ids import MerchantId, OrderId, PaymentId, order_of
from tillway.domain.matching import NAMED, Candidate, match
from tillway.domain.orders import Order
from tillway.domain.payment_orders import Instruction
from tillway.domain.payments import PAYMENT, AttemptState, Payment
from tillway.domain.statements import (
    BankEntry,
    Cause,
    EntryPolicy,
    EntryState,
    Statement,
    StatementEnded,
    StatementId,
    StatementTold,
    statement_id,
)
from tillway.domain.values import value


@value
class TakenIn:
    """An entry as it stands after its statement was taken in; `is_fresh` if nobody had told of it before."""

    entry: BankEntry
    is_fresh: bool


def open_statement(book: Book, merchant: MerchantId, told: StatementTold, now: int) -> Decision[Statement]:
    """A statement that is about to be read; the same one of the same file is there already."""
    identity = statement_id(merchant, told)
    known = book.find(Statement, identity)
    if known is not None:
        return Decision(known)
    statement = Statement(
        identity,
        merchant,
        told.account,
        told.currency,
        told.name,
        told.from_on,
        told.to_on,
        told.digest,
        told.place,
        0,
        0,
        0,
        0,
        0,
        now,
    )
    return Decision(statement, (statement,))


def end_statement(book: Book, identity: StatementId, ended: StatementEnded) -> Decision[Statement]:
    """The statement, read to its end."""
    known = book.find(Statement, identity)
    assert known is not None
    read = replace(
        known,
        opening=ended.opening,
        closing=ended.closing,
        adds_up=ended.adds_up,
        entry_count=ended.entry_count,
        is_read=1,
    )
    return Decision(read, (), () if read == known else (read,))


def take_in(book: Book, fresh: BankEntry, candidates: Sequence[PaymentId], acting: Acting) -> Decision[TakenIn]:
    """Book an entry and let its payment have it; one that is known already stays as it is.

    `candidates` are payments that it may belong to; those that it names itself need not be among them.
    """
    known = book.find(BankEntry, fresh.id)
    if known is not None:
        return Decision(TakenIn(known, is_fresh=False))
    clearing = Clearing(book, fresh, acting)
    clearing.book_it()
    _find_owner(book, clearing, candidates)
    decision = clearing.decision()
    return Decision(TakenIn(decision.answer, is_fresh=True), decision.added, decision.changed)


def match_again(book: Book, entry: BankEntry, candidates: Sequence[PaymentId], acting: Acting) -> Decision[TakenIn]:
    """Let an entry that belongs to nothing look for its payment once more, since there may be new ones."""
    known = book.find(BankEntry, entry.id)
    assert known is not None
    clearing = Clearing(book, known, acting)
    if known.state is EntryState.UNMATCHED:
        _find_owner(book, clearing, candidates)
    decision = clearing.decision()
    return Decision(TakenIn(decision.answer, is_fresh=False), decision.added, decision.changed)


def _find_owner(book: Book, clearing: Clearing, candidates: Sequence[PaymentId]) -> None:
    entry = clearing.entry
    returned = book.find(BankEntry, return_named(entry.end_to_end_id))
    if returned is not None and not entry.is_credit and returned.merchant_id == entry.merchant_id:
        _give_back(clearing, returned)
        return
    named = payment_named(entry.end_to_end_id)
    ids = dict.fromkeys((*candidates, *((named,) if named else ())))
    found = match(entry, [one for one in (_candidate(book, entry, payment) for payment in ids) if one is not None])
    if found is None:
        if entry.is_reversal:
            clearing.review(Cause.REVERSAL)
    elif entry.is_reversal:
        clearing.suggest(found.told.payment_id, found.score, Cause.REVERSAL)
    elif not found.is_sure:
        clearing.suggest(found.told.payment_id, found.score, Cause.NEAR)
    else:
        policy = policy_of(book, entry.merchant_id)
        clearing.pay(found.told.payment_id, found.score, policy, is_named=found.score == NAMED, by_hand=False)


def _give_back(clearing: Clearing, returned: BankEntry) -> None:
    if returned.state is EntryState.RETURNING and returned.left == clearing.entry.amount:
        clearing.gives_back(returned)
    else:
        clearing.suggest(returned.payment_id, NAMED, Cause.DIFFERS)


def _candidate(book: Book, entry: BankEntry, payment_id: PaymentId) -> Candidate | None:
    """The payment, if it is the merchant's; whether it expects money: it is open, or reported and not shown yet."""
    told, payment = book.find(Instruction, payment_id), book.find(Payment, payment_id)
    order = book.find(Order, OrderId(order_of(payment_id)))
    if told is None or payment is None or order is None or order.merchant_id != entry.merchant_id:
        return None
    shown = {one.attempt for one in book.entries_of(payment_id)}
    unshown = any(
        attempt.connector and attempt.number not in shown and attempt.state in _AWAITED
        for attempt in book.attempts_of(payment)
    )
    return Candidate(told, unshown or not PAYMENT.is_final(payment.state))


_AWAITED = frozenset({AttemptState.PAID, AttemptState.LATE, AttemptState.RETURNED, AttemptState.REVERSING})


def policy_of(book: Book, merchant: MerchantId) -> EntryPolicy:
    """How the merchant handles what is not what was asked for: nothing said, each is held for a person."""
    return book.find(EntryPolicy, merchant) or EntryPolicy(merchant)
