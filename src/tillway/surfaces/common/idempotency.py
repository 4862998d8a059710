"""The caller's own name for a request (`Idempotency-Key`), by which a repeated one is answered and not done again."""

import re
from dataclasses import dataclass

from tillway.surfaces.common.faults import Fault, FaultKind, Invalid
from tillway.surfaces.common.reading import Headers

HEADER = "Idempotency-Key"
LONGEST_KEY = 255

_KEY = re.compile(rb"[!-~]{1,255}")


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    """The caller's key and the fingerprint of the request it came with."""

    key: str
    fingerprint: str


def read_key(headers: Headers) -> str | None:
    """The key of a request, if it has one. Raises Invalid unless it is 1 to 255 visible ASCII characters."""
    found = headers.get(b"idempotency-key")
    if found is None:
        return None
    if _KEY.fullmatch(found) is None:
        message = f"should be 1 to {LONGEST_KEY} visible ASCII characters"
        raise Invalid([Fault((HEADER,), FaultKind.BAD_VALUE, message)])
    return found.decode("ascii")
