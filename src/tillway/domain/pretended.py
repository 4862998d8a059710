"""The pretend acquirer's payment: its states, what payers, gateway and time do to it, and what it has still to tell."""

from collections.abc import Iterable
from dataclasses import replace
from enum import StrEnum

from tillway.domain.published import BEHAVIOURS, PAYS, Behaviour, Calls, Challenge, GivesBack, PublishedNumber
from tillway.domain.reasons import Reason
from tillway.domain.schedules import HOUR, MINUTE, SECOND, Schedule
from tillway.domain.values import value

CARD = "card"
"""The method whose payers type a number; those of every other method choose a bank."""

PAGE_LASTS = 30 * MINUTE
"""How long the payer may take on each page; then the payment is declined."""

LATE_AFTER = 2 * SECOND
OLD_NEWS_AFTER = 2 * SECOND
REFUND_FAILS_AFTER = 3 * SECOND
REFUND_TAKES = 10 * SECOND

CALLS = Schedule((5 * SECOND, 30 * SECOND, 2 * MINUTE, 10 * MINUTE), HOUR, 12 * HOUR)
"""When to call again whoever did not take a call in."""

MOST_CALLS = 16
"""How often it is tried: that takes those twelve hours."""


class PretendedState(StrEnum):
    """PENDING until it is decided; CANCELLED when it was undone, or barred before it arrived."""

    PENDING = "pending"
    PAID = "paid"
    DECLINED = "declined"
    CANCELLED = "cancelled"


class Step(StrEnum):
    """What the payer has to do next: choose a card or a bank, prove to be the payer, or nothing more."""

    CHOOSING = "choosing"
    PROVING = "proving"
    DONE = "done"


@value
class PretendedRefund:
    """A refund under the id that the gateway gave it; `settles_at` is when it is decided by itself (0: it is)."""

    id: str
    amount: int
    state: PretendedState
    reason: str = ""
    settles_as: PretendedState = PretendedState.PAID
    settles_at: int = 0


@value
class PretendedCall:
    """Something the gateway is to be told at `at`: that the payment, or the refund `refund`, is in `state`."""

    number: int
    refund: str
    state: PretendedState
    at: int
    tries: int = 0


@value
class Terms:
    """What the gateway asks for when it creates a payment; `amount` in minor units, texts may be empty."""

    method: str
    amount: int
    currency: str
    return_url: str
    callback_url: str
    language: str
    country: str
    email: str
    description: str


@value
class Pretended:
    """A payment at the pretend acquirer, under the id that the gateway gave it.

    `terms` are None for one that was barred before it arrived. `behaviour` is that of the number the payer typed; the
    number itself is not kept. It settles by itself at `settles_at` (0: it does not), with `settles_for` as the reason
    of a decline or, if that is empty, as paid. Times are microseconds UTC.
    """

    id: str
    reference: str
    terms: Terms | None
    created_at: int
    state: PretendedState = PretendedState.PENDING
    step: Step = Step.CHOOSING
    reason: str = ""
    behaviour: str = ""
    challenge: Challenge = Challenge.NONE
    scheme: str = ""
    mask: str = ""
    bank: str = ""
    settles_at: int = 0
    settles_for: str = ""
    refunds: tuple[PretendedRefund, ...] = ()
    calls: tuple[PretendedCall, ...] = ()
    called: int = 0

    @property
    def is_waiting(self) -> bool:
        """Whether the payer still has something to do."""
        return self.state is PretendedState.PENDING and self.step is not Step.DONE

    @property
    def next_at(self) -> int:
        """When something of it is due by itself; 0 if nothing is."""
        moments = (self.settles_at, *(one.settles_at for one in self.refunds), *(one.at for one in self.calls))
        return min(filter(None, moments), default=0)

    def refund_of(self, refund_id: str) -> PretendedRefund | None:
        """The refund of this id."""
        return next((one for one in self.refunds if one.id == refund_id), None)


class PretendRefused(Exception):
    """The same id was used for something else."""


