"""Acts on payment orders and their refunds, as their client asks for them."""

from tillway.commands.tools import Tools
from tillway.domain import order_refunds, ordering
from tillway.domain.book import Needs
from tillway.domain.clients import Client
from tillway.domain.ids import OrderId, PaymentId, is_outgoing, is_uuid, order_of
from tillway.domain.order_refunds import RefundAsked, RefundStanding
from tillway.domain.ordering import OrderAsked, OrderChange
from tillway.domain.payment_orders import OrderStanding
from tillway.domain.refusals import OrderUnknown, PaymentUnknown, RefundUnknown


async def open_order(tools: Tools, caller: Client, asked: OrderAsked) -> OrderStanding:
    """Open an order with one payment; the same words under the same instruction id answer the same order.

    Refuses: AccountNotAllowed, BankUnknown, ReturnUrlNotAllowed, InstructionProcessed, InstructionDiffers.
    """
    stamp, name = tools.stamp(), asked.instructed.instruction_id
    needs = Needs(instructions=((caller.id, 0, name),) if name else ())
    return await tools.committer.run(needs, lambda book: ordering.open_order(book, caller, asked, tools.banks, stamp))


async def update_order(tools: Tools, caller: Client, order_id: str, change: OrderChange) -> OrderStanding:
    """Change the amount or the refund limit of an order. Refuses: OrderUnknown, AmountBelowPaid, OrderNotUpdatable."""
    known, stamp = known_order(order_id), tools.stamp()
    return await tools.committer.run(
        Needs(orders=(known,)),
        lambda book: ordering.update_order(book, caller, known, change, stamp, tools.announce),
    )


async def withdraw_order(tools: Tools, caller: Client, order_id: str) -> OrderStanding:
    """Give an order up that nobody has begun to pay. Refuses: OrderUnknown, OrderNotWithdrawable."""
    known, stamp = known_order(order_id), tools.stamp()
    return await tools.committer.run(
        Needs(orders=(known,)), lambda book: ordering.withdraw_order(book, caller, known, stamp, tools.announce)
    )


async def open_refund(tools: Tools, caller: Client, order_id: str, asked: RefundAsked) -> RefundStanding:
    """Open a refund of an order, to be authorised by someone of the merchant's; repeated as `open_order` is.

    Refuses: BankUnknown, ReturnUrlNotAllowed, OrderUnknown, CurrencyDiffers, InstructionProcessed, InstructionDiffers,
    RefundNotPossible, CreditorMissing, RefundDuplicated, RefundAboveLimit.
    """
    known, stamp = known_order(order_id), tools.stamp()
    name = asked.instructed.instruction_id
    needs = Needs(orders=(known,), instructions=((caller.id, 1, name),) if name else ())
    return await tools.committer.run(
        needs, lambda book: order_refunds.open_refund(book, caller, known, asked, tools.banks, stamp)
    )


async def withdraw_refund(tools: Tools, caller: Client, refund_id: str) -> OrderStanding:
    """Give a refund up that nobody has begun to authorise.

    Refuses: OrderUnknown, RefundUnknown, OrderNotWithdrawable.
    """
    known, stamp = known_refund(refund_id), tools.stamp()
    return await tools.committer.run(
        Needs(orders=(order_of(known),)),
        lambda book: ordering.withdraw_refund(book, caller, known, stamp, tools.announce),
    )


def known_order(text: str) -> OrderId:
    """An order's id as callers send it, in any case. Refuses: OrderUnknown."""
    low = text.lower()
    if not is_uuid(low) or order_of(PaymentId(low)) != low:
        raise OrderUnknown
    return OrderId(low)


def known_payment(text: str) -> PaymentId:
    """The id of a payment order's payment as callers send it, in any case. Refuses: PaymentUnknown."""
    low = text.lower()
    if not is_uuid(low) or is_outgoing(PaymentId(low)):
        raise PaymentUnknown
    return PaymentId(low)


def known_refund(text: str) -> PaymentId:
    """The id of a payment order's refund as callers send it, in any case. Refuses: RefundUnknown."""
    low = text.lower()
    if not is_uuid(low) or not is_outgoing(PaymentId(low)):
        raise RefundUnknown
    return PaymentId(low)
