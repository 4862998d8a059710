"""Someone to tell events of payment orders to, for tests and for pages that show what would be told."""

from typing import Final

from tillway.domain.clients import Surface
from tillway.domain.hooks import Hook, HookType
from tillway.domain.ids import ClientId, EventId, MerchantId, OrderId, payment_id, refund_payment_id
from tillway.domain.orders import Access, Order
from tillway.domain.payment_orders import Instruction, OrderStatus, PaymentOrder
from tillway.domain.payments import PaymentState
from tillway.domain.telling import Audience

AT: Final = 1_795_257_600_123_000
"""21 November 2026, 10:40 UTC and 123 ms."""

ORDER: Final = OrderId("019a9f1e-7c1a-7b52-8f6e-2f1d3c4b5000")
PAYMENT: Final = payment_id(ORDER, 1)
REFUND: Final = refund_payment_id(ORDER, 1)
CLIENT: Final = ClientId("019a9c02-51d4-7a86-8c7e-64d0a1b2c3f4")
EVENT: Final = EventId("019a9f21-0b3c-7c11-9d2e-7f8091a2b00c")
URL: Final = "https://shop.example/hooks"

HOOKS: Final = tuple(Hook(CLIENT, number, kind, URL, 0, 0, AT) for number, kind in enumerate(HookType, 1))


def hooked(
    state: PaymentState = PaymentState.BOOKED,
    *,
    outgoing: bool = False,
    is_silent: bool = False,
    instruction_id: str = "",
    external_id: str = "",
    hook_data: str = "",
    hooks: tuple[Hook, ...] = HOOKS,
) -> Audience:
    """The client of a payment order that is paid, with a hook of every type; its payment, or refund, is in `state`."""
    terms = PaymentOrder(
        ORDER, CLIENT, OrderStatus.PAID, 1023, "EUR", external_id, 10_000, 0, 0, int(is_silent), "asked", AT
    )
    subject = REFUND if outgoing else PAYMENT
    accounts, symbols = ("", "", "", "", "", ""), ("", "", "", "")
    words = (*symbols, "", "", "", "", hook_data, "")
    instruction = Instruction(
        subject, CLIENT, int(outgoing), state, 1023, "EUR", instruction_id, *accounts, *words, AT, 0, 0
    )
    order = Order(
        ORDER, 0, MerchantId("merchant"), CLIENT, Surface.ORDER, Access.BANK, 1023, "EUR", *_NOTHING, 1, 1, AT
    )
    return Audience(EVENT, AT, order, "", terms, instruction, hooks)


_NOTHING: Final = ("", "", "", "", "{}", "", "", "")
