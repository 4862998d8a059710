"""Taking what is due: from gift cards, every rule in the documented order of precedence, and the rest elsewhere."""

from collections.abc import Sequence

from tillway.domain.book import Book
from tillway.domain.clients import Client
from tillway.domain.completing import finish
from tillway.domain.decision import Decision, Row, Stamp
from tillway.domain.giftcards import NUMBER_LENGTH, CardState, GiftCard, passes_luhn
from tillway.domain.guesses import Guesses, is_used_up, of_card, of_payment, one_more
from tillway.domain.ids import CardId, PaymentId
from tillway.domain.moving import Movement
from tillway.domain.orders import Access, Order
from tillway.domain.ownership import payment_of
from tillway.domain.payments import (
    GIFT_CARD_METHOD,
    MOST_ATTEMPTS,
    Attempt,
    AttemptState,
    Payment,
    PaymentState,
)
from tillway.domain.refusals import (
    AmountAboveDue,
    BalanceTooLow,
    CardEmpty,
    CardExpired,
    CardNotActive,
    CardNumberDigits,
    CardNumberInvalid,
    CardNumberLength,
    CardUnknown,
    CvcRefused,
    KeyReused,
    NotApiPayment,
    NotInThatState,
    Refusal,
    VendorNotAccepted,
)
from tillway.domain.schedules import LOOK_UPS
from tillway.domain.standing import Standing
from tillway.domain.telling import Announcer
from tillway.domain.values import value


@value
class Spend:
    """One card's part: `amount` minor units, or 0 for all that is still due.

    `number` is as the caller sent it, `card` its keyed hash; `cvc_digest` is empty when no CVC was sent.
    """

    number: str
    card: CardId
    amount: int
    cvc_digest: str


@value
class Rest:
    """What pays all that the cards of a call do not: a method and the connector that serves it."""

    method: str
    connector: str


@value
class Spends:
    """The cards of one call, in the order of use, and what pays the rest: all of it is taken, or nothing.

    `final` completes the payment even when less than its amount is paid, which only `allow_partial` permits.
    `call_key` is the caller's idempotency key and, after a space, the request's fingerprint, or empty; `prefixes` are
    those of all issuers.
    """

    cards: tuple[Spend, ...]
    allow_partial: bool
    final: bool
    call_key: str
    prefixes: tuple[str, ...]
    access: Access = Access.API
    rest: Rest | None = None

    @property
    def attempt_count(self) -> int:
        """How many attempts the call makes at most."""
        return len(self.cards) + (self.rest is not None)

    @property
    def card_ids(self) -> tuple[CardId, ...]:
        """The cards, in the order of use."""
        return tuple(spend.card for spend in self.cards)

    def guess_scopes(self, payment: PaymentId) -> tuple[str, ...]:
        """The counters that a wrong CVC adds to; none when no CVC was sent."""
        if not any(spend.cvc_digest for spend in self.cards):
            return ()
        return (of_payment(payment), *(of_card(spend.card) for spend in self.cards if spend.cvc_digest))


def spend(
    book: Book, caller: Client, payment_id: PaymentId, spends: Spends, stamp: Stamp, announce: Announcer
) -> Decision[Standing | Refusal]:
    """Take or reserve what the cards give; where a connector has to answer, everything is reserved until it has."""
    order, payment = payment_of(book, caller, payment_id)
    if order.access is not spends.access:
        raise NotApiPayment
    attempts = book.attempts_of(payment)
    if _was_called(spends.call_key, attempts):
        return Decision(Standing(order, payment, tuple(attempts)))
    if not payment.is_open(stamp.now) or payment.attempt_count + spends.attempt_count > MOST_ATTEMPTS:
        raise NotInThatState(payment.state)
    check_numbers([one.number for one in spends.cards], spends.prefixes)
    cards = _usable(book, caller, spends, stamp.now)
    wrong = _wrong_cvc(book, payment_id, spends, cards, stamp.now)
    if wrong is not None:
        return wrong
    parts = _share(payment, spends, cards)
    return _take(book, order, payment, attempts, parts, spends, stamp, announce)


def check_numbers(numbers: Sequence[str], prefixes: tuple[str, ...]) -> None:
    """The first rule that any of the numbers breaks. Refuses: CardNumberLength, CardNumberDigits, CardNumberInvalid."""
    for number in numbers:
        if len(number) != NUMBER_LENGTH:
            raise CardNumberLength
    for number in numbers:
        if not (number.isascii() and number.isdigit()) or not number.strip("0"):
            raise CardNumberDigits
    for number in numbers:
        if not passes_luhn(number) or not number.startswith(prefixes):
            raise CardNumberInvalid


def _was_called(call_key: str, attempts: Sequence[Attempt]) -> bool:
    """Whether these attempts are this call's own, cut short before its answer was kept. Refuses: KeyReused."""
    key = _key_of(call_key)
    for attempt in attempts:
        kept = attempt.call_key
        if key and _key_of(kept) == key and attempt.state in _STANDING:
            if kept != call_key:
                raise KeyReused
            return True
    return False


def _key_of(call_key: str) -> str:
    """The caller's own key, which may have spaces in it; a fingerprint has none."""
    return call_key.rpartition(" ")[0]


_STANDING = frozenset({AttemptState.OPEN, AttemptState.HELD, AttemptState.PAID})


