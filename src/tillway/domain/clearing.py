"""Clearing: what one bank entry moves in the ledger, and what a payment makes of it."""

from dataclasses import replace

from tillway.domain import ledger
from tillway.domain.book import Book
from tillway.domain.decision import Decision, Row, Stamp
from tillway.domain.ids import PaymentId, is_outgoing
from tillway.domain.ledger import Transfer, TransferKind
from tillway.domain.outcomes import Paid
from tillway.domain.ownership import payment_in
from tillway.domain.payments import UNDER_WAY, WAITING, Attempt, AttemptState, Payment
from tillway.domain.settling import record
from tillway.domain.statements import ENTRY, BankEntry, Cause, EntryPolicy, EntryState, Handling
from tillway.domain.telling import Announcer
from tillway.domain.transferring import receive_transfer
from tillway.domain.values import value


@value
class Acting:
    """How an act on an entry happens: a stamp for the entry, one for its payment, and who is told."""

    own: Stamp
    of_payment: Stamp
    announce: Announcer


class Clearing:
    """Collects what one act does with one entry; `entry` is the entry as it is so far."""

    def __init__(self, book: Book, entry: BankEntry, acting: Acting) -> None:
        self._book = book
        self._acting = acting
        self._added: list[Row] = []
        self._changed: list[Row] = []
        self.entry = entry

    def book_it(self) -> None:
        """Keep that the money came to the account, or left it: it belongs to nothing yet."""
        account = ledger.bank_account(self.entry.account, self.entry.currency)
        if self.entry.is_credit:
            self._transfer(TransferKind.STATEMENT_IN, self.entry.amount, account, self._unmatched())
        else:
            self._transfer(TransferKind.STATEMENT_OUT, self.entry.amount, self._unmatched(), account)

    def suggest(self, payment: PaymentId, score: int, cause: Cause) -> None:
        """Show a person a payment that the entry may belong to."""
        self._become(EntryState.REVIEW, payment_id=payment, score=score, cause=cause)

    def pay(self, payment_id: PaymentId, score: int, policy: EntryPolicy, *, is_named: bool, by_hand: bool) -> None:
        """Let a payment, or a refund, have what the entry brought.

        What its far side has reported is settled, and what a bank has not answered for is taken as answered. A payment
        that waits is paid by the entry itself. `is_named`: the entry says whose it is; `by_hand`: a person does.
        Refuses: PaymentUnknown.
        """
        _, payment = payment_in(self._book, payment_id)
        self.entry = replace(self.entry, payment_id=payment_id, score=score, cause="")
        attempts = self._book.attempts_of(payment)
        reported = self._reported(payment, attempts)
        doubtful = next((one for one in attempts if one.state in _IN_DOUBT and one.connector), None)
        if reported is not None:
            self._settle_reported(reported, policy)
        elif doubtful is not None and (payment.state in UNDER_WAY or is_named or by_hand):
            self._answer(payment, doubtful, policy)
        elif doubtful is not None:
            self._review(Cause.DOUBT)
        elif payment.state in WAITING:
            self._pay_waiting(payment, policy, by_hand=by_hand)
        elif is_outgoing(payment.id):
            self._review(Cause.LATE)
        else:
            self.handle_rest(policy.late, Cause.LATE)

    def handle_rest(self, handling: Handling, cause: Cause) -> None:
        """Do with what is left of the entry as the merchant wants."""
        if handling is Handling.ACCEPT:
            self.keep_rest()
        elif handling is Handling.REFUND:
            self.return_rest()
        else:
            self._review(cause)

    def keep_rest(self) -> None:
        """The merchant keeps what is left, or bears it if it left the account."""
        entry, payable = self.entry, ledger.merchant_payable(self.entry.merchant_id, self.entry.currency)
        ways = (self._unmatched(), payable) if entry.is_credit else (payable, self._unmatched())
        self._transfer(TransferKind.KEEP, entry.left, *ways)
        self._become(EntryState.MATCHED, kept=entry.kept + entry.left, cause="")

    def return_rest(self) -> None:
        """What is left goes back to whoever paid, with the next file; a person decides if nobody knows where to."""
        if self.entry.counterparty_iban and self.entry.is_credit:
            self._become(EntryState.RETURNING, cause="")
        else:
            self._review(Cause.NAMELESS)

    def set_aside(self) -> None:
        """A person wants no more of it."""
        self._become(EntryState.IGNORED, cause="")

    def take_back(self) -> None:
        """It does not go back after all: a person decides anew."""
        self._review(Cause.LATE)

    def gives_back(self, returned: BankEntry) -> None:
        """The entry, a debit, is the return of an earlier one."""
        ENTRY.advance(returned.state, EntryState.RETURNED)
        done = replace(returned, state=EntryState.RETURNED, changed_at=self._acting.own.now)
        self._changed.append(done)
        self._become(EntryState.MATCHED, payment_id=returned.payment_id, returns=returned.id, cause="")

    def review(self, cause: Cause) -> None:
        """Leave the entry to a person."""
        self._review(cause)

    def decision(self) -> Decision[BankEntry]:
        """What the act comes to."""
        known = self._book.find(BankEntry, self.entry.id)
        added, changed = tuple(self._added), tuple(self._changed)
        if known is None:
            return Decision(self.entry, (self.entry, *added), changed)
        return Decision(self.entry, added, changed if known == self.entry else (self.entry, *changed))

    def _reported(self, payment: Payment, attempts: list[Attempt]) -> Attempt | None:
        """What a far side has reported of the payment and no entry has shown yet."""
        shown = {entry.attempt for entry in self._book.entries_of(payment.id)}
        unshown = (one for one in attempts if one.state in _REPORTED and one.connector and one.number not in shown)
        return next(unshown, None)

    def _settle_reported(self, attempt: Attempt, policy: EntryPolicy) -> None:
        if attempt.amount > self.entry.left:
            self._review(Cause.DIFFERS)
            return
        self._settle(attempt)
        self._handle_surplus(policy)

    def _answer(self, payment: Payment, attempt: Attempt, policy: EntryPolicy) -> None:
        """The bank has moved the money, whatever its own interface says: that is an answer to an open attempt."""
        if attempt.amount > self.entry.left or (is_outgoing(payment.id) and attempt.amount != self.entry.left):
            self._review(Cause.DIFFERS)
            return
        debtor = "" if is_outgoing(payment.id) else self.entry.counterparty_iban
        paid = {attempt.number: Paid(debtor_iban=debtor)}
        recorded = record(self._book, payment.id, paid, self._acting.of_payment, self._acting.announce)
        self._added += recorded.added
        self._changed += recorded.changed
        after = recorded.answer.attempts[attempt.number - 1]
        if after.state not in _REPORTED:
            self._review(Cause.DOUBT)
            return
        self._settle(after)
        self._handle_surplus(policy)

    def _pay_waiting(self, payment: Payment, policy: EntryPolicy, *, by_hand: bool) -> None:
        left, outgoing = self.entry.left, is_outgoing(payment.id)
        if outgoing and left != payment.due:
            self._review(Cause.DIFFERS)
            return
        if left < payment.due and not by_hand and policy.part is not Handling.ACCEPT:
            self.handle_rest(policy.part, Cause.PART)
            return
        amount = min(left, payment.due)
        debtor = "" if outgoing else self.entry.counterparty_iban
        paid = receive_transfer(self._book, payment.id, amount, debtor, self._acting.of_payment, self._acting.announce)
        self._added += paid.added
        self._changed += paid.changed
        self._settle(paid.answer.attempts[-1])
        self._handle_surplus(policy)

    def _handle_surplus(self, policy: EntryPolicy) -> None:
        if self.entry.left == 0:
            self._become(EntryState.MATCHED)
        elif self.entry.is_credit:
            self.handle_rest(policy.over, Cause.OVER)
        else:
            self._review(Cause.DIFFERS)

    def _settle(self, attempt: Attempt) -> None:
        """Clear what the connector reported with what the bank has shown."""
        far = ledger.receivable(attempt.connector, self.entry.currency)
        ways = (self._unmatched(), far) if self.entry.is_credit else (far, self._unmatched())
        self._transfer(TransferKind.SETTLE, attempt.amount, *ways, attempt)
        self.entry = replace(self.entry, attempt=attempt.number, settled=attempt.amount)

    def _review(self, cause: Cause) -> None:
        self._become(EntryState.REVIEW, cause=cause)

    def _become(self, state: EntryState, **changes: object) -> None:
        if state is not self.entry.state:
            ENTRY.advance(self.entry.state, state)
        self.entry = replace(self.entry, state=state, changed_at=self._acting.own.now, **changes)

    def _unmatched(self) -> str:
        return ledger.unmatched_money(self.entry.merchant_id, self.entry.currency)

    def _transfer(
        self, kind: TransferKind, amount: int, source: str, target: str, attempt: Attempt | None = None
    ) -> None:
        stamp = self._acting.own
        owner, number = (self.entry.id, 0) if attempt is None else (attempt.payment_id, attempt.number)
        identity = stamp.id(len(self._added) + 1)
        self._added.append(
            Transfer(identity, kind, amount, self.entry.currency, source, target, owner, number, 0, stamp.now)
        )


_REPORTED = frozenset({AttemptState.PAID, AttemptState.LATE, AttemptState.RETURNED})
"""Of attempts in these states the far side has the money, or had it, and pays it out."""

_IN_DOUBT = frozenset({AttemptState.OPEN, AttemptState.REVERSING})
