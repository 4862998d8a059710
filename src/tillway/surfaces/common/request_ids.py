"""The id under which one request is found again in logs: the caller's own, or a new one."""

import os
import re

from tillway.surfaces.common.reading import Headers

_BYTES_OF_AN_ID = 16
_BYTES_AT_ONCE = 256 * _BYTES_OF_AN_ID
_SAFE = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_CARD_NUMBER_LIKE = re.compile(rb"\d{13,}")


class RequestIds:
    """Makes ids of 32 hexadecimal digits; asks the system for randomness once in 256 ids."""

    def __init__(self) -> None:
        self._bytes = b""
        self._used = 0

    def of(self, headers: Headers) -> str:
        """The caller's `x-request-id` if it is 1 to 64 safe characters and no card number, else a new id."""
        given = headers.get(b"x-request-id")
        if given is not None and _SAFE.fullmatch(given) and not _CARD_NUMBER_LIKE.search(given):
            return given.decode("ascii")
        return self._new()

    def _new(self) -> str:
        start = self._used
        if start == len(self._bytes):
            self._bytes = os.urandom(_BYTES_AT_ONCE)
            start = 0
        self._used = start + _BYTES_OF_AN_ID
        return self._bytes[start : self._used].hex()
