"""`tillway statements` and `tillway refunds`: files of banks in, files for banks out."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from tests.bank_account import ACCOUNT, PAYER, Account, bank_account, told
from tests.cli.program import Program
from tests.connectors.statements.samples import balance, camt, entry, mt940
from tests.server import Server, beside
from tillway.commands.tools import Tools
from tillway.domain.clients import Surface
from tillway.domain.ids import OrderId
from tillway.domain.statements import Handling
from tillway.queries import records
from tillway.surfaces.order_api import notices

pytestmark = pytest.mark.anyio

MERCHANT = "Corner shop"


def details(variable_symbol: str) -> str:
    """The details of a transfer from PAYER with a variable symbol."""
    return (
        f"<TxDtls><Refs><EndToEndId>/VS{variable_symbol}/SS/KS</EndToEndId></Refs><RltdPties><DbtrAcct><Id>"
        f"<IBAN>{PAYER}</IBAN></Id></DbtrAcct></RltdPties></TxDtls>"
    )


@pytest.fixture
async def shop(anyio_backend: str, program: Program) -> Program:
    """The program beside a database with a merchant that is paid at ACCOUNT, and four orders to be paid there."""
    async with beside(Server(program.data, program.database)) as tools:
        account = await bank_account(tools)
        for symbol in ("7001", "7002", "7003"):
            await account.order(12_50, variable_symbol=symbol)
    return program


def written(folder: Path, document: bytes, name: str = "statement.xml") -> Path:
    """A file with a document."""
    path = folder / name
    path.write_bytes(document)
    return path


async def test_a_statement_is_taken_in_once_however_often(shop: Program, tmp_path: Path) -> None:
    entries = [entry(details=details(symbol), reference=f"R-{symbol}") for symbol in ("7001", "7002", "9999")]
    file = written(tmp_path, camt(balance("OPBD", "0.00"), balance("CLBD", "37.50"), *entries))
    (first,) = shop.run("statements", "import", file, "--json").json()
    assert {name: first[name] for name in ("entries", "fresh", "matched", "unmatched", "refused")} == {
        "entries": 3,
        "fresh": 3,
        "matched": 2,
        "unmatched": 1,
        "refused": "",
    }
    (again,) = shop.run("statements", "import", file, "--json").json()
    assert (again["entries"], again["fresh"], again["matched"]) == (3, 0, 2)
    (statement,) = shop.run("statements", "list", "--json").json()
    assert (statement["account"], statement["closing"], statement["adds_up"]) == (ACCOUNT, "37.50", True)
    (waiting,) = shop.run("statements", "review", "--merchant", MERCHANT, "--again", "--json").json()
    assert (waiting["state"], waiting["variable_symbol"], waiting["left"]) == ("UNMATCHED", "9999", "12.50")
    kept = shop.run("statements", "decide", waiting["entry"], "accept", "--json").json()
    assert (kept["state"], kept["left"]) == ("MATCHED", "0.00")
    refused = shop.run("statements", "decide", waiting["entry"], "ignore")
    assert (refused.code, refused.line()) == (1, "tillway: The state of the entry does not allow this.")
    assert shop.run("ledger", "verify", "--json").json()["sound"]


HOSTILE = {
    "cut.xml": camt(balance("OPBD", "0.00"), entry(details=details("7001")))[:-40],
    "contradicts.xml": camt(balance("OPBD", "0.00"), balance("CLBD", "99.00"), entry(details=details("7001"))),
    "entity.xml": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
    "empty.xml": b"",
    "other.txt": b"these are no statements\n",
    "lies.sta": mt940(":61:2611271127C12,50NTRFNONREF", closing="99,00"),
    "another.xml": camt(entry()).replace(ACCOUNT.encode(), b"SK8975000000000012345671"),
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_file_that_cannot_be_booked_whole_is_not_booked_at_all(
    shop: Program, tmp_path: Path, name: str
) -> None:
    hostile = written(tmp_path, HOSTILE[name], name)
    sound = written(tmp_path, camt(entry(details=details("7001"))), "sound.xml")
    said = shop.run("statements", "import", hostile, sound)
    assert said.code == 1
    (line,) = said.err.splitlines()
    assert line.startswith("tillway: ")
    assert "passwd" not in line
    (statement,) = shop.run("statements", "list", "--json").json()
    assert statement["entries"] == 1
    (account,) = shop.run("ledger", "balances", "--account", "account:", "--json").json()
    assert account["balance"] == "-12.50"


async def test_a_file_that_is_not_there_is_told_in_one_line(shop: Program, tmp_path: Path) -> None:
    said = shop.run("statements", "import", tmp_path / "nothing.xml")
    assert (said.code, said.line()) == (1, f"tillway: {tmp_path}/nothing.xml is no file")


async def test_how_money_is_handled_is_said_and_shown(shop: Program) -> None:
    shown = shop.run("statements", "policy", "--merchant", MERCHANT, "--json").json()
    assert shown == {"merchant": MERCHANT, "part": "hold", "over": "hold", "late": "hold"}
    shop.run("statements", "policy", "--merchant", MERCHANT, "--over", "refund", "--late", "accept")
    shown = shop.run("statements", "policy", "--merchant", MERCHANT, "--part", "accept", "--json").json()
    assert shown == {"merchant": MERCHANT, "part": "accept", "over": "refund", "late": "accept"}
    assert shop.run("statements", "policy", "--merchant", "Nobody").code == 1


async def test_refunds_and_returns_go_out_in_a_file_that_can_be_written_again(shop: Program, tmp_path: Path) -> None:
    async with beside(Server(shop.data, shop.database)) as tools:
        account = await _account(tools)
        await account.handles(over=Handling.REFUND)
        order = await account.order(20_00, variable_symbol="8001")
        await account.told_of(told(25_00, variable_symbol="8001", remittance="Ďakujem"))
        refund = await account.refund(OrderId(order.order.id), 5_00)
    first, second = tmp_path / "first.xml", tmp_path / "second.xml"
    made = shop.run("refunds", "export", "--merchant", MERCHANT, "--out", first, "--json").json()
    assert (made["payments"], made["amount"], made["account"]) == (2, "10.00", ACCOUNT)
    assert shop.run("refunds", "export", "--batch", made["batch"], "--out", second).code == 0
    assert first.read_bytes() == second.read_bytes()
    names = re.findall("<EndToEndId>(.*?)</EndToEndId>", first.read_text())
    assert names[0] == refund.refund.id.replace("-", "")
    assert shop.run("refunds", "export", "--merchant", MERCHANT, "--out", second).code == 2
    nothing = shop.run("refunds", "export", "--merchant", MERCHANT, "--out", tmp_path / "third.xml")
    assert (nothing.code, nothing.err) == (0, "Nothing waits to be paid.\n")
    assert [one["batch"] for one in shop.run("refunds", "list", "--json").json()] == [made["batch"]]
    assert shop.run("refunds", "export", "--batch", "0" * 32, "--out", tmp_path / "fourth.xml").code == 1


async def _account(tools: Tools) -> Account:

    (client,) = await records.clients(tools.store)
    return Account(replace(tools, announcers={Surface.ORDER: notices.announce}), client)
