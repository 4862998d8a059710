"""The rules of payment orders as two tables: what every act does to a payment, and to a refund, in each status.

A cell says what changes: the status of the payment, and that of the order if it is another one then. `·` changes
neither. `+CREATED` adds a further payment, `+refund` a refund; `amount` asks for another amount; `late` books money
that nobody wants any more, and `paid out` money that is gone. A code with a `!` refuses the act, which changes nothing.
"""

from collections.abc import Mapping
from typing import Final

from tillway.domain.payments import PaymentState

Rules = Mapping[str, Mapping[PaymentState, str]]
"""By act, what it does in each status."""

STATES: Final = tuple(PaymentState)


def _rule(cells: Mapping[str, str], others: str) -> Mapping[PaymentState, str]:
    """What an act does in the statuses that are named, parted by spaces, and in all others."""
    named = {PaymentState(state): cell for cell, states in cells.items() for state in states.split(" ")}
    return {state: named.get(state, others) for state in STATES}


PAYMENTS: Final[Rules] = {
    "update: a lower amount": _rule(
        {
            "amount": "CREATED",
            "!ORDER_CANNOT_BE_UPDATED": "SEEN PROCESSING",
            "!INVALID_ORDER_AMOUNT": "CONFIRMED BOOKED",
        },
        others="+CREATED",
    ),
    "update: a higher amount": _rule(
        {
            "amount": "CREATED",
            "!ORDER_CANNOT_BE_UPDATED": "SEEN PROCESSING",
            "+CREATED PARTIALLY_PAID": "CONFIRMED BOOKED",
        },
        others="+CREATED",
    ),
    "update: the same amount": _rule({}, others="·"),
    "update: the refund limit": _rule({}, others="·"),
    "withdraw the order": _rule({"WITHDRAWN": "CREATED SEEN"}, others="!ORDER_CANNOT_BE_WITHDRAWN"),
    "refund": _rule({"!REFUND_CANNOT_BE_CREATED": "CREATED SEEN WITHDRAWN EXPIRED"}, others="+refund"),
    "create again, same words": _rule(
        {"!PAYMENT_ALREADY_PROCESSED": "BOOKED FAILED WITHDRAWN EXPIRED PROCESSING_EXPIRED"}, others="·"
    ),
    "create again, other words": _rule(
        {"!REQUEST_VALIDATION_ERROR": "CREATED SEEN PROCESSING CONFIRMED"}, others="!PAYMENT_ALREADY_PROCESSED"
    ),
    "the page is opened": _rule({"SEEN": "CREATED"}, others="·"),
    "a bank is chosen": _rule({"PROCESSING": "CREATED SEEN"}, others="!PAYMENT_ALREADY_PROCESSED"),
    "the same choice again": _rule(
        {"PROCESSING": "CREATED SEEN", "!PAYMENT_ALREADY_PROCESSED": "BOOKED FAILED WITHDRAWN EXPIRED"}, others="·"
    ),
    "the payer gives up": _rule({"FAILED": "SEEN"}, others="!PAYMENT_ALREADY_PROCESSED"),
    "the payer will transfer alone": _rule(
        {"!PAYMENT_ALREADY_PROCESSED": "PROCESSING CONFIRMED BOOKED FAILED WITHDRAWN EXPIRED PROCESSING_EXPIRED"},
        others="·",
    ),
    "the time is over": _rule({"EXPIRED": "CREATED SEEN", "PROCESSING_EXPIRED": "PROCESSING"}, others="·"),
    "the bank has not decided": _rule({}, others="·"),
    "the bank promises": _rule({"CONFIRMED PAID": "PROCESSING"}, others="·"),
    "the bank declines": _rule({"FAILED": "PROCESSING", "FAILED UNPAID": "CONFIRMED"}, others="·"),
    "the bank has booked": _rule(
        {"BOOKED PAID": "PROCESSING", "BOOKED": "CONFIRMED", "late": "FAILED PROCESSING_EXPIRED"}, others="·"
    ),
    "a statement shows the money": _rule(
        {"BOOKED PAID": "CREATED SEEN PROCESSING", "BOOKED": "CONFIRMED", "late": "PROCESSING_EXPIRED"}, others="·"
    ),
}
"""What acts do to an order of 100 whose one payment has got so far."""

REFUNDS: Final[Rules] = {
    "withdraw the refund": _rule({"WITHDRAWN": "CREATED SEEN"}, others="!ORDER_CANNOT_BE_WITHDRAWN"),
    "another refund of everything": _rule({"+refund": "FAILED WITHDRAWN EXPIRED"}, others="!REFUND_LIMIT_EXCEEDED"),
    "the very same refund": _rule({"+refund": "FAILED WITHDRAWN EXPIRED"}, others="!REFUND_DUPLICATED"),
    "the page is opened": _rule({"SEEN": "CREATED"}, others="·"),
    "a bank is chosen": _rule({"PROCESSING": "CREATED SEEN"}, others="!PAYMENT_ALREADY_PROCESSED"),
    "the same choice again": _rule(
        {"PROCESSING": "CREATED SEEN", "!PAYMENT_ALREADY_PROCESSED": "BOOKED FAILED WITHDRAWN EXPIRED"}, others="·"
    ),
    "the payer gives up": _rule({"FAILED": "SEEN"}, others="!PAYMENT_ALREADY_PROCESSED"),
    "the payer will transfer alone": _rule(
        {"!PAYMENT_ALREADY_PROCESSED": "PROCESSING CONFIRMED BOOKED FAILED WITHDRAWN EXPIRED PROCESSING_EXPIRED"},
        others="·",
    ),
    "the time is over": _rule({"EXPIRED": "CREATED SEEN", "PROCESSING_EXPIRED": "PROCESSING"}, others="·"),
    "the bank has not decided": _rule({}, others="·"),
    "the bank promises": _rule({"CONFIRMED": "PROCESSING"}, others="·"),
    "the bank declines": _rule({"FAILED": "PROCESSING CONFIRMED"}, others="·"),
    "the bank has booked": _rule(
        {"BOOKED": "PROCESSING CONFIRMED", "paid out": "FAILED PROCESSING_EXPIRED"}, others="·"
    ),
    "a statement shows the money": _rule(
        {"BOOKED": "CREATED SEEN PROCESSING CONFIRMED", "paid out": "PROCESSING_EXPIRED"}, others="·"
    ),
}
"""What acts do to a refund of all that a booked order of 100 was paid; the order's status never changes by it."""
