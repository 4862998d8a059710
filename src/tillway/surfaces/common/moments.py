"""Moments as APIs write them."""

from datetime import UTC, datetime


def iso_moment(at: int) -> str:
    """Microseconds UTC as ISO 8601 with milliseconds."""
    return f"{datetime.fromtimestamp(at // 1_000_000, UTC):%Y-%m-%dT%H:%M:%S}.{at // 1000 % 1000:03d}Z"
