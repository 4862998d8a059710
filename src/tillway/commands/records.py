"""Acts on the merchant's own records: merchants, clients and their secrets, issuers."""

import base64
import secrets
from dataclasses import dataclass, field

from tillway.commands.login_keys import LoginKey, make_login_key
from tillway.commands.tools import Tools
from tillway.domain import recording
from tillway.domain.book import Book, Needs
from tillway.domain.clients import Client, ClientSecret, Grant, Issuer, Merchant, RecordState, SecretUse, Surface
from tillway.domain.decision import Decision
from tillway.domain.ids import ClientId, IssuerId, MerchantId
from tillway.domain.recording import Allowed

_ALL = Needs(registry=True)
_SECRET_BYTES = 32
_PUBLIC_KEY_BYTES = 16
"""Of API keys and tenant keys: as many as their document shows."""

SIGNING_PREFIX = "whsec_"


@dataclass(frozen=True, slots=True)
class Credentials:
    """A client with its secrets in the clear: shown once, when they are made."""

    client: Client
    secret: str
    signing_secret: str


@dataclass(frozen=True, slots=True)
class WebTerms:
    """What a client of the web payments API may do; fields as in `Client`."""

    currency: str
    vendors: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    most_declines: int = 5


@dataclass(frozen=True, slots=True)
class WebKeys:
    """The keys of a client of the web payments API in the clear; `login` is the pair it proves itself with."""

    api_key: str
    tenant_key: str = field(repr=False)
    login: LoginKey = field(repr=False)


@dataclass(frozen=True, slots=True)
class WebCredentials:
    """A client of the web payments API with all that is shown once; `api_secret` is the public half of its pair."""

    client: Client
    tenant_key: str = field(repr=False)
    api_secret: str = field(repr=False)
    signing_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class OrderTerms:
    """What a client of the payment orders API may do; fields as in `Client`."""

    currency: str
    ibans: tuple[str, ...] = ()
    return_urls: tuple[str, ...] = ()
    grants: tuple[Grant, ...] = ()


async def add_merchant(tools: Tools, name: str, zone: str) -> Merchant:
    """A merchant of this name; the one that has it already, if there is one."""
    stamp = tools.stamp()

    def decide(book: Book) -> Decision[Merchant]:
        known = recording.merchant_id(book, name)
        return recording.add_merchant(book, Merchant(known or MerchantId(stamp.unique), name, zone, stamp.now))

    return await tools.committer.run(_ALL, decide)


async def add_issuer(tools: Tools, issuer_id: str, name: str, prefix: str, currency: str, *, live: bool) -> Issuer:
    """An issuer of gift cards. Refuses: IssuerExists, PrefixTaken."""
    issuer = Issuer(IssuerId(issuer_id), name, prefix, currency, live, tools.now())
    return await tools.committer.run(_ALL, lambda book: recording.add_issuer(book, issuer))


async def add_client(
    tools: Tools,
    merchant: Merchant,
    client_id: str,
    name: str,
    surface: Surface,
    currency: str,
    vendors: tuple[str, ...],
    return_hosts: tuple[str, ...],
) -> Credentials:
    """A client with fresh secrets. Refuses: ClientExists, IssuerUnknown."""
    now = tools.now()
    client = Client(
        ClientId(client_id),
        merchant.id,
        surface,
        name,
        currency,
        " ".join(vendors),
        " ".join(return_hosts),
        RecordState.ACTIVE,
        now,
    )
    secret, signing = _calling_secret(), _signing_secret()
    kept = (
        ClientSecret(client.id, SecretUse.CALLING, 1, tools.vault.secret_digest(secret), now, 0),
        ClientSecret(client.id, SecretUse.SIGNING, 1, tools.vault.seal(signing), now, 0),
    )
    await tools.committer.run(_ALL, lambda book: recording.add_client(book, client, kept))
    return Credentials(client, secret, signing)


