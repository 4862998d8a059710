"""The far sides of one gateway: which connectors its settings name, and what the sandbox pretends beside them."""

import base64
import ssl
import time
from typing import TYPE_CHECKING, Final

from tillway.bank_settings import BankSettings
from tillway.commands.pretending import PRETENDED_METHODS
from tillway.connectors.acquirer import Acquirer, AcquirerConnector
from tillway.connectors.berlin.aspsps import Aspsp
from tillway.connectors.berlin.connector import BerlinConnector
from tillway.connectors.berlin.seal import SealRefused, seal_of
from tillway.connectors.http import HttpIssuer, HttpIssuerConnector
from tillway.connectors.outbound import Outbound
from tillway.connectors.protocol import Connector
from tillway.connectors.simulator import IssuerSimulator
from tillway.connectors.transfer import Files, Transfers
from tillway.domain.banks import BankKind, Directory
from tillway.domain.exporting import FILE
from tillway.domain.pretended_banks import BANKS as PRETEND_BANKS
from tillway.domain.pretended_banks import directory_of as pretended_banks
from tillway.domain.transferring import TRANSFER
from tillway.settings import Settings, SettingsRefused, StripeSettings
from tillway.store.vault import Vault
from tillway.surfaces.checkout.callbacks import PREFIX as CALLBACKS
from tillway.surfaces.checkout.stripe_form import StripeAccess
from tillway.surfaces.sandbox.acquirer.protocol import PREFIX as ACQUIRER_PREFIX
from tillway.surfaces.sandbox.banks.answers import PREFIX as BANKS_PREFIX

if TYPE_CHECKING:
    from tillway.connectors.stripe.connector import StripeConnector

SIMULATOR: Final = "simulator"
SIMULATOR_SECONDS: Final = 2.0
STRIPE: Final = "stripe"
"""The SDK is imported where an account is set: it takes a quarter of a second."""
PRETEND: Final = "acquirer"
"""The connector to the sandbox's pretend acquirer."""
ACQUIRER_PLACE: Final = 1
"""How many ports after the gateway's the pretend acquirer listens."""
BERLIN: Final = "berlin"
"""The connector to all banks."""
MOST_BANK_PAGES: Final = 50
BANKS_PLACE: Final = 3
"""How many ports after the gateway's the pretend banks listen."""


def check_parted(settings: Settings) -> None:
    """Refuse two far sides of one name or for one method, and certificates of no use. Raises SettingsRefused."""
    ours = {SIMULATOR, PRETEND, STRIPE, BERLIN, TRANSFER, FILE}
    if settings.acquirers.keys() & (settings.connectors.keys() | ours) or settings.connectors.keys() & ours:
        raise SettingsRefused("TILLWAY_ACQUIRERS, TILLWAY_CONNECTORS: a name is taken by another connector")
    served = {method for acquirer in settings.acquirers.values() for method in acquirer.methods}
    if settings.stripe is not None and not served.isdisjoint(settings.stripe.methods):
        raise SettingsRefused("TILLWAY_STRIPE: a method is served by one of TILLWAY_ACQUIRERS")
    aspsps_of(settings, sandbox=False)


def connectors_of(settings: Settings, vault: Vault, outbound: Outbound, *, sandbox: bool) -> dict[str, Connector]:
    """The connectors by the names that stand on attempts."""
    found: dict[str, Connector] = {TRANSFER: Transfers(), FILE: Files()}
    for name, issuer in settings.connectors.items():
        address = HttpIssuer(str(issuer.url).rstrip("/"), issuer.secret.get_secret_value(), issuer.limit_seconds)
        found[name] = HttpIssuerConnector(address, outbound, time.time)
    if sandbox:
        found[SIMULATOR] = IssuerSimulator(SIMULATOR_SECONDS)
    if settings.stripe is not None:
        found[STRIPE] = _stripe(settings.stripe, outbound)
    for name, acquirer in acquirers_of(settings, vault, sandbox=sandbox).items():
        found[name] = AcquirerConnector(acquirer, outbound, time.time)
    banks = aspsps_of(settings, sandbox=sandbox)
    if banks:
        found[BERLIN] = BerlinConnector(banks, outbound, time.time, settings.address)
    return found


def directory_of(settings: Settings, *, sandbox: bool) -> Directory:
    """The banks that payers choose from; in the sandbox the pretend ones stand after those of the settings."""
    own = [bank.entry(BERLIN) for bank in settings.banks]
    taken = {bank.id for bank in own}
    pretended = pretended_banks(BERLIN) if sandbox else ()
    return Directory((*own, *(bank for bank in pretended if bank.id not in taken)))


