"""The signatures of a notice: made for each try with every secret that is valid then."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from standardwebhooks import Webhook

from tillway.commands.tools import Tools
from tillway.connectors.signatures import dated_signature
from tillway.domain.clients import ClientSecret
from tillway.domain.ids import ClientId
from tillway.domain.notices import Notice
from tillway.domain.schedules import ORDERS
from tillway.store.notices import find_signing_secrets

CACHED_SECONDS = 2.0
MOST_CACHED = 1_000

Mark = Callable[[Sequence[str], bytes, float], str]
"""Secrets, oldest first, the body and the time of a try (seconds since 1970): the value of a header."""

DOCUMENTED: Final[Mapping[str, tuple[str, Mark]]] = {ORDERS: ("Signature", dated_signature)}
"""The header that a document of ours has for notices of a schedule, beside those of Standard Webhooks."""


@dataclass(frozen=True, slots=True)
class _Secret:
    kept: ClientSecret
    text: str = field(repr=False)
    webhook: Webhook = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Known:
    secrets: tuple[_Secret, ...]
    until: float


class Signer:
    """Knows the signing secrets of clients, at most two seconds old.

    The time that is signed is the wall clock's, never the sandbox's: receivers compare it with their own.
    """

    def __init__(self, tools: Tools, wall_clock: Callable[[], float]) -> None:
        self._tools = tools
        self._wall_clock = wall_clock
        self._known: dict[ClientId, _Known] = {}

    async def headers(self, notice: Notice) -> dict[str, str]:
        """What goes with one try of a notice."""
        return await self.signed(notice.client_id, notice.id, notice.schedule, notice.body)

    async def signed(self, client_id: ClientId, message: str, schedule: str, body: str) -> dict[str, str]:
        """What goes with a body that a client is told under the id `message`; a mark for each secret that is valid."""
        moment = self._wall_clock()
        at, now = datetime.fromtimestamp(moment, UTC), self._tools.now()
        valid = [secret for secret in await self._secrets(client_id) if secret.kept.is_valid(now)]
        headers = {
            "Content-Type": "application/json",
            "webhook-id": message,
            "webhook-timestamp": str(int(moment)),
            "webhook-signature": " ".join(secret.webhook.sign(message, at, body) for secret in valid),
        }
        if schedule in DOCUMENTED:
            name, mark = DOCUMENTED[schedule]
            headers[name] = mark([secret.text for secret in reversed(valid)], body.encode(), moment)
        return headers

    async def _secrets(self, client_id: ClientId) -> tuple[_Secret, ...]:
        """The secrets of a client, newest first."""
        known = self._known.get(client_id)
        if known is None or time.monotonic() >= known.until:
            found = await self._tools.store.read(find_signing_secrets(client_id))
            known = _Known(tuple(map(self._opened, found)), time.monotonic() + CACHED_SECONDS)
            if len(self._known) >= MOST_CACHED:
                self._known.clear()
            self._known[client_id] = known
        return known.secrets

    def _opened(self, kept: ClientSecret) -> _Secret:
        text = self._tools.vault.open(kept.kept)
        return _Secret(kept, text, Webhook(text))
