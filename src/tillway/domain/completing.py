"""What follows once everything of a call is taken: the payment completes, or waits for the next card."""

from collections.abc import Sequence

from tillway.domain.decision import Decision
from tillway.domain.events import CardPart, PaymentPartPaid, PaymentSucceeded
from tillway.domain.ids import CardId
from tillway.domain.moving import Movement
from tillway.domain.payments import Attempt, AttemptState, Payment, PaymentState
from tillway.domain.standing import Standing


def finish(
    payment: Payment,
    attempt_count: int,
    earlier: Sequence[Attempt],
    fresh: Sequence[Attempt],
    taken: int,
    completes: bool,
    moving: Movement,
    changed: Sequence[Attempt] = (),
) -> Decision[Standing]:
    """What follows once a call's cards are taken: the payment completes, or waits for the next card.

    `fresh` are new attempts; `changed` those of them that are rows already (a call that had to wait for its issuer).
    """
    now = moving.stamp.now
    state = PaymentState.BOOKED if completes else PaymentState.SEEN
    moved = payment.moved(state, now, paid=payment.paid + taken, attempt_count=attempt_count)
    captured: list[Attempt] = []
    if completes:
        for attempt in earlier:
            if attempt.state is AttemptState.HELD:
                moving.capture(CardId(attempt.source), attempt.amount, payment.id, attempt.number)
                captured.append(attempt.settled(AttemptState.PAID, now))
    final = {attempt.number: attempt for attempt in (*earlier, *captured, *fresh, *changed)}
    standing = Standing(moving.order, moved, tuple(final[number] for number in sorted(final)))
    rows = [*fresh, *moving.rows(payment, moved)]
    event = _succeeded(standing) if completes else _part_paid(standing)
    rows += moving.tell(event, moved)
    return Decision(standing, tuple(rows), (moved, *captured, *changed, *moving.followed()))


def _succeeded(standing: Standing) -> PaymentSucceeded:
    payment, order, taken = standing.payment, standing.order, standing.taken()
    cards = tuple(CardPart(attempt.mask, attempt.amount) for attempt in taken if not attempt.is_far)
    last = taken[-1]
    return PaymentSucceeded(
        payment.id, payment.paid, payment.amount, payment.currency, order.reference, cards, last.method, last.scheme
    )


def _part_paid(standing: Standing) -> PaymentPartPaid:
    payment = standing.payment
    return PaymentPartPaid(payment.id, payment.paid, payment.amount, payment.currency)
