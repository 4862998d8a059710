"""Acts on the merchant's own records: merchants, clients and their secrets, issuers."""

import base64
import secrets
from dataclasses import dataclass

from tillway.commands.tools import Tools
from tillway.domain import recording
from tillway.domain.book import Book, Needs
from tillway.domain.clients import Client, ClientSecret, Issuer, Merchant, RecordState, SecretUse, Surface
from tillway.domain.decision import Decision
from tillway.domain.ids import ClientId, IssuerId, MerchantId

_ALL = Needs(registry=True)
_SECRET_BYTES = 32
SIGNING_PREFIX = "whsec_"


@dataclass(frozen=True, slots=True)
class Credentials:
    """A client with its secrets in the clear: shown once, when they are made."""

    client: Client
    secret: str
    signing_secret: str


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


async def replace_secret(tools: Tools, client_id: str, use: SecretUse) -> str:
    """A fresh secret in the clear; those before it stay good for a day. Refuses: ClientUnknown."""
    calling = use is SecretUse.CALLING
    secret = _calling_secret() if calling else _signing_secret()
    kept = tools.vault.secret_digest(secret) if calling else tools.vault.seal(secret)
    now = tools.now()
    await tools.committer.run(_ALL, lambda book: recording.replace_secret(book, ClientId(client_id), use, kept, now))
    return secret


async def allow(tools: Tools, client_id: str, vendors: tuple[str, ...], hosts: tuple[str, ...]) -> Client:
    """Let a client accept more vendors and send payers to more hosts. Refuses: ClientUnknown, IssuerUnknown."""
    return await tools.committer.run(_ALL, lambda book: recording.allow(book, ClientId(client_id), vendors, hosts))


async def close(tools: Tools, client_id: str) -> Client:
    """Let a client call no more. Refuses: ClientUnknown."""
    return await tools.committer.run(_ALL, lambda book: recording.close(book, ClientId(client_id)))


def _calling_secret() -> str:
    return secrets.token_urlsafe(_SECRET_BYTES)


def _signing_secret() -> str:
    """In the form of the Standard Webhooks specification."""
    return SIGNING_PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()
