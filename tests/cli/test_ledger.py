"""`tillway ledger` and `tillway webhooks`: the proof, the balances, and who was told."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import update

from tests import gateway
from tests.cli.program import Program
from tillway.connectors.simulator import SILENT_BUT_PAID
from tillway.domain.proof import MEANINGS, Rule
from tillway.domain.refusals import IssuerSilent
from tillway.store import schema
from tillway.store import steps as store_steps
from tillway.store.opening import open_store
from tillway.store.steps import Execute

pytestmark = pytest.mark.anyio

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture
async def traded(anyio_backend: str, program: Program) -> Program:
    """The program beside books with one payment of 60.00 from a card of 100.00, whose webhook nobody was told yet."""
    store = open_store(program.database)
    tools = gateway.tools_on(store)
    till = await gateway.client(tools)
    (card,) = await gateway.cards(tools, 100_00)
    opened = await gateway.payment(tools, till, 60_00)
    await gateway.perform(tools, till, opened.payment.id, gateway.part(card))
    await tools.committer.close()
    await store.close()
    return program


async def _settle_notices(program: Program, state: str) -> None:
    def settle() -> store_steps.Program[None]:
        yield Execute(update(schema.notices).values(state=state, tries=3, settled_at=gateway.START))

    store = open_store(program.database)
    await store.write(settle())
    await store.close()


async def _damage(program: Program) -> None:
    def damage() -> store_steps.Program[None]:
        yield Execute(update(schema.gift_cards).values(balance=schema.gift_cards.c.balance + 1))

    store = open_store(program.database)
    await store.write(damage())
    await store.close()


def test_sound_books_are_said_to_be_so(traded: Program) -> None:
    said = traded.run("ledger", "verify")
    assert said.code == 0
    assert "Every rule holds." in said.out
    answer = traded.run("ledger", "verify", "--json").json()
    assert answer["sound"] is True
    assert answer["checked"]["payments"] == 1
    assert answer["violations"] == []


async def test_a_broken_rule_ends_with_1_and_names_the_row(traded: Program) -> None:
    await _damage(traded)
    said = traded.run("ledger", "verify")
    assert said.code == 1
    assert f"BROKEN {Rule.CARD_BALANCE}: 1 times" in said.out
    assert MEANINGS[Rule.CARD_BALANCE] in said.out
    assert "4001" in said.out
    assert "4000" in said.out
    as_json = traded.run("ledger", "verify", "--json")
    assert as_json.code == 1
    assert '"found": {\n    "card_balance": 1\n  }' in as_json.out


def test_balances_are_told_in_the_major_unit(traded: Program) -> None:
    balances = traded.run("ledger", "balances", "--json").json()
    assert {row["kind"]: row["balance"] for row in balances} == {
        "card": "40.00",
        "issuer": "-100.00",
        "payable": "60.00",
    }
    (payable,) = traded.run("ledger", "balances", "--account", "payable:", "--json").json()
    assert payable["account"] == f"payable:{payable['owner']}:NOK"


async def test_webhooks_are_listed_by_state_and_told_again(traded: Program) -> None:
    (due,) = traded.run("webhooks", "list", "--json").json()
    assert (due["state"], due["client"], due["url"]) == ("due", "till", gateway.WEBHOOK_URL)
    await _settle_notices(traded, "given_up")
    assert traded.run("webhooks", "list", "--state", "due", "--json").json() == []
    assert traded.run("webhooks", "list", "--state", "given_up", "--client", "till", "--json").json()[0]["tries"] == 3
    again = traded.run("webhooks", "replay", due["id"], "--json").json()
    assert (again["id"], again["state"]) == (due["id"], "due")


async def test_all_webhooks_of_a_client_since_a_day_are_told_again(traded: Program) -> None:
    await _settle_notices(traded, "refused")
    replay = ("webhooks", "replay", "--client", "till", "--since")
    assert traded.run(*replay, "2026-01-02", "--json").json() == {"client": "till", "replayed": 0}
    assert traded.run(*replay, "2026-01-01", "--json").json() == {"client": "till", "replayed": 1}


@pytest.mark.parametrize(
    ("arguments", "code", "line"),
    [
        (("webhooks", "replay", "01999999-0000-7000-8000-000000000000"), 1, "notice"),
        (("webhooks", "replay", "--client", "till"), 2, "--since"),
    ],
)
def test_what_cannot_be_told_again_is_said_in_one_line(
    sqlite_program: Program, arguments: tuple[str, ...], code: int, line: str
) -> None:
    said = sqlite_program.run(*arguments)
    assert said.code == code
    assert line in said.line()


@pytest.mark.parametrize("arguments", [("replay",), ("replay", "x", "--client", "till"), ("list", "--state", "lost")])
def test_a_command_that_makes_no_sense_shows_how_it_is_used(
    sqlite_program: Program, arguments: tuple[str, ...]
) -> None:
    said = sqlite_program.run("webhooks", *arguments)
    assert said.code == 2
    assert said.err.startswith("Usage: tillway webhooks")


def test_the_documented_backup_of_a_sqlite_file_is_whole(sqlite_program: Program, tmp_path: Path) -> None:
    found = re.search(r'python -c "(import sqlite3.*?)"', (DOCS / "operating.md").read_text(), re.DOTALL)
    assert found is not None
    sqlite_program.run("issuer", "create", "books", "--name", "Books", "--prefix", "606123")
    copy = tmp_path / "copy.sqlite3"
    subprocess.run([sys.executable, "-c", found[1], sqlite_program.database, copy], check=True)
    restored = Program(tmp_path, str(copy), sqlite_program.environment)
    assert restored.run("issuer", "list", "--json").json()[0]["id"] == "books"
    assert restored.run("ledger", "verify").code == 0


@pytest.fixture
async def doubtful(anyio_backend: str, program: Program) -> Program:
    """The program beside books with a payment of 60.00 that its card's issuer has not answered for."""
    store = open_store(program.database)
    tools = gateway.tools_on(store)
    till = await gateway.client(tools)
    (card,) = await gateway.cards(tools, 100_00, connector="simulator", marker=SILENT_BUT_PAID)
    opened = await gateway.payment(tools, till, 60_00)
    with pytest.raises(IssuerSilent):
        await gateway.perform(tools, till, opened.payment.id, gateway.part(card))
    await tools.committer.close()
    await store.close()
    return program


def test_money_that_an_issuer_has_not_answered_for_is_in_doubt(doubtful: Program) -> None:
    (doubt,) = doubtful.run("ledger", "doubts", "--json").json()
    assert (doubt["connector"], doubt["state"], doubt["amount"], doubt["currency"]) == (
        "simulator",
        "OPEN",
        "60.00",
        "NOK",
    )
    assert doubt["refund"] is None
    assert doubt["next_look_up"] > doubt["since"]


def test_books_without_doubt_say_so(traded: Program) -> None:
    said = traded.run("ledger", "doubts")
    assert said.code == 0
    assert "Nothing is in doubt." in said.err
