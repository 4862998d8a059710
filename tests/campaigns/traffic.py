"""Calls that are made until they are answered: whatever gets no answer is sent again with the same key."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from random import Random

import aiohttp

from tests.clients.till import Answer, Till

PAUSE_SECONDS = 0.05
PATIENCE_SECONDS = 180
NOT_SERVED = frozenset({503})
"""Answers that say that nothing is known and the call is to be made again."""

Call = Callable[[str], Awaitable[Answer]]
"""A call, made at the address of a server."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A call that was answered with 200: what was asked under which key, and what was answered."""

    till: Till
    key: str
    method: str
    path: str
    body: object
    answer: Answer


@dataclass(slots=True)
class Traffic:
    """All calls of a campaign, spread over servers; `in_flight` have been sent and not been answered yet."""

    addresses: list[str] = field(default_factory=list[str])
    in_flight: int = 0
    answered: int = 0
    unanswered: int = 0
    turned_away: int = 0
    found_done: int = 0
    """Calls that had happened although their first answer never arrived."""
    asked: list[Asked] = field(default_factory=list[Asked])
    surprises: list[str] = field(default_factory=list[str])
    progress: asyncio.Event = field(default_factory=asyncio.Event)

    async def ask(self, till: Till, method: str, path: str, body: object, key: str | None = None) -> Answer:
        """Make a till's call until it is answered."""
        answer = await self.until_answered(
            f"{method} {path}", lambda address: replace(till, url=address).call(method, path, body, key=key)
        )
        if key is not None and answer.status == 200:
            self.asked.append(Asked(till, key, method, path, body, answer))
        return answer

    async def until_answered(self, what: str, call: Call) -> Answer:
        """Make a call until it is answered, however often servers go away; each try goes to the next server."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        first = self.answered
        tries = 0
        while True:
            assert time.monotonic() < deadline, f"{what} was never answered"
            address = self.addresses[(first + tries) % len(self.addresses)]
            tries += 1
            answer = await self._once(call(address))
            if answer is not None and answer.status not in NOT_SERVED:
                break
            self.turned_away += answer is not None
            await asyncio.sleep(PAUSE_SECONDS)
        self.answered += 1
        self.found_done += tries > 1 and answer.is_replayed
        self.progress.set()
        if answer.status >= 500 or answer.status in {401, 404, 405, 408, 413, 415, 422}:
            self.surprises.append(f"{what} was answered {answer.status} {answer.text}")
        return answer

    async def _once(self, call: Awaitable[Answer]) -> Answer | None:
        self.in_flight += 1
        try:
            return await call
        except (aiohttp.ClientError, TimeoutError, OSError):
            self.unanswered += 1
            return None
        finally:
            self.in_flight -= 1


def new_key(random: Random) -> str:
    """A key that the same seed makes again."""
    return f"{random.getrandbits(96):024x}"
