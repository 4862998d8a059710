"""Recording what connectors reported: the same result for the same facts, in any order and any number of times."""

from collections.abc import Mapping
from dataclasses import replace

from tillway.domain.book import Book
from tillway.domain.decision import Decision, Row, Stamp
from tillway.domain.events import PaymentDeclined
from tillway.domain.ids import CardId, PaymentId
from tillway.domain.moving import Movement
from tillway.domain.outcomes import Declined, Outcome, Paid, Pending
from tillway.domain.ownership import payment_in
from tillway.domain.payments import Attempt, AttemptState, Payment, PaymentState
from tillway.domain.schedules import LOOK_UPS
from tillway.domain.spending import finish
from tillway.domain.standing import Standing
from tillway.domain.telling import Announcer, log


def record(
    book: Book,
    payment_id: PaymentId,
    outcomes: Mapping[int, Outcome],
    stamp: Stamp,
    announce: Announcer,
) -> Decision[Standing]:
    """Record outcomes by attempt number; those that are resolved already are left as they are.

    All cards of a call are taken once every connector of the call has said yes. One no gives everything of the call
    back, at the far side too. Money that comes for a payment that no longer wants it goes back by itself.
    """
    order, payment = payment_in(book, payment_id)
    attempts = book.attempts_of(payment)
    unresolved = [attempt for attempt in attempts if attempt.state is AttemptState.OPEN]
    moving = Movement(book, order, stamp)
    asked = [attempt for attempt in unresolved if attempt.connector]
    known = {attempt.number: outcomes.get(attempt.number, Pending()) for attempt in asked}
    if asked and payment.state is PaymentState.PROCESSING:
        if all(isinstance(outcome, Paid) for outcome in known.values()):
            return _taken(payment, attempts, unresolved, moving, announce)
        declined = next((outcome for outcome in known.values() if isinstance(outcome, Declined)), None)
        if declined is not None:
            return _declined(payment, attempts, unresolved, known, declined, moving, announce)
        changed = [_asked_again(attempt, stamp.now) for attempt in asked if attempt.number in outcomes]
    else:
        changed = _unwanted(payment, unresolved, known, moving) if asked else []
    final = {attempt.number: attempt for attempt in (*attempts, *changed)}
    standing = Standing(order, payment, tuple(final.values()))
    return Decision(standing, tuple(moving.transfers), (*changed, *moving.changed_cards()))


def _taken(
    payment: Payment, attempts: list[Attempt], unresolved: list[Attempt], moving: Movement, announce: Announcer
) -> Decision[Standing]:
    completes = bool(unresolved[0].completes)
    state = AttemptState.PAID if completes else AttemptState.HELD
    settled: list[Attempt] = []
    for attempt in unresolved:
        if completes:
            moving.capture(CardId(attempt.source), attempt.amount, payment.id, attempt.number)
        settled.append(attempt.settled(state, moving.stamp.now))
    numbers = {attempt.number for attempt in unresolved}
    earlier = [attempt for attempt in attempts if attempt.number not in numbers]
    taken = sum(attempt.amount for attempt in unresolved)
    return finish(payment, payment.attempt_count, earlier, (), taken, completes, moving, announce, settled)


def _declined(
    payment: Payment,
    attempts: list[Attempt],
    unresolved: list[Attempt],
    known: Mapping[int, Outcome],
    declined: Declined,
    moving: Movement,
    announce: Announcer,
) -> Decision[Standing]:
    """Everything of the call goes back, and the payer may try again."""
    changed = _unwanted(payment, unresolved, known, moving)
    moved = payment.moved(PaymentState.SEEN, moving.stamp.now)
    rows: list[Row] = moving.rows(payment, moved)
    event = PaymentDeclined(payment.id, declined.reason)
    rows += log(event, moving.order, moved, moving.stamp, moving.next_id(), announce)
    final = {attempt.number: attempt for attempt in (*attempts, *changed)}
    standing = Standing(moving.order, moved, tuple(final.values()))
    return Decision(standing, tuple(rows), (moved, *changed, *moving.changed_cards()))


def _unwanted(
    payment: Payment, unresolved: list[Attempt], known: Mapping[int, Outcome], moving: Movement
) -> list[Attempt]:
    """Give back what nobody wants any more: at once where our books decide, else as soon as the far side has it back.

    An attempt that the far side has not answered for is reversed too: its connector makes sure that it never happens.
    """
    now = moving.stamp.now
    changed: list[Attempt] = []
    for attempt in unresolved:
        outcome = known.get(attempt.number)
        if outcome is None or isinstance(outcome, Declined):
            moving.void(CardId(attempt.source), attempt.amount, payment.id, attempt.number)
            state = AttemptState.WITHDRAWN if outcome is None else AttemptState.DECLINED
            reason = outcome.reason if isinstance(outcome, Declined) else ""
            changed.append(attempt.settled(state, now, reason))
        else:
            changed.append(attempt.settled(AttemptState.REVERSING, now))
    return changed


def _asked_again(attempt: Attempt, now: int) -> Attempt:
    """The attempt after a look-up without a plain answer; look-ups end when their schedule does."""
    over = now >= attempt.created_at + LOOK_UPS.ends_after
    return attempt.unanswered(0 if over else now + LOOK_UPS.wait_after(attempt.look_ups + 1))


def record_reversals(
    book: Book, payment_id: PaymentId, outcomes: Mapping[int, Outcome], stamp: Stamp
) -> Decision[Standing]:
    """Record, by attempt number, whether the far side has given back what nobody wants any more."""
    order, payment = payment_in(book, payment_id)
    moving = Movement(book, order, stamp)
    attempts = book.attempts_of(payment)
    changed: list[Attempt] = []
    for attempt in attempts:
        outcome = outcomes.get(attempt.number)
        if attempt.state is not AttemptState.REVERSING or outcome is None:
            continue
        if isinstance(outcome, Paid):
            moving.void(CardId(attempt.source), attempt.amount, payment.id, attempt.number)
            changed.append(attempt.settled(AttemptState.WITHDRAWN, stamp.now))
        else:
            changed.append(_asked_again(attempt, stamp.now))
    final = {attempt.number: attempt for attempt in (*attempts, *changed)}
    standing = Standing(order, payment, tuple(final.values()))
    return Decision(standing, tuple(moving.transfers), (*changed, *moving.changed_cards()))


def release(payment: Payment, attempts: list[Attempt], moving: Movement) -> list[Attempt]:
    """Give back what a payment that ends has reserved: at once where our books decide, else once the far side has.

    What a connector still has to answer for is asked about at once.
    """
    now = moving.stamp.now
    changed: list[Attempt] = []
    for attempt in attempts:
        if attempt.state is AttemptState.HELD and attempt.connector:
            changed.append(attempt.settled(AttemptState.REVERSING, now))
        elif attempt.state in (AttemptState.HELD, AttemptState.OPEN) and not attempt.connector:
            moving.void(CardId(attempt.source), attempt.amount, payment.id, attempt.number)
            changed.append(attempt.settled(AttemptState.WITHDRAWN, now))
        elif attempt.state is AttemptState.OPEN:
            changed.append(replace(attempt, next_look_up_at=now))
    return changed
