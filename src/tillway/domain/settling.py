"""Recording what connectors reported: the same result for the same facts, in any order and any number of times."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from tillway.domain.book import Book
from tillway.domain.clients import Surface
from tillway.domain.completing import finish
from tillway.domain.decision import Decision, Row, Stamp
from tillway.domain.events import (
    LateMoneyReceived,
    LateMoneyReturned,
    PaymentDeclined,
    PaymentFailed,
    RefundPaidOutLate,
)
from tillway.domain.ids import CardId, PaymentId, is_outgoing
from tillway.domain.moving import Movement
from tillway.domain.orders import Order
from tillway.domain.outcomes import Confirmed, Declined, Outcome, Paid, Pending
from tillway.domain.ownership import payment_in
from tillway.domain.payments import UNDER_WAY, Attempt, AttemptState, Payment, PaymentState
from tillway.domain.reasons import Reason
from tillway.domain.standing import Standing
from tillway.domain.telling import Announcer

GIVEN_UP = "given_up"
"""Why an attempt was declined that the payer turned away from, to pay in another way."""

_NO_TRIES = frozenset({GIVEN_UP, Reason.NEVER_RECEIVED})
"""Reasons that say nothing against the payer: turned away, or never arrived, since we were cut short."""


def record(
    book: Book,
    payment_id: PaymentId,
    outcomes: Mapping[int, Outcome],
    stamp: Stamp,
    announce: Announcer,
) -> Decision[Standing]:
    """Record outcomes by attempt number; those that are resolved already are left as they are.

    Everything of a call is taken once every connector of the call has said yes. One no gives everything of the call
    back, at the far side too. Money that comes for a payment that no longer wants it goes back by itself; when some of
    it is told, nothing else of what was told with it is recorded, and will be asked again.
    """
    order, payment = payment_in(book, payment_id)
    attempts = [_described(attempt, outcomes.get(attempt.number)) for attempt in book.attempts_of(payment)]
    moving = Movement(book, order, stamp, announce)
    for outcome in outcomes.values():
        if isinstance(outcome, Paid | Confirmed) and outcome.debtor_iban:
            moving.instruct(payment.id, debtor_iban=outcome.debtor_iban)
    late = _late(attempts, outcomes, moving)
    if late:
        return _kept(payment, attempts, late, moving)
    unresolved = [attempt for attempt in attempts if attempt.state is AttemptState.OPEN]
    asked = [attempt for attempt in unresolved if attempt.connector]
    known = {attempt.number: outcomes.get(attempt.number, Pending()) for attempt in asked}
    changed: list[Attempt] = []
    if asked and payment.state in UNDER_WAY:
        if all(isinstance(outcome, Paid) for outcome in known.values()):
            return _taken(payment, attempts, unresolved, moving)
        declined = next((outcome for outcome in known.values() if isinstance(outcome, Declined)), None)
        if declined is not None:
            return _declined(payment, attempts, unresolved, known, declined, moving)
        changed = [attempt.unanswered(stamp.now) for attempt in asked if attempt.number in outcomes]
        if payment.state is PaymentState.PROCESSING and _is_promised(order, known.values()):
            return _confirmed(payment, attempts, changed, moving)
    elif asked:
        changed = _unwanted(payment, unresolved, known, moving)
    return _kept(payment, attempts, changed, moving)


def _is_promised(order: Order, outcomes: Iterable[Outcome]) -> bool:
    """Whether a payment order's bank has promised the money; elsewhere a promise counts for nothing."""
    return order.surface is Surface.ORDER and all(isinstance(outcome, Confirmed) for outcome in outcomes)


def _confirmed(
    payment: Payment, attempts: list[Attempt], changed: list[Attempt], moving: Movement
) -> Decision[Standing]:
    moved = payment.moved(PaymentState.CONFIRMED, moving.stamp.now)
    rows = moving.rows(payment, moved)
    final = {attempt.number: attempt for attempt in (*attempts, *changed)}
    standing = Standing(moving.order, moved, tuple(final.values()))
    return Decision(standing, tuple(rows), (moved, *changed, *moving.followed()))


