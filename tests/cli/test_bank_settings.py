"""Which banks the settings may name, and which they may not."""

import base64
from pathlib import Path
from typing import Any

import pytest

from tests.connectors.berlin.certificates import certificate
from tillway.connecting import BERLIN, aspsps_of, bank_pages_of, check_parted, connectors_of, directory_of
from tillway.connectors.addresses import Reach
from tillway.connectors.berlin.connector import BerlinConnector
from tillway.connectors.outbound import Outbound
from tillway.connectors.protocol import BankConnector
from tillway.domain.banks import BankKind
from tillway.domain.pretended_banks import BANKS
from tillway.settings import Settings, SettingsRefused, check_production, load
from tillway.store.vault import Vault

KEY = base64.b64encode(bytes(range(50, 82))).decode()
TOKEN = "Bearer of-an-aggregator"
GOOD: dict[str, Any] = {
    "id": "north",
    "name": "North Bank",
    "country": "SK",
    "bic": "NORTSKBX",
    "url": "https://psd2.north.example/xs2a/",
}
GROUP: dict[str, Any] = {"id": "group", "name": "Group", "country": "SK", "kind": "MAIN_GROUP"}


def settings_with(*banks: dict[str, Any], **more: Any) -> Settings:
    """Settings that name these banks."""
    return load(data=Path("data"), key=KEY, public_url="https://pay.example", banks=banks, **more)


def test_a_bank_of_the_settings_is_asked_in_production() -> None:
    settings = settings_with(GROUP, GOOD | {"group": "group", "headers": {"Authorization": TOKEN}})
    check_production(settings)
    found = connectors_of(settings, Vault(settings.gateway_key), Outbound(Reach.PUBLIC), sandbox=False)
    assert isinstance(found[BERLIN], BerlinConnector)
    assert isinstance(found[BERLIN], BankConnector)
    (aspsp,) = aspsps_of(settings, sandbox=False)
    assert (aspsp.url, aspsp.pages) == ("https://psd2.north.example/xs2a", ("https://psd2.north.example",))
    assert aspsp.headers == {"Authorization": TOKEN}
    assert (aspsp.product_for("EUR"), aspsp.product_for("CZK")) == ("sepa-credit-transfers", "")
    directory = directory_of(settings, sandbox=False)
    bank = directory.find("north")
    assert bank is not None
    assert (bank.connector, bank.group) == (BERLIN, "group")
    assert [one.kind for one in directory.within("")] == [BankKind.MAIN_GROUP]
    assert TOKEN not in repr(settings)
    assert TOKEN not in repr(settings.banks)
    assert TOKEN not in repr(aspsp)


def test_without_banks_there_is_no_connector_to_them() -> None:
    settings = settings_with()
    assert BERLIN not in connectors_of(settings, Vault(settings.gateway_key), Outbound(Reach.PUBLIC), sandbox=False)


def test_a_sandbox_has_its_pretend_banks_behind_those_of_the_settings() -> None:
    settings = settings_with(GOOD | {"id": "karpatska", "pages": ["https://login.north.example"]})
    asked = {one.id: one for one in aspsps_of(settings, sandbox=True)}
    assert set(asked) == {one.bank.id for one in BANKS}
    assert asked["karpatska"].url == "https://psd2.north.example/xs2a"
    assert asked["elbe"].product == "instant-sepa-credit-transfers"
    banks = directory_of(settings, sandbox=True).banks
    assert banks[0].name == "North Bank"
    assert len({one.id for one in banks}) == len(banks)
    assert bank_pages_of(settings, sandbox=True) == ("https://login.north.example", "https://pay.example:8083")


def test_more_pages_than_a_header_field_takes_are_left_to_a_page_of_ours() -> None:
    many = [GOOD | {"id": f"b{number}", "url": f"https://b{number}.example"} for number in range(200)]
    assert len(",".join(bank_pages_of(settings_with(*many), sandbox=False))) < 4_000


@pytest.mark.parametrize(
    "change",
    [
        {"id": ""},
        {"id": "with space"},
        {"id": "x" * 65},
        {"name": ""},
        {"country": "SVK"},
        {"bic": "NORTH"},
        {"url": "ftp://north.example"},
        {"url": None},
        {"kind": "MAIN_GROUP"},
        {"group": "nowhere"},
        {"group": "north"},
        {"pages": ["https://north.example/login"]},
        {"pages": ["north.example"]},
        {"product": "../payments"},
        {"headers": {"Bad header": "x"}},
        {"certificate": "qwac.pem"},
        {"seal_key": "key.pem"},
        {"colour": "blue"},
    ],
)
def test_a_bank_that_cannot_be_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(SettingsRefused, match="TILLWAY_BANKS"):
        settings_with(GOOD | change)


@pytest.mark.parametrize(
    "banks",
    [
        [GOOD, GOOD],
        [GROUP | {"group": "group"}],
        [GROUP, GROUP | {"id": "a", "group": "group"}, GROUP | {"id": "b", "group": "a"}, GOOD | {"group": "b"}],
    ],
)
def test_a_directory_that_cannot_be_is_refused(banks: list[dict[str, Any]]) -> None:
    with pytest.raises(SettingsRefused, match="TILLWAY_BANKS"):
        settings_with(*banks)


@pytest.mark.parametrize(
    "change",
    [
        {"url": "http://psd2.north.example"},
        {"pages": ["http://login.north.example"]},
        {"logo": "http://north.example/logo.svg"},
    ],
)
def test_production_asks_banks_over_https_only(change: dict[str, Any]) -> None:
    with pytest.raises(SettingsRefused, match="TILLWAY_BANKS"):
        check_production(settings_with(GOOD | change))


def test_no_acquirer_has_the_name_of_the_connector_to_banks() -> None:
    acquirer = {"url": "https://api.example", "secret": "whsec_" + "A" * 44, "methods": ["card"]}
    with pytest.raises(SettingsRefused, match="name is taken"):
        check_parted(settings_with(GOOD, acquirers={BERLIN: acquirer}))


def test_certificates_are_read_from_their_files(tmp_path: Path) -> None:
    made = certificate("Tillway")
    (tmp_path / "cert.pem").write_bytes(made.pem)
    (tmp_path / "key.pem").write_bytes(made.key_pem)
    files = {"certificate": tmp_path / "cert.pem", "certificate_key": tmp_path / "key.pem"}
    seals = {"seal": tmp_path / "cert.pem", "seal_key": tmp_path / "key.pem"}
    (aspsp,) = aspsps_of(settings_with(GOOD | files | seals), sandbox=False)
    assert aspsp.tls is not None
    assert aspsp.seal is not None


@pytest.mark.parametrize("names", [("certificate", "certificate_key"), ("seal", "seal_key")])
@pytest.mark.parametrize("content", [None, b"", b"nonsense"])
def test_a_certificate_that_cannot_be_used_is_refused(
    tmp_path: Path, names: tuple[str, str], content: bytes | None
) -> None:
    for name in ("one", "two"):
        if content is not None:
            (tmp_path / name).write_bytes(content)
    files = dict(zip(names, (tmp_path / "one", tmp_path / "two"), strict=True))
    with pytest.raises(SettingsRefused, match="TILLWAY_BANKS"):
        check_parted(settings_with(GOOD | files))
