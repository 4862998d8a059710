"""Paying with the gift cards on the tray, and with nothing else."""

from collections.abc import Sequence

from tillway.commands import giftcards
from tillway.commands.giftcards import CardPart
from tillway.domain.refusals import (
    CardRefusal,
    IssuerFailed,
    IssuerSilent,
    KeyReused,
    NotInThatState,
    PaymentRefusal,
)
from tillway.domain.standing import Standing
from tillway.store.committer import Recall
from tillway.surfaces.checkout.entering import Entrance, Opened
from tillway.surfaces.checkout.viewing import covers
from tillway.surfaces.checkout.views import Setback
from tillway.surfaces.common.visits import PageReply, Visit

PAY_KEY_PREFIX = "page:"
"""Sets the keys of our forms apart from those that a client's own program sends."""

LONGEST_KEY = 64


async def pay_with_cards(entrance: Entrance, visit: Visit, opened: Opened) -> PageReply:
    """Take what the page said it would take, once, and complete the payment."""
    setback = await _paid(entrance, opened, visit)
    return await entrance.back(visit, opened, opened.tray.held_up(setback) if setback else opened.tray.settled())


def card_parts(opened: Opened, parts: Sequence[int]) -> list[CardPart]:
    """The cards of the tray that pay something, with what each pays; their CVCs were checked when they were laid."""
    return [CardPart(number, "", part) for number, part in zip(opened.tray.numbers, parts, strict=True) if part]


def recall_of(entrance: Entrance, opened: Opened, key: str, parts: Sequence[int]) -> Recall[Standing]:
    """What makes a form pay once: its key, and what is being paid with what."""
    spent = [f"{card.id}={part}" for card, part in zip(opened.shown.cards, parts, strict=True)]
    fingerprint = ";".join((opened.payment_id, *spent))
    recall: Recall[Standing] = Recall(
        opened.client.id, PAY_KEY_PREFIX + key, fingerprint, entrance.tools.now(), lambda _: (303, "")
    )
    return recall


async def _paid(entrance: Entrance, opened: Opened, visit: Visit) -> Setback | None:
    """Why nothing was taken; None if it was, or if the page to be shown next tells how the payment stands."""
    payment, cards = opened.standing.payment, opened.shown.cards
    parts = covers(payment.due, cards)
    amount, key = sum(parts), visit.form.get("pay_key", "")
    if not payment.is_open(entrance.tools.now()):
        return None
    if visit.form.get("amount") != str(amount) or amount == 0 or not 0 < len(key) <= LONGEST_KEY:
        return Setback.CHANGED
    if amount < payment.due and visit.form.get("part") != "agreed":
        return Setback.DISAGREED
    issuers = await entrance.registry.issuers()
    try:
        await giftcards.perform(
            entrance.tools,
            opened.client,
            opened.payment_id,
            card_parts(opened, parts),
            issuers.prefixes,
            allow_partial=amount < payment.due,
            access=opened.standing.order.access,
            recall=recall_of(entrance, opened, key, parts),
        )
    except (NotInThatState, IssuerSilent):
        return None
    except IssuerFailed:
        return Setback.ISSUER_FAILED
    except (CardRefusal, PaymentRefusal, KeyReused):
        return Setback.CHANGED
    return None