def aspsps_of(settings: Settings, *, sandbox: bool) -> list[Aspsp]:
    """How each bank is reached; in the sandbox this process serves the pretend ones itself. Raises SettingsRefused."""
    own = [_aspsp(bank) for bank in settings.banks if bank.kind is BankKind.BANK]
    if not sandbox:
        return own
    taken = {bank.id for bank in settings.banks}
    base = f"{settings.own_address(BANKS_PLACE)}{BANKS_PREFIX}"
    pages = (settings.neighbour_address(BANKS_PLACE),)
    return own + [
        Aspsp(one.bank.id, f"{base}/{one.bank.id}", pages, one.product, one.domestic)
        for one in PRETEND_BANKS
        if one.bank.id not in taken
    ]


def bank_pages_of(settings: Settings, *, sandbox: bool) -> tuple[str, ...]:
    """The origins of banks' own pages, as many as a header field takes; to all others a page of ours leads."""
    banks = aspsps_of(settings, sandbox=sandbox)
    return tuple(dict.fromkeys(page for bank in banks for page in bank.pages))[:MOST_BANK_PAGES]


def _aspsp(bank: BankSettings) -> Aspsp:
    headers = {name: secret.get_secret_value() for name, secret in bank.headers.items()}
    try:
        tls = None
        if bank.certificate is not None:
            tls = ssl.create_default_context()
            tls.load_cert_chain(bank.certificate, bank.certificate_key, password="")
        seal = seal_of(bank.seal.read_bytes(), bank.seal_key.read_bytes()) if bank.seal and bank.seal_key else None
    except (OSError, ValueError) as fault:
        raise SettingsRefused(f"TILLWAY_BANKS: a certificate of {bank.id} cannot be used: {fault}") from None
    except SealRefused as refused:
        raise SettingsRefused(f"TILLWAY_BANKS: {bank.id}: {refused}") from None
    return Aspsp(bank.id, bank.base, bank.origins, bank.product, bank.domestic or "", headers, tls, seal)


def methods_of(settings: Settings, *, sandbox: bool) -> dict[str, str]:
    """Which connector serves each method; in the sandbox the pretend acquirer serves what no other does."""
    found = dict.fromkeys(PRETENDED_METHODS, PRETEND) if sandbox else {}
    found |= {method: name for name, acquirer in settings.acquirers.items() for method in acquirer.methods}
    return found | (dict.fromkeys(settings.stripe.methods, STRIPE) if settings.stripe is not None else {})


def acquirers_of(settings: Settings, vault: Vault, *, sandbox: bool) -> dict[str, Acquirer]:
    """The acquirers of the settings, and in the sandbox the pretend one, which this process serves itself."""
    found = {
        name: Acquirer(
            str(one.url).rstrip("/"),
            one.secret.get_secret_value(),
            one.origin,
            f"{settings.address}{CALLBACKS}{name}",
            one.limit_seconds,
        )
        for name, one in settings.acquirers.items()
    }
    if sandbox:
        found[PRETEND] = Acquirer(
            f"{settings.own_address(ACQUIRER_PLACE)}{ACQUIRER_PREFIX}",
            pretend_secret(vault),
            settings.neighbour_address(ACQUIRER_PLACE),
            f"{settings.own_address()}{CALLBACKS}{PRETEND}",
        )
    return found


def pretend_secret(vault: Vault) -> str:
    """What the gateway and the pretend acquirer of one sandbox sign with: the same after every start."""
    return f"whsec_{base64.b64encode(bytes.fromhex(vault.secret_digest(PRETEND))).decode()}"


def stripe_access(settings: Settings, outbound: Outbound) -> StripeAccess | None:
    """What the page with Stripe's form asks: a connector keeps nothing, so the page has one of its own."""
    account = settings.stripe
    return StripeAccess(STRIPE, account.publishable_key, _stripe(account, outbound).form_of) if account else None


def _stripe(account: StripeSettings, outbound: Outbound) -> "StripeConnector":
    # Stripe's library adds a quarter to the time of a start: only who has an account waits for it.
    from tillway.connectors.stripe.connector import StripeAccount, StripeConnector  # noqa: PLC0415

    base = str(account.api_base).rstrip("/")
    secrets = (account.secret_key.get_secret_value(), account.webhook_secret.get_secret_value())
    return StripeConnector(StripeAccount(*secrets, base), outbound)
