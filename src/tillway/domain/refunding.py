"""Giving money of a complete payment back to where it came from, in reverse order of use."""

from collections.abc import Mapping
from dataclasses import replace
from enum import Enum

from tillway.domain.book import Book
from tillway.domain.clients import Client
from tillway.domain.decision import Decision, Row, Stamp
from tillway.domain.events import RefundBooked, RefundFailed
from tillway.domain.ids import CardId, PaymentId, RefundId
from tillway.domain.moving import Movement
from tillway.domain.outcomes import Declined, Outcome, Paid
from tillway.domain.ownership import payment_in, payment_of
from tillway.domain.payments import MOST_REFUNDS, Attempt, AttemptState, Payment, PaymentState, Transition
from tillway.domain.refunds import REFUND, Refund, RefundPart, RefundState
from tillway.domain.refusals import NothingLeftToRefund, NotInThatState, RefundAboveLeft
from tillway.domain.schedules import LOOK_UPS
from tillway.domain.standing import Standing
from tillway.domain.telling import Announcer
from tillway.domain.values import value


class AskedBy(Enum):
    """Who asks a connector for a fresh refund first: the call that made it, or the resolver, as soon as it can."""

    CALL = "call"
    RESOLVER = "resolver"


@value
class Giving:
    """What is to be given back: minor units (0: all that is left), and who is told of the end (empty: the order's)."""

    amount: int
    reference: str = ""
    webhook_url: str = ""
    asked_by: AskedBy = AskedBy.CALL


@value
class Returned:
    """A refund, its parts, and how the payment stands after it."""

    refund: Refund
    parts: tuple[RefundPart, ...]
    standing: Standing


def refund(
    book: Book,
    caller: Client,
    payment_id: PaymentId,
    asked: Giving,
    stamp: Stamp,
    announce: Announcer,
) -> Decision[Returned]:
    """Give back an amount, or all that is left; each source at most what it paid.

    Refuses: PaymentUnknown, NotYourPayment, NotYourClientsPayment, NotInThatState, NothingLeftToRefund,
    RefundAboveLeft.
    """
    order, payment = payment_of(book, caller, payment_id)
    if payment.state is not PaymentState.BOOKED or payment.refund_count >= MOST_REFUNDS:
        raise NotInThatState(payment.state)
    left = payment.paid - payment.refunded
    amount = asked.amount or left
    if left == 0:
        raise NothingLeftToRefund
    if amount > left:
        raise RefundAboveLeft
    moving = Movement(book, order, stamp, announce)
    number = payment.refund_count + 1
    parts, attempts = _share(book, payment, number, amount, asked.asked_by, moving)
    waits = any(part.state is RefundState.PROCESSING for part in parts)
    moved = payment.with_refund(payment.refunded + amount, number, stamp.now)
    given = Refund(
        payment.id,
        number,
        RefundId(moving.next_id()),
        amount,
        asked.reference,
        asked.webhook_url,
        RefundState.PROCESSING if waits else RefundState.BOOKED,
        stamp.now,
        0 if waits else stamp.now,
    )
    rows: list[Row] = [given, *parts, *moving.transfers]
    if not waits:
        event = RefundBooked(payment.id, given.id, amount, payment.currency)
        rows += moving.tell(event, moved, given.webhook_url)
    final = {attempt.number: attempt for attempt in (*book.attempts_of(payment), *attempts)}
    answer = Returned(given, tuple(parts), Standing(order, moved, tuple(final.values())))
    return Decision(answer, tuple(rows), (moved, *attempts, *moving.followed()))


def _share(
    book: Book, payment: Payment, number: int, asked: int, asked_by: AskedBy, moving: Movement
) -> tuple[list[RefundPart], list[Attempt]]:
    parts: list[RefundPart] = []
    changed: list[Attempt] = []
    left = asked
    for attempt in reversed(book.attempts_of(payment)):
        part = min(left, attempt.amount - attempt.refunded) if attempt.state is AttemptState.PAID else 0
        if part == 0:
            continue
        left -= part
        if attempt.connector:
            moving.send_refund(part, payment.id, attempt.number, number)
            state, look_up = RefundState.PROCESSING, moving.stamp.now
            if asked_by is AskedBy.CALL:
                look_up += LOOK_UPS.wait_after(1)
        else:
            moving.refund(CardId(attempt.source), part, payment.id, attempt.number, number)
            state, look_up = RefundState.BOOKED, 0
        parts.append(RefundPart(payment.id, number, attempt.number, attempt.connector, part, state, 0, look_up))
        changed.append(replace(attempt, refunded=attempt.refunded + part))
    return parts, changed


