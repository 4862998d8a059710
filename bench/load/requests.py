"""Ready-made requests of the gift-card API, as bytes of one size."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.load.wrk import Requests

AMOUNT_MINOR = 10
"""What every payment is for, so that one card pays very many."""

AMOUNT = AMOUNT_MINOR / 100
"""The same in the major unit."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: a client's id and secret."""

    client_id: str
    secret: str


def create(caller: Caller, key: str = "") -> bytes:
    """Create a payment that the caller performs itself; under an Idempotency-Key if one is given."""
    return _post(caller, "/v1/payments", {"amount": AMOUNT, "accessMode": "api"}, key)


def perform(caller: Caller, payment_id: str, numbers: Sequence[str], key: str = "") -> bytes:
    """Pay with cards, each giving an equal part."""
    part = AMOUNT / len(numbers)
    cards = [{"cardNumber": number, "amount": part} for number in numbers]
    return _post(caller, f"/v1/payments/{payment_id}/perform", {"cards": cards}, key)


def write(file: Path, requests: Iterable[bytes], *, again: bool = False) -> Requests:
    """Put requests into a file, to be sent once or again and again. Raises ValueError unless they are of one size."""
    sizes: set[int] = set()
    with file.open("wb") as opened:
        for request in requests:
            sizes.add(len(request))
            opened.write(request)
    (size,) = sizes
    return Requests(file, size, again)


def _post(caller: Caller, path: str, body: object, key: str) -> bytes:
    text = json.dumps(body, separators=(",", ":"))
    lines = [
        f"POST {path} HTTP/1.1",
        "Host: 127.0.0.1",
        f"x-client-id: {caller.client_id}",
        f"x-client-secret: {caller.secret}",
        "Content-Type: application/json",
        *([f"Idempotency-Key: {key}"] if key else []),
        f"Content-Length: {len(text)}",
    ]
    return ("\r\n".join(lines) + "\r\n\r\n" + text).encode()
