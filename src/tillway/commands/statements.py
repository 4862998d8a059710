"""Taking statements in, chunk by chunk: what was taken in is never taken in again, so it may be cut short anywhere."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from tillway.commands.tools import Tools
from tillway.domain import importing
from tillway.domain.book import Needs
from tillway.domain.clearing import Acting
from tillway.domain.end_to_end import payment_named, return_named
from tillway.domain.ids import ClientId, MerchantId, PaymentId, is_outgoing, order_of
from tillway.domain.importing import TakenIn
from tillway.domain.matching import MOST_CANDIDATES, references, written_symbols
from tillway.domain.statements import (
    BankEntry,
    EntryId,
    EntryTold,
    Statement,
    StatementEnded,
    StatementTold,
    entry_id,
    fresh_entry,
    likeness,
    statement_id,
)
from tillway.store.candidates import Sought, find_candidates, find_entries
from tillway.store.committer import MOST_IN_A_BATCH

CHUNK = MOST_IN_A_BATCH
"""So many entries are taken in at once: as many as one transaction holds."""

MOST_FOUND = 1000
"""Candidates that one search finds; a search that finds as many is done again for fewer entries."""


@dataclass(slots=True)
class Intake:
    """A statement that is being taken in: who is paid at its account, by which clients, and what was counted."""

    statement: Statement
    clients: tuple[ClientId, ...]
    alike: Counter[str] = field(default_factory=Counter[str])


async def open_statement(
    tools: Tools, merchant: MerchantId, clients: tuple[ClientId, ...], told: StatementTold
) -> Intake:
    """Begin to take a statement in; `clients` are those of the merchant that are paid at its account."""
    now = tools.now()
    needs = Needs(statements=(statement_id(merchant, told),))
    statement = await tools.committer.run(needs, lambda book: importing.open_statement(book, merchant, told, now))
    return Intake(statement, clients)


async def take_in(tools: Tools, intake: Intake, told: Sequence[EntryTold]) -> list[TakenIn]:
    """Take in the next entries of a statement, at most CHUNK, in its order: each is booked and finds its payment."""
    fresh = [_fresh(intake, one, tools.now()) for one in told]
    known = {entry.id: entry for entry in await tools.store.read(find_entries(sorted(one.id for one in fresh)))}
    unknown = [one for one in fresh if one.id not in known]
    candidates = await find_payments(tools, intake.clients, unknown)
    taken = await asyncio.gather(*(_take_in(tools, one, candidates.get(one.id, ())) for one in unknown))
    by_id = {one.entry.id: one for one in taken}
    return [by_id.get(one.id) or TakenIn(known[one.id], is_fresh=False) for one in fresh]


async def end_statement(tools: Tools, intake: Intake, ended: StatementEnded) -> Statement:
    """Keep that a statement was read to its end."""
    identity = intake.statement.id
    return await tools.committer.run(
        Needs(statements=(identity,)), lambda book: importing.end_statement(book, identity, ended)
    )


async def match_again(tools: Tools, clients: tuple[ClientId, ...], entries: Sequence[BankEntry]) -> list[TakenIn]:
    """Let entries that belong to nothing look for their payments once more, at most CHUNK."""
    candidates = await find_payments(tools, clients, entries)
    return list(await asyncio.gather(*(_match_again(tools, entry, candidates.get(entry.id, ())) for entry in entries)))


def _fresh(intake: Intake, told: EntryTold, now: int) -> BankEntry:
    alike = likeness(told)
    intake.alike[alike] += 1
    merchant = intake.statement.merchant_id
    identity = entry_id(merchant, told, alike, intake.alike[alike])
    return fresh_entry(identity, merchant, intake.statement.id, told, now)


async def _take_in(tools: Tools, entry: BankEntry, candidates: Sequence[PaymentId]) -> TakenIn:
    acting = Acting(tools.stamp(), tools.stamp(), tools.announce)
    return await tools.committer.run(
        _needs(entry, candidates), lambda book: importing.take_in(book, entry, candidates, acting)
    )


async def _match_again(tools: Tools, entry: BankEntry, candidates: Sequence[PaymentId]) -> TakenIn:
    acting = Acting(tools.stamp(), tools.stamp(), tools.announce)
    return await tools.committer.run(
        _needs(entry, candidates), lambda book: importing.match_again(book, entry, candidates, acting)
    )


def _needs(entry: BankEntry, candidates: Sequence[PaymentId]) -> Needs:
    named, returned = payment_named(entry.end_to_end_id), return_named(entry.end_to_end_id)
    payments = (*candidates, *((named,) if named else ()))
    return Needs(
        orders=tuple(dict.fromkeys(order_of(payment) for payment in payments)),
        statements=(entry.statement_id,),
        entries=(entry.id, *((returned,) if returned and returned != entry.id else ())),
        policies=(entry.merchant_id,),
    )


async def find_payments(
    tools: Tools, clients: Sequence[ClientId], entries: Sequence[BankEntry]
) -> dict[EntryId, tuple[PaymentId, ...]]:
    """The payments that each entry may belong to, by its symbol, its words or, if it has neither, by its amount.

    No entry has more than one too many for it to be sure of one of them.
    """
    incoming = [entry for entry in entries if entry.is_credit]
    symbols = {symbol for entry in incoming for symbol in written_symbols(entry.variable_symbol)}
    words = {word for entry in incoming for word in references(entry)}
    nameless = {entry.amount for entry in incoming if not entry.variable_symbol}
    search = find_candidates(Sought(clients, sorted(symbols), sorted(words), sorted(nameless)), MOST_FOUND)
    rows = [] if search is None else await tools.store.fetch(search)
    if len(rows) >= MOST_FOUND and len(incoming) > 1:
        middle = len(incoming) // 2
        first = await find_payments(tools, clients, incoming[:middle])
        return first | await find_payments(tools, clients, incoming[middle:])
    by_symbol, by_word, by_amount = _listed(rows)
    found: dict[EntryId, tuple[PaymentId, ...]] = {}
    for entry in incoming:
        payments = [one for symbol in written_symbols(entry.variable_symbol) for one in by_symbol.get(symbol, ())]
        payments += [one for word in references(entry) for one in by_word.get(word, ())]
        if not entry.variable_symbol:
            payments += by_amount.get(entry.amount, ())
        found[entry.id] = tuple(dict.fromkeys(payments))[: MOST_CANDIDATES + 1]
    return found


_Listed = dict[str, list[PaymentId]]


def _listed(rows: Sequence[Sequence[object]]) -> tuple[_Listed, _Listed, dict[int, list[PaymentId]]]:
    by_symbol: _Listed = {}
    by_word: _Listed = {}
    by_amount: dict[int, list[PaymentId]] = {}
    for payment, variable, reference, amount in rows:
        identity = PaymentId(str(payment))
        if is_outgoing(identity):
            continue
        if variable:
            by_symbol.setdefault(str(variable), []).append(identity)
        if reference:
            by_word.setdefault(str(reference), []).append(identity)
        assert isinstance(amount, int)
        by_amount.setdefault(amount, []).append(identity)
    return by_symbol, by_word, by_amount