def create(identity: str, terms: Terms, now: int) -> Pretended:
    """A payment that waits for its payer."""
    return Pretended(
        identity,
        _reference(identity),
        terms,
        now,
        settles_at=now + PAGE_LASTS,
        settles_for=Reason.PAYER_TOO_SLOW,
    )


def bar(identity: str, now: int) -> Pretended:
    """A payment that never arrived, and can no longer happen."""
    return Pretended(identity, _reference(identity), None, now, PretendedState.CANCELLED, Step.DONE)


def pass_time(payment: Pretended, now: int) -> Pretended:
    """The payment after everything that happens by itself up to `now`."""
    if 0 < payment.settles_at <= now:
        payment = settle(payment, payment.settles_for, now)
    for refund in payment.refunds:
        if 0 < refund.settles_at <= now:
            reason = "" if refund.settles_as is PretendedState.PAID else Reason.REFUND_REFUSED
            settled = replace(refund, state=refund.settles_as, reason=reason, settles_at=0)
            refunds = tuple(settled if one.id == refund.id else one for one in payment.refunds)
            payment = _telling(replace(payment, refunds=refunds), ((settled.state, now),), settled.id)
    return payment


def enter_card(payment: Pretended, number: PublishedNumber, now: int) -> Pretended:
    """The payer types a published number; once only, as long as the payment waits for one."""
    if not _chooses(payment, by_card=True):
        return payment
    known = replace(
        payment,
        behaviour=number.behaviour.code,
        challenge=number.challenge,
        scheme=number.scheme,
        mask=number.mask,
    )
    if number.challenge is Challenge.NONE:
        return _authorised(known, number.behaviour, now)
    return replace(known, step=Step.PROVING, settles_at=now + PAGE_LASTS, settles_for=Reason.AUTHENTICATION_ABANDONED)


def choose_bank(payment: Pretended, bank: str, now: int) -> Pretended:
    """The payer goes to a bank's login."""
    if not _chooses(payment, by_card=False):
        return payment
    return replace(
        payment,
        bank=bank,
        step=Step.PROVING,
        settles_at=now + PAGE_LASTS,
        settles_for=Reason.AUTHENTICATION_ABANDONED,
    )


def prove(payment: Pretended, behaviour: Behaviour | None, now: int) -> Pretended:
    """The payer answers the bank: what becomes of it then (None: as the card's number says), if it is believed."""
    if not payment.is_waiting or payment.step is not Step.PROVING or payment.challenge is Challenge.UNANSWERED:
        return payment
    if payment.challenge is Challenge.FAILS:
        return settle(payment, Reason.AUTHENTICATION_FAILED, now)
    return _authorised(payment, behaviour or _behaviour(payment), now)


def refuse(payment: Pretended, reason: Reason, now: int) -> Pretended:
    """The payer says no."""
    return settle(payment, reason, now) if payment.is_waiting else payment


def settle(payment: Pretended, reason: str, now: int) -> Pretended:
    """Decide a pending payment: declined for a reason, or with none paid. One that is decided stays as it is."""
    if payment.state is not PretendedState.PENDING:
        return payment
    state = PretendedState.DECLINED if reason else PretendedState.PAID
    settled = replace(payment, state=state, reason=reason, step=Step.DONE, settles_at=0, settles_for="")
    match _behaviour(payment).calls:
        case Calls.ONCE:
            told: tuple[tuple[PretendedState, int], ...] = ((state, now),)
        case Calls.TWICE:
            told = ((state, now), (state, now))
        case Calls.OUT_OF_ORDER:
            told = ((state, now), (PretendedState.PENDING, now + OLD_NEWS_AFTER))
        case Calls.NEVER:
            told = ()
    return _telling(settled, told)


