"""Doing many alike at once, so that one that fails keeps no other from being done."""

import asyncio
from collections.abc import Awaitable, Iterable

import structlog

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


async def all_of(chore: str, jobs: Iterable[Awaitable[object]]) -> bool:
    """Do every job side by side; whether all went well. Faults are logged, the first of them in full."""
    done = await asyncio.gather(*jobs, return_exceptions=True)
    faults = [one for one in done if isinstance(one, BaseException)]
    if faults:
        _log.error("parts of a chore failed", chore=chore, failed=len(faults), of=len(done), exc_info=faults[0])
    return not faults
