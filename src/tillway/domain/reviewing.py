"""Reviewing: what a person decides about an entry that found no payment, or brought what was not asked for."""

from dataclasses import replace
from enum import StrEnum

from tillway.domain.book import Book
from tillway.domain.clearing import Acting, Clearing
from tillway.domain.decision import Decision
from tillway.domain.entry_refusals import EntryDiffers, EntryNotDecidable, EntryUnknown
from tillway.domain.ids import MerchantId, PaymentId, is_outgoing
from tillway.domain.importing import policy_of
from tillway.domain.matching import NAMED
from tillway.domain.ownership import payment_in
from tillway.domain.refusals import PaymentUnknown
from tillway.domain.statements import DECIDABLE, BankEntry, EntryId, EntryPolicy, EntryState, Handling


class Verb(StrEnum):
    """What may be decided about what is left of an entry.

    ACCEPT: the merchant keeps it, or bears it. REFUND: it goes back. IGNORE: it is set aside. REOPEN: it is looked at
    anew, and does not go back if it is not in a file yet.
    """

    ACCEPT = "accept"
    REFUND = "refund"
    IGNORE = "ignore"
    REOPEN = "reopen"


def decide(book: Book, identity: EntryId, verb: Verb, acting: Acting) -> Decision[BankEntry]:
    """Do with what is left of an entry as a person wants. Refuses: EntryUnknown, EntryNotDecidable."""
    entry = _entry(book, identity)
    clearing = Clearing(book, entry, acting)
    if verb is Verb.REOPEN:
        if entry.state not in _REOPENED or entry.batch_id:
            raise EntryNotDecidable(entry.state)
        clearing.take_back()
        return clearing.decision()
    if entry.state not in DECIDABLE:
        raise EntryNotDecidable(entry.state)
    match verb:
        case Verb.ACCEPT:
            clearing.keep_rest()
        case Verb.IGNORE:
            if entry.state is EntryState.IGNORED:
                return Decision(entry)
            clearing.set_aside()
        case Verb.REFUND:
            if not entry.is_credit or not entry.counterparty_iban:
                raise EntryDiffers
            clearing.return_rest()
    return clearing.decision()


_REOPENED = frozenset({EntryState.RETURNING, EntryState.IGNORED})


def match_by_hand(book: Book, identity: EntryId, payment_id: PaymentId, acting: Acting) -> Decision[BankEntry]:
    """Let a payment, or a refund, have an entry: what comes in part is taken for all of it.

    Refuses: EntryUnknown, EntryNotDecidable, PaymentUnknown, EntryDiffers.
    """
    entry = _entry(book, identity)
    order, payment = payment_in(book, payment_id)
    if order.merchant_id != entry.merchant_id:
        raise PaymentUnknown
    if entry.state not in DECIDABLE or entry.settled:
        raise EntryNotDecidable(entry.state)
    if payment.currency != entry.currency or is_outgoing(payment_id) is bool(entry.is_credit):
        raise EntryDiffers
    clearing = Clearing(book, entry, acting)
    clearing.pay(payment_id, NAMED, policy_of(book, entry.merchant_id), is_named=True, by_hand=True)
    return clearing.decision()


def match_return(book: Book, identity: EntryId, returned: EntryId, acting: Acting) -> Decision[BankEntry]:
    """Take a debit for the return of an earlier entry. Refuses: EntryUnknown, EntryNotDecidable, EntryDiffers."""
    entry, earlier = _entry(book, identity), _entry(book, returned)
    if entry.state not in DECIDABLE or earlier.state is not EntryState.RETURNING:
        raise EntryNotDecidable(entry.state if entry.state not in DECIDABLE else earlier.state)
    same = (entry.merchant_id, entry.currency, entry.amount) == (earlier.merchant_id, earlier.currency, earlier.left)
    if entry.is_credit or entry.kept or not same:
        raise EntryDiffers
    clearing = Clearing(book, entry, acting)
    clearing.gives_back(earlier)
    return clearing.decision()


def set_policy(
    book: Book, merchant: MerchantId, part: Handling | None, over: Handling | None, late: Handling | None
) -> Decision[EntryPolicy]:
    """How the merchant handles money that is not what was asked for; None stays as it was."""
    before = policy_of(book, merchant)
    after = replace(before, part=part or before.part, over=over or before.over, late=late or before.late)
    if after == before:
        return Decision(after)
    is_there = book.find(EntryPolicy, merchant) is not None
    return Decision(after, () if is_there else (after,), (after,) if is_there else ())


def _entry(book: Book, identity: EntryId) -> BankEntry:
    found = book.find(BankEntry, identity)
    if found is None:
        raise EntryUnknown
    return found
