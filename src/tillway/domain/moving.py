"""What one act on an order brings with it: transfers, cards' balances, moves, and what is told of them."""

from tillway.domain import ledger
from tillway.domain.book import Book
from tillway.domain.clients import Surface
from tillway.domain.decision import Row, Stamp
from tillway.domain.events import Event
from tillway.domain.following import Follower
from tillway.domain.giftcards import GiftCard
from tillway.domain.ids import CardId, EventId, PaymentId, is_outgoing
from tillway.domain.ledger import Transfer, TransferKind
from tillway.domain.orders import Order
from tillway.domain.payment_orders import PaymentOrder
from tillway.domain.payments import Attempt, Payment, Transition
from tillway.domain.telling import Announcer, Audience, rows_of


class Movement:
    """Collects what one act on one order moves, and keeps what stands elsewhere in step: cards, terms, instructions."""

    __slots__ = ("_announce", "_book", "_cards", "_follower", "_used", "order", "stamp", "transfers")

    def __init__(self, book: Book, order: Order, stamp: Stamp, announce: Announcer) -> None:
        self._book = book
        self._announce = announce
        self._cards: dict[CardId, GiftCard] = {}
        self._follower = Follower(book, order) if order.surface is Surface.ORDER else None
        self._used = 0
        self.order = order
        self.stamp = stamp
        self.transfers: list[Transfer] = []

    def next_id(self) -> str:
        """The next unused id of the stamp."""
        self._used += 1
        return self.stamp.id(self._used)

    def card(self, card_id: CardId) -> GiftCard:
        """The card as this act has left it so far."""
        card = self._cards.get(card_id) or self._book.find(GiftCard, card_id)
        if card is None:
            raise RuntimeError("a card of an attempt was not loaded")
        return card

    def followed(self) -> tuple[Row, ...]:
        """What changes with the act: the cards whose money moved, and what a payment order keeps of its payments."""
        return (*self._cards.values(), *(self._follower.changed() if self._follower else ()))

    def rows(self, before: Payment, after: Payment, reason: str = "") -> list[Row]:
        """The transfers, and the transition if the payment's state changed; of a payment order, also what is told.

        `reason` is why the payment failed.
        """
        rows: list[Row] = list(self.transfers)
        if before.state is not after.state:
            rows.append(transition(before, after))
        if self._follower is not None:
            for event in self._follower.follow(before, after, reason):
                rows += self.tell(event, after)
        return rows

    def instruct(self, payment: PaymentId, *, bank_id: str = "", debtor_iban: str = "", debtor_bic: str = "") -> None:
        """Keep what is newly known of whoever pays; what is empty stays as it was."""
        if self._follower is not None:
            self._follower.instruct(payment, bank_id, debtor_iban, debtor_bic)

    def retermed(self, terms: PaymentOrder) -> PaymentOrder:
        """Give a payment order other terms; answers them with the status that they lead to."""
        assert self._follower is not None
        return self._follower.retermed(terms)

    def tell(self, event: Event, payment: Payment, url: str = "") -> list[Row]:
        """The rows of an event of `payment` (as it is after the event); `url` is told instead of the order's."""
        identity = EventId(self.next_id())
        audience = Audience(identity, self.stamp.now, self.order, url or self.order.webhook_url)
        if self._follower is not None:
            audience = self._follower.gathered(audience, payment.id)
        return rows_of(event, audience, payment, self._announce, self.next_id)

    def spend(self, card_id: CardId, amount: int, payment: PaymentId, attempt: int) -> None:
        """From the card to the merchant."""
        card = self._change(card_id, -amount, 0)
        self._transfer(
            TransferKind.SPEND, amount, ledger.card(card_id, card.currency), self._payable(), payment, attempt
        )

    def hold(self, card_id: CardId, amount: int, payment: PaymentId, attempt: int) -> None:
        """From the card to its reserve."""
        card = self._change(card_id, -amount, amount)
        self._transfer(
            TransferKind.HOLD,
            amount,
            ledger.card(card_id, card.currency),
            ledger.card_held(card_id, card.currency),
            payment,
            attempt,
        )

    def capture(self, card_id: CardId, amount: int, payment: PaymentId, attempt: int) -> None:
        """From the card's reserve to the merchant."""
        card = self._change(card_id, 0, -amount)
        self._transfer(
            TransferKind.CAPTURE, amount, ledger.card_held(card_id, card.currency), self._payable(), payment, attempt
        )

    def void(self, card_id: CardId, amount: int, payment: PaymentId, attempt: int) -> None:
        """From the card's reserve back to the card."""
        card = self._change(card_id, amount, -amount)
        self._transfer(
            TransferKind.VOID,
            amount,
            ledger.card_held(card_id, card.currency),
            ledger.card(card_id, card.currency),
            payment,
            attempt,
        )

    def refund(self, card_id: CardId, amount: int, payment: PaymentId, attempt: int, refund: int) -> None:
        """From the merchant back to the card."""
        card = self._change(card_id, amount, 0)
        self._transfer(
            TransferKind.REFUND,
            amount,
            self._payable(),
            ledger.card(card_id, card.currency),
            payment,
            attempt,
            refund,
        )

    def send_refund(self, amount: int, payment: PaymentId, attempt: int, refund: int) -> None:
        """From the merchant to refunds in transit: the far side has to confirm."""
        self._transfer(TransferKind.REFUND_SENT, amount, self._payable(), self._transit(), payment, attempt, refund)

    def arrive_refund(self, card_id: CardId, amount: int, payment: PaymentId, attempt: int, refund: int) -> None:
        """From refunds in transit to the card: the far side has confirmed."""
        card = self._change(card_id, amount, 0)
        self._transfer(
            TransferKind.REFUND,
            amount,
            self._transit(),
            ledger.card(card_id, card.currency),
            payment,
            attempt,
            refund,
        )

    def fail_refund(self, amount: int, payment: PaymentId, attempt: int, refund: int) -> None:
        """From refunds in transit back to the merchant: the far side has refused."""
        self._transfer(TransferKind.REFUND_FAILED, amount, self._transit(), self._payable(), payment, attempt, refund)

    def receive(self, attempt: Attempt) -> None:
        """From the far side to the merchant; of a refund, the other way."""
        if is_outgoing(attempt.payment_id):
            self._far(TransferKind.PAY_OUT, attempt, self._payable(), self._receivable(attempt.connector))
        else:
            self._far(TransferKind.RECEIVE, attempt, self._receivable(attempt.connector), self._payable())

    def receive_late(self, attempt: Attempt) -> None:
        """From the far side to late money: nobody wants it any more."""
        self._far(TransferKind.RECEIVE_LATE, attempt, self._receivable(attempt.connector), self._late())

    def return_late(self, attempt: Attempt) -> None:
        """From late money back to the far side: the payer has it again."""
        self._far(TransferKind.RETURN_LATE, attempt, self._late(), self._receivable(attempt.connector))

    def hand_back(self, attempt: Attempt, amount: int, refund: int) -> None:
        """From refunds in transit to the far side: it has given the payer that much back."""
        target = self._receivable(attempt.connector)
        self._transfer(TransferKind.REFUND, amount, self._transit(), target, attempt.payment_id, attempt.number, refund)

    def _far(self, kind: TransferKind, attempt: Attempt, source: str, target: str) -> None:
        self._transfer(kind, attempt.amount, source, target, attempt.payment_id, attempt.number)

    def _change(self, card_id: CardId, balance: int, held: int) -> GiftCard:
        card = self.card(card_id)
        card = card.with_money(card.balance + balance, card.held + held)
        self._cards[card_id] = card
        return card

    def _payable(self) -> str:
        return ledger.merchant_payable(self.order.merchant_id, self.order.currency)

    def _transit(self) -> str:
        return ledger.refunds_in_transit(self.order.merchant_id, self.order.currency)

    def _late(self) -> str:
        return ledger.late_money(self.order.merchant_id, self.order.currency)

    def _receivable(self, connector: str) -> str:
        return ledger.receivable(connector, self.order.currency)

    def _transfer(
        self,
        kind: TransferKind,
        amount: int,
        source: str,
        target: str,
        payment: PaymentId,
        attempt: int,
        refund: int = 0,
    ) -> None:
        self.transfers.append(
            Transfer(
                self.next_id(),
                kind,
                amount,
                self.order.currency,
                source,
                target,
                payment,
                attempt,
                refund,
                self.stamp.now,
            )
        )


def transition(before: Payment, after: Payment) -> Transition:
    """The row that keeps a payment's move."""
    return Transition(after.id, after.version, before.state, after.state, after.changed_at)