async def add_web_client(
    tools: Tools, merchant: Merchant, name: str, terms: WebTerms, keys: WebKeys | None = None
) -> WebCredentials:
    """A client of the web payments API, with fresh keys or those it brings along. Refuses: ClientExists, IssuerUnknown.

    Its id is its API key.
    """
    keys = keys or make_web_keys()
    now, vault = tools.now(), tools.vault
    client = Client(
        ClientId(keys.api_key),
        merchant.id,
        Surface.WEB,
        name,
        terms.currency,
        " ".join(terms.vendors),
        "",
        RecordState.ACTIVE,
        now,
        " ".join(terms.origins),
        " ".join(terms.methods),
        terms.most_declines,
    )
    signing = _signing_secret()
    kept = (
        ClientSecret(client.id, SecretUse.TENANT, 1, vault.secret_digest(keys.tenant_key), now, 0),
        ClientSecret(client.id, SecretUse.LOGIN, 1, vault.seal(keys.login.private), now, 0),
        ClientSecret(client.id, SecretUse.SIGNING, 1, vault.seal(signing), now, 0),
    )
    await tools.committer.run(_ALL, lambda book: recording.add_client(book, client, kept))
    return WebCredentials(client, keys.tenant_key, keys.login.public, signing)


async def add_order_client(
    tools: Tools, merchant: Merchant, name: str, terms: OrderTerms, client_id: str = ""
) -> Credentials:
    """A client of the payment orders API with fresh secrets, and with an id of ours unless it has one.

    Refuses: ClientExists, IssuerUnknown.
    """
    stamp = tools.stamp()
    client = Client(
        ClientId(client_id or stamp.unique),
        merchant.id,
        Surface.ORDER,
        name,
        terms.currency,
        "",
        "",
        RecordState.ACTIVE,
        stamp.now,
        ibans=" ".join(terms.ibans),
        return_urls=" ".join(terms.return_urls),
        grants=" ".join(terms.grants),
    )
    secret, signing = _calling_secret(), _signing_secret()
    kept = (
        ClientSecret(client.id, SecretUse.CALLING, 1, tools.vault.secret_digest(secret), stamp.now, 0),
        ClientSecret(client.id, SecretUse.SIGNING, 1, tools.vault.seal(signing), stamp.now, 0),
    )
    await tools.committer.run(_ALL, lambda book: recording.add_client(book, client, kept))
    return Credentials(client, secret, signing)


def make_web_keys() -> WebKeys:
    """Fresh keys for a client of the web payments API."""
    return WebKeys(_short_key(), _short_key(), make_login_key())


async def replace_secret(tools: Tools, client_id: str, use: SecretUse) -> str:
    """A fresh secret in the clear; those before it stay good for a day. Refuses: ClientUnknown, SecretUnknown."""
    shown, kept = _fresh(tools, use)
    now = tools.now()
    await tools.committer.run(_ALL, lambda book: recording.replace_secret(book, ClientId(client_id), use, kept, now))
    return shown


async def allow(tools: Tools, client_id: str, more: Allowed) -> Client:
    """Let a client do more. Refuses: ClientUnknown, IssuerUnknown."""
    return await tools.committer.run(_ALL, lambda book: recording.allow(book, ClientId(client_id), more))


async def close(tools: Tools, client_id: str) -> Client:
    """Let a client call no more. Refuses: ClientUnknown."""
    return await tools.committer.run(_ALL, lambda book: recording.close(book, ClientId(client_id)))


def _fresh(tools: Tools, use: SecretUse) -> tuple[str, str]:
    """A secret as its owner is shown it, and as it is kept."""
    match use:
        case SecretUse.CALLING | SecretUse.TENANT:
            secret = _calling_secret() if use is SecretUse.CALLING else _short_key()
            return secret, tools.vault.secret_digest(secret)
        case SecretUse.SIGNING:
            secret = _signing_secret()
            return secret, tools.vault.seal(secret)
        case SecretUse.LOGIN:
            key = make_login_key()
            return key.public, tools.vault.seal(key.private)


def _short_key() -> str:
    return base64.b64encode(secrets.token_bytes(_PUBLIC_KEY_BYTES)).decode()


def _calling_secret() -> str:
    return secrets.token_urlsafe(_SECRET_BYTES)


def _signing_secret() -> str:
    """In the form of the Standard Webhooks specification."""
    return SIGNING_PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()
