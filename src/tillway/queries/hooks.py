"""The hooks of clients, and what those who receive them check signatures with."""

from tillway.domain.hooks import Hook
from tillway.domain.ids import ClientId
from tillway.domain.refusals import ClientUnknown
from tillway.store.finding import find_clients, find_hooks
from tillway.store.listing import find_all_hooks
from tillway.store.notices import find_signing_secrets
from tillway.store.protocol import Store
from tillway.store.vault import Vault


async def hooks(store: Store, client_id: str = "") -> list[Hook]:
    """The hooks of a client, or of every client, each client's by number; those that are over too.

    Refuses: ClientUnknown.
    """
    if not client_id:
        return await store.read(find_all_hooks())
    if not await store.read(find_clients([ClientId(client_id)])):
        raise ClientUnknown
    return await store.read(find_hooks(ClientId(client_id)))


async def signing_secret(store: Store, vault: Vault, client_id: str) -> str:
    """The newest secret, in the clear, that a client's webhooks are signed with. Refuses: ClientUnknown."""
    secrets = await store.read(find_signing_secrets(ClientId(client_id)))
    if not secrets:
        raise ClientUnknown
    return vault.open(secrets[0].kept)
