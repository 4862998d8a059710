"""One exchange with one bank: asked under an id, and believed only where the answer names that id."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import msgspec
import structlog

from tillway.connectors.berlin.aspsps import Aspsp
from tillway.connectors.berlin.reading import Members, members_of
from tillway.connectors.outbound import Outbound, Unanswered

LONGEST_ANSWER: Final = 64 * 1024

REQUEST_ID: Final = "X-Request-ID"

_NOTHING = b"{}"

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Said:
    """What a bank answered: the members of its JSON object, none where there was no body."""

    status: int
    members: Members
    headers: Mapping[str, str]

    @property
    def is_done(self) -> bool:
        """Whether it did what it was asked."""
        return 200 <= self.status < 300

    @property
    def is_refused(self) -> bool:
        """Whether it says that what it was asked cannot be done."""
        return 400 <= self.status < 500


class Wire:
    """Asks banks; `limit_seconds` is how long one exchange may take."""

    def __init__(self, outbound: Outbound, wall_clock: Callable[[], float], limit_seconds: float) -> None:
        self._outbound = outbound
        self._wall_clock = wall_clock
        self._limit_seconds = limit_seconds

    async def ask(
        self,
        bank: Aspsp,
        method: str,
        path: str,
        request_id: str,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
    ) -> Said | None:
        """The answer to a request at `path`; None if none came that is understood, and is one to this request.

        The standard has every answer repeat the request's id, so an answer without it is somebody else's.
        """
        sent = {"Accept": "application/json", REQUEST_ID: request_id, **(headers or {}), **bank.headers}
        if body:
            sent["Content-Type"] = "application/json"
        if bank.seal is not None:
            sent |= bank.seal.headers(sent, body, self._wall_clock())
        try:
            answer = await self._outbound.exchange(
                method,
                bank.url + path,
                sent,
                body,
                limit_seconds=self._limit_seconds,
                longest_answer=LONGEST_ANSWER,
                tls=bank.tls,
            )
        except Unanswered as error:
            _log.warning("bank did not answer", bank=bank.id, request=request_id, reason=error.reason)
            return None
        members = members_of(answer.body or _NOTHING)
        if members is None or answer.headers.get(REQUEST_ID, "").lower() != request_id:
            _log.warning("bank was not understood", bank=bank.id, request=request_id, status=answer.status)
            return None
        return Said(answer.status, members, answer.headers)


def body_of(members: Mapping[str, object]) -> bytes:
    """Members as a JSON object."""
    return msgspec.json.encode(members)
