"""`tillway client` and `tillway issuer`."""

import pytest

from tests.cli.program import ISSUER_NAME, Program
from tests.server import KEY
from tillway.domain.clients import Surface
from tillway.queries.registry import Registry
from tillway.store.opening import open_store
from tillway.store.vault import Vault

pytestmark = pytest.mark.anyio

HOUR = 3_600_000_000


async def _is_let_in(program: Program, client_id: str, secret: str, surface: Surface = Surface.GIFT_CARD) -> bool:
    store = open_store(program.database)
    try:
        return await Registry(store, Vault(KEY)).authenticate(client_id, secret, surface, HOUR) is not None
    finally:
        await store.close()


async def test_a_client_calls_with_what_was_shown_when_it_was_made(stocked: Program) -> None:
    made = stocked.run(
        "client", "create", "--merchant", "Kiosk", "--name", "Till", "--vendor", "books", "--json"
    ).json()
    assert set(made) == {"client_id", "client_secret", "webhook_secret"}
    assert made["webhook_secret"].startswith("whsec_")
    assert await _is_let_in(stocked, made["client_id"], made["client_secret"])


async def test_a_client_of_the_management_api_has_a_token(stocked_sqlite: Program) -> None:
    made = stocked_sqlite.run(
        "client", "create", "--merchant", "Corner shop", "--name", "Dashboard", "--api", "management", "--json"
    ).json()
    client_id, _, secret = made["token"].partition(".")
    assert await _is_let_in(stocked_sqlite, client_id, secret, Surface.MANAGEMENT)


async def test_a_fresh_secret_is_good_at_once_and_the_old_one_still(stocked: Program) -> None:
    made = stocked.run("client", "create", "--merchant", "Kiosk", "--name", "Till", "--json").json()
    fresh = stocked.run("client", "rotate-secret", made["client_id"], "--json").json()["calling_secret"]
    assert fresh != made["client_secret"]
    assert await _is_let_in(stocked, made["client_id"], fresh)
    assert await _is_let_in(stocked, made["client_id"], made["client_secret"])


async def test_a_closed_client_is_not_let_in(stocked_sqlite: Program) -> None:
    made = stocked_sqlite.run("client", "create", "--merchant", "Kiosk", "--name", "Till", "--json").json()
    assert stocked_sqlite.run("client", "close", made["client_id"], "--json").json()["state"] == "closed"
    assert not await _is_let_in(stocked_sqlite, made["client_id"], made["client_secret"])


def test_clients_are_listed_with_their_merchants_and_without_their_secrets(stocked: Program) -> None:
    (listed,) = stocked.run("client", "list", "--json").json()
    assert listed["id"] == "till"
    assert listed["merchant"] == "Corner shop"
    assert not any("secret" in name for name in listed)


def test_what_a_client_may_do_is_added_to(stocked_sqlite: Program) -> None:
    stocked_sqlite.run("issuer", "create", "wine", "--name", "Vin", "--prefix", "606124")
    allowed = stocked_sqlite.run(
        "client", "allow", "till", "--vendor", "wine", "--return-host", "Shop.Example", "--json"
    ).json()
    assert allowed["vendors"] == "books wine"
    assert allowed["return_hosts"] == "shop.example"


def test_a_list_in_a_pipe_is_lines_parted_by_tabs(stocked_sqlite: Program) -> None:
    heading, line = stocked_sqlite.run("issuer", "list").out.splitlines()
    assert heading.split("\t") == ["id", "name", "prefix", "currency", "kind"]
    assert line.split("\t") == ["books", ISSUER_NAME, "606123", "NOK", "live"]


@pytest.mark.parametrize(
    ("arguments", "code", "line"),
    [
        (("client", "allow", "nobody", "--vendor", "books"), 1, "client"),
        (("client", "allow", "till", "--vendor", "nobody"), 1, "issuer"),
        (
            ("client", "allow", "till"),
            2,
            "--vendor, --return-host, --origin, --method, --recipient-iban, --redirect-url or --grant",
        ),
        (("client", "close", "nobody"), 1, "client"),
        (("client", "rotate-secret", "nobody"), 1, "client"),
        (("client", "create", "--merchant", "M", "--name", "N", "--id", "till"), 1, "client"),
        (("client", "create", "--merchant", "M", "--name", "N", "--zone", "Mars/Crater"), 2, "Mars/Crater"),
        (("client", "create", "--merchant", "M", "--name", "N", "--currency", "XXL"), 2, "XXL"),
        (("client", "create", "--merchant", "M", "--name", "N", "--id", "a b"), 2, "id"),
        (("issuer", "create", "books", "--name", "N", "--prefix", "606199"), 1, "issuer"),
        (("issuer", "create", "other", "--name", "N", "--prefix", "6061"), 1, "prefix"),
        (("issuer", "create", "other", "--name", "N", "--prefix", "60a1"), 2, "prefix"),
        (("issuer", "create", "other", "--name", "N", "--prefix", "999900", "--test"), 1, "never mix"),
    ],
)
def test_what_cannot_be_is_told_in_one_line(
    stocked_sqlite: Program, arguments: tuple[str, ...], code: int, line: str
) -> None:
    said = stocked_sqlite.run(*arguments)
    assert said.code == code, said
    assert said.out == ""
    assert line in said.line()
