"""`tillway client` for the payment orders API, and `tillway hooks`: what is made, listed, tried out and refused."""

from typing import Any

import pytest

from tests.cli.program import Program, Said
from tests.server import KEY
from tillway.domain.clients import Client, Grant, Surface
from tillway.domain.ids import is_uuid
from tillway.queries.registry import Registry
from tillway.store.opening import open_store
from tillway.store.vault import Vault

pytestmark = pytest.mark.anyio

IBAN = "SK3112000000198742637541"
PRINTED = "SK31 1200 0000 1987 4263 7541"
CZECH = "CZ6508000000192000145399"
SHOP = "https://shop.example/back"


def create(program: Program, *more: str) -> Said:
    return program.run("client", "create", "--merchant", "Shop", "--name", "Orders", "--api", "order", *more, "--json")


async def known(program: Program, made: Any) -> Client | None:
    """The client whom id and secret belong to."""
    store = open_store(program.database)
    try:
        registry = Registry(store, Vault(KEY))
        return await registry.authenticate(made["client_id"], made["client_secret"], Surface.ORDER, 1)
    finally:
        await store.close()


async def test_a_client_has_its_secrets_shown_once(stocked: Program) -> None:
    made = create(
        stocked,
        *("--currency", "EUR", "--recipient-iban", PRINTED, "--recipient-iban", CZECH, "--redirect-url", SHOP),
        *("--grant", "refunds", "--grant", "strict"),
    ).json()
    assert set(made) == {"client_id", "client_secret", "webhook_secret"}
    assert is_uuid(made["client_id"])
    client = await known(stocked, made)
    assert client is not None
    assert (client.ibans, client.return_urls, client.currency) == (f"{IBAN} {CZECH}", SHOP, "EUR")
    assert client.has(Grant.REFUNDS)
    assert client.has(Grant.STRICT)
    assert not client.has(Grant.REFUNDS_CAPPED_AT_PAID)
    listed = stocked.run("client", "list", "--json")
    assert made["client_secret"] not in listed.out
    (row,) = [one for one in listed.json() if one["api"] == "order"]
    assert (row["recipient_ibans"], row["redirect_urls"], row["grants"]) == (f"{IBAN} {CZECH}", SHOP, "refunds strict")


def test_what_a_client_may_do_is_added_to(stocked_sqlite: Program) -> None:
    made = create(stocked_sqlite, "--id", "orders-1", "--recipient-iban", IBAN).json()
    more = ("--recipient-iban", PRINTED, "--recipient-iban", CZECH, "--redirect-url", SHOP, "--grant", "refunds")
    allowed = stocked_sqlite.run("client", "allow", made["client_id"], *more, "--json").json()
    assert allowed["id"] == "orders-1"
    assert allowed["recipient_ibans"] == f"{IBAN} {CZECH}"
    assert (allowed["redirect_urls"], allowed["grants"]) == (SHOP, "refunds")


@pytest.mark.parametrize(
    ("more", "line"),
    [
        (("--recipient-iban", "SK3112000000198742637542"), "SK3112000000198742637542 is no IBAN"),
        (("--recipient-iban", ""), "is no IBAN"),
        (("--redirect-url", "shop.example"), "shop.example begins no address"),
        (("--redirect-url", "https://shop.example/a b"), "begins no address"),
        (("--redirect-url", "https://me@shop.example"), "begins no address"),
        (("--redirect-url", "https://shop.example/?a=1"), "begins no address"),
        (("--redirect-url", "https://shop.example/a/../b"), "begins no address"),
        (("--vendor", "books"), "--vendor is not for --api order"),
        (("--return-host", "shop.example"), "--return-host is not for --api order"),
        (("--origin", "https://shop.example"), "--origin is not for --api order"),
        (("--most-declines", "3"), "--most-declines is not for --api order"),
        (("--id", "till"), "exists already"),
    ],
)
def test_what_cannot_be_is_told_in_one_line(stocked_sqlite: Program, more: tuple[str, ...], line: str) -> None:
    said = create(stocked_sqlite, *more)
    assert said.code in {1, 2}
    assert line in said.line()


@pytest.mark.parametrize(
    "option", [("--recipient-iban", IBAN), ("--redirect-url", SHOP), ("--grant", "refunds")], ids=lambda one: one[0]
)
@pytest.mark.parametrize("api", ["gift_card", "web", "management"])
def test_options_of_payment_orders_are_for_no_other_api(
    stocked_sqlite: Program, option: tuple[str, str], api: str
) -> None:
    said = stocked_sqlite.run("client", "create", "--merchant", "Shop", "--name", "A", "--api", api, *option)
    assert (said.code, said.line()) == (2, f"tillway: {option[0]} is not for --api {api}")


def test_hooks_are_added_listed_tried_out_and_ended(stocked: Program) -> None:
    client = create(stocked).json()["client_id"]
    url = "https://shop.example/paid"
    added = stocked.run("hooks", "add", client, "--type", "payment.statusChange", "--url", url, "--json").json()
    assert {name: added[name] for name in ("client", "number", "type", "url", "starts_at", "ends_at")} == {
        "client": client,
        "number": 1,
        "type": "payment.statusChange",
        "url": url,
        "starts_at": "",
        "ends_at": "",
    }
    window = ("--from", "2040-12-01", "--until", "2041-01-01T12:30:00")
    second = stocked.run("hooks", "add", client, "--type", "order.statusChange", "--url", url, *window, "--json").json()
    assert (second["number"], second["starts_at"], second["ends_at"]) == (
        2,
        "2040-12-01T00:00:00Z",
        "2041-01-01T12:30:00Z",
    )
    told = stocked.run("hooks", "test", client, "1", "--json").json()
    (webhook,) = stocked.run("webhooks", "list", "--client", client, "--json").json()
    assert (webhook["id"], webhook["url"], webhook["state"]) == (told["webhook"], url, "due")
    assert stocked.run("hooks", "end", client, "1", "--json").json()["ends_at"]
    listed = stocked.run("hooks", "list", "--client", client, "--json").json()
    assert [(one["number"], bool(one["ends_at"])) for one in listed] == [(1, True), (2, True)]
    assert stocked.run("hooks", "list", "--json").json() == listed
    assert stocked.run("ledger", "verify").code == 0


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("add", "none", "--type", "payment.statusChange", "--url", SHOP), "no client with this id"),
        (("add", "till", "--type", "payment.statusChange", "--url", SHOP), "Only clients of the payment orders API"),
        (("add", "orders", "--type", "payment.statusChange", "--url", "http://shop.example"), "A hook's address"),
        (("add", "orders", "--type", "payment.statusCheck", "--url", "http://localhost:9000"), "A hook's address"),
        (("add", "orders", "--type", "payment.statusCheck", "--url", "https://me:x@shop.example"), "A hook's address"),
        (
            ("add", "orders", "--type", "order.statusChange", "--url", SHOP, "--until", "2020-01-01"),
            "--from and --until",
        ),
        (("end", "orders", "1"), "no hook with this number"),
        (("test", "orders", "1"), "no hook with this number"),
        (("list", "--client", "none"), "no client with this id"),
    ],
)
def test_a_hook_that_cannot_be_is_told_in_one_line(
    stocked_sqlite: Program, arguments: tuple[str, ...], line: str
) -> None:
    create(stocked_sqlite, "--id", "orders")
    said = stocked_sqlite.run("hooks", *arguments)
    assert said.code in {1, 2}
    assert line in said.line()
