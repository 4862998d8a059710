"""What the gateway writes down about itself: a JSON object a line, never a body, a header, a secret, a card number."""

import logging
import re
from asyncio import TimerHandle, get_running_loop
from collections.abc import Callable
from datetime import datetime
from typing import BinaryIO, TypeAlias, cast

import msgspec
import structlog
from structlog.types import EventDict, Processor, WrappedLogger

FLUSH_SECONDS = 0.2
FLUSH_BYTES = 64 * 1024

_CARD_NUMBER_LIKE = re.compile(r"(?<!\d)\d(?: ?\d){12,}(?!\d)")
_SMALLEST_CARD_NUMBER = 10**12
_MASK = "[digits masked]"
_DEEPEST = 6

_Container: TypeAlias = dict[object, object] | list[object] | tuple[object, ...] | set[object] | frozenset[object]

_to_json = msgspec.json.Encoder(enc_hook=str, decimal_format="number").encode


class AccessLine(msgspec.Struct, gc=False):
    """One request that was answered. `route` is the template of its path, since paths themselves may carry tokens."""

    at: datetime
    request_id: str
    api: str
    method: str
    route: str
    status: int
    milliseconds: float
    client: str | None
    event: str = "request"
    level: str = "info"


class AccessLog:
    """Writes a line for each request; collects lines up to a fifth of a second, since a write costs more than a line.

    It goes past structlog on purpose: a line costs 2 µs, and there is one for every request.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._lines = bytearray()
        self._encoder = msgspec.json.Encoder()
        self._timer: TimerHandle | None = None

    def write(self, line: AccessLine) -> None:
        """Takes a line; it is on the stream within `FLUSH_SECONDS`."""
        self._lines += self._encoder.encode(line)
        self._lines += b"\n"
        if len(self._lines) > FLUSH_BYTES:
            self.flush()
        elif self._timer is None:
            self._timer = get_running_loop().call_later(FLUSH_SECONDS, self.flush)

    def flush(self) -> None:
        """Puts what was collected on the stream; to be called once more when the server stops."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._lines:
            lines, self._lines = self._lines, bytearray()
            self._stream.write(lines)
            self._stream.flush()


def configure(stream: BinaryIO, level: int = logging.INFO) -> None:
    """Send everything that is logged, by structlog or by the standard library, to `stream`, as JSON and redacted."""
    before: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
    ]
    after: list[Processor] = [structlog.processors.format_exc_info, redact, _render]
    structlog.configure(
        processors=[*before, *after],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.BytesLoggerFactory(stream),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(_TextStream(stream.write, stream.flush))
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*before, structlog.stdlib.ExtraAdder()],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *after, _as_text],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)


def redact(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Masks every run of 13 digits or more, which may be a card number, in texts and numbers anywhere in a line."""
    return {name: _redacted(value, _DEEPEST) for name, value in event.items()}


def _redacted(value: object, deep: int) -> object:
    if isinstance(value, dict | list | tuple | set | frozenset):
        return _redacted_inside(cast(_Container, value), deep - 1) if deep else "…"
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int) and abs(value) < _SMALLEST_CARD_NUMBER:
        return value
    return _CARD_NUMBER_LIKE.sub(_MASK, str(value))


def _redacted_inside(value: _Container, deep: int) -> object:
    if isinstance(value, dict):
        return {_redacted(str(name), deep): _redacted(inner, deep) for name, inner in value.items()}
    return [_redacted(inner, deep) for inner in value]


def _render(_logger: WrappedLogger, _method: str, event: EventDict) -> bytes:
    return _to_json(event)


def _as_text(_logger: WrappedLogger, _method: str, line: object) -> str:
    return cast("bytes", line).decode()


class _TextStream:
    """What the standard library's handlers write text to."""

    def __init__(self, write: Callable[[bytes], object], flush: Callable[[], None]) -> None:
        self._write = write
        self.flush = flush

    def write(self, text: str) -> None:
        self._write(text.encode())
