"""What a payer does on our page: pay with any method, part of it with gift cards, or turn to another way of paying."""

from collections.abc import Sequence

from tillway.commands.giftcards import CardPart, spend_of
from tillway.commands.outcomes import resolve_call
from tillway.commands.tools import Tools
from tillway.connectors.protocol import Journey
from tillway.domain import spending
from tillway.domain.book import Book, Needs
from tillway.domain.clients import Client
from tillway.domain.decision import Decision
from tillway.domain.ids import order_of
from tillway.domain.refusals import Refusal
from tillway.domain.replays import Replay
from tillway.domain.spending import Rest, Spends
from tillway.domain.standing import Standing
from tillway.store.committer import Recall


async def tender(
    tools: Tools,
    caller: Client,
    opened: Standing,
    parts: Sequence[CardPart],
    rest: Rest | None,
    prefixes: tuple[str, ...],
    journey: Journey,
    recall: Recall[Standing],
) -> Standing | Replay:
    """Take what is due of the `opened` payment: from gift cards what is said, in that order, and the rest elsewhere.

    Everything is taken, or nothing. The answer may still wait for the far side: then the last attempt's `step_url` says
    where the payer has to go. A kill before the far side was asked leaves an attempt that the resolver bars there.
    Refuses: PaymentUnknown, NotYourPayment, NotYourClientsPayment, NotInThatState, CardNumberLength, CardNumberDigits,
    CardNumberInvalid, CardUnknown, VendorNotAccepted, CardExpired, CardEmpty, CvcRefused, AmountAboveDue,
    BalanceTooLow, CardNotActive, KeyReused.
    """
    payment = opened.payment.id
    stamp = tools.stamp()
    spends = Spends(
        tuple(spend_of(tools, part) for part in parts),
        allow_partial=False,
        final=True,
        call_key=f"{recall.key} {recall.fingerprint}",
        prefixes=prefixes,
        access=opened.order.access,
        rest=rest,
    )

    def decide(book: Book) -> Decision[Standing | Refusal]:
        return spending.spend(book, caller, payment, spends, stamp, tools.announce)

    needs = Needs((order_of(payment),), spends.card_ids, spends.guess_scopes(payment))
    standing = await tools.committer.run_once(needs, decide, recall)
    if isinstance(standing, Replay) or not standing.awaits_issuer():
        return standing
    return await resolve_call(tools, payment, journey=journey)
