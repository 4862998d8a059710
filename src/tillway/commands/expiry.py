"""Ending payments whose time is over."""

from tillway.commands.tools import Tools
from tillway.domain import withdrawal
from tillway.domain.book import Needs
from tillway.domain.ids import PaymentId, order_of
from tillway.domain.standing import Standing


async def expire(tools: Tools, payment_id: PaymentId) -> Standing:
    """End a payment that is past its time, and give every card its money back; any other stays as it is.

    Refuses: PaymentUnknown.
    """
    stamp = tools.stamp()
    return await tools.committer.run(
        Needs(orders=(order_of(payment_id),)),
        lambda book: withdrawal.expire(book, payment_id, stamp, tools.announce),
    )
