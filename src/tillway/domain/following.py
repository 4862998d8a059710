"""What a payment order keeps of its payments, in step with every move: terms, instructions, and what is told."""

from dataclasses import replace
from typing import Final

from tillway.domain.book import Book
from tillway.domain.events import Event, OrderStatusChanged, PaymentBegun, PaymentConfirmed, PaymentSeen
from tillway.domain.hooks import Hook
from tillway.domain.ids import PaymentId, is_outgoing
from tillway.domain.orders import Order
from tillway.domain.payment_orders import Instruction, PaymentOrder, status_of, sum_of_paid
from tillway.domain.payments import PAYMENT, Payment, PaymentState
from tillway.domain.telling import Audience


class Follower:
    """Follows the payments of one payment order through one act."""

    __slots__ = ("_book", "_changed", "_order")

    def __init__(self, book: Book, order: Order) -> None:
        self._book = book
        self._order = order
        self._changed: dict[object, Instruction | PaymentOrder] = {}

    def changed(self) -> tuple[Instruction | PaymentOrder, ...]:
        """What was followed: each as it is now."""
        return tuple(self._changed.values())

    def follow(self, before: Payment, after: Payment, reason: str) -> list[Event]:
        """Keep a payment's move, or its new amount; answers what happened by it that nobody else tells."""
        instruction = self._instruction(after.id)
        self._changed[after.id] = _moved(instruction, after, reason)
        events: list[Event] = []
        if after.state is not before.state:
            match after.state:
                case PaymentState.SEEN:
                    events.append(PaymentSeen(after.id))
                case PaymentState.PROCESSING:
                    events.append(PaymentBegun(after.id))
                case PaymentState.CONFIRMED:
                    events.append(PaymentConfirmed(after.id, after.amount, after.currency))
                case _:
                    pass
        if not is_outgoing(after.id):
            events += self._status(after)
        return events

    def instruct(self, payment: PaymentId, bank_id: str, debtor_iban: str, debtor_bic: str) -> None:
        """Keep what is newly known of whoever pays; what is empty stays as it was."""
        kept = self._instruction(payment)
        self._changed[payment] = replace(
            kept,
            bank_id=bank_id or kept.bank_id,
            debtor_iban=debtor_iban or kept.debtor_iban,
            debtor_bic=debtor_bic or kept.debtor_bic,
        )

    def retermed(self, terms: PaymentOrder) -> PaymentOrder:
        """Keep other terms; answers them with the status that they lead to, which the next move tells of."""
        self._changed[terms.order_id] = terms
        paid = sum_of_paid(self._book.payments_of(self._order))
        return replace(terms, status=status_of(terms.amount, paid))

    def gathered(self, audience: Audience, payment: PaymentId) -> Audience:
        """The audience with all that is known of the order, and with the hooks of its client."""
        hooks = tuple(hook for hook in self._book.all(Hook) if hook.client_id == self._order.client_id)
        return replace(audience, terms=self._terms(), instruction=self._instruction(payment), hooks=hooks)

    def _status(self, after: Payment) -> list[Event]:
        payments = [after if one.id == after.id else one for one in self._book.payments_of(self._order)]
        paid = sum_of_paid(payments)
        terms = self._terms()
        status = status_of(terms.amount, paid)
        if status is terms.status:
            return []
        self._changed[terms.order_id] = replace(terms, status=status)
        return [OrderStatusChanged(terms.order_id, status, paid, terms.amount, terms.currency)]

    def _terms(self) -> PaymentOrder:
        kept = self._changed.get(self._order.id)
        found = kept if isinstance(kept, PaymentOrder) else self._book.find(PaymentOrder, self._order.id)
        assert found is not None
        return found

    def _instruction(self, payment: PaymentId) -> Instruction:
        kept = self._changed.get(payment)
        found = kept if isinstance(kept, Instruction) else self._book.find(Instruction, payment)
        assert found is not None
        return found


_PROMISED: Final = frozenset({PaymentState.CONFIRMED, PaymentState.BOOKED})


def _moved(instruction: Instruction, after: Payment, reason: str) -> Instruction:
    now = after.changed_at
    return replace(
        instruction,
        state=after.state,
        amount=after.amount,
        reason=reason or instruction.reason,
        confirmed_at=instruction.confirmed_at or (now if after.state in _PROMISED else 0),
        finalized_at=instruction.finalized_at or (now if PAYMENT.is_final(after.state) else 0),
    )
