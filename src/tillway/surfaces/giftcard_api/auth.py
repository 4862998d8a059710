"""Who calls the gift-card API: two headers on every call, no login, no signing."""

from tillway.commands.tools import Clock
from tillway.domain.clients import Client, Surface
from tillway.domain.refusals import CredentialsRefused
from tillway.queries.registry import Registry
from tillway.surfaces.common.call import Reply
from tillway.surfaces.common.reading import Headers
from tillway.surfaces.giftcard_api.errors import refused

CLIENT_ID = b"x-client-id"
CLIENT_SECRET = b"x-client-secret"
LONGEST_CREDENTIAL = 200


async def authenticate(registry: Registry, clock: Clock, headers: Headers) -> Client | Reply:
    """The client, or 401: the same answer after the same work, whichever credential is wrong."""
    client_id = headers.get(CLIENT_ID, b"")[:LONGEST_CREDENTIAL].decode("latin-1")
    secret = headers.get(CLIENT_SECRET, b"")[:LONGEST_CREDENTIAL].decode("latin-1")
    client = await registry.authenticate(client_id, secret, Surface.GIFT_CARD, clock.now())
    return refused(CredentialsRefused()) if client is None else client
