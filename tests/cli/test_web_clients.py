"""`tillway client` for the web payments API: fresh keys, keys that are brought along, and what a client may do."""

from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from tests.cli.program import Program, Said
from tests.server import KEY
from tillway.commands.login_keys import make_login_key
from tillway.domain.clients import Client, SecretUse, Surface
from tillway.queries.registry import Registry
from tillway.store.opening import open_store
from tillway.store.vault import Vault

pytestmark = pytest.mark.anyio

NOW = 1
API_KEY = "QrCDN6CcXkGOnRiNcZMrpw=="
TENANT_KEY = "IlRPUnYPN0uBJpLe4kzM9g=="


def create(program: Program, *more: str | Path) -> Said:
    return program.run("client", "create", "--merchant", "Shop", "--name", "Web", "--api", "web", *more, "--json")


async def known(program: Program, made: Any) -> tuple[Client | None, list[str]]:
    """The client whom key and tenant key belong to, and the private halves that it may log in with."""
    store = open_store(program.database)
    try:
        registry = Registry(store, Vault(KEY))
        keys = await registry.login_keys(made["api_key"], NOW)
        tenant = made["tenant_key"]
        return await registry.authenticate(made["api_key"], tenant, Surface.WEB, NOW, SecretUse.TENANT), keys
    finally:
        await store.close()


async def test_a_client_has_all_its_keys_shown_once(stocked: Program) -> None:
    made = create(stocked, "--currency", "EUR", "--origin", "https://Shop.example:443", "--method", "card").json()
    assert set(made) == {"api_key", "tenant_key", "webhook_secret", "api_secret"}
    assert (len(made["api_key"]), len(made["tenant_key"])) == (24, 24)
    public = load_pem_public_key(made["api_secret"].encode())
    assert isinstance(public, RSAPublicKey)
    assert public.key_size == 2048
    client, keys = await known(stocked, made)
    assert client is not None
    assert (client.currency, client.origins, client.methods) == ("EUR", "https://shop.example", "card")
    assert client.most_declines == 5
    assert len(keys) == 1
    assert "PRIVATE" not in stocked.run("client", "list", "--json").out


def test_the_api_secret_stands_on_lines_of_its_own_so_that_it_can_be_copied(stocked_sqlite: Program) -> None:
    said = stocked_sqlite.run("client", "create", "--merchant", "Shop", "--name", "Web", "--api", "web")
    lines = said.out.splitlines()
    begin = lines.index("-----BEGIN PUBLIC KEY-----")
    assert lines[begin - 1] == "api_secret"
    assert "-----END PUBLIC KEY-----" in lines[begin:]


async def test_keys_can_be_brought_along(stocked: Program, tmp_path: Path) -> None:
    pair = make_login_key()
    (tmp_path / "login.pem").write_text(pair.private)
    keys = ("--api-key", API_KEY, "--tenant-key", TENANT_KEY, "--login-key", tmp_path / "login.pem")
    made = create(stocked, *keys, "--most-declines", "0").json()
    assert (made["api_key"], made["tenant_key"], made["api_secret"]) == (API_KEY, TENANT_KEY, pair.public)
    client, kept = await known(stocked, made)
    assert client is not None
    assert client.most_declines == 0
    assert kept == [pair.private]
    assert "client" in create(stocked, *keys).line()


async def test_a_fresh_pair_and_a_fresh_tenant_key_are_good_at_once_and_the_old_ones_still(
    stocked_sqlite: Program,
) -> None:
    made = create(stocked_sqlite).json()
    rotate = ("client", "rotate-secret", made["api_key"], "--json", "--use")
    tenant = stocked_sqlite.run(*rotate, "tenant").json()["tenant_key"]
    public = stocked_sqlite.run(*rotate, "login").json()["api_secret"]
    assert public.startswith("-----BEGIN PUBLIC KEY-----")
    for key in (tenant, made["tenant_key"]):
        client, keys = await known(stocked_sqlite, made | {"tenant_key": key})
        assert client is not None
        assert len(keys) == 2


def test_origins_and_methods_are_added_to(stocked_sqlite: Program) -> None:
    made = create(stocked_sqlite, "--origin", "https://a.example").json()
    allowed = stocked_sqlite.run(
        "client", "allow", made["api_key"], "--origin", "https://B.example", "--method", "card", "--json"
    ).json()
    assert allowed["origins"] == "https://a.example https://b.example"
    assert allowed["methods"] == "card"


@pytest.mark.parametrize(
    ("more", "line"),
    [
        (("--origin", "https://shop.example/pay"), "https://shop.example/pay is no origin"),
        (("--method", "cash"), "there is no method cash"),
        (("--id", "web"), "--id is not for --api web"),
        (("--return-host", "shop.example"), "--return-host is not for --api web"),
        (("--api-key", API_KEY), "belong together"),
        (("--api-key", "short", "--tenant-key", TENANT_KEY, "--login-key", "here.pem"), "--api-key is not 16 bytes"),
        (("--api-key", API_KEY, "--tenant-key", TENANT_KEY, "--login-key", "none.pem"), "none.pem"),
        (("--api-key", API_KEY, "--tenant-key", TENANT_KEY, "--login-key", __file__), "not the PEM text"),
        (("--vendor", "nobody"), "issuer"),
    ],
)
def test_what_cannot_be_is_told_in_one_line(stocked_sqlite: Program, more: tuple[str, ...], line: str) -> None:
    said = create(stocked_sqlite, *more)
    assert said.code in {1, 2}
    assert line in said.line()


@pytest.mark.parametrize("option", ["--origin", "--method", "--most-declines", "--api-key", "--tenant-key"])
def test_options_of_web_payments_are_for_no_other_api(stocked_sqlite: Program, option: str) -> None:
    said = stocked_sqlite.run("client", "create", "--merchant", "Shop", "--name", "Till", option, "1")
    assert (said.code, f"{option} is not for --api gift_card" in said.line()) == (2, True)


def test_a_client_has_only_the_secrets_of_its_api(stocked_sqlite: Program) -> None:
    said = stocked_sqlite.run("client", "rotate-secret", "till", "--use", "login")
    assert (said.code, "no secret of this kind" in said.line()) == (1, True)
