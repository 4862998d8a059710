"""Acts on payments, whatever they are paid with."""

from tillway.commands.tools import Tools
from tillway.domain import opening, withdrawal
from tillway.domain.book import Book, Needs
from tillway.domain.clients import Client
from tillway.domain.decision import Decision
from tillway.domain.ids import PaymentId, is_uuid, order_of
from tillway.domain.opening import Opening
from tillway.domain.refusals import PaymentUnknown, Refusal
from tillway.domain.replays import Replay
from tillway.domain.standing import Standing
from tillway.store.committer import Recall


async def open_payment(
    tools: Tools, caller: Client, asked: Opening, recall: Recall[Standing] | None = None
) -> Standing | Replay:
    """Open a payment for the caller's merchant. Refuses: KeyReused."""
    stamp = tools.stamp()
    decided = opening.open_payment(caller, asked, stamp)
    if recall is None:
        return await tools.committer.run(_NOTHING, lambda _: decided)
    return await tools.committer.run_once(_NOTHING, lambda _: decided, recall)


async def withdraw(
    tools: Tools, caller: Client, payment_id: str, recall: Recall[Standing] | None = None
) -> Standing | Replay:
    """Give up a payment that is not complete; every card gets its money back.

    Refuses: PaymentUnknown, NotYourPayment, NotYourClientsPayment, NotInThatState, KeyReused.
    """
    payment = known_id(payment_id)
    stamp = tools.stamp()

    def decide(book: Book) -> Decision[Standing | Refusal]:
        return withdrawal.withdraw(book, caller, payment, stamp, tools.announce)

    needs = Needs(orders=(order_of(payment),))
    if recall is None:
        return await tools.committer.run(needs, decide)
    return await tools.committer.run_once(needs, decide, recall)


async def see(tools: Tools, payment_id: PaymentId) -> Standing:
    """The payer has opened the page. Refuses: PaymentUnknown."""
    stamp = tools.stamp()
    return await tools.committer.run(
        Needs(orders=(order_of(payment_id),)), lambda book: withdrawal.see(book, payment_id, stamp, tools.announce)
    )


def known_id(text: str) -> PaymentId:
    """A payment id as callers send it. Refuses: PaymentUnknown."""
    if not is_uuid(text):
        raise PaymentUnknown
    return PaymentId(text)


_NOTHING = Needs()
