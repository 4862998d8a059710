"""Opening a payment: the order that was asked for, with its first payment."""

from tillway.domain.clients import Client
from tillway.domain.decision import Decision, Stamp
from tillway.domain.ids import order_id, payment_id
from tillway.domain.orders import Access, Order
from tillway.domain.payments import Payment, PaymentState
from tillway.domain.standing import Standing
from tillway.domain.values import value


@value
class Opening:
    """What a client asks for, as in `Order`; `amount` in minor units of the client's currency."""

    amount: int
    access: Access
    reference: str
    return_url: str
    webhook_url: str
    language: str
    metadata: str
    expires_at: int
    number: int = 0
    origin: str = ""
    country: str = ""
    email: str = ""
    most_declines: int = 0


def open_payment(caller: Client, opening: Opening, stamp: Stamp) -> Decision[Standing]:
    """An order with one payment, waiting for its payer."""
    order = Order(
        order_id(stamp.unique),
        opening.number,
        caller.merchant_id,
        caller.id,
        caller.surface,
        opening.access,
        opening.amount,
        caller.currency,
        opening.reference,
        opening.return_url,
        opening.webhook_url,
        opening.language,
        opening.metadata,
        opening.origin,
        opening.country,
        opening.email,
        opening.most_declines,
        1,
        stamp.now,
    )
    payment = Payment(
        payment_id(order.id, 1),
        opening.amount,
        caller.currency,
        PaymentState.CREATED,
        0,
        0,
        0,
        0,
        0,
        stamp.now,
        stamp.now,
        0,
        opening.expires_at,
    )
    return Decision(Standing(order, payment, ()), (order, payment))
