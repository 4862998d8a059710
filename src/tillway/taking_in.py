"""Files of statements as they are taken in: read to the end to see that they are sound, then booked."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from hashlib import file_digest, sha256
from pathlib import Path
from typing import BinaryIO

from tillway.commands import statements
from tillway.commands.statement_files import Counts, FileRefused, Owners, Paid, StatementTaken
from tillway.commands.statements import CHUNK, Intake
from tillway.commands.tools import Tools
from tillway.connectors.statements.entries import StatementEnd, StatementEntry, StatementHead, StatementUnreadable
from tillway.connectors.statements.reading import OpenStatement, open_statement
from tillway.domain.clients import Client, RecordState, Surface
from tillway.domain.ids import ClientId, MerchantId
from tillway.domain.statements import EntryState, EntryTold, StatementEnded, StatementTold
from tillway.queries import records
from tillway.surfaces.common.days import counted

_BLOCK = 64 * 1024


async def take_in(
    tools: Tools,
    file: BinaryIO,
    merchant: MerchantId | None,
    account: str,
    each: Callable[[StatementTaken], None],
) -> None:
    """Take in a file of one merchant's, or of whoever is paid at its account: see `TakesFilesIn`."""
    find = await owners(tools, merchant)
    await import_file(tools, file, account, find, each=each)


async def owners(tools: Tools, merchant: MerchantId | None) -> Owners:
    """Finds who is paid at an account, of one merchant or of all."""
    found: dict[str, dict[MerchantId, list[ClientId]]] = {}
    for client in await records.clients(tools.store):
        if _counts(client, merchant):
            for iban in client.ibans.split():
                found.setdefault(iban, {}).setdefault(client.merchant_id, []).append(client.id)

    def find(account: str) -> Paid:
        paid = found.get(account, {})
        if not paid:
            raise FileRefused(f"no client is paid at {account or 'an account that the file does not tell'}")
        if len(paid) > 1:
            raise FileRefused(f"several merchants are paid at {account}: say which")
        ((owner, clients),) = paid.items()
        return Paid(owner, tuple(sorted(clients)))

    return find


def _counts(client: Client, merchant: MerchantId | None) -> bool:
    return (
        client.surface is Surface.ORDER
        and client.state is RecordState.ACTIVE
        and (merchant is None or client.merchant_id == merchant)
    )


async def import_file(
    tools: Tools,
    file: Path | BinaryIO,
    account: str,
    find: Owners,
    advance: Callable[[int, int], None] = lambda _done, _of: None,
    each: Callable[[StatementTaken], None] = lambda _: None,
) -> Counts:
    """Take a file in. It is refused whole, before anything is booked, if any of it cannot be read.

    `advance` is told how many entries are done by now, and of how many, `each` of every statement. Raises FileRefused.
    """
    digest = _digest(file)
    try:
        with open_statement(file, account) as opened:
            # Reading takes a while, and the loop may have others to serve.
            total = await asyncio.to_thread(_check, opened, find)
            return await _import(tools, opened, digest, find, lambda done: advance(done, total), each)
    except StatementUnreadable as fault:
        raise FileRefused(fault.reason, fault.place, is_unreadable=True) from None


def _digest(file: Path | BinaryIO) -> str:
    if isinstance(file, Path):
        if not file.is_file():
            raise FileRefused(f"{file} is no file")
        with file.open("rb") as stream:
            return file_digest(stream, "sha256").hexdigest()
    digest = sha256()
    while block := file.read(_BLOCK):
        digest.update(block)
    return digest.hexdigest()


def _check(opened: OpenStatement, find: Owners) -> int:
    """Read all of it: entries are of the account of their statement, and somebody is paid there. Answers how many."""
    account = currency = ""
    entries = 0
    for item in opened:
        if isinstance(item, StatementHead):
            account, currency = item.account_iban, item.currency
            find(account)
        elif isinstance(item, StatementEntry):
            entries += 1
            if (item.account_iban, item.currency) != (account, currency):
                raise StatementUnreadable("an entry is of another account, or in another currency, than its statement")
    return entries


async def _import(
    tools: Tools,
    opened: OpenStatement,
    digest: str,
    find: Owners,
    advance: Callable[[int], None],
    each: Callable[[StatementTaken], None],
) -> Counts:
    counts, own = Counts(), Counts()
    intake: Intake | None = None
    head: StatementHead | None = None
    place = 0
    for piece in _pieces(opened):
        if isinstance(piece, StatementHead):
            place, head, own = place + 1, piece, Counts()
            paid = find(piece.account_iban)
            intake = await statements.open_statement(tools, paid.merchant, paid.clients, _told(piece, digest, place))
        elif isinstance(piece, StatementEnd):
            assert intake is not None
            assert head is not None
            each(StatementTaken(await statements.end_statement(tools, intake, _ended(head, piece)), own))
        else:
            assert intake is not None
            taken = await statements.take_in(tools, intake, piece)
            _count(counts, taken)
            _count(own, taken)
            advance(counts.entries)
    return counts


def _pieces(opened: OpenStatement) -> Iterator[StatementHead | StatementEnd | list[EntryTold]]:
    """Heads, ends, and what is between them in chunks."""
    items = iter(opened)
    waiting: list[EntryTold] = []
    for item in items:
        if isinstance(item, StatementEntry):
            waiting.append(_entry(item))
            if len(waiting) == CHUNK:
                yield waiting
                waiting = []
            continue
        if waiting:
            yield waiting
            waiting = []
        yield item
    if waiting:
        yield waiting


def _count(counts: Counts, taken: Sequence[statements.TakenIn]) -> None:
    for one in taken:
        counts.entries += 1
        counts.fresh += one.is_fresh
        match one.entry.state:
            case EntryState.MATCHED | EntryState.RETURNED:
                counts.matched += 1
            case EntryState.REVIEW:
                counts.review += 1
            case EntryState.RETURNING:
                counts.returning += 1
            case EntryState.UNMATCHED | EntryState.IGNORED:
                counts.unmatched += 1


def _told(head: StatementHead, digest: str, place: int) -> StatementTold:
    return StatementTold(
        head.account_iban,
        head.currency,
        head.statement_id,
        _day(head.from_on),
        _day(head.to_on),
        digest,
        place,
    )


def _ended(head: StatementHead, end: StatementEnd) -> StatementEnded:
    return StatementEnded(head.opening_balance or 0, end.closing_balance or 0, int(end.adds_up), end.entries)


def _entry(told: StatementEntry) -> EntryTold:
    return EntryTold(
        told.account_iban,
        told.currency,
        told.amount,
        int(told.is_credit),
        int(told.is_reversal),
        _day(told.booked_on),
        _day(told.value_on),
        told.bank_reference,
        told.end_to_end_id,
        told.variable_symbol,
        told.constant_symbol,
        told.specific_symbol,
        told.reference,
        told.remittance,
        told.counterparty_name,
        told.counterparty_iban,
        told.counterparty_bic,
    )


def _day(day: date | None) -> int:
    """Days since 1970, 0 where there is none."""
    return 0 if day is None else counted(day)