def _described(attempt: Attempt, outcome: Outcome | None) -> Attempt:
    """The attempt with what the far side told of it."""
    match outcome:
        case Paid() if outcome != Paid():
            return attempt.described(outcome.scheme, outcome.mask, outcome.reference, "")
        case Pending() if outcome != Pending():
            return attempt.described("", "", outcome.reference, outcome.step_url)
        case Declined() | Confirmed() if outcome.reference:
            return attempt.described("", "", outcome.reference, "")
        case _:
            return attempt


def _taken(
    payment: Payment, attempts: list[Attempt], unresolved: list[Attempt], moving: Movement
) -> Decision[Standing]:
    completes = bool(unresolved[0].completes)
    state = AttemptState.PAID if completes else AttemptState.HELD
    settled: list[Attempt] = []
    for attempt in unresolved:
        if attempt.is_far:
            moving.receive(attempt)
        elif completes:
            moving.capture(CardId(attempt.source), attempt.amount, payment.id, attempt.number)
        settled.append(attempt.settled(state, moving.stamp.now))
    numbers = {attempt.number for attempt in unresolved}
    earlier = [attempt for attempt in attempts if attempt.number not in numbers]
    taken = sum(attempt.amount for attempt in unresolved)
    return finish(payment, payment.attempt_count, earlier, (), taken, completes, moving, settled)


def _declined(
    payment: Payment,
    attempts: list[Attempt],
    unresolved: list[Attempt],
    known: Mapping[int, Outcome],
    declined: Declined,
    moving: Movement,
) -> Decision[Standing]:
    """Everything of the call goes back, and the payer may try again, if not declined too often.

    A payment order's payment has failed the first time: whoever wants to try again makes another order.
    """
    now = moving.stamp.now
    changed = _unwanted(payment, unresolved, known, moving)
    most = moving.order.most_declines
    declines = _declines({one.number: one for one in (*attempts, *changed)}.values())
    failed = moving.order.surface is Surface.ORDER or 0 < most <= declines
    if failed:
        changed += release(payment, [one for one in attempts if one.state is AttemptState.HELD], moving)
        moved = payment.moved(PaymentState.FAILED, now, paid=0)
    else:
        moved = payment.moved(PaymentState.SEEN, now)
    rows: list[Row] = moving.rows(payment, moved, declined.reason)
    event = (PaymentFailed if failed else PaymentDeclined)(payment.id, declined.reason)
    rows += moving.tell(event, moved)
    moved, told = _told_of_late(changed, moved, moving)
    final = {attempt.number: attempt for attempt in (*attempts, *changed)}
    standing = Standing(moving.order, moved, tuple(final.values()))
    return Decision(standing, (*rows, *told), (moved, *changed, *moving.followed()))


def _declines(attempts: Iterable[Attempt]) -> int:
    """How many calls of the payer were declined."""
    declined = (one for one in attempts if one.state is AttemptState.DECLINED and one.reason not in _NO_TRIES)
    return len({attempt.call for attempt in declined})


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
            if not attempt.is_far:
                moving.void(CardId(attempt.source), attempt.amount, payment.id, attempt.number)
            state = AttemptState.WITHDRAWN if outcome is None else AttemptState.DECLINED
            reason = outcome.reason if isinstance(outcome, Declined) else ""
            changed.append(attempt.settled(state, now, reason))
        elif attempt.is_far and isinstance(outcome, Paid):
            changed.append(_received_late(attempt, moving))
        else:
            changed.append(attempt.settled(AttemptState.REVERSING, now))
    return changed


def _late(attempts: Sequence[Attempt], outcomes: Mapping[int, Outcome], moving: Movement) -> list[Attempt]:
    """What far sides say of attempts that are over for us: that they took the money all the same, or never will."""
    changed: list[Attempt] = []
    for attempt in attempts:
        outcome = outcomes.get(attempt.number)
        if not attempt.is_far or attempt.state not in OVER:
            continue
        if isinstance(outcome, Paid):
            changed.append(_received_late(attempt, moving))
        elif isinstance(outcome, Declined) and attempt.state is AttemptState.REVERSING:
            changed.append(attempt.settled(AttemptState.WITHDRAWN, moving.stamp.now, outcome.reason))
    return changed


OVER = frozenset({AttemptState.REVERSING, AttemptState.DECLINED, AttemptState.WITHDRAWN})
"""Attempts in these states are over for us, but a far side may still have taken their money."""


