"""Calendar days: in a merchant's time zone, the instants at which they end, and as the store counts them."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_DAY = _EPOCH.date()


def end_of(day: date, zone: str) -> int:
    """The first instant after `day` in `zone` (`Europe/Oslo`), in microseconds since 1970, UTC."""
    midnight = datetime.combine(day + timedelta(days=1), time.min, ZoneInfo(zone))
    return (midnight - _EPOCH) // timedelta(microseconds=1)


def last_before(at: int, zone: str) -> date:
    """The last day in `zone` of something that ends at `at`: the day of the instant before (microseconds UTC)."""
    return (_EPOCH + timedelta(microseconds=at - 1)).astimezone(ZoneInfo(zone)).date()


def today(now: int, zone: str) -> date:
    """The day of `now` in `zone`."""
    return last_before(now + 1, zone)


def counted(day: date) -> int:
    """The days from 1970 until `day`."""
    return (day - _FIRST_DAY).days


def day_of(days: int) -> date:
    """The day that is so many days after 1970 began."""
    return _FIRST_DAY + timedelta(days=days)
