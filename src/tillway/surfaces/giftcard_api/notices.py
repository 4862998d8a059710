"""What the gift-card API's webhook says, and of which events."""

from collections.abc import Sequence

import msgspec

from tillway.domain.events import Event, PaymentSucceeded
from tillway.domain.giftcards import masked
from tillway.domain.telling import Audience, Telling
from tillway.surfaces.common.amounts import major

SCHEDULE = "gift_cards"

_encode = msgspec.json.Encoder(decimal_format="number").encode


def announce(event: Event, audience: Audience) -> Sequence[Telling]:
    """The documented body of `payment processed`; the document has no other webhook."""
    if not audience.url or not isinstance(event, PaymentSucceeded):
        return ()
    body = {
        "paymentId": event.payment_id,
        "paidAmount": major(event.paid, event.currency),
        "paymentTotal": major(event.amount, event.currency),
        "reference": event.reference,
        "cards": [
            {"cardNumber": masked(card.last5), "deductedAmount": major(card.deducted, event.currency)}
            for card in event.cards
        ],
    }
    return (Telling(_encode(body).decode(), SCHEDULE, audience.url),)
