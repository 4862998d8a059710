"""The pretend acquirer's caller: lets its payments settle, and tells the gateway over HTTP until it listens."""

from collections.abc import Callable
from typing import Any

import msgspec
import structlog

from tillway.commands import pretending
from tillway.commands.pretending import Due
from tillway.commands.tools import Tools
from tillway.connectors.outbound import Outbound, Unanswered
from tillway.connectors.signatures import Signatures
from tillway.domain.pretended import Pretended, PretendedCall
from tillway.workers.loop import Chore
from tillway.workers.together import all_of

AT_ONCE = 64
RESTS = (0.05, 0.5)

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class PretendCaller:
    """Part of the sandbox only."""

    def __init__(self, tools: Tools, outbound: Outbound, secret: str, wall_clock: Callable[[], float]) -> None:
        self._tools = tools
        self._outbound = outbound
        self._signatures = Signatures(secret)
        self._wall_clock = wall_clock

    def chore(self) -> Chore:
        """Call, as the loop does it."""
        return Chore("pretend", self.turn, RESTS)

    async def turn(self) -> bool:
        """Do what is due of up to AT_ONCE payments."""
        found = await pretending.due(self._tools, AT_ONCE)
        return await all_of("pretend", (self._tell(identity) for identity in found)) and bool(found)

    async def _tell(self, identity: str) -> None:
        due = await pretending.take_calls(self._tools, identity)
        if due is None or not due.calls:
            return
        heard = [call.number for call in due.calls if await self._call(due, call)]
        if heard:
            await pretending.heard(self._tools, identity, heard)

    async def _call(self, due: Due, call: PretendedCall) -> bool:
        """Whether the gateway has taken a call in."""
        terms = due.payment.terms
        if terms is None:
            return True
        body = msgspec.json.encode(_told(due.payment, call))
        message = f"callback-{due.payment.reference}-{call.number}"
        headers = {
            "Content-Type": "application/json",
            **self._signatures.headers(message, body, self._wall_clock()),
        }
        try:
            answer = await self._outbound.exchange("POST", terms.callback_url, headers, body)
        except Unanswered as error:
            _log.warning("gateway did not answer the pretend acquirer", message=message, reason=error.reason)
            return False
        return 200 <= answer.status < 300


def _told(payment: Pretended, call: PretendedCall) -> dict[str, Any]:
    """What a call says: how it stood when the call was noted, which may be old news by now."""
    refund = payment.refund_of(call.refund)
    if refund is not None:
        return {"refund": {"id": refund.id, "payment": payment.id, "state": call.state, "reason": refund.reason}}
    return {
        "payment": {
            "id": payment.id,
            "reference": payment.reference,
            "state": call.state,
            "scheme": payment.scheme,
            "mask": payment.mask,
            "reason": payment.reason,
        }
    }
