"""Moments as APIs write them."""

from datetime import UTC, datetime
from functools import lru_cache


def iso_moment(at: int) -> str:
    """Microseconds UTC as ISO 8601 with milliseconds."""
    return f"{_second(at // 1_000_000)}.{at // 1000 % 1000:03d}Z"


@lru_cache(maxsize=4096)
def _second(since_epoch: int) -> str:
    """Seconds since 1970 as ISO 8601; one answer has the same second more than once, and so have its neighbours."""
    return f"{datetime.fromtimestamp(since_epoch, UTC):%Y-%m-%dT%H:%M:%S}"
