"""Receiving a request's body within its limits: of size, of time, and of media type."""

import asyncio
from asyncio import AbstractEventLoop, Task, TimerHandle
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from starlette.types import Receive

_MOST_LENGTH_DIGITS = 18
_MOST_BYTES_DISCARDED = 32 * 1024 * 1024
_DISCARDING_SECONDS = 5.0
_QUIET_SECONDS = 0.5

FORM_MEDIA_TYPE = b"application/x-www-form-urlencoded"

Headers = Mapping[bytes, bytes]
"""A request's header fields by lower-case name; of a field sent twice, the last."""


class BodyRefused(Exception):
    """The body will not be read."""


class BodyTooLarge(BodyRefused):
    """The body is larger than the dialect allows."""


class BodyTooSlow(BodyRefused):
    """The body was not complete in time."""


class WrongMediaType(BodyRefused):
    """The body is not of a media type that the dialect reads, or is compressed."""


class CallerGone(BodyRefused):
    """The connection was closed before the body was complete."""


@dataclass(frozen=True, slots=True)
class BodyRules:
    """What a dialect accepts as a body. A missing media type is taken for JSON; an empty body needs none."""

    most_bytes: int = 64 * 1024
    within_seconds: float = 15.0
    any_json_suffix: bool = True
    """Whether `application/<anything>+json` will do."""
    any_case: bool = False
    """Whether the names of a body's members are matched without regard to upper and lower case."""
    any_media_type: bool = False
    """Whether the body may be anything at all, since somebody else reads it."""
    form: bool = False
    """Whether the body is a form's url-encoded fields, and not JSON."""


class BodyReader:
    """Reads bodies by one set of rules.

    One timer looks after all slow bodies together, since a timer for each request costs as much as reading its JSON.
    """

    def __init__(self, rules: BodyRules) -> None:
        self._rules = rules
        self._deadlines: dict[Task[object], float] = {}
        self._overdue: set[Task[object]] = set()
        self._timer: TimerHandle | None = None

    async def read(self, receive: Receive, headers: Headers) -> bytes:
        """The whole body. Raises BodyTooLarge, BodyTooSlow, WrongMediaType or CallerGone."""
        self.check_length(headers)
        if not (self._is_readable(headers) or _announces_nothing(headers)):
            raise WrongMediaType
        task = asyncio.current_task()
        assert task is not None
        loop = task.get_loop()
        self._deadlines[task] = loop.time() + self._rules.within_seconds
        if self._timer is None:
            self._watch(loop)
        try:
            return await self._collect(receive)
        except asyncio.CancelledError:
            if task not in self._overdue:
                raise
            task.uncancel()
            raise BodyTooSlow from None
        finally:
            del self._deadlines[task]
            self._overdue.discard(task)

    def check_length(self, headers: Headers) -> None:
        """Raises BodyTooLarge if the caller announces more than will be read."""
        announced = headers.get(b"content-length")
        if announced is None:
            return
        if not announced.isdigit() or len(announced) > _MOST_LENGTH_DIGITS or int(announced) > self._rules.most_bytes:
            raise BodyTooLarge

    def _is_readable(self, headers: Headers) -> bool:
        media_type = headers.get(b"content-type", b"")
        rules = self._rules
        plain = b"content-encoding" not in headers
        if rules.form:
            return plain and _is_form(media_type)
        return plain and (rules.any_media_type or _is_json(media_type, rules.any_json_suffix))

    async def _collect(self, receive: Receive) -> bytes:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise CallerGone
        body: bytes = message.get("body", b"")
        if not message.get("more_body", False) and len(body) <= self._rules.most_bytes:
            return body
        parts = bytearray(body)
        while message.get("more_body", False):
            if len(parts) > self._rules.most_bytes:
                raise BodyTooLarge
            message = await receive()
            if message["type"] == "http.disconnect":
                raise CallerGone
            parts += message.get("body", b"")
        if len(parts) > self._rules.most_bytes:
            raise BodyTooLarge
        return bytes(parts)

    def _watch(self, loop: AbstractEventLoop) -> None:
        self._timer = loop.call_later(min(1.0, self._rules.within_seconds / 4), self._cancel_overdue, loop)

    def _cancel_overdue(self, loop: AbstractEventLoop) -> None:
        now = loop.time()
        for task, deadline in self._deadlines.items():
            if deadline <= now and task not in self._overdue:
                self._overdue.add(task)
                task.cancel()
        self._timer = None
        if self._deadlines:
            self._watch(loop)


async def discard_rest(receive: Receive) -> None:
    """Take in what a refused caller is still sending, for a while, so that its answer is not lost when we hang up.

    A connection closed on unread bytes is reset, and a caller who only reads after writing would see just that.
    """
    left = _MOST_BYTES_DISCARDED
    try:
        async with asyncio.timeout(_DISCARDING_SECONDS):
            while left > 0:
                async with asyncio.timeout(_QUIET_SECONDS):
                    message = await receive()
                left -= len(message.get("body", b""))
                if not message.get("more_body", False):
                    return
    except TimeoutError:
        return


def _announces_nothing(headers: Headers) -> bool:
    """Whether no body follows (RFC 9112, 6.3): some clients give a media type to what they do not send."""
    return headers.get(b"content-length", b"0") == b"0" and b"transfer-encoding" not in headers


def _is_form(content_type: bytes) -> bool:
    return content_type.partition(b";")[0].strip().lower() == FORM_MEDIA_TYPE


@lru_cache(maxsize=256)
def _is_json(content_type: bytes, any_json_suffix: bool) -> bool:
    if not content_type:
        return True
    media_type, *parameters = (part.strip() for part in content_type.decode("latin-1").lower().split(";"))
    if any(part.startswith("charset=") and part[8:].strip('"') not in {"utf-8", "utf8"} for part in parameters):
        return False
    return media_type == "application/json" or (
        any_json_suffix and media_type.startswith("application/") and media_type.endswith("+json")
    )
