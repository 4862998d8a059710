"""Matching: how well a bank entry fits the payments that it may belong to, and which of them it surely is."""

import re
from collections.abc import Iterable, Sequence

from tillway.domain.end_to_end import payment_named
from tillway.domain.payment_orders import Instruction
from tillway.domain.statements import BankEntry, EntryTold
from tillway.domain.values import value

NAMED = 100
"""The score of an entry that names the payment itself, in its end-to-end id."""

SURE = 80
"""From this score on an entry belongs to the payment, if no other fits as well."""

NEAR = 30
"""From this score on a person is shown the payment."""

MOST_CANDIDATES = 20
"""An entry that may belong to more payments than this is left to a person."""

MOST_WORDS = 12

_VARIABLE = 80
_REFERENCE = 85
_AMOUNT = 15
_ALONE = 30
"""An amount that nothing else speaks for or against."""
_DEBTOR = 15
_SPECIFIC = 4
_SPECIFIC_DIFFERS = -40
_CONSTANT = 1
_VARIABLE_DIFFERS = -60

_LONGEST_SYMBOL = 10
_PARTING = re.compile(r"[\s,;]+")


@value
class Candidate:
    """A payment that an entry may belong to; `expects` money of it says that it is open, or not settled yet."""

    told: Instruction
    expects: bool


@value
class Match:
    """The payment that fits best; `is_sure` says that it is the one."""

    told: Instruction
    score: int
    is_sure: bool


def match(entry: BankEntry, candidates: Sequence[Candidate]) -> Match | None:
    """The payment that an entry belongs to, or may belong to; None if it is like none.

    One that still expects money goes before one that does not; if none stands out, the first is for a person to see.
    """
    scored = [(score(entry, one.told), one) for one in candidates]
    scored = sorted(
        ((points, one) for points, one in scored if points >= NEAR),
        key=lambda pair: (-pair[0], not pair[1].expects, pair[1].told.payment_id),
    )
    if not scored:
        return None
    sure = [(points, one) for points, one in scored if points >= SURE]
    pool = [pair for pair in sure if pair[1].expects] or sure
    if not pool:
        points, first = scored[0]
        return Match(first.told, points, is_sure=False)
    points, first = pool[0]
    stands_out = (len(pool) == 1 or pool[1][0] < points) and points >= sure[0][0]
    return Match(first.told, points, stands_out and len(candidates) <= MOST_CANDIDATES)


def score(entry: BankEntry, told: Instruction) -> int:
    """How well an entry fits a payment, from 0 (not at all) to 100 (it is named)."""
    if (entry.account, entry.currency) != (_own_account(told), told.currency):
        return 0
    if bool(entry.is_credit) is bool(told.outgoing):
        return 0
    if payment_named(entry.end_to_end_id) == told.payment_id:
        return NAMED
    variable, own = plain_symbol(entry.variable_symbol), plain_symbol(told.variable_symbol)
    points = 0
    if variable and own:
        points += _VARIABLE if variable == own else _VARIABLE_DIFFERS
    if told.reference and _bare(told.reference) in {_bare(name) for name in references(entry)}:
        points += _REFERENCE
    points += _of_symbols(entry, told)
    if told.amount == entry.amount:
        points += _AMOUNT if points else _ALONE
    if _counterparty(told) and _counterparty(told) == entry.counterparty_iban:
        points += _DEBTOR
    return max(0, min(points, NAMED - 1))


def _of_symbols(entry: BankEntry, told: Instruction) -> int:
    points = 0
    specific, own = plain_symbol(entry.specific_symbol), plain_symbol(told.specific_symbol)
    if specific and own:
        points += _SPECIFIC if specific == own else _SPECIFIC_DIFFERS
    constant = plain_symbol(entry.constant_symbol)
    if constant and constant == plain_symbol(told.constant_symbol):
        points += _CONSTANT
    return points


def _own_account(told: Instruction) -> str:
    """The merchant's account: the creditor's of a payment, the debtor's of a refund."""
    return told.debtor_iban if told.outgoing else told.creditor_iban


def _counterparty(told: Instruction) -> str:
    return told.creditor_iban if told.outgoing else told.debtor_iban


def plain_symbol(symbol: str) -> str:
    """A symbol without the zeros before it, which banks add and take away."""
    return symbol.lstrip("0")


def written_symbols(symbol: str) -> tuple[str, ...]:
    """A symbol in every way that it may have been written, with more and fewer zeros before it."""
    plain = plain_symbol(symbol)
    return tuple(plain.zfill(length) for length in range(len(plain), _LONGEST_SYMBOL + 1)) if plain else ()


def references(entry: BankEntry | EntryTold) -> tuple[str, ...]:
    """The texts of an entry that may be a payment's reference."""
    words = (word for word in _PARTING.split(entry.remittance)[:MOST_WORDS] if len(word) > 1)
    return tuple(dict.fromkeys(_given((entry.reference, entry.end_to_end_id, entry.remittance, *words))))


def _given(texts: Iterable[str]) -> Iterable[str]:
    return (text for text in texts if text)


def _bare(text: str) -> str:
    return "".join(text.split()).upper()
