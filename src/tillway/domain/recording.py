"""Keeping the merchant's own records: merchants, clients, their secrets, issuers."""

from dataclasses import replace

from tillway.domain.book import Book
from tillway.domain.clients import Client, ClientSecret, Grant, Issuer, Merchant, RecordState, SecretUse
from tillway.domain.decision import Decision
from tillway.domain.ids import ClientId, MerchantId
from tillway.domain.refusals import (
    ClientExists,
    ClientUnknown,
    IssuerExists,
    IssuerUnknown,
    PrefixTaken,
    SecretUnknown,
)
from tillway.domain.schedules import DAY
from tillway.domain.values import value

OVERLAP = DAY
"""How long an old secret stays good after it was replaced."""


def add_merchant(book: Book, merchant: Merchant) -> Decision[Merchant]:
    """A merchant; one that is there already stays as it is."""
    known = book.find(Merchant, merchant.id)
    return Decision(known) if known else Decision(merchant, (merchant,))


def add_client(book: Book, client: Client, secrets: tuple[ClientSecret, ...]) -> Decision[Client]:
    """A client with its first secrets. Refuses: ClientExists, IssuerUnknown."""
    if book.find(Client, client.id) is not None:
        raise ClientExists
    _check_vendors(book, client.vendors)
    if book.find(Merchant, client.merchant_id) is None:
        raise ValueError("a client belongs to a merchant that is there")
    return Decision(client, (client, *secrets))


def add_issuer(book: Book, issuer: Issuer) -> Decision[Issuer]:
    """An issuer of gift cards. Refuses: IssuerExists, PrefixTaken."""
    if book.find(Issuer, issuer.id) is not None:
        raise IssuerExists
    for other in book.all(Issuer):
        if other.prefix.startswith(issuer.prefix) or issuer.prefix.startswith(other.prefix):
            raise PrefixTaken
    return Decision(issuer, (issuer,))


def replace_secret(book: Book, client_id: ClientId, use: SecretUse, kept: str, now: int) -> Decision[ClientSecret]:
    """A new secret; those before it stay good for a day. Refuses: ClientUnknown, SecretUnknown."""
    if book.find(Client, client_id) is None:
        raise ClientUnknown
    before = [one for one in book.all(ClientSecret) if one.client_id == client_id and one.use is use]
    if not before:
        raise SecretUnknown
    fresh = ClientSecret(client_id, use, max(one.number for one in before) + 1, kept, now, 0)
    ending = tuple(replace(one, ends_at=now + OVERLAP) for one in before if one.ends_at == 0)
    return Decision(fresh, (fresh,), ending)


@value
class Allowed:
    """What more a client may do: fields as in `Client`, one text for each word."""

    vendors: tuple[str, ...] = ()
    return_hosts: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    ibans: tuple[str, ...] = ()
    return_urls: tuple[str, ...] = ()
    grants: tuple[Grant, ...] = ()


def allow(book: Book, client_id: ClientId, more: Allowed) -> Decision[Client]:
    """Let a client do more. Refuses: ClientUnknown, IssuerUnknown."""
    client = _known(book, client_id)
    changed = replace(
        client,
        vendors=_merged(client.vendors, more.vendors),
        return_hosts=_merged(client.return_hosts, more.return_hosts),
        origins=_merged(client.origins, more.origins),
        methods=_merged(client.methods, more.methods),
        ibans=_merged(client.ibans, more.ibans),
        return_urls=_merged(client.return_urls, more.return_urls),
        grants=_merged(client.grants, more.grants),
    )
    _check_vendors(book, changed.vendors)
    return Decision(changed, (), (changed,))


def close(book: Book, client_id: ClientId) -> Decision[Client]:
    """Let a client call no more. Refuses: ClientUnknown."""
    changed = replace(_known(book, client_id), state=RecordState.CLOSED)
    return Decision(changed, (), (changed,))


def merchant_id(book: Book, name: str) -> MerchantId | None:
    """The id of the merchant with this name."""
    return next((merchant.id for merchant in book.all(Merchant) if merchant.name == name), None)


def _known(book: Book, client_id: ClientId) -> Client:
    client = book.find(Client, client_id)
    if client is None:
        raise ClientUnknown
    return client


def _merged(words: str, more: tuple[str, ...]) -> str:
    if any(len(word.split()) != 1 for word in more):
        raise ValueError("what a client may do is kept as words, and a word has no space")
    return " ".join(dict.fromkeys((*words.split(), *more)))


def _check_vendors(book: Book, vendors: str) -> None:
    known = {issuer.id for issuer in book.all(Issuer)}
    if any(vendor not in known for vendor in vendors.split()):
        raise IssuerUnknown
