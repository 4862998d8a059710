"""`tillway sandbox`, `serve` and `migrate` as processes: what they make, keep, and refuse."""

import base64
import json
import os
import stat
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from tests.cli.program import CLEAN_ENDS, Program, Running, running
from tests.server import free_port
from tillway.settings import DOCUMENTED_KEY
from tillway.store.revisions import newest_revision
from tillway.wiring import NEIGHBOURS

GOOD_KEY = base64.b64encode(bytes(range(50, 82))).decode()


def _sandbox_file(folder: Path) -> Any:
    return json.loads((folder / "sandbox.json").read_text())


def _credentials(content: Any) -> dict[str, str]:
    known = content["gift_cards"]
    return {"x-client-id": known["client_id"], "x-client-secret": known["client_secret"]}


@pytest.fixture(params=["sqlite", "postgresql"])
def sandbox_options(request: pytest.FixtureRequest, tmp_path: Path) -> list[str | Path]:
    """What a sandbox is started with on each kind of database, which is empty."""
    options: list[str | Path] = ["--data", tmp_path / "sandbox"]
    if request.param == "postgresql":
        options += ["--database", request.getfixturevalue("postgres_database")]
    return options


def _pasted(server: Running, folder: Path) -> list[Any]:
    """Paste the printed commands into a shell, whose `curl` understands the options that they use and no other."""
    programs = folder / "programs"
    programs.mkdir()
    stand_in = programs / "curl"
    stand_in.write_text(f'#!/bin/sh\nexec {sys.executable} {Path(__file__).with_name("curl.py")} "$@"\n')
    stand_in.chmod(0o755)
    said = server.log.read_text()
    commands = said[said.index("call()") :].partition("\n{")[0]
    ended = subprocess.run(
        ["sh", "-e"],
        input=commands,
        env={**os.environ, "PATH": f"{programs}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return [json.loads(line) for line in ended.stdout.splitlines()]


def test_the_first_payment_is_paid_by_pasting_what_is_printed(
    tmp_path: Path, sandbox_options: list[str | Path]
) -> None:
    with running(tmp_path, "sandbox", *sandbox_options) as server:
        performed, looked_at = _pasted(server, tmp_path)
    assert performed["status"] == looked_at["status"] == "completed"
    assert [card["deductedAmount"] for card in looked_at["cards"]] == [500, 149]
    verdict = Program(tmp_path, "").run_anywhere("ledger", "verify", "--json", *sandbox_options).json()
    assert verdict["sound"]
    assert verdict["checked"]["payments"] == 1


def test_a_sandbox_keeps_everything_when_it_is_started_again(tmp_path: Path, sandbox_options: list[str | Path]) -> None:
    folder = tmp_path / "sandbox"
    with running(tmp_path, "sandbox", *sandbox_options) as server:
        first = _sandbox_file(folder)
        performed, _ = _pasted(server, tmp_path)
        assert server.stop() in CLEAN_ENDS
    with running(tmp_path, "sandbox", *sandbox_options) as server:
        again = _sandbox_file(folder)
        assert again == first | {name: again[name] for name in ("url", "acquirer", "shop", "banks")}
        payment = server.get(f"/v1/payments/{performed['paymentId']}", _credentials(again))
        assert payment["status"] == "completed"
    assert Program(tmp_path, "").run_anywhere("issuer", "list", "--json", *sandbox_options).json() == [
        {"id": "sandbox", "name": "Sandbox gift cards", "prefix": "999900", "currency": "NOK", "kind": "test"},
        {
            "id": "sandbox-euro",
            "name": "Sandbox gift cards (euro)",
            "prefix": "999901",
            "currency": "EUR",
            "kind": "test",
        },
    ]


def test_the_sandbox_file_says_what_the_design_promises_to_its_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "sandbox"
    with running(tmp_path, "sandbox", "--data", folder) as server:
        content = _sandbox_file(folder)
        assert server.get("/management/v1/events", {"authorization": f"Bearer {content['management']['token']}"})
    apis = {"gift_cards", "web_payments", "payment_orders", "management"}
    assert set(content) == {"url", "acquirer", "shop", "banks", *apis}
    assert set(content["web_payments"]) == {"api_key", "api_secret", "tenant_key", "webhook_secret", "cards"}
    assert set(content["gift_cards"]) == {"client_id", "client_secret", "vendor", "cards"}
    assert all(
        set(card) == {"number", "cvc", "balance", "currency", "expires_on"} for card in content["gift_cards"]["cards"]
    )
    assert [card["balance"] for card in content["gift_cards"]["cards"]] == [500, 500, 1000, 0, 500, 500, 500, 500, 500]
    for name in ("sandbox.json", "secret.key", "tillway.sqlite3"):
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_sandbox_without_its_database_is_filled_anew(tmp_path: Path) -> None:
    folder = tmp_path / "sandbox"
    with running(tmp_path, "sandbox", "--data", folder):
        before = _sandbox_file(folder)
    for file in folder.glob("tillway.sqlite3*"):
        file.unlink()
    with running(tmp_path, "sandbox", "--data", folder) as server:
        after = _sandbox_file(folder)
        assert after["gift_cards"]["client_secret"] != before["gift_cards"]["client_secret"]
        number = {"cardNumber": after["gift_cards"]["cards"][0]["number"]}
        headers = _credentials(after) | {"content-type": "application/json"}
        asked = Request(f"{server.url}/v1/cards/balance", json.dumps(number).encode(), headers)
        with urlopen(asked, timeout=10) as answer:
            assert json.loads(answer.read())["balance"] == 500


def test_a_sandbox_that_was_cut_short_is_completed(tmp_path: Path) -> None:
    folder = tmp_path / "sandbox"
    with running(tmp_path, "sandbox", "--data", folder):
        pass
    (folder / "sandbox.json").unlink()
    with running(tmp_path, "sandbox", "--data", folder) as server:
        assert server.get("/v1/operations/none", _credentials(_sandbox_file(folder)))["state"] == "unknown"


def test_a_second_server_on_a_sqlite_file_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "sandbox"
    with running(tmp_path, "sandbox", "--data", folder) as server:
        program = Program(folder, "")
        second = program.run_anywhere("sandbox", "--data", folder, "--port", str(free_port()))
        assert second.code == 1
        assert "Another server has this SQLite file" in second.line()
        assert server.get("/readyz")


def test_a_port_that_is_taken_is_told(tmp_path: Path) -> None:
    with running(tmp_path, "sandbox", "--data", tmp_path / "one") as server:
        port = server.url.rpartition(":")[2]
        second = Program(tmp_path, "").run_anywhere("sandbox", "--data", tmp_path / "two", "--port", port)
        assert second.code == 1
        assert f"port {port}" in second.line()


@pytest.mark.parametrize("place", range(1, NEIGHBOURS + 1))
def test_a_sandbox_needs_the_two_ports_after_its_own_too(tmp_path: Path, place: int) -> None:
    with running(tmp_path, "sandbox", "--data", tmp_path / "one") as server:
        port = int(server.url.rpartition(":")[2])
        options = ("--data", tmp_path / "two", "--port", str(port - place))
        second = Program(tmp_path, "").run_anywhere("sandbox", *options)
        assert second.code == 1
        assert "cannot listen" in second.line()


def test_a_sandbox_does_not_take_ports_that_do_not_exist(tmp_path: Path) -> None:
    said = Program(tmp_path, "").run_anywhere("sandbox", "--data", tmp_path, "--port", "65535")
    assert said.code == 2
    assert "port 65536" in said.line()


def test_a_sandbox_is_not_made_of_a_database_with_live_cards(stocked_sqlite: Program) -> None:
    said = stocked_sqlite.run("sandbox", "--port", str(free_port()))
    assert said.code == 2
    assert "live cards" in said.line()
    assert stocked_sqlite.run("issuer", "list", "--json").json()[0]["id"] == "books"


def test_a_sandbox_file_that_cannot_be_read_is_told(sqlite_program: Program) -> None:
    (sqlite_program.data / "sandbox.json").write_text("{")
    said = sqlite_program.run("sandbox", "--port", str(free_port()))
    assert said.code == 2
    assert "sandbox.json" in said.line()


def test_cards_are_issued_and_clients_made_beside_a_running_server(stocked_sqlite: Program, tmp_path: Path) -> None:
    options = ("--data", stocked_sqlite.data, "--database", stocked_sqlite.database)
    with running(tmp_path, "serve", *options, environment=stocked_sqlite.environment) as server:
        cards = stocked_sqlite.run("card", "issue", "books", "--amount", "80", "--count", "600", "--json").json()
        assert len(cards) == 600
        made = stocked_sqlite.run(
            "client", "create", "--merchant", "Kiosk", "--name", "Till", "--vendor", "books", "--json"
        ).json()
        headers = {"x-client-id": made["client_id"], "x-client-secret": made["client_secret"]}
        assert server.get("/v1/operations/none", headers)["state"] == "unknown"
        assert stocked_sqlite.run("ledger", "verify").code == 0
        assert server.stop() in CLEAN_ENDS


def test_several_processes_serve_one_postgresql_database(tmp_path: Path, migrated_postgres_database: str) -> None:
    options = ("--data", tmp_path, "--database", migrated_postgres_database, "--workers", "2")
    with running(tmp_path, "serve", *options, environment={"TILLWAY_KEY": GOOD_KEY}) as server:
        assert server.get("/readyz")
        assert server.stop() in CLEAN_ENDS


WEAK = base64.b64encode(bytes(32)).decode()
SHORT = base64.b64encode(bytes(range(31))).decode()


@pytest.mark.parametrize(
    ("environment", "options", "line"),
    [
        ({}, (), "there is no key"),
        ({"TILLWAY_KEY": "not base64!"}, (), "not base64"),
        ({"TILLWAY_KEY": SHORT}, (), "31 bytes"),
        ({"TILLWAY_KEY": WEAK}, (), "weak"),
        ({"TILLWAY_KEY": DOCUMENTED_KEY}, (), "documentation's example"),
        ({"TILLWAY_KEY": GOOD_KEY, "TILLWAY_SANDBOX": "1"}, (), "sandbox"),
        ({"TILLWAY_KEY": GOOD_KEY, "TILLWAY_PUBLIC_URL": "http://pay.example"}, (), "https"),
        ({"TILLWAY_KEY": GOOD_KEY, "TILLWAY_PUBLIC_URL": "pay.example"}, (), "TILLWAY_PUBLIC_URL"),
        ({"TILLWAY_KEY": GOOD_KEY}, ("--host", "0.0.0.0"), "https"),
        ({"TILLWAY_KEY": GOOD_KEY}, ("--workers", "2"), "PostgreSQL"),
        ({"TILLWAY_KEY": GOOD_KEY, "TILLWAY_LOG_LEVEL": "loud"}, (), "TILLWAY_LOG_LEVEL"),
        ({"TILLWAY_KEY": GOOD_KEY, "TILLWAY_TRUSTED_PROXIES": "10.0.0.0/8,nobody"}, (), "TILLWAY_TRUSTED_PROXIES"),
    ],
)
def test_production_does_not_start_with(
    tmp_path: Path, sqlite_database: str, environment: Mapping[str, str], options: tuple[str, ...], line: str
) -> None:
    said = Program(tmp_path, sqlite_database, environment).run("serve", "--port", str(free_port()), *options)
    assert said.code == 2
    assert line in said.line()


def test_production_does_not_start_with_a_key_file_that_others_may_read(tmp_path: Path, sqlite_database: str) -> None:
    key = tmp_path / "secret.key"
    key.write_text(GOOD_KEY)
    key.chmod(0o644)
    said = Program(tmp_path, sqlite_database).run("serve", "--port", str(free_port()))
    assert said.code == 2
    assert "chmod 600" in said.line()


def test_production_does_not_start_with_test_cards(sqlite_program: Program) -> None:
    assert sqlite_program.run("issuer", "create", "t", "--name", "T", "--prefix", "999900", "--test").code == 0
    said = sqlite_program.run("serve", "--port", str(free_port()))
    assert said.code == 2
    assert "test cards" in said.line()


def test_production_does_not_start_on_another_schema(tmp_path: Path, postgres_database: str) -> None:
    said = Program(tmp_path, postgres_database, {"TILLWAY_KEY": GOOD_KEY}).run("serve", "--port", str(free_port()))
    assert said.code == 1
    assert "tillway migrate" in said.line()


def test_a_database_that_is_not_there_is_told(tmp_path: Path) -> None:
    said = Program(tmp_path, str(tmp_path / "none.sqlite3")).run("ledger", "verify")
    assert said.code == 2
    assert "there is no database" in said.line()


def test_a_database_server_that_does_not_answer_is_told(tmp_path: Path) -> None:
    said = Program(tmp_path, f"postgresql://nobody@127.0.0.1:{free_port()}/none").run("ledger", "verify")
    assert said.code == 1
    assert "cannot be reached" in said.line()


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    file = tmp_path / "letter.txt"
    file.write_text("Dear reader, " * 500)
    said = Program(tmp_path, str(file)).run("ledger", "verify")
    assert said.code == 1
    assert "cannot be reached" in said.line()


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Program:
    """The program beside a database of each kind with nothing in it."""
    fresh = str(tmp_path / "new" / "tillway.sqlite3")
    return Program(tmp_path, fresh if request.param == "sqlite" else request.getfixturevalue("postgres_database"))


def test_a_database_is_brought_from_nothing_to_the_newest_schema_once(empty: Program) -> None:
    assert empty.run("migrate", "--json").json() == {"from": "", "to": newest_revision()}
    assert empty.run("migrate", "--json").json() == {"from": newest_revision(), "to": newest_revision()}
    assert "already" in empty.run("migrate").out
    assert empty.run("ledger", "verify").code == 0


def test_the_sql_of_a_migration_is_printed_and_not_run(empty: Program) -> None:
    printed = empty.run("migrate", "--sql").out
    assert "CREATE TABLE transfers" in printed
    assert empty.run("ledger", "verify").code in (1, 2)
    assert empty.run("migrate").code == 0
    assert empty.run("migrate", "--sql").out == ""


def test_printed_sql_makes_the_same_database(tmp_path: Path) -> None:
    program = Program(tmp_path, str(tmp_path / "tillway.sqlite3"))
    script = program.run("migrate", "--sql").out
    subprocess.run(
        [
            sys.executable,
            "-c",
            "import sqlite3, sys; sqlite3.connect(sys.argv[1]).executescript(sys.stdin.read())",
            program.database,
        ],
        input=script,
        text=True,
        check=True,
    )
    assert "already" in program.run("migrate").out
