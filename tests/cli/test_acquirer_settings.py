"""Which acquirers the settings may name, and which they may not."""

import base64
from pathlib import Path
from typing import Any

import pytest

from tillway.connecting import acquirers_of, check_parted, connectors_of, methods_of
from tillway.connectors.acquirer import AcquirerConnector
from tillway.connectors.addresses import Reach
from tillway.connectors.outbound import Outbound
from tillway.settings import Settings, SettingsRefused, check_production, load
from tillway.store.vault import Vault

KEY = base64.b64encode(bytes(range(50, 82))).decode()
SECRET = "whsec_" + "A" * 44
GOOD: dict[str, Any] = {"url": "https://api.acquirer.example/v2/", "secret": SECRET, "methods": ["card", "ideal"]}


def settings_with(**acquirers: Any) -> Settings:
    """Settings that name these acquirers."""
    return load(data=Path("data"), key=KEY, public_url="https://pay.example", acquirers=acquirers)


def test_an_acquirer_of_the_settings_serves_its_methods_in_production() -> None:
    settings = settings_with(north={**GOOD, "pages": "https://pages.acquirer.example"})
    check_production(settings)
    vault = Vault(settings.gateway_key)
    assert methods_of(settings, sandbox=False) == {"card": "north", "ideal": "north"}
    (acquirer,) = acquirers_of(settings, vault, sandbox=False).values()
    assert acquirer.url == "https://api.acquirer.example/v2"
    assert acquirer.pages == "https://pages.acquirer.example"
    assert acquirer.callback_url == "https://pay.example/callbacks/north"
    found = connectors_of(settings, vault, Outbound(Reach.PUBLIC), sandbox=False)
    assert isinstance(found["north"], AcquirerConnector)


def test_the_pages_of_an_acquirer_are_where_it_is_asked_unless_somebody_says_otherwise() -> None:
    settings = settings_with(north=GOOD)
    (acquirer,) = acquirers_of(settings, Vault(settings.gateway_key), sandbox=False).values()
    assert acquirer.pages == "https://api.acquirer.example"


def test_an_acquirer_of_the_settings_goes_before_the_pretend_one() -> None:
    served = methods_of(settings_with(north=GOOD), sandbox=True)
    assert served == {"card": "north", "ideal": "north", "bancontact": "acquirer", "bank": "acquirer"}


@pytest.mark.parametrize(
    "change",
    [
        {"url": "ftp://acquirer.example"},
        {"secret": "plain"},
        {"methods": []},
        {"methods": ["cheque"]},
        {"methods": ["gift_card"]},
        {"pages": "https://acquirer.example/pay"},
        {"pages": "acquirer.example"},
        {"limit_seconds": 0},
        {"limit_seconds": 21},
        {"colour": "blue"},
    ],
)
def test_an_acquirer_that_cannot_be_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(SettingsRefused, match="TILLWAY_ACQUIRERS") as refused:
        settings_with(north={**GOOD, **change})
    assert SECRET not in str(refused.value)


def test_two_acquirers_do_not_share_a_method() -> None:
    with pytest.raises(SettingsRefused, match="one acquirer only"):
        settings_with(north=GOOD, south={**GOOD, "methods": ["ideal"]})


@pytest.mark.parametrize("name", ["ark", "stripe", "acquirer", "simulator"])
def test_a_name_belongs_to_one_far_side(name: str) -> None:
    issuer = {"url": "https://issuer.example", "secret": SECRET}
    settings = load(key=KEY, acquirers={name: GOOD}, connectors={"ark": issuer})
    with pytest.raises(SettingsRefused, match="a name is taken"):
        check_parted(settings)
    check_parted(load(key=KEY, acquirers={"north": GOOD}, connectors={"ark": issuer}))


def test_stripe_and_an_acquirer_do_not_share_a_method() -> None:
    stripe = {"secret_key": "sk_test_1", "publishable_key": "pk_test_1", "webhook_secret": "whsec_1"}
    with pytest.raises(SettingsRefused, match="TILLWAY_STRIPE"):
        check_parted(load(key=KEY, acquirers={"north": GOOD}, stripe=stripe))


@pytest.mark.parametrize("change", [{"url": "http://acquirer.example"}, {"pages": "http://acquirer.example"}])
def test_production_asks_acquirers_over_https_only(change: dict[str, Any]) -> None:
    with pytest.raises(SettingsRefused, match="https"):
        check_production(settings_with(north={**GOOD, **change}))


def test_secrets_of_acquirers_are_not_shown() -> None:
    settings = settings_with(north=GOOD)
    assert SECRET not in repr(settings)
    assert SECRET not in repr(acquirers_of(settings, Vault(settings.gateway_key), sandbox=False))
