"""The deliverer: tells receivers what is due, as the store has it, and records every try."""

import asyncio
import secrets
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import structlog

from tillway.commands import notices as commands
from tillway.commands.tools import Tools
from tillway.connectors.outbound import Answer, Outbound, Unanswered
from tillway.domain.delivery import LARGEST_JITTER, Reply
from tillway.domain.ids import NoticeId
from tillway.domain.notices import Notice
from tillway.domain.schedules import MINUTE, SECOND
from tillway.store.due import MOST_HOSTS, MOST_OF_A_HOST, notices_to_try
from tillway.workers.loop import DRAIN_SECONDS, Chore
from tillway.workers.signing import Signer
from tillway.workers.slots import Slot, Slots

MOST_IN_FLIGHT = 128
LEASE = MINUTE
"""A try ends well before; if its process is killed, the notice is due again once the lease has run out."""

PROMPT = 2 * SECOND
RESTS = (0.02, 0.25)

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class Deliverer:
    """Keeps tries in flight, each on its own; several deliverers on one database share the work by leases."""

    def __init__(
        self,
        tools: Tools,
        outbound: Outbound,
        *,
        wall_clock: Callable[[], float] = time.time,
        most_in_flight: int = MOST_IN_FLIGHT,
    ) -> None:
        self._tools = tools
        self._outbound = outbound
        self._wall_clock = wall_clock
        self._signer = Signer(tools, wall_clock)
        self._slots = Slots(most_in_flight, MOST_OF_A_HOST)
        self._in_flight: set[asyncio.Task[None]] = set()
        self._after = ""

    def chore(self) -> Chore:
        """Deliver, as the loop does it."""
        return Chore("deliver", self.turn, RESTS, finish=self.finish)

    async def turn(self) -> bool:
        """Begin as many tries as there is room for; where nothing could be begun, wait a moment for one to end."""
        begun = await self._begin() if self._slots.free else 0
        if begun or not self._in_flight:
            return bool(begun or self._after)
        await asyncio.wait(self._in_flight, timeout=RESTS[1], return_when=asyncio.FIRST_COMPLETED)
        return True

    async def finish(self, drain_seconds: float = DRAIN_SECONDS) -> None:
        """Wait for the tries in flight; one that is cut short is made again once its lease has run out."""
        if self._in_flight:
            _, late = await asyncio.wait(self._in_flight, timeout=drain_seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _begin(self) -> int:
        found = await self._tools.store.fetch(notices_to_try(self._tools.now(), self._after))
        chosen = self._choose(found)
        if not chosen:
            return 0
        leased: tuple[Notice, ...] = ()
        try:
            leased = await commands.lease(self._tools, tuple(chosen), LEASE)
        finally:
            for identity in chosen.keys() - {notice.id for notice in leased}:
                self._slots.give_back(chosen[identity], prompt=None)
        for notice in leased:
            task = asyncio.create_task(self._tell(notice, chosen[notice.id]))
            self._in_flight.add(task)
            task.add_done_callback(self._in_flight.discard)
        return len(leased)

    def _choose(self, found: Sequence[Sequence[Any]]) -> dict[NoticeId, Slot]:
        """What to try now, host by host; the next turn goes on with the hosts after the last one looked at."""
        chosen: dict[NoticeId, Slot] = {}
        self._after = found[-1][0] if len(found) == MOST_HOSTS else ""
        for row in found:
            host: str = row[0]
            for identity in row[1:]:
                slot = self._slots.take(host) if identity else None
                if slot is None:
                    break
                chosen[NoticeId(identity)] = slot
            if not self._slots.free:
                self._after = host
                break
        return chosen

    async def _tell(self, notice: Notice, slot: Slot) -> None:
        prompt = False
        try:
            reply = await self._try(notice)
            prompt = reply.status != 0 and reply.duration <= PROMPT
            jitter = secrets.randbelow(2 * LARGEST_JITTER + 1) - LARGEST_JITTER
            await commands.record(self._tools, notice, reply, jitter)
        except Exception:  # noqa: BLE001 - the lease runs out, and the notice is tried again
            _log.exception("try not recorded", notice=notice.id)
        finally:
            self._slots.give_back(slot, prompt=prompt)

    async def _try(self, notice: Notice) -> Reply:
        at = self._tools.now()
        headers = await self._signer.headers(notice)
        begun = time.monotonic_ns()
        try:
            answer = await self._outbound.exchange("POST", notice.url, headers, notice.body.encode())
        except Unanswered as error:
            return Reply(at, _since(begun), 0, error.reason, 0)
        return Reply(at, _since(begun), answer.status, _text(answer), self._retry_after(answer))

    def _retry_after(self, answer: Answer) -> int:
        """Microseconds to wait as the receiver asks, in seconds or until a date (RFC 9110, 10.2.3), or 0."""
        asked = answer.retry_after.strip()
        if asked.isascii() and asked.isdigit():
            return int(asked[:9]) * SECOND
        try:
            moment = parsedate_to_datetime(asked)
        except ValueError:
            return 0
        until = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return max(0, round((until - datetime.fromtimestamp(self._wall_clock(), UTC)).total_seconds()) * SECOND)


def _since(begun: int) -> int:
    return (time.monotonic_ns() - begun) // 1000


def _text(answer: Answer) -> str:
    """The answer as text that every database takes."""
    return answer.body.decode("utf-8", "replace").replace("\0", "\N{REPLACEMENT CHARACTER}")