def _usable(book: Book, caller: Client, spends: Spends, now: int) -> list[GiftCard]:
    """The cards, if each may be used; the first rule that any of them breaks is told, whichever card it is."""
    found = [book.find(GiftCard, one.card) for one in spends.cards]
    cards = [card for card in found if card is not None and card.currency == caller.currency]
    if len(cards) < len(found):
        raise CardUnknown
    for card in cards:
        if not caller.accepts(card.issuer_id):
            raise VendorNotAccepted
    for card in cards:
        if now >= card.expires_at:
            raise CardExpired
    for card in cards:
        if card.balance == 0:
            raise CardEmpty
    return cards


def _wrong_cvc(
    book: Book, payment_id: PaymentId, spends: Spends, cards: Sequence[GiftCard], now: int
) -> Decision[Refusal] | None:
    """A counted guess, if a CVC is wrong; raises CvcRefused when nothing was guessed but no CVC can be read."""
    if any(not card.cvc_digest for card in cards):
        raise CvcRefused
    for one, card in zip(spends.cards, cards, strict=True):
        if not one.cvc_digest:
            continue
        scopes = (of_payment(payment_id), of_card(card.id))
        if any(is_used_up(scope, book.find(Guesses, scope), now) for scope in scopes):
            raise CvcRefused
        if one.cvc_digest != card.cvc_digest:
            return count_guess(book, scopes, now, CvcRefused())
    return None


def count_guess(book: Book, scopes: Sequence[str], now: int, refusal: Refusal) -> Decision[Refusal]:
    """The refusal of a wrong guess, which is counted in every scope."""
    added: list[Row] = []
    changed: list[Row] = []
    for scope in dict.fromkeys(scopes):
        before = book.find(Guesses, scope)
        (added if before is None else changed).append(one_more(scope, before, now))
    return Decision(refusal, tuple(added), tuple(changed))


def _share(payment: Payment, spends: Spends, cards: Sequence[GiftCard]) -> list[tuple[GiftCard, int]]:
    """What each card gives. Refuses: AmountAboveDue, BalanceTooLow, CardNotActive."""
    due = payment.due
    balances = {card.id: card.balance for card in cards}
    parts: list[tuple[GiftCard, int]] = []
    for one, card in zip(spends.cards, cards, strict=True):
        part = one.amount or due
        if part > due:
            raise AmountAboveDue
        if part > balances[card.id]:
            if not spends.allow_partial:
                raise BalanceTooLow
            part = balances[card.id]
        if part == 0:
            continue
        balances[card.id] -= part
        due -= part
        parts.append((card, part))
    if spends.rest is None and (not parts or (due > 0 and spends.final and not spends.allow_partial)):
        raise BalanceTooLow
    if any(card.state is not CardState.ACTIVE for card in cards):
        raise CardNotActive
    return parts


def _take(
    book: Book,
    order: Order,
    payment: Payment,
    attempts: list[Attempt],
    parts: list[tuple[GiftCard, int]],
    spends: Spends,
    stamp: Stamp,
    announce: Announcer,
) -> Decision[Standing]:
    taken = sum(part for _, part in parts)
    rest = spends.rest if taken < payment.due else None
    completes = spends.final or rest is not None or taken == payment.due
    waits = rest is not None or any(card.connector for card, _ in parts)
    moving = Movement(book, order, stamp, announce)
    state = AttemptState.OPEN if waits else AttemptState.PAID if completes else AttemptState.HELD
    call = payment.attempt_count + 1
    fresh: list[Attempt] = []
    for number, (card, part) in enumerate(parts, call):
        if state is AttemptState.PAID:
            moving.spend(card.id, part, payment.id, number)
        else:
            moving.hold(card.id, part, payment.id, number)
        fresh.append(
            Attempt(
                payment.id,
                number,
                card.connector,
                GIFT_CARD_METHOD,
                "",
                card.id,
                card.last5,
                "",
                "",
                part,
                0,
                state,
                "",
                call,
                spends.call_key,
                int(completes),
                0,
                stamp.now + LOOK_UPS.wait_after(1) if waits and card.connector else 0,
                stamp.now,
                0 if waits else stamp.now,
            )
        )
    if rest is not None:
        fresh.append(_asked_of(rest, payment, call + len(fresh), call, payment.due - taken, spends.call_key, stamp))
    count = payment.attempt_count + len(fresh)
    if waits:
        moved = payment.moved(PaymentState.PROCESSING, stamp.now, attempt_count=count)
        rows = moving.rows(payment, moved)
        return Decision(Standing(order, moved, (*attempts, *fresh)), (*fresh, *rows), (moved, *moving.followed()))
    return finish(payment, count, attempts, fresh, taken, completes, moving)


def _asked_of(
    rest: Rest, payment: Payment, number: int, call: int, amount: int, call_key: str, stamp: Stamp
) -> Attempt:
    """The attempt to have the rest paid at a far side."""
    return Attempt(
        payment.id,
        number,
        rest.connector,
        rest.method,
        "",
        "",
        "",
        "",
        "",
        amount,
        0,
        AttemptState.OPEN,
        "",
        call,
        call_key,
        1,
        0,
        stamp.now + LOOK_UPS.wait_after(1),
        stamp.now,
        0,
    )
