"""Issuing many cards: in portions, each written down before the next is made."""

import csv
import io
import os
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from tillway.cli.printing import PrintedCard, print_cards
from tillway.cli.speaking import MISUSED, Stopped, amount
from tillway.commands import cards
from tillway.commands.cards import CardPlan, IssuedCard
from tillway.commands.tools import Tools
from tillway.domain.clients import Issuer
from tillway.domain.giftcards import CardState
from tillway.domain.issuing import LARGEST_BALANCE, MOST_IN_A_CALL
from tillway.domain.money import exponent
from tillway.domain.refusals import IssuerUnknown
from tillway.queries import records
from tillway.surfaces.common.days import end_of, last_before, today

USUAL_LIFE_DAYS = 365

_HEADING = ("number", "cvc", "balance", "currency", "expires_on")


@dataclass(frozen=True, slots=True)
class Batch:
    """Cards alike: `count` of an issuer, each worth `balance` (major unit, as typed), good until the end of a day."""

    issuer: str
    balance: str
    count: int
    last_day: date | None
    zone: str
    inactive: bool
    connector: str


@dataclass(frozen=True, slots=True)
class Targets:
    """The files that numbers and CVCs go to."""

    csv: Path | None
    pdf: Path | None


async def issue_cards(tools: Tools, batch: Batch, targets: Targets) -> list[PrintedCard]:
    """Issue them; a portion is in the CSV file, on disk, before the next is issued."""
    issuer = await _issuer(tools, batch.issuer)
    zone = await zone_of(tools, batch.zone)
    last_day = batch.last_day or today(tools.now(), zone) + timedelta(days=USUAL_LIFE_DAYS)
    state = CardState.INACTIVE if batch.inactive else CardState.ACTIVE
    plan = CardPlan(_minor(batch.balance, issuer.currency), end_of(last_day, zone), state, batch.connector)
    if plan.expires_at <= tools.now():
        raise Stopped(f"{last_day} is over", MISUSED)
    issued: list[PrintedCard] = []
    with ExitStack() as files:
        table = files.enter_context(_new_file(targets.csv)) if targets.csv else None
        paper = files.enter_context(_new_file(targets.pdf)) if targets.pdf else None
        if table is not None:
            _append(table, [_HEADING])
        async for portion in _portions(tools, issuer, plan, batch.count):
            fresh = [_printed(one, issuer, zone) for one in portion]
            if table is not None:
                _append(table, [tuple(card.as_facts().values()) for card in fresh])
            issued += fresh
        if paper is not None:
            paper.write(print_cards(issued))
    return issued


async def zone_of(tools: Tools, named: str) -> str:
    """The zone that was named, or the one that all merchants have."""
    zones = [named] if named else sorted({merchant.zone for merchant in await records.merchants(tools.store)})
    if len(zones) > 1:
        raise Stopped(f"the merchants are in several time zones: say which, --zone {' or '.join(zones)}", MISUSED)
    zone = zones[0] if zones else "UTC"
    try:
        return ZoneInfo(zone).key
    except (KeyError, ValueError, OSError):
        raise Stopped(f"there is no time zone {zone}", MISUSED) from None


async def _portions(tools: Tools, issuer: Issuer, plan: CardPlan, count: int) -> AsyncGenerator[list[IssuedCard]]:
    console = Console(stderr=True)
    columns = (TextColumn("Issuing"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as progress:
        task = progress.add_task("issue", total=count)
        for start in range(0, count, MOST_IN_A_CALL):
            portion = await cards.issue(tools, issuer, plan, min(MOST_IN_A_CALL, count - start))
            progress.advance(task, len(portion))
            yield portion


async def _issuer(tools: Tools, named: str) -> Issuer:
    for issuer in await records.issuers(tools.store):
        if issuer.id == named:
            return issuer
    raise IssuerUnknown


def _minor(balance: str, currency: str) -> int:
    try:
        minor = Decimal(balance).scaleb(exponent(currency))
    except ArithmeticError:
        raise Stopped(f"{balance} is not an amount", MISUSED) from None
    if not minor.is_finite() or minor != int(minor):
        raise Stopped(f"{currency} has {exponent(currency)} decimals, and {balance} has others", MISUSED)
    if not 0 <= minor <= LARGEST_BALANCE:
        raise Stopped(f"a card is worth from 0 to {amount(LARGEST_BALANCE, currency)} {currency}", MISUSED)
    return int(minor)


def _printed(issued: IssuedCard, issuer: Issuer, zone: str) -> PrintedCard:
    card = issued.card
    last_day = last_before(card.expires_at, zone).isoformat()
    return PrintedCard(
        issued.number, issued.cvc, amount(card.balance, card.currency), card.currency, last_day, issuer.name
    )


@contextmanager
def _new_file(path: Path) -> Generator[BinaryIO]:
    """A file that was not there before, for its owner only; what is in it is worth money."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise Stopped(f"{path} is there already, and cards are never written over", MISUSED) from None
    with os.fdopen(descriptor, "wb") as file:
        yield file
        _keep(file)


def _append(file: BinaryIO, rows: Sequence[Sequence[object]]) -> None:
    """Write rows as CSV (RFC 4180, UTF-8) and see them on disk."""
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    file.write(text.getvalue().encode())
    _keep(file)


def _keep(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())
