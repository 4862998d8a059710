"""Which page a payment shows, from how it stands and from what its payer has laid on the tray."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from tillway.domain.clients import Merchant
from tillway.domain.giftcards import GiftCard, masked
from tillway.domain.ids import CardId
from tillway.domain.money import Money
from tillway.domain.orders import Access, Order
from tillway.domain.payments import WAITING, Attempt, AttemptState, PaymentState
from tillway.domain.schedules import MINUTE
from tillway.domain.standing import Standing
from tillway.surfaces.checkout.offering import Offer
from tillway.surfaces.checkout.tray import Tray
from tillway.surfaces.checkout.views import (
    CheckingPage,
    ChoicePage,
    Decline,
    EndedPage,
    Ending,
    EnteredCard,
    OpenPage,
    Page,
    PaidElsewhere,
    ReceiptPage,
    SpentCard,
    Summary,
    WaitingPage,
)
from tillway.surfaces.common.days import last_before
from tillway.surfaces.common.return_urls import with_query

ONE_VISIT = 10 * MINUTE
"""For so long after it was paid, whoever looks at a payment is taken for its payer, who has just paid."""

_EXPIRED = frozenset({PaymentState.EXPIRED, PaymentState.PROCESSING_EXPIRED})
_LATE = frozenset({AttemptState.LATE, AttemptState.RETURNED})


@dataclass(frozen=True, slots=True)
class Shown:
    """All that a page is made from; `cards` are the tray's, as they are in the books now.

    `offer` is what may pay a payment that not only gift cards pay; `link` the page's address, where that is told.
    """

    standing: Standing
    merchant: Merchant
    tray: Tray
    cards: Sequence[GiftCard]
    offer: Offer = field(default_factory=Offer)
    link: str = ""


def is_by_any_method(order: Order) -> bool:
    """Whether the payer chooses the method (a web payment), rather than paying with gift cards only."""
    return order.access in {Access.LINK, Access.WIDGET}


def page_of(shown: Shown, pay_key: str, now: int) -> Page:
    """The page to show at `now`."""
    payment = shown.standing.payment
    if payment.is_open(now):
        cards = _open(shown, pay_key)
        return _choice(shown, cards) if is_by_any_method(shown.standing.order) else cards
    if payment.state is PaymentState.BOOKED:
        return _receipt(shown, now)
    if payment.state in {PaymentState.PROCESSING, PaymentState.CONFIRMED}:
        return _waiting(shown)
    return _ended(shown)


def summary(shown: Shown) -> Summary:
    """What the payment is about."""
    order, payment = shown.standing.order, shown.standing.payment
    return Summary(
        shown.merchant.name,
        order.reference,
        Money(payment.amount, payment.currency),
        Money(payment.paid, payment.currency),
        is_by_any_method(order),
    )


def covers(due: int, cards: Sequence[GiftCard]) -> list[int]:
    """What each card pays of `due`, in order: all it has, as long as something is due (minor units)."""
    parts: list[int] = []
    for card in cards:
        parts.append(min(card.balance, due))
        due -= parts[-1]
    return parts


def return_address(standing: Standing) -> str:
    """Where the payer goes back to: the address given, its own query kept, the payment added; empty if none was.

    What the payment is called there, each API says: `paymentId` with gift cards, `paymentReference` on the web.
    """
    order = standing.order
    name = "paymentReference" if is_by_any_method(order) else "paymentId"
    return with_query(order.return_url, name, standing.payment.id) if order.return_url else ""


def _open(shown: Shown, pay_key: str) -> OpenPage:
    payment, tray = shown.standing.payment, shown.tray
    entered = tuple(
        EnteredCard(
            place,
            masked(card.last5),
            Money(card.balance, card.currency),
            Money(part, card.currency),
            last_before(card.expires_at, shown.merchant.zone),
        )
        for place, (card, part) in enumerate(zip(shown.cards, covers(payment.due, shown.cards), strict=True), 1)
    )
    return OpenPage(
        summary(shown),
        _spent_cards(shown),
        entered,
        pay_key,
        number=tray.number,
        fault=tray.fault,
        setback=tray.setback,
        just_added=tray.just_added,
    )


def _choice(shown: Shown, cards: OpenPage) -> ChoicePage:
    return ChoicePage(
        cards,
        shown.offer.methods,
        shown.offer.takes_cards,
        shown.standing.payment.expires_at,
        shown.merchant.zone,
        _decline(shown.standing),
        shown.link,
        return_address(shown.standing),
    )


def _decline(standing: Standing) -> Decline | None:
    """What became of the last try, if it came to nothing."""
    if not standing.attempts:
        return None
    last = standing.attempts[-1].call
    tried = [attempt for attempt in standing.attempts if attempt.call == last]
    declined = next((attempt for attempt in tried if attempt.state is AttemptState.DECLINED), None)
    if declined is None:
        return None
    return Decline(declined.method, declined.reason, declined.is_far and any(not one.is_far for one in tried))


def _waiting(shown: Shown) -> CheckingPage | WaitingPage:
    """A far side's page may have to be gone to; an issuer of gift cards has none."""
    open_attempts = (attempt for attempt in shown.standing.attempts if attempt.state is AttemptState.OPEN)
    far = next((attempt for attempt in open_attempts if attempt.is_far), None)
    if far is None:
        return CheckingPage(summary(shown))
    amount = Money(far.amount, shown.standing.payment.currency)
    return WaitingPage(summary(shown), far.method, amount, far.step_url, shown.tray.setback)