def _received_late(attempt: Attempt, moving: Movement) -> Attempt:
    """The attempt whose money nobody wants any more; what a refund has paid out late stays with the payer."""
    if is_outgoing(attempt.payment_id):
        moving.receive(attempt)
        late = attempt.settled(AttemptState.LATE, moving.stamp.now, Reason.PAID_OUT_LATE)
        return replace(late, next_look_up_at=0)
    moving.receive_late(attempt)
    return attempt.settled(AttemptState.LATE, moving.stamp.now)


def record_reversals(
    book: Book, payment_id: PaymentId, outcomes: Mapping[int, Outcome], stamp: Stamp, announce: Announcer
) -> Decision[Standing]:
    """Record, by attempt number, whether the far side has undone what nobody wants any more.

    Paid says that it has. Declined says, of a far side that is not a gift card's, that it has taken the money for good:
    then it is booked, and goes back as a refund.
    """
    order, payment = payment_in(book, payment_id)
    moving = Movement(book, order, stamp, announce)
    attempts = book.attempts_of(payment)
    changed: list[Attempt] = []
    for attempt in attempts:
        outcome = outcomes.get(attempt.number)
        if attempt.state is not AttemptState.REVERSING or outcome is None:
            continue
        if isinstance(outcome, Paid):
            if not attempt.is_far:
                moving.void(CardId(attempt.source), attempt.amount, payment.id, attempt.number)
            changed.append(attempt.settled(AttemptState.WITHDRAWN, stamp.now))
        elif attempt.is_far and isinstance(outcome, Declined):
            changed.append(_received_late(attempt, moving))
        else:
            changed.append(attempt.unanswered(stamp.now))
    return _kept(payment, attempts, changed, moving)


def record_returns(
    book: Book, payment_id: PaymentId, outcomes: Mapping[int, Outcome], stamp: Stamp, announce: Announcer
) -> Decision[Standing]:
    """Record, by attempt number, whether late money is back with the payer.

    A far side that will not take it back leaves it in the books as late money, with its reason on the attempt. What a
    refund has paid out late never comes back by itself.
    """
    order, payment = payment_in(book, payment_id)
    moving = Movement(book, order, stamp, announce)
    attempts = book.attempts_of(payment)
    changed: list[Attempt] = []
    for attempt in attempts:
        outcome = outcomes.get(attempt.number)
        if attempt.state is not AttemptState.LATE or outcome is None or is_outgoing(payment_id):
            continue
        if isinstance(outcome, Paid):
            moving.return_late(attempt)
            changed.append(attempt.settled(AttemptState.RETURNED, stamp.now))
        elif isinstance(outcome, Declined):
            changed.append(replace(attempt, reason=outcome.reason, next_look_up_at=0))
        else:
            changed.append(attempt.unanswered(stamp.now))
    return _kept(payment, attempts, changed, moving)


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


def _kept(
    payment: Payment,
    attempts: Sequence[Attempt],
    changed: Sequence[Attempt],
    moving: Movement,
) -> Decision[Standing]:
    """What follows when the payment stays as it is, but for events of money that came too late."""
    moved, told = _told_of_late(changed, payment, moving)
    final = {attempt.number: attempt for attempt in (*attempts, *changed)}
    standing = Standing(moving.order, moved, tuple(final.values()))
    touched = (*changed, *moving.followed())
    return Decision(standing, (*moving.transfers, *told), touched if moved is payment else (moved, *touched))


def _told_of_late(changed: Sequence[Attempt], payment: Payment, moving: Movement) -> tuple[Payment, list[Row]]:
    """The events of money that came too late, or is back, by what moved just now; and the payment after them."""
    rows: list[Row] = []
    arrived = {transfer.attempt for transfer in moving.transfers}
    for attempt in changed:
        events = _LATE_PAYOUTS if is_outgoing(attempt.payment_id) else _LATE_EVENTS
        kind = events.get(attempt.state)
        if kind is not None and attempt.number in arrived:
            payment = payment.moved(payment.state, moving.stamp.now)
            event = kind(payment.id, attempt.number, attempt.amount, payment.currency)
            rows += moving.tell(event, payment)
    return payment, rows


_LATE_EVENTS = {AttemptState.LATE: LateMoneyReceived, AttemptState.RETURNED: LateMoneyReturned}
_LATE_PAYOUTS = {AttemptState.LATE: RefundPaidOutLate}
