"""The registry: clients, their secrets and the issuers, read through a small cache and never locked."""

import hmac
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tillway.domain.clients import Client, ClientSecret, Issuer, Merchant, RecordState, SecretUse, Surface
from tillway.domain.ids import ClientId, IssuerId, MerchantId
from tillway.queries.gathering import Gathering
from tillway.store.finding import find_clients, find_issuers, find_merchant
from tillway.store.protocol import Store
from tillway.store.vault import Vault

CACHED_SECONDS = 2.0
MOST_CACHED = 50_000

_NO_DIGEST = "0" * 64


@dataclass(frozen=True, slots=True)
class _Known:
    client: Client | None
    secrets: tuple[ClientSecret, ...]
    until: float

    def kept(self, use: SecretUse) -> list[tuple[str, int]]:
        """What is kept of the secrets for a use, each with its end."""
        return [(secret.kept, secret.ends_at) for secret in self.secrets if secret.use is use]


_NOBODY = _Known(None, (), 0.0)


@dataclass(frozen=True, slots=True)
class Issuers:
    """All issuers by id, and their prefixes."""

    by_id: dict[IssuerId, Issuer]
    prefixes: tuple[str, ...]

    def of_number(self, number: str) -> Issuer | None:
        """The issuer whose prefix begins a card number."""
        return next((issuer for issuer in self.by_id.values() if number.startswith(issuer.prefix)), None)


class Registry:
    """Answers are at most two seconds old."""

    def __init__(self, store: Store, vault: Vault) -> None:
        self._store = store
        self._vault = vault
        self._clients: dict[ClientId, _Known] = {}
        self._missing = Gathering(self._read_clients)
        self._stale = Gathering(self._read_issuers)
        self._merchants: dict[MerchantId, tuple[Merchant, float]] = {}
        self._issuers = Issuers({}, ())
        self._issuers_until = 0.0

    async def authenticate(
        self, client_id: str, secret: str, surface: Surface, now: int, use: SecretUse = SecretUse.CALLING
    ) -> Client | None:
        """The client with these credentials; the same work is done whether the id or the secret is wrong."""
        known = await self._known(ClientId(client_id))
        digest = self._vault.secret_digest(secret)
        valid = known.kept(use) or ((_NO_DIGEST, 0),)
        matches = False
        for kept, ends_at in valid:
            matches |= hmac.compare_digest(kept, digest) and (ends_at == 0 or now < ends_at)
        client = known.client
        if client is None or not matches or client.state is not RecordState.ACTIVE or client.surface is not surface:
            return None
        return client

    async def client(self, client_id: str) -> Client | None:
        """A client by its id."""
        return (await self._known(ClientId(client_id))).client

    async def calling(self, client_id: str, surface: Surface) -> Client | None:
        """The client with this id, if it may call on this surface: what it proves itself with is not looked at."""
        client = (await self._known(ClientId(client_id))).client
        if client is None or client.state is not RecordState.ACTIVE or client.surface is not surface:
            return None
        return client

    async def login_keys(self, client_id: str, now: int) -> list[str]:
        """The private halves, as PEM texts, of the RSA pairs that a client may prove itself with at `now`."""
        known = await self._known(ClientId(client_id))
        valid = [kept for kept, ends_at in known.kept(SecretUse.LOGIN) if ends_at == 0 or now < ends_at]
        return [self._vault.open(sealed) for sealed in valid]

    async def merchant(self, merchant_id: MerchantId) -> Merchant | None:
        """A merchant by its id."""
        cached = self._merchants.get(merchant_id)
        if cached is not None and time.monotonic() < cached[1]:
            return cached[0]
        merchant = await self._store.read(find_merchant(merchant_id))
        if merchant is not None:
            _make_room(self._merchants)
            self._merchants[merchant_id] = (merchant, time.monotonic() + CACHED_SECONDS)
        return merchant

    async def issuers(self) -> Issuers:
        """Every issuer."""
        if time.monotonic() >= self._issuers_until:
            await self._stale.find("issuers")
        return self._issuers

    async def _known(self, client_id: ClientId) -> _Known:
        known = self._clients.get(client_id)
        if known is not None and time.monotonic() < known.until:
            return known
        return await self._missing.find(client_id) or _NOBODY

    async def _read_clients(self, ids: list[ClientId]) -> Mapping[ClientId, _Known]:
        found = await self._store.read(find_clients(ids))
        until = time.monotonic() + CACHED_SECONDS
        known = {client_id: _Known(None, (), until) for client_id in ids}
        for client, secrets in found:
            known[client.id] = _Known(client, tuple(secrets), until)
        _make_room(self._clients)
        self._clients |= known
        return known

    async def _read_issuers(self, ids: list[str]) -> Mapping[str, Issuers]:
        issuers: Sequence[Issuer] = await self._store.read(find_issuers())
        self._issuers = Issuers({issuer.id: issuer for issuer in issuers}, tuple(one.prefix for one in issuers))
        self._issuers_until = time.monotonic() + CACHED_SECONDS
        return dict.fromkeys(ids, self._issuers)


def _make_room(cache: dict[ClientId, _Known] | dict[MerchantId, tuple[Merchant, float]]) -> None:
    if len(cache) >= MOST_CACHED:
        cache.clear()
