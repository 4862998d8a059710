"""The signature of a notice: Standard Webhooks headers, made for each try with every secret that is valid then."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from standardwebhooks import Webhook

from tillway.commands.tools import Tools
from tillway.domain.clients import ClientSecret
from tillway.domain.ids import ClientId
from tillway.domain.notices import Notice
from tillway.store.notices import find_signing_secrets

CACHED_SECONDS = 2.0
MOST_CACHED = 1_000


@dataclass(frozen=True, slots=True)
class _Known:
    signers: tuple[tuple[ClientSecret, Webhook], ...]
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
        """What goes with one try of a notice; a signature for each secret, newest first."""
        at = datetime.fromtimestamp(self._wall_clock(), UTC)
        now = self._tools.now()
        signers = await self._signers(notice.client_id)
        marks = [signer.sign(notice.id, at, notice.body) for secret, signer in signers if secret.is_valid(now)]
        return {
            "Content-Type": "application/json",
            "webhook-id": notice.id,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": " ".join(marks),
        }

    async def _signers(self, client_id: ClientId) -> tuple[tuple[ClientSecret, Webhook], ...]:
        known = self._known.get(client_id)
        if known is None or time.monotonic() >= known.until:
            secrets = await self._tools.store.read(find_signing_secrets(client_id))
            signers = tuple((secret, Webhook(self._tools.vault.open(secret.kept))) for secret in secrets)
            known = _Known(signers, time.monotonic() + CACHED_SECONDS)
            if len(self._known) >= MOST_CACHED:
                self._known.clear()
            self._known[client_id] = known
        return known.signers
