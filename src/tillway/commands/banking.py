"""What whoever pays by bank does: choose a bank, be led through its authorisation, or give up."""

from collections.abc import Mapping

import structlog

from tillway.commands.asking import operation_of
from tillway.commands.checking import may_proceed
from tillway.commands.outcomes import open_attempt, resolve_call
from tillway.commands.tools import Tools
from tillway.connectors.protocol import BankConnector, Journey, Step, StepKind
from tillway.domain import banking, withdrawal
from tillway.domain.banking import BankChoice
from tillway.domain.banks import Bank
from tillway.domain.book import Book, Needs
from tillway.domain.decision import Decision
from tillway.domain.ids import PaymentId, order_of
from tillway.domain.ownership import payment_in
from tillway.domain.payments import WAITING, PaymentState
from tillway.domain.reasons import Reason
from tillway.domain.refusals import DebtorMissing
from tillway.domain.standing import Standing

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


async def choose(tools: Tools, payment_id: PaymentId, bank_id: str, debtor_iban: str) -> Standing:
    """Keep which bank is to pay, and from which account, until the payment is begun; what is empty stays.

    Refuses: PaymentUnknown, NotInThatState.
    """
    stamp = tools.stamp()
    return await tools.committer.run(
        Needs(orders=(order_of(payment_id),)),
        lambda book: banking.choose(book, payment_id, bank_id, debtor_iban, stamp, tools.announce),
    )


async def begin(
    tools: Tools, payment_id: PaymentId, bank: Bank, debtor_iban: str, call_key: str, journey: Journey
) -> Standing:
    """Have a bank asked for a payment, or a refund; the client is asked first whether to go on, if it wants to be.

    The answer's last attempt says in `step_url` where the payer has to go; a client that said no has WITHDRAWN it.
    Whoever sends the same choice twice is answered the same. Refuses: PaymentUnknown, NotInThatState, DebtorMissing.
    """
    if bank.needs_iban and not debtor_iban:
        raise DebtorMissing
    needs = Needs(orders=(order_of(payment_id),))
    waits = await tools.committer.run(needs, lambda book: _waiting(book, payment_id))
    if waits and not await may_proceed(tools, payment_id):
        return await _withdraw(tools, payment_id)
    stamp = tools.stamp()
    ends = stamp.now + tools.lasts.processing
    choice = BankChoice(bank.id, bank.bic, bank.connector, debtor_iban, call_key, ends)
    begun = await tools.committer.run(
        needs, lambda book: banking.begin_at_bank(book, payment_id, choice, stamp, tools.announce)
    )
    if begun.attempts[-1].step_url:
        return begun
    return await resolve_call(tools, payment_id, journey=journey)


async def authorise(tools: Tools, payment_id: PaymentId, values: Mapping[str, str], journey: Journey) -> Step | None:
    """Give the bank what it asked for, and learn the next step; None once nothing is to be done any more.

    A bank that cannot be led has its page, and one that does not answer is at work: the same call again.

    Refuses: PaymentUnknown.
    """
    opened = await open_attempt(tools, payment_id)
    if opened is None:
        return None
    attempt, question = opened
    connector = tools.connectors.get(attempt.connector)
    step = Step(StepKind.REDIRECT, attempt.step_url) if attempt.step_url else Step(StepKind.NEXT)
    if isinstance(connector, BankConnector):
        try:
            step = await connector.authorise(operation_of(tools, question, journey), values)
        except Exception as fault:  # noqa: BLE001 - whatever a connector does, no money may be left in doubt
            _log.warning("connector failed", connector=attempt.connector, fault=type(fault).__name__)
    after = await resolve_call(tools, payment_id, may_begin=False)
    return step if after.payment.state is PaymentState.PROCESSING else None


async def give_up(tools: Tools, payment_id: PaymentId, reason: Reason) -> Standing:
    """The payer leaves without having begun: the payment has failed. Refuses: PaymentUnknown, NotInThatState."""
    stamp = tools.stamp()
    return await tools.committer.run(
        Needs(orders=(order_of(payment_id),)),
        lambda book: banking.give_up(book, payment_id, reason, stamp, tools.announce),
    )


async def await_transfer(tools: Tools, payment_id: PaymentId) -> Standing:
    """The payer means to transfer the money without us. Refuses: PaymentUnknown, NotInThatState."""
    stamp = tools.stamp()
    until = stamp.now + tools.lasts.processing
    return await tools.committer.run(
        Needs(orders=(order_of(payment_id),)),
        lambda book: banking.await_transfer(book, payment_id, until, stamp, tools.announce),
    )


def _waiting(book: Book, payment_id: PaymentId) -> Decision[bool]:
    _, payment = payment_in(book, payment_id)
    return Decision(payment.state in WAITING)


async def _withdraw(tools: Tools, payment_id: PaymentId) -> Standing:
    stamp = tools.stamp()

    def decide(book: Book) -> Decision[Standing]:
        order, payment = payment_in(book, payment_id)
        if payment.state not in WAITING:
            return Decision(Standing(order, payment, tuple(book.attempts_of(payment))))
        return withdrawal.end(book, order, payment, PaymentState.WITHDRAWN, stamp, tools.announce)

    return await tools.committer.run(Needs(orders=(order_of(payment_id),)), decide)
