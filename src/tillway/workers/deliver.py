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
MOST_IN_FLIGHT_OF_A_HOST = 4
MOST_OF_A_SLOT = MOST_OF_A_HOST // MOST_IN_FLIGHT_OF_A_HOST
PROMPT = 2 * SECOND
LEASE = MINUTE
"""Longer than all tries of one slot: prompt ones, and a last one up to its time limit. If the process is killed, its
notices are due again once the lease has run out."""

RESTS = (0.02, 0.25)
COLLECT_SECONDS = 0.005
"""When one slot is free again, others soon are: looking once for all of them is cheaper than for each."""

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
        self._slots = Slots(most_in_flight, MOST_IN_FLIGHT_OF_A_HOST)
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
        await asyncio.sleep(COLLECT_SECONDS)
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
        leased: dict[NoticeId, Notice] = {}
        try:
            ids = [identity for _, some in chosen for identity in some]
            leased = {notice.id: notice for notice in await commands.lease(self._tools, ids, LEASE)}
        finally:
            for slot, ids in chosen:
                notices = [leased[identity] for identity in ids if identity in leased]
                if notices:
                    self._start(slot, notices)
                else:
                    self._slots.give_back(slot, went_well=None)
        return len(leased)

    def _choose(self, found: Sequence[Sequence[Any]]) -> list[tuple[Slot, list[NoticeId]]]:
        """Who is told what now, host by host; the next turn goes on with the hosts after the last one looked at."""
        chosen: list[tuple[Slot, list[NoticeId]]] = []
        self._after = found[-1][0] if len(found) == MOST_HOSTS else ""
        for host, due in found:
            ids = [NoticeId(identity) for identity in due.split(" ")] if due else []
            slots: list[Slot] = []
            while len(slots) < len(ids) and (slot := self._slots.take(host)) is not None:
                slots.append(slot)
            chosen += ((slot, _share(ids, place, len(slots), slot)) for place, slot in enumerate(slots))
            if not self._slots.free:
                self._after = host
                break
        return chosen

    def _start(self, slot: Slot, notices: Sequence[Notice]) -> None:
        task = asyncio.create_task(self._tell(slot, notices))
        self._in_flight.add(task)
        task.add_done_callback(self._in_flight.discard)

    async def _tell(self, slot: Slot, notices: Sequence[Notice]) -> None:
        """One try after another, as long as the host answers promptly; the rest is due again after its lease."""
        went_well = False
        recording: list[asyncio.Task[None]] = []
        try:
            for notice in notices:
                reply = await self._try(notice)
                recording.append(asyncio.create_task(self._record(notice, reply)))
                prompt = reply.status != 0 and reply.duration <= PROMPT
                went_well = prompt and reply.is_accepted
                if not prompt:
                    break
        except Exception:  # noqa: BLE001 - a fault of ours; the lease runs out, and the notice is tried again
            _log.exception("try not made", host=slot.host)
        finally:
            self._slots.give_back(slot, went_well=went_well)
            await asyncio.gather(*recording)

    async def _record(self, notice: Notice, reply: Reply) -> None:
        jitter = secrets.randbelow(2 * LARGEST_JITTER + 1) - LARGEST_JITTER
        try:
            await commands.record(self._tools, notice, reply, jitter)
        except Exception:  # noqa: BLE001 - the lease runs out, and the notice is tried again
            _log.exception("try not recorded", notice=notice.id)

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


def _share(ids: Sequence[NoticeId], place: int, places: int, slot: Slot) -> list[NoticeId]:
    """What one of a host's places tells, one after another; a host that is not proven is told one thing."""
    return list(ids[place::places][:MOST_OF_A_SLOT]) if slot.proven else list(ids[:1])


def _since(begun: int) -> int:
    return (time.monotonic_ns() - begun) // 1000


def _text(answer: Answer) -> str:
    """The answer as text that every database takes."""
    return answer.body.decode("utf-8", "replace").replace("\0", "\N{REPLACEMENT CHARACTER}")
