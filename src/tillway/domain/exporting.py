"""Exporting: refunds and returns that a merchant authorises all at once, by a file for its bank."""

from collections.abc import Sequence
from dataclasses import replace

from tillway.domain.banking import BankChoice, begin_at_bank
from tillway.domain.batches import BatchLine, CreditBatch
from tillway.domain.book import Book
from tillway.domain.decision import Decision, Row, Stamp
from tillway.domain.end_to_end import payment_name, return_name
from tillway.domain.ids import MerchantId, PaymentId, order_of
from tillway.domain.orders import Order
from tillway.domain.payment_orders import Instruction
from tillway.domain.payments import Payment
from tillway.domain.statements import BankEntry, EntryId, EntryState
from tillway.domain.telling import Announcer
from tillway.domain.values import value

FILE = "file"
"""The connector of refunds that were written to a file: nobody can be asked about them, statements show them."""

_LONGEST_REMITTANCE = 140


@value
class BatchWanted:
    """Which refunds and returns are to go into a batch, out of which account; `ends_at` is the last moment to hear."""

    merchant_id: MerchantId
    account: str
    debtor_name: str
    currency: str
    refunds: tuple[PaymentId, ...]
    returns: tuple[EntryId, ...]
    execution_on: int
    ends_at: int


@value
class Batch:
    """A batch with its lines."""

    batch: CreditBatch
    lines: tuple[BatchLine, ...]


def begin_batch(
    book: Book, wanted: BatchWanted, stamp: Stamp, stamps: Sequence[Stamp], announce: Announcer
) -> Decision[Batch | None]:
    """Begin what of it still waits, and keep it as one batch; None if nothing does. `stamps` are one for each refund.

    What somebody else has begun, withdrawn or exported meanwhile stays out.
    """
    identity = stamp.unique.replace("-", "")
    added: list[Row] = []
    changed: list[Row] = []
    lines: list[BatchLine] = []
    for refund, own in zip(wanted.refunds, stamps, strict=True):
        told, payment = book.find(Instruction, refund), book.find(Payment, refund)
        if told is None or payment is None or not _is_ours(book, told, wanted) or not payment.is_open(own.now):
            continue
        choice = BankChoice(told.bank_id, "", FILE, "", identity, wanted.ends_at)
        begun = begin_at_bank(book, refund, choice, own, announce)
        added += begun.added
        changed += begun.changed
        lines.append(_refund_line(identity, len(lines) + 1, told))
    for returned in wanted.returns:
        entry = book.find(BankEntry, returned)
        if entry is None or not _goes_back(entry, wanted):
            continue
        changed.append(replace(entry, batch_id=identity, changed_at=stamp.now))
        lines.append(_return_line(identity, len(lines) + 1, entry))
    if not lines:
        return Decision(None)
    total = sum(line.amount for line in lines)
    batch = CreditBatch(
        identity,
        wanted.merchant_id,
        wanted.account,
        wanted.debtor_name,
        wanted.currency,
        total,
        len(lines),
        wanted.execution_on,
        stamp.now,
    )
    return Decision(Batch(batch, tuple(lines)), (*added, batch, *lines), tuple(changed))


def _is_ours(book: Book, told: Instruction, wanted: BatchWanted) -> bool:
    order = book.find(Order, order_of(told.payment_id))
    return (
        told.outgoing == 1
        and order is not None
        and order.merchant_id == wanted.merchant_id
        and (told.debtor_iban, told.currency) == (wanted.account, wanted.currency)
    )


def _goes_back(entry: BankEntry, wanted: BatchWanted) -> bool:
    return (
        entry.state is EntryState.RETURNING
        and not entry.batch_id
        and entry.merchant_id == wanted.merchant_id
        and (entry.account, entry.currency) == (wanted.account, wanted.currency)
    )


def _refund_line(batch: str, number: int, told: Instruction) -> BatchLine:
    return BatchLine(
        batch,
        number,
        payment_name(told.payment_id),
        told.payment_id,
        EntryId(""),
        told.amount,
        told.creditor_name or told.creditor_iban,
        told.creditor_iban,
        told.creditor_bic,
        _remittance_of(told),
    )


def _return_line(batch: str, number: int, entry: BankEntry) -> BatchLine:
    return BatchLine(
        batch,
        number,
        return_name(entry.id),
        PaymentId(""),
        entry.id,
        entry.left,
        entry.counterparty_name or entry.counterparty_iban,
        entry.counterparty_iban,
        entry.counterparty_bic,
        (entry.remittance or entry.reference)[:_LONGEST_REMITTANCE],
    )


def _remittance_of(told: Instruction) -> str:
    """What the payer's bank shows: the symbols as Slovak banks write them, or the reference, then the message."""
    marked = (("VS", told.variable_symbol), ("SS", told.specific_symbol), ("KS", told.constant_symbol))
    symbols = "".join(f"/{mark}{symbol}" for mark, symbol in marked if symbol)
    return " ".join(text for text in (symbols, told.reference, told.message) if text)[:_LONGEST_REMITTANCE]