def cancel(payment: Pretended, now: int) -> Pretended:
    """The gateway wants it undone: possible until it is decided, but for one that is paid late.

    That one is paid a moment later, since its bank had been asked already.
    """
    if payment.state is not PretendedState.PENDING:
        return payment
    if _behaviour(payment).is_late and payment.step is Step.DONE:
        return payment if payment.settles_at else replace(payment, settles_at=now + LATE_AFTER, settles_for="")
    return replace(payment, state=PretendedState.CANCELLED, step=Step.DONE, settles_at=0, settles_for="")


def refund(payment: Pretended, refund_id: str, amount: int, now: int) -> Pretended:
    """Give back all or part of what was paid; never more than it. Raises PretendRefused."""
    known = payment.refund_of(refund_id)
    if known is not None:
        if known.amount != amount:
            raise PretendRefused
        return payment
    given = sum(one.amount for one in payment.refunds if one.state is not PretendedState.DECLINED)
    total = payment.terms.amount if payment.terms is not None else 0
    if payment.state is not PretendedState.PAID or given + amount > total:
        fresh = PretendedRefund(refund_id, amount, PretendedState.DECLINED, Reason.REFUND_REFUSED)
    else:
        fresh = _given(refund_id, amount, _behaviour(payment).gives_back, now)
    return replace(payment, refunds=(*payment.refunds, fresh))


def take_calls(payment: Pretended, now: int) -> tuple[Pretended, tuple[PretendedCall, ...]]:
    """The calls that are due, each put off until its next try: if we die before it is made, it is made then."""
    due = tuple(call for call in payment.calls if call.at <= now)
    later = {call.number: now + CALLS.wait_after(call.tries + 1) for call in due}
    kept = tuple(
        replace(call, at=later[call.number], tries=call.tries + 1) if call.number in later else call
        for call in payment.calls
        if call.number not in later or call.tries + 1 < MOST_CALLS
    )
    return replace(payment, calls=kept), due


def heard(payment: Pretended, numbers: Iterable[int]) -> Pretended:
    """The gateway has taken these calls in."""
    done = frozenset(numbers)
    return replace(payment, calls=tuple(call for call in payment.calls if call.number not in done))


def _chooses(payment: Pretended, *, by_card: bool) -> bool:
    """Whether the payer still has to choose a card, or else a bank."""
    terms = payment.terms
    return (
        payment.is_waiting and payment.step is Step.CHOOSING and (terms is not None and terms.method == CARD) == by_card
    )


def _authorised(payment: Pretended, behaviour: Behaviour, now: int) -> Pretended:
    known = replace(payment, behaviour=behaviour.code, step=Step.DONE, settles_at=0, settles_for="")
    if behaviour.is_late or behaviour.waits < 0:
        return known
    reason = behaviour.reason or ""
    if behaviour.waits:
        return replace(known, settles_at=now + behaviour.waits, settles_for=reason)
    return settle(known, reason, now)


def _given(refund_id: str, amount: int, gives_back: GivesBack, now: int) -> PretendedRefund:
    match gives_back:
        case GivesBack.AT_ONCE:
            return PretendedRefund(refund_id, amount, PretendedState.PAID)
        case GivesBack.NEVER:
            state, at = PretendedState.DECLINED, now + REFUND_FAILS_AFTER
        case GivesBack.LATER:
            state, at = PretendedState.PAID, now + REFUND_TAKES
    return PretendedRefund(refund_id, amount, PretendedState.PENDING, settles_as=state, settles_at=at)


def _telling(payment: Pretended, told: Iterable[tuple[PretendedState, int]], refund_id: str = "") -> Pretended:
    """The payment with calls to be made about it, or about one of its refunds."""
    calls = payment.calls
    called = payment.called
    for state, at in told:
        called += 1
        calls = (*calls, PretendedCall(called, refund_id, state, at))
    return replace(payment, calls=calls, called=called)


def _behaviour(payment: Pretended) -> Behaviour:
    return BEHAVIOURS.get(payment.behaviour, PAYS)


def _reference(identity: str) -> str:
    """The acquirer's own name for the payment: the end of the gateway's id, which differs from attempt to attempt."""
    return f"PRETEND-{identity.replace('-', '').upper()[-20:]}"
