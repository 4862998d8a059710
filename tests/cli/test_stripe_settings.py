"""The account at Stripe in the settings: what is refused, in a line that does not quote it, and where it may serve."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.cli.program import Program
from tests.server import free_port
from tillway import settings as setting

SECRET = "sk_live_Ex4mpleSecret"
ACCOUNT: dict[str, Any] = {
    "secret_key": SECRET,
    "publishable_key": "pk_live_Ex4mple",
    "webhook_secret": "whsec_Ex4mpleSecret",
    "methods": ["card", "ideal"],
}
TEST_KEYS = {"secret_key": "sk_test_Ex4mple", "publishable_key": "pk_test_Ex4mple"}
ACQUIRER = {"url": "https://api.acquirer.example", "secret": "whsec_Ex4mple", "methods": ["bancontact"]}


def test_an_account_is_read_and_its_secrets_are_never_shown() -> None:
    loaded = setting.load(stripe=ACCOUNT)
    assert loaded.stripe is not None
    assert (loaded.stripe.methods, str(loaded.stripe.api_base)) == (("card", "ideal"), "https://api.stripe.com/")
    assert not loaded.stripe.is_test
    for shown in (repr(loaded), repr(loaded.stripe), str(loaded.stripe), loaded.stripe.model_dump_json()):
        assert "Secret" not in shown.replace("SecretStr", "")


def test_a_restricted_key_will_do() -> None:
    loaded = setting.load(stripe=ACCOUNT | {"secret_key": "rk_live_Ex4mple"})
    assert loaded.stripe is not None
    assert setting.load(stripe=ACCOUNT | TEST_KEYS).stripe != loaded.stripe


@pytest.mark.parametrize(
    "change",
    [
        {"secret_key": "pk_live_Ex4mpleSecret"},
        {"secret_key": "sk_Ex4mpleSecret"},
        {"publishable_key": "sk_live_Ex4mpleSecret"},
        {"publishable_key": "pk_test_Ex4mple"},
        {"publishable_key": "pk_live_\n"},
        {"webhook_secret": "Ex4mpleSecret"},
        {"methods": []},
        {"methods": ["cash"]},
        {"methods": "card"},
        {"api_base": "ftp://api.stripe.example"},
        {"colour": "blue"},
    ],
)
def test_an_account_that_cannot_be_is_refused_without_quoting_it(change: dict[str, Any]) -> None:
    with pytest.raises(setting.SettingsRefused, match=r"^TILLWAY_STRIPE: ") as refused:
        setting.load(stripe=ACCOUNT | change)
    assert "Ex4mple" not in str(refused.value)


@pytest.mark.parametrize("acquirers", [{"north": ACQUIRER | {"methods": ["card"]}}, {"stripe": ACQUIRER}])
def test_a_method_and_a_name_are_served_by_one_far_side_only(acquirers: dict[str, Any]) -> None:
    with pytest.raises(setting.SettingsRefused, match="acquirer"):
        setting.load(acquirers=acquirers, stripe=ACCOUNT)


def with_account(program: Program, change: dict[str, Any]) -> Program:
    environment = {**program.environment, "TILLWAY_STRIPE": json.dumps(ACCOUNT | change)}
    return replace(program, environment=environment)


def test_production_asks_stripe_over_https_only(sqlite_program: Program) -> None:
    said = with_account(sqlite_program, {"api_base": "http://127.0.0.1:8420"}).run("serve", "--port", str(free_port()))
    assert said.code == 2
    assert "TILLWAY_STRIPE: api_base" in said.line()


def test_test_keys_are_not_served_beside_live_gift_cards(stocked_sqlite: Program) -> None:
    said = with_account(stocked_sqlite, TEST_KEYS).run("serve", "--port", str(free_port()))
    assert said.code == 2
    assert "test keys" in said.line()


def test_a_sandbox_takes_no_live_keys_and_makes_nothing_then(tmp_path: Path) -> None:
    program = with_account(Program(tmp_path / "none", ""), {})
    said = program.run_anywhere("sandbox", "--data", program.data, "--port", str(free_port()))
    assert said.code == 2
    assert "live keys" in said.line()
    assert not program.data.exists()


def test_an_account_that_is_no_json_is_told_in_one_line(sqlite_program: Program) -> None:
    broken = replace(sqlite_program, environment={**sqlite_program.environment, "TILLWAY_STRIPE": SECRET})
    said = broken.run("serve", "--port", str(free_port()))
    assert said.code == 2
    assert "TILLWAY_STRIPE" in said.line()
    assert SECRET not in said.err
