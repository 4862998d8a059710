"""The replay: the answer of a call that happened, kept so that a retry with the same key gets it again."""

from tillway.domain.ids import ClientId
from tillway.domain.values import value


@value
class Replay:
    """The answer to the call that `client_id` made under `key`; `fingerprint` is a hash of what was asked."""

    client_id: ClientId
    key: str
    fingerprint: str
    status: int
    body: str
    at: int
