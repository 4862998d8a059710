"""Types for the members of wire models, for what JSON has and strict pydantic does not take from it."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema
from pydantic_core import PydanticCustomError

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST_MOMENT = 40


def _exact(value: object) -> Decimal:
    if isinstance(value, Decimal):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    raise PydanticCustomError("number_type", "Input should be a number")


def _microseconds(value: object) -> int:
    if not isinstance(value, str):
        raise PydanticCustomError("moment_type", "Input should be a text: a moment as ISO 8601 writes it")
    try:
        since = datetime.fromisoformat(value[:_LONGEST_MOMENT]) - _EPOCH
    except (ValueError, TypeError, OverflowError):
        raise PydanticCustomError(
            "moment", "Input should be a moment with its zone, as ISO 8601 writes it: 2026-11-20T14:30:00Z"
        ) from None
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


ExactNumber = Annotated[Decimal, BeforeValidator(_exact), WithJsonSchema({"type": "number"})]
"""Any JSON number, exactly as it was written; never a text."""

PositiveNumber = Annotated[
    Decimal, BeforeValidator(_exact), Field(gt=0), WithJsonSchema({"type": "number", "exclusiveMinimum": 0})
]
"""A JSON number above zero, exactly as it was written."""

Moment = Annotated[
    int,
    BeforeValidator(_microseconds),
    PlainSerializer(lambda at: (datetime.fromtimestamp(at // 1_000_000, UTC)).isoformat(), return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""A moment as ISO 8601 writes it, with its zone; microseconds since 1970 inside."""
