"""Whose payment it is: the checks that every act on a payment begins with, in the documented order."""

from tillway.domain.book import Book
from tillway.domain.clients import Client
from tillway.domain.ids import PaymentId
from tillway.domain.orders import Order
from tillway.domain.payments import Payment
from tillway.domain.refusals import NotYourClientsPayment, NotYourPayment, PaymentUnknown


def check_owner(order: Order, caller: Client) -> None:
    """Refuses: NotYourPayment, NotYourClientsPayment."""
    if order.merchant_id != caller.merchant_id:
        raise NotYourPayment
    if order.client_id != caller.id:
        raise NotYourClientsPayment


def payment_in(book: Book, payment_id: PaymentId) -> tuple[Order, Payment]:
    """A payment and its order. Refuses: PaymentUnknown."""
    order = book.order_of(payment_id)
    payment = book.find(Payment, payment_id)
    if order is None or payment is None:
        raise PaymentUnknown
    return order, payment


def payment_of(book: Book, caller: Client, payment_id: PaymentId) -> tuple[Order, Payment]:
    """A payment of the caller's and its order. Refuses: PaymentUnknown, NotYourPayment, NotYourClientsPayment."""
    order, payment = payment_in(book, payment_id)
    check_owner(order, caller)
    return order, payment
