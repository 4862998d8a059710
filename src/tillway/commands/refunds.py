"""Giving money of a complete payment back, whatever it was paid with."""

from dataclasses import replace

from tillway.commands.outcomes import resolve_refund
from tillway.commands.payments import known_id
from tillway.commands.tools import Tools
from tillway.domain import refunding
from tillway.domain.book import Book, Needs
from tillway.domain.clients import Client
from tillway.domain.decision import Decision
from tillway.domain.ids import order_of
from tillway.domain.refunding import AskedBy, Giving, Returned
from tillway.domain.refunds import RefundState
from tillway.domain.refusals import Refusal
from tillway.domain.replays import Replay
from tillway.store.committer import Recall


async def refund(
    tools: Tools, caller: Client, payment_id: str, asked: Giving, recall: Recall[Returned] | None = None
) -> Returned | Replay:
    """Give back what is asked, each source at most what it paid, in reverse order of use.

    What has to go through a connector may still be PROCESSING, or FAILED, when this answers. With `recall`, or where
    the resolver is to ask, it always is PROCESSING: every retry is told the same.
    Refuses: PaymentUnknown, NotYourPayment, NotYourClientsPayment, NotInThatState, NothingLeftToRefund,
    RefundAboveLeft, KeyReused.
    """
    payment = known_id(payment_id)
    stamp = tools.stamp()
    giving = asked if recall is None else replace(asked, asked_by=AskedBy.RESOLVER)

    def decide(book: Book) -> Decision[Returned | Refusal]:
        return refunding.refund(book, caller, payment, giving, stamp, tools.announce)

    needs = Needs(orders=(order_of(payment),))
    if recall is not None:
        return await tools.committer.run_once(needs, decide, recall)
    returned = await tools.committer.run(needs, decide)
    if returned.refund.state is not RefundState.PROCESSING or giving.asked_by is AskedBy.RESOLVER:
        return returned
    return await resolve_refund(tools, payment, returned.refund.number)