def record_refund(
    book: Book,
    payment_id: PaymentId,
    number: int,
    outcomes: Mapping[int, Outcome],
    stamp: Stamp,
    announce: Announcer,
) -> Decision[Returned]:
    """Record, by attempt number, what connectors said of a refund's parts; one that failed is the merchant's again."""
    order, payment = payment_in(book, payment_id)
    given = book.refunds_of(payment)[number - 1]
    moving = Movement(book, order, stamp, announce)
    attempts = {attempt.number: attempt for attempt in book.attempts_of(payment)}
    changed: dict[int, Attempt] = {}
    parts: list[RefundPart] = []
    failed, reason = 0, ""
    for part in book.parts_of(given, payment):
        outcome = outcomes.get(part.attempt)
        if part.state is not RefundState.PROCESSING or outcome is None:
            parts.append(part)
        elif isinstance(outcome, Paid):
            attempt = attempts[part.attempt]
            if attempt.is_far:
                moving.hand_back(attempt, part.amount, number)
            else:
                moving.arrive_refund(CardId(attempt.source), part.amount, payment.id, part.attempt, number)
            parts.append(_settled(part, RefundState.BOOKED))
        elif isinstance(outcome, Declined):
            moving.fail_refund(part.amount, payment.id, part.attempt, number)
            attempt = attempts[part.attempt]
            changed[attempt.number] = replace(attempt, refunded=attempt.refunded - part.amount)
            failed, reason = failed + part.amount, outcome.reason
            parts.append(_settled(part, RefundState.FAILED))
        else:
            parts.append(_asked_again(part, stamp.now))
    ends = given.state is RefundState.PROCESSING and all(part.state is not RefundState.PROCESSING for part in parts)
    moved = payment
    if failed or ends:
        moved = payment.with_refund(payment.refunded - failed, payment.refund_count, stamp.now)
    final = Standing(order, moved, tuple({**attempts, **changed}.values()))
    told: list[Row] = list(moving.transfers)
    touched: list[Row] = [*parts, *changed.values(), *moving.followed()]
    if moved is not payment:
        touched.append(moved)
    if ends:
        given, row = _ended(given, parts, stamp.now)
        touched.append(given)
        event = _end_of(given, parts, payment.currency, reason)
        told += [row, *moving.tell(event, moved, given.webhook_url)]
    return Decision(Returned(given, tuple(parts), final), tuple(told), tuple(touched))


def _ended(given: Refund, parts: list[RefundPart], now: int) -> tuple[Refund, Transition]:
    failed = any(part.state is RefundState.FAILED for part in parts)
    state = REFUND.advance(given.state, RefundState.FAILED if failed else RefundState.BOOKED)
    return replace(given, state=state, settled_at=now), Transition(given.id, 1, given.state, state, now)


def _end_of(given: Refund, parts: list[RefundPart], currency: str, reason: str) -> RefundBooked | RefundFailed:
    if given.state is RefundState.BOOKED:
        return RefundBooked(given.payment_id, given.id, given.amount, currency)
    failed = sum(part.amount for part in parts if part.state is RefundState.FAILED)
    return RefundFailed(given.payment_id, given.id, given.amount, failed, currency, reason)


def _settled(part: RefundPart, state: RefundState) -> RefundPart:
    return replace(part, state=REFUND.advance(part.state, state), next_look_up_at=0)


def _asked_again(part: RefundPart, now: int) -> RefundPart:
    tries = part.look_ups + 1
    next_look_up_at = 0 if LOOK_UPS.is_over(tries) else now + LOOK_UPS.wait_after(tries)
    return replace(part, look_ups=tries, next_look_up_at=next_look_up_at)
