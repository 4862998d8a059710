"""What people decide about bank entries that found no payment by themselves, and how merchants handle such money."""

from tillway.commands.tools import Tools
from tillway.domain import reviewing
from tillway.domain.book import Needs
from tillway.domain.clearing import Acting
from tillway.domain.ids import MerchantId, PaymentId, is_uuid, order_of
from tillway.domain.refusals import PaymentUnknown
from tillway.domain.reviewing import Verb
from tillway.domain.statements import BankEntry, EntryId, EntryPolicy, Handling
from tillway.store.candidates import find_entries


async def decide(tools: Tools, entry_id: str, verb: Verb) -> BankEntry:
    """Do with what is left of an entry as a person wants. Refuses: EntryUnknown, EntryNotDecidable, EntryDiffers."""
    known, acting = EntryId(entry_id), _acting(tools)
    return await tools.committer.run(Needs(entries=(known,)), lambda book: reviewing.decide(book, known, verb, acting))


async def match_payment(tools: Tools, entry_id: str, payment_id: str) -> BankEntry:
    """Let a payment, or a refund, have an entry; what comes in part is taken for all of it.

    Refuses: EntryUnknown, EntryNotDecidable, PaymentUnknown, EntryDiffers.
    """
    low = payment_id.lower()
    if not is_uuid(low):
        raise PaymentUnknown
    known, payment, acting = EntryId(entry_id), PaymentId(low), _acting(tools)
    entries = await tools.store.read(find_entries([known]))
    needs = Needs(
        orders=(order_of(payment),),
        entries=(known,),
        policies=tuple(entry.merchant_id for entry in entries),
    )
    return await tools.committer.run(needs, lambda book: reviewing.match_by_hand(book, known, payment, acting))


async def match_return(tools: Tools, entry_id: str, returned_id: str) -> BankEntry:
    """Take an entry that left the account for the return of an earlier one.

    Refuses: EntryUnknown, EntryNotDecidable, EntryDiffers.
    """
    known, returned, acting = EntryId(entry_id), EntryId(returned_id), _acting(tools)
    return await tools.committer.run(
        Needs(entries=(known, returned)), lambda book: reviewing.match_return(book, known, returned, acting)
    )


async def set_policy(
    tools: Tools,
    merchant: MerchantId,
    part: Handling | None = None,
    over: Handling | None = None,
    late: Handling | None = None,
) -> EntryPolicy:
    """How a merchant handles money that is not what was asked for; None stays as it was."""
    return await tools.committer.run(
        Needs(policies=(merchant,)), lambda book: reviewing.set_policy(book, merchant, part, over, late)
    )


def _acting(tools: Tools) -> Acting:
    return Acting(tools.stamp(), tools.stamp(), tools.announce)
