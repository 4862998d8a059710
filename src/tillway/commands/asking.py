"""Asking connectors: under their time limit, and whatever is not a plain yes or no comes back as pending."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog

from tillway.commands.tools import Tools
from tillway.connectors.protocol import Connector, CreditTransfer, Journey, Operation
from tillway.domain.outcomes import Outcome, Pending

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Question:
    """What a connector is asked about, as in `Operation`; `sealed` holds a gift card's number, empty without one.

    `transfer` is what a bank is to be told, None where none is asked.
    """

    connector: str
    id: str
    sealed: str
    amount: int
    currency: str
    method: str
    reference: str
    transfer: CreditTransfer | None = None


Call = Callable[[Connector, Operation], Awaitable[Outcome]]


async def ask(tools: Tools, question: Question, call: Call, journey: Journey | None = None) -> Outcome:
    """What the connector says to a call.

    A connector that this process does not have, a fault of ours and a fault of theirs are all Pending. Neither the
    card's number nor the text of a fault, which might quote it, is logged.
    """
    connector = tools.connectors.get(question.connector)
    log = _log.bind(connector=question.connector, operation=question.id)
    if connector is None:
        log.error("connector missing")
        return Pending()
    try:
        operation = operation_of(tools, question, journey)
        async with asyncio.timeout(connector.limit_seconds):
            return await call(connector, operation)
    except TimeoutError:
        log.warning("connector timed out")
        return Pending()
    except Exception as fault:  # noqa: BLE001 - whatever a connector does, no money may be left in doubt
        log.warning("connector failed", fault=type(fault).__name__)
        return Pending()


def operation_of(tools: Tools, question: Question, journey: Journey | None = None) -> Operation:
    """The question as connectors take it, with a gift card's number in the clear."""
    number = tools.vault.open(question.sealed).partition(";")[0] if question.sealed else ""
    return Operation(
        question.id,
        number,
        question.amount,
        question.currency,
        question.method,
        question.reference,
        journey,
        question.transfer,
    )