def _receipt(shown: Shown, now: int) -> ReceiptPage:
    payment = shown.standing.payment
    return ReceiptPage(
        summary(shown),
        _spent(shown),
        Money(payment.refunded, payment.currency),
        return_address(shown.standing),
        payment.completed_at,
        shown.merchant.zone,
        _late(shown.standing),
        now >= payment.completed_at + ONE_VISIT,
    )


def _ended(shown: Shown) -> EndedPage:
    standing = shown.standing
    payment = standing.payment
    ending = Ending.ABORTED
    if payment.state in _EXPIRED or payment.state in WAITING:
        ending = Ending.EXPIRED
    elif payment.state is PaymentState.FAILED:
        ending = Ending.FAILED
    withdrawn = [attempt for attempt in standing.attempts if attempt.state is AttemptState.WITHDRAWN]
    given_back = 0 if is_by_any_method(standing.order) else sum(attempt.amount for attempt in withdrawn)
    return EndedPage(
        summary(shown),
        ending,
        Money(given_back, payment.currency),
        return_address(standing),
        _late(standing),
        _decline(standing) if ending is Ending.FAILED else None,
    )


def _late(standing: Standing) -> Money | None:
    """What far sides took that was not wanted any more, if they did."""
    late = sum(attempt.amount for attempt in standing.attempts if attempt.state in _LATE)
    return Money(late, standing.payment.currency) if late else None


def _spent(shown: Shown) -> tuple[SpentCard | PaidElsewhere, ...]:
    """What has paid, in the order of use."""
    currency = shown.standing.payment.currency
    cards = iter(_spent_cards(shown))
    return tuple(
        PaidElsewhere(attempt.method, attempt.scheme, attempt.mask, Money(attempt.amount, currency))
        if attempt.is_far
        else next(cards)
        for attempt in shown.standing.taken()
    )


def _spent_cards(shown: Shown) -> tuple[SpentCard, ...]:
    """What cards have paid; what is left on them is told only to a payer who laid them on this tray."""
    left = {card.id: Money(card.balance, card.currency) for card in shown.cards}
    currency = shown.standing.payment.currency

    def spent(attempt: Attempt) -> SpentCard:
        return SpentCard(masked(attempt.mask), Money(attempt.amount, currency), left.get(CardId(attempt.source)))

    return tuple(spent(attempt) for attempt in shown.standing.taken() if not attempt.is_far)
