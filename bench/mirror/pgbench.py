"""pgbench, PostgreSQL's own load generator: eight clients that do what a command does, one transaction for each."""

import asyncio
import hashlib
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.loading import Fill, load
from bench.mirror.recording import CARDS_END, initiated, ordered, paid, refunded, tendered, waiting
from bench.mirror.script import (
    ACTS,
    CARD_COUNT,
    CLIENTS,
    FIRST_CARD,
    FIRST_ORDER,
    MOMENT,
    ORDERS,
    refund_script,
    script,
)
from bench.seeding import Shop, tools_of
from tillway.domain import issuing
from tillway.domain.book import Book
from tillway.domain.decision import Stamp
from tillway.domain.giftcards import CardState, GiftCard
from tillway.domain.ids import CardId, IssuerId
from tillway.domain.issuing import LARGEST_BALANCE
from tillway.store.steps import Insert, Program, Write

_NO_PAYMENT = "expected one row, got 0"
_PROCESSED = re.compile(r"number of transactions actually processed: (\d+)")
_RATE = re.compile(r"tps = ([\d.]+)")


class TooFewPayments(Exception):
    """pgbench came to the end of the payments to perform before its time was over: add more of them."""


@dataclass(frozen=True, slots=True)
class Scripts:
    """What pgbench is run with, a file for each act.

    A till's payments are opened (`create`) and paid with one and with two cards; a web shop's are opened (`initiate`),
    and payment orders (`bank_order`).
    A larger one is opened (`order`), paid (`tender`) and then refunded little by little (`refund`).
    """

    create: Path
    perform: Path
    perform_two: Path
    initiate: Path
    bank_order: Path
    order: Path
    tender: Path
    refund: Path


@dataclass(frozen=True, slots=True)
class Run:
    """What pgbench did."""

    transactions: int
    per_second: float


async def write_scripts(shop: Shop, folder: Path) -> Scripts:
    """Write what the shop's payments need, as the product does it today."""
    one, two = await paid(shop.client, 1), await paid(shop.client, 2)
    web, large, back = [await lead(shop.web_client) for lead in (initiated, tendered, refunded)]
    bank = await ordered(shop.client)
    texts = {
        "create": script(one, one.opening),
        "perform": script(one, one.act),
        "perform_two": script(two, two.act),
        "initiate": script(web, web.opening),
        "bank_order": script(bank, bank.opening),
        "order": script(large, large.opening),
        "tender": script(large, large.act),
        "refund": refund_script(back, back.act),
    }
    for name, text in texts.items():
        (folder / f"{name}.sql").write_text(text)
    return Scripts(**{name: folder / f"{name}.sql" for name in texts})


async def add_cards(shop: Shop) -> None:
    """Put the cards that the scripts name into the database, and one more: the neighbour of the last."""
    numbers = [str(number) for number in range(FIRST_CARD, FIRST_CARD + CARD_COUNT + 1)]
    async with tools_of(shop.settings) as tools:
        for begin in range(0, len(numbers), issuing.MOST_IN_A_CALL):
            cards = [_card(shop, number) for number in numbers[begin : begin + issuing.MOST_IN_A_CALL]]
            await tools.store.write(_issue(cards, tools.stamp()))


async def add_payments(shop: Shop, begun: int, each: int) -> None:
    """Put payments that wait into the database: `each` for every client whose count has come to `begun`."""
    life = await waiting(shop.client)
    await load(shop.database, ((life, _fill(n)) for n in range(begun * CLIENTS, (begun + each) * CLIENTS)))


async def add_refundable(program: Path, shop: Shop, scripts: Scripts, begun: int, each: int) -> None:
    """Have each client open and tender `each` larger web payments, all paid with the first card."""
    for file in (scripts.order, scripts.tender):
        await run(program, shop, file, begun, 1, ("-t", str(each)))


async def run(program: Path, shop: Shop, file: Path, begun: int, cards: int, amount: Sequence[str]) -> Run:
    """Run a script; `amount` is how long or how often each client (`-T 3`, `-t 100`), `cards` from how many it chooses.

    `begun` as in `script` or `refund_script`.

    Raises TooFewPayments.
    """
    options = ["-n", "-M", "prepared", "-c", str(CLIENTS), "-j", "2", *amount]
    options += ["-f", str(file), "-D", f"begun={begun}", "-D", f"cards={cards}", "-D", "done=0"]
    process = await asyncio.create_subprocess_exec(
        program, *options, shop.database, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, env=_calm()
    )
    said = (await process.communicate())[0].decode()
    if _NO_PAYMENT in said:
        raise TooFewPayments
    processed, rate = _PROCESSED.search(said), _RATE.search(said)
    if process.returncode != 0 or processed is None or rate is None:
        raise RuntimeError(f"pgbench ended with {process.returncode}: {said}")
    return Run(int(processed[1]), float(rate[1]))


def _calm() -> dict[str, str]:
    return {**os.environ, "PGOPTIONS": "-c synchronous_commit=on -c jit=off"}


def _fill(number: int) -> Fill:
    order = FIRST_ORDER + number
    moment = MOMENT + order
    return {
        "order": f"{ORDERS}{order}",
        "act": f"{ACTS}{order}",
        "opened": moment,
        "acted": moment + 1,
        "ends": moment + 86_400_000_000,
    }


def _card(shop: Shop, number: str) -> GiftCard:
    issuer = IssuerId(shop.client.vendors)
    identity = CardId(hashlib.md5(number.encode(), usedforsecurity=False).hexdigest())
    active = CardState.ACTIVE
    return GiftCard(
        identity, issuer, number, "-", "-", "", shop.client.currency, LARGEST_BALANCE, 0, active, 0, CARDS_END
    )


def _issue(cards: Sequence[GiftCard], stamp: Stamp) -> Program[None]:
    rows = issuing.issue(Book(), cards, stamp).added
    kinds: dict[type[Any], None] = dict.fromkeys(map(type, rows))
    for kind in kinds:
        yield Write([Insert(kind, [row for row in rows if type(row) is kind])])
