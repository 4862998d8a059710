"""The renewal of an access token: known callers go on using the old one, so it stays good for a while longer."""

from tillway.domain.ids import ClientId
from tillway.domain.values import value


@value
class Renewal:
    """The token `token_id` of a client was renewed: it is good until `ends_at`, beyond its own end."""

    token_id: str
    client_id: ClientId
    ends_at: int
