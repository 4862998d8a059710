"""The webhook `payment.statusCheck`: whether a merchant lets a payment go on, asked before its payer meets the bank."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

import msgspec

from tillway.domain.hooks import Hook, HookType
from tillway.domain.ids import ClientId
from tillway.domain.schedules import ORDERS
from tillway.domain.telling import Audience
from tillway.surfaces.order_api.notices import body, payment_data

LIMIT_SECONDS: Final = 5.0
"""How long a payer waits for the merchant's answer."""

MOST_ASKED: Final = 64
"""So many are asked at once; who waits for a place waits within the same limit."""

Ask = Callable[[str, str, Mapping[str, str], bytes], Awaitable[tuple[int, bytes] | None]]
"""A request to a hook: method, URL, headers and body; its status and answer, or None if there was none."""

Sign = Callable[[ClientId, str, str, str], Awaitable[Mapping[str, str]]]
"""The headers of what a client is told: its id, that of what is told, the schedule, and the body."""


class _Said(msgspec.Struct):
    proceed: bool = True


_read = msgspec.json.Decoder(_Said).decode


class StatusChecks:
    """Asks every hook at the same time; a plain no of one of them is a no, whatever the others say."""

    def __init__(self, ask: Ask, sign: Sign, limit_seconds: float = LIMIT_SECONDS) -> None:
        self._ask = ask
        self._sign = sign
        self._limit_seconds = limit_seconds
        self._places = asyncio.Semaphore(MOST_ASKED)

    async def may_proceed(self, audience: Audience) -> bool:
        """Whether to go on: an answer that is late, missing, a failure or not understood is no no."""
        if audience.terms is None or audience.instruction is None:
            return True
        kind, client = HookType.PAYMENT_STATUS_CHECK, audience.order.client_id
        data = payment_data(audience.terms, audience.instruction)
        text = body(kind, kind, audience.event_id, client, audience.at, data)
        headers = await self._sign(client, audience.event_id, ORDERS, text)
        said = await asyncio.gather(*(self._says_no(hook, headers, text.encode()) for hook in audience.hooks))
        return not any(said)

    async def _says_no(self, hook: Hook, headers: Mapping[str, str], content: bytes) -> bool:
        try:
            async with asyncio.timeout(self._limit_seconds), self._places:
                answer = await self._ask("POST", hook.url, headers, content)
        except TimeoutError:
            return False
        return answer is not None and 200 <= answer[0] < 300 and _is_no(answer[1])


def _is_no(answer: bytes) -> bool:
    """Whether an answer is a JSON object whose `proceed` is false."""
    try:
        return not _read(answer).proceed
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return False
