"""A large bank statement, taken in by the command line: entries a second, and the most memory it needs for them."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from bench.report import Aim, Check, Report, Row, Sample
from bench.seeding import Shop, tools_of
from bench.speed import Effort
from bench.stage import Stage
from tillway.commands import orders, records
from tillway.commands.records import OrderTerms
from tillway.commands.tools import Tools
from tillway.domain.clients import Client
from tillway.domain.ordering import Instructed, OrderAsked
from tillway.domain.schedules import DAY
from tillway.queries import ledger

ACCOUNT = "SK3112000000198742637541"
SHOP = "https://shop.example/"
ENTRIES, FEW = 100_000, 1_000
MOST_MEGABYTES = 300
AMOUNT = 12_50
AT_ONCE = 128

_PROGRAM = Path(sys.executable).with_name("tillway")
_BEGIN = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08">'
    f"<BkToCstmrStmt><Stmt><Id>S-1</Id><Acct><Id><IBAN>{ACCOUNT}</IBAN></Id><Ccy>EUR</Ccy></Acct>\n"
)
_ENTRY = (
    '<Ntry><Amt Ccy="EUR">12.50</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-11-27</Dt>'
    "</BookgDt><AcctSvcrRef>R-{number}</AcctSvcrRef><NtryDtls><TxDtls><Refs><EndToEndId>/VS{symbol}/SS/KS</EndToEndId>"
    "</Refs></TxDtls></NtryDtls></Ntry>\n"
)
_END = "</Stmt></BkToCstmrStmt></Document>\n"


async def statements(stage: Stage, effort: Effort, report: Report) -> None:
    """A statement of which every other entry pays an order, on both databases."""
    count = FEW if effort.seconds == 1 else ENTRIES
    for name, kind in (("PostgreSQL", "postgresql"), ("SQLite", "sqlite")):
        shop = await stage.new_shop(kind)
        async with tools_of(shop.settings) as tools:
            await _open_orders(tools, await _client(tools), count // 2)
        file = shop.data / "statement.xml"
        with file.open("w") as written:
            written.writelines(_document(count))
        seconds, megabytes = await asyncio.to_thread(_take_in, shop, file)
        report.rows.append(Row("statements", f"{name}, {count:,} entries", (Sample(count / seconds),)))
        how = f"most memory of the program that takes {count:,} entries in ({name})"
        report.aims.append(Aim(f"megabytes for a statement, {name}", megabytes, most=MOST_MEGABYTES, how=how))
        await _prove(name, shop, count, report)


async def _client(tools: Tools) -> Client:
    merchant = await records.add_merchant(tools, "Corner shop", "Europe/Oslo")
    return (await records.add_order_client(tools, merchant, "Orders", OrderTerms("EUR", (ACCOUNT,), (SHOP,)))).client


async def _open_orders(tools: Tools, client: Client, count: int) -> None:
    for begin in range(1, count + 1, AT_ONCE):
        numbers = range(begin, min(begin + AT_ONCE, count + 1))
        await asyncio.gather(*(_open(tools, client, str(number)) for number in numbers))


async def _open(tools: Tools, client: Client, symbol: str) -> None:
    instructed = Instructed("", ACCOUNT, "Shop", "", "", "", symbol, "", "", "", "", SHOP, "en", "")
    asked = OrderAsked(AMOUNT, "EUR", instructed, "", "", "", 100_00, 1, 0, symbol, tools.now() + DAY)
    await orders.open_order(tools, client, asked)


def _document(count: int) -> Iterator[str]:
    yield _BEGIN
    for number in range(1, count + 1):
        symbol = number // 2 if number % 2 == 0 else 900_000_000 + number
        yield _ENTRY.format(number=number, symbol=symbol)
    yield _END


def _take_in(shop: Shop, file: Path) -> tuple[float, float]:
    """Seconds and megabytes of the program that takes a file in."""
    arguments = ["statements", "import", str(file), "--data", str(shop.data), "--database", shop.database, "--json"]
    begun = time.perf_counter()
    process = subprocess.Popen([_PROGRAM, *arguments], stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError("the statement was not taken in")
    return time.perf_counter() - begun, used.ru_maxrss / 1024


async def _prove(name: str, shop: Shop, count: int, report: Report) -> None:
    async with tools_of(shop.settings) as tools:
        verdict = await ledger.verify(tools.store)
        (account,) = await ledger.balances(tools.store, "account:")
        (payable,) = await ledger.balances(tools.store, "payable:")
    held = (-account.minor, payable.minor) == (count * AMOUNT, count // 2 * AMOUNT)
    found = f"{-account.minor:,} cents came, {payable.minor:,} of them for orders"
    report.checks.append(Check(f"{name}: statement", held and verdict.is_sound, found))
