"""Files of refunds as the command line writes them: checked before anything is begun, and the same every time."""

import os
from collections.abc import Sequence
from pathlib import Path

from tillway.cli.speaking import MISUSED, Stopped
from tillway.commands import batches
from tillway.commands.batches import SHOWN_WITHIN, Waiting
from tillway.commands.orders import known_refund
from tillway.commands.tools import Tools
from tillway.connectors.credit_transfers import (
    CreditTransferBatch,
    CreditTransferNotPossible,
    CreditTransferOrder,
    write_credit_transfers,
)
from tillway.domain.batches import CreditBatch
from tillway.domain.clients import Merchant, Surface
from tillway.domain.exporting import Batch, BatchWanted
from tillway.queries import records
from tillway.surfaces.common.days import counted, day_of, today

SEPA = "EUR"


async def write_new(
    tools: Tools, merchant_name: str, account: str, refunds: Sequence[str], out: Path
) -> CreditBatch | None:
    """Begin what waits and write it; None if nothing does. Raises Stopped, Refusal."""
    merchant = await _merchant(tools, merchant_name)
    wanted = await _wanted(tools, merchant, account, refunds)
    if wanted is None:
        return None
    planned = await batches.plan_batch(tools, wanted)
    if planned is None:
        return None
    _document(planned)
    begun = await batches.begin_batch(tools, wanted)
    if begun is None:
        return None
    _write(out, _document(begun))
    return begun.batch


async def write_again(tools: Tools, identity: str, out: Path) -> CreditBatch:
    """Write what was begun before. Refuses: BatchUnknown. Raises Stopped."""
    known = await batches.known_batch(tools, identity)
    _write(out, _document(known))
    return known.batch


async def _wanted(tools: Tools, merchant: Merchant, account: str, refunds: Sequence[str]) -> BatchWanted | None:
    own = [one for one in await records.clients(tools.store) if one.merchant_id == merchant.id]
    clients = sorted(one.id for one in own if one.surface is Surface.ORDER)
    waiting = [
        one
        for one in await batches.find_waiting(tools, merchant.id, clients)
        if one.currency == SEPA and account in {"", one.account}
    ]
    if len(waiting) > 1:
        accounts = " or ".join(one.account for one in waiting)
        raise Stopped(f"several accounts have to pay: say which, --account {accounts}", MISUSED)
    if not waiting:
        return None
    chosen = _chosen(waiting[0], refunds)
    now = tools.now()
    return BatchWanted(
        merchant.id,
        chosen.account,
        merchant.name,
        chosen.currency,
        chosen.refunds,
        chosen.returns,
        counted(today(now, merchant.zone)),
        now + SHOWN_WITHIN,
    )


def _chosen(waiting: Waiting, refunds: Sequence[str]) -> Waiting:
    if not refunds:
        return waiting
    wanted = tuple(dict.fromkeys(known_refund(refund) for refund in refunds))
    missing = [refund for refund in wanted if refund not in waiting.refunds]
    if missing:
        raise Stopped(f"the refund {missing[0]} does not wait to be paid")
    return Waiting(waiting.account, waiting.currency, wanted, ())


def _document(batch: Batch) -> bytes:
    told = batch.batch
    orders = tuple(
        CreditTransferOrder(
            line.end_to_end_id,
            line.amount,
            told.currency,
            line.creditor_name,
            line.creditor_iban,
            line.creditor_bic,
            line.remittance,
        )
        for line in batch.lines
    )
    day = day_of(told.execution_on)
    file = CreditTransferBatch(told.id, told.debtor_name, told.account, "", day, told.created_at, orders)
    try:
        return write_credit_transfers(file)
    except CreditTransferNotPossible as fault:
        raise Stopped(f"no bank could carry this out: {fault}") from None


def _write(out: Path, document: bytes) -> None:
    """A file that was not there before, on disk, for its owner only."""
    try:
        descriptor = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise Stopped(f"{out} is there already", MISUSED) from None
    with os.fdopen(descriptor, "wb") as file:
        file.write(document)
        file.flush()
        os.fsync(file.fileno())


async def _merchant(tools: Tools, name: str) -> Merchant:
    for merchant in await records.merchants(tools.store):
        if merchant.name == name:
            return merchant
    raise Stopped(f"there is no merchant {name}")
