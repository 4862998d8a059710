"""Money on the move: transfers, and the rows of gift cards, which always change with them."""

from tillway.domain import ledger
from tillway.domain.book import Book
from tillway.domain.decision import Row, Stamp
from tillway.domain.giftcards import GiftCard
from tillway.domain.ids import CardId, PaymentId
from tillway.domain.ledger import Transfer, TransferKind
from tillway.domain.orders import Order
from tillway.domain.payments import Attempt, Payment, Transition


class Movement:
    """Collects the transfers of one act on one order, and keeps the cards' balances in step with them."""

    __slots__ = ("_book", "_cards", "_used", "order", "stamp", "transfers")

    def __init__(self, book: Book, order: Order, stamp: Stamp) -> None:
        self._book = book
        self._cards: dict[CardId, GiftCard] = {}
        self._used = 0
        self.order = order
        self.stamp = stamp
        self.transfers: list[Transfer] = []

    def next_id(self) -> int:
        """The next unused id number of the stamp."""
        self._used += 1
        return self._used

    def card(self, card_id: CardId) -> GiftCard:
        """The card as this act has left it so far."""
        card = self._cards.get(card_id) or self._book.find(GiftCard, card_id)
        if card is None:
            raise RuntimeError("a card of an attempt was not loaded")
        return card

    def changed_cards(self) -> tuple[GiftCard, ...]:
        """The cards whose money moved."""
        return tuple(self._cards.values())

    def rows(self, before: Payment, after: Payment) -> list[Row]:
        """The transfers, and the transition if the payment's state changed."""
        rows: list[Row] = list(self.transfers)
        if before.state is not after.state:
            rows.append(transition(before, after))
        return rows

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
        """From the far side to the merchant."""
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
                self.stamp.id(self.next_id()),
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
