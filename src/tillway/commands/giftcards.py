"""Acts with gift cards: paying with them alone, and asking for a balance."""

from collections.abc import Sequence
from dataclasses import dataclass

from tillway.commands.outcomes import resolve_call
from tillway.commands.payments import known_id
from tillway.commands.tools import Tools
from tillway.domain import spending
from tillway.domain.book import Book, Needs
from tillway.domain.clients import Client
from tillway.domain.decision import Decision
from tillway.domain.giftcards import GiftCard
from tillway.domain.ids import CardId, order_of
from tillway.domain.looking import BalanceAsked, look
from tillway.domain.orders import Access
from tillway.domain.refusals import IssuerFailed, IssuerSilent, Refusal
from tillway.domain.replays import Replay
from tillway.domain.spending import Spend, Spends
from tillway.domain.standing import Standing
from tillway.store.committer import Recall


@dataclass(frozen=True, slots=True)
class CardPart:
    """A card as a caller names it: its number and CVC as sent (empty: none), and minor units (0: what is due)."""

    number: str
    cvc: str
    amount: int


async def perform(
    tools: Tools,
    caller: Client,
    payment_id: str,
    parts: Sequence[CardPart],
    prefixes: tuple[str, ...],
    *,
    allow_partial: bool = False,
    final: bool = True,
    access: Access = Access.API,
    recall: Recall[Standing] | None = None,
) -> Standing | Replay:
    """Take what is due from gift cards, in the order given; all of them or none.

    Refuses: PaymentUnknown, NotYourPayment, NotYourClientsPayment, NotApiPayment, NotInThatState, CardNumberLength,
    CardNumberDigits, CardNumberInvalid, CardUnknown, VendorNotAccepted, CardExpired, CardEmpty, CvcRefused,
    AmountAboveDue, BalanceTooLow, IssuerSilent, CardNotActive, IssuerFailed, KeyReused.
    """
    payment = known_id(payment_id)
    stamp = tools.stamp()
    spends = Spends(
        tuple(spend_of(tools, part) for part in parts),
        allow_partial,
        final,
        f"{recall.key} {recall.fingerprint}" if recall else "",
        prefixes,
        access,
    )

    def decide(book: Book) -> Decision[Standing | Refusal]:
        return spending.spend(book, caller, payment, spends, stamp, tools.announce)

    needs = Needs((order_of(payment),), spends.card_ids, spends.guess_scopes(payment))
    if recall is None:
        standing = await tools.committer.run(needs, decide)
    else:
        standing = await tools.committer.run_once(needs, decide, recall)
    if isinstance(standing, Replay) or not standing.awaits_issuer():
        return standing
    return await _ask_issuers(tools, standing, recall)


async def balance(
    tools: Tools, caller: Client, number: str, cvc: str, prefixes: tuple[str, ...], scopes: Sequence[str] = ()
) -> GiftCard:
    """A card, if the caller may use it. `scopes` are more counters of wrong guesses, such as the address's.

    Refuses: CardNumberLength, CardNumberDigits, CardNumberInvalid, CardUnknown, VendorNotAccepted, CardExpired,
    CardEmpty, CvcRefused, CardNotActive, TooManyTries.
    """
    card = tools.vault.card_id(number)
    asked = BalanceAsked(number, card, tools.vault.cvc_digest(number, cvc) if cvc else "", tuple(scopes), prefixes)
    now = tools.now()
    needs = Needs(cards=(card,), guesses=asked.guess_scopes)
    return await tools.committer.run(needs, lambda book: look(book, caller, asked, now))


def spend_of(tools: Tools, part: CardPart) -> Spend:
    """A card's part as the domain decides on it."""
    digest = tools.vault.cvc_digest(part.number, part.cvc) if part.cvc else ""
    return Spend(part.number, CardId(tools.vault.card_id(part.number)), part.amount, digest)


async def _ask_issuers(tools: Tools, standing: Standing, recall: Recall[Standing] | None) -> Standing | Replay:
    """The rest of a call whose cards are reserved: ask their issuers, and record what they say."""
    call = standing.attempts[-1].call
    after = await resolve_call(tools, standing.payment.id)
    if after.awaits_issuer():
        raise IssuerSilent
    if not any(attempt.call == call for attempt in after.taken()):
        raise IssuerFailed
    if recall is None:
        return after
    return await tools.committer.run_once(Needs(orders=(after.order.id,)), lambda _: Decision(after), recall)
