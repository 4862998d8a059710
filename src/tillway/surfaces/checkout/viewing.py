"""Which page a payment shows, from how it stands and from what its payer has laid on the tray."""

from collections.abc import Sequence
from dataclasses import dataclass

from tillway.domain.clients import Merchant
from tillway.domain.giftcards import GiftCard, masked
from tillway.domain.ids import CardId
from tillway.domain.money import Money
from tillway.domain.payments import WAITING, AttemptState, PaymentState
from tillway.domain.standing import Standing
from tillway.surfaces.checkout.tray import Tray
from tillway.surfaces.checkout.views import (
    CheckingPage,
    EndedPage,
    Ending,
    EnteredCard,
    OpenPage,
    Page,
    ReceiptPage,
    SpentCard,
    Summary,
)
from tillway.surfaces.common.days import last_before
from tillway.surfaces.common.return_urls import with_query

_EXPIRED = frozenset({PaymentState.EXPIRED, PaymentState.PROCESSING_EXPIRED})


@dataclass(frozen=True, slots=True)
class Shown:
    """All that a page is made from; `cards` are the tray's, as they are in the books now."""

    standing: Standing
    merchant: Merchant
    tray: Tray
    cards: Sequence[GiftCard]


def page_of(shown: Shown, pay_key: str, now: int) -> Page:
    """The page to show at `now`."""
    payment = shown.standing.payment
    if payment.is_open(now):
        return _open(shown, pay_key)
    if payment.state is PaymentState.BOOKED:
        return _receipt(shown)
    if payment.state in {PaymentState.PROCESSING, PaymentState.CONFIRMED}:
        return CheckingPage(summary(shown))
    expired = payment.state in _EXPIRED or payment.state in WAITING
    given_back = sum(one.amount for one in shown.standing.attempts if one.state is AttemptState.WITHDRAWN)
    return EndedPage(
        summary(shown),
        Ending.EXPIRED if expired else Ending.ABORTED,
        Money(given_back, payment.currency),
        return_address(shown.standing),
    )


def summary(shown: Shown) -> Summary:
    """What the payment is about."""
    payment = shown.standing.payment
    return Summary(
        shown.merchant.name,
        shown.standing.order.reference,
        Money(payment.amount, payment.currency),
        Money(payment.paid, payment.currency),
    )


def covers(due: int, cards: Sequence[GiftCard]) -> list[int]:
    """What each card pays of `due`, in order: all it has, as long as something is due (minor units)."""
    parts: list[int] = []
    for card in cards:
        parts.append(min(card.balance, due))
        due -= parts[-1]
    return parts


def return_address(standing: Standing) -> str:
    """Where the payer goes back to: the address given, its own query kept, `paymentId` added; empty if none was."""
    given = standing.order.return_url
    return with_query(given, "paymentId", standing.payment.id) if given else ""


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
        _spent(shown),
        entered,
        pay_key,
        number=tray.number,
        fault=tray.fault,
        setback=tray.setback,
        just_added=tray.just_added,
    )


def _receipt(shown: Shown) -> ReceiptPage:
    payment = shown.standing.payment
    return ReceiptPage(
        summary(shown),
        _spent(shown),
        Money(payment.refunded, payment.currency),
        return_address(shown.standing),
        payment.completed_at,
        shown.merchant.zone,
    )


def _spent(shown: Shown) -> tuple[SpentCard, ...]:
    """What cards have paid; what is left on them is told only to a payer who laid them on this tray."""
    left = {card.id: Money(card.balance, card.currency) for card in shown.cards}
    currency = shown.standing.payment.currency
    return tuple(
        SpentCard(masked(attempt.mask), Money(attempt.amount, currency), left.get(CardId(attempt.source)))
        for attempt in shown.standing.taken()
    )
