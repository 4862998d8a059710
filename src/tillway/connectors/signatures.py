"""The signatures of calls between us and a far side that shares a secret with us: Standard Webhooks, and one older."""

import hmac
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from standardwebhooks import Webhook

WINDOW_SECONDS = 300
"""How far a call's time may be from ours (Standard Webhooks leaves it to the receiver and suggests five minutes)."""

_LONGEST_STAMP = 12
_MOST_MARKS = 8


def dated_signature(secrets: Sequence[str], body: bytes, at: float) -> str:
    """The header `Signature` of the payment orders document, sent at `at` (seconds since 1970).

    `ts=<ISO UTC>;v0=<hex>;v1=…`: a mark for each secret, oldest first, each an HMAC-SHA256 (RFC 2104) of the time as it
    stands there, a full stop and the body. The key is the secret as text.
    """
    stamp = datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    said = stamp.encode() + b"." + body
    marks = (hmac.new(secret.encode(), said, "sha256").hexdigest() for secret in secrets)
    return ";".join((f"ts={stamp}", *(f"v{place}={mark}" for place, mark in enumerate(marks))))


class Signatures:
    """Signs what we send and checks what comes, with one secret (`whsec_…`)."""

    def __init__(self, secret: str) -> None:
        self._signer = Webhook(secret)

    def headers(self, message: str, body: bytes, at: float) -> dict[str, str]:
        """What goes with a call that is named `message`, sent at `at` (seconds since 1970)."""
        moment = datetime.fromtimestamp(int(at), UTC)
        return {
            "webhook-id": message,
            "webhook-timestamp": str(int(at)),
            "webhook-signature": self._signer.sign(message, moment, body.decode()),
        }

    def are_right(self, headers: Mapping[str, str], body: bytes, now: float) -> bool:
        """Whether a call was signed with our secret, close to `now` (seconds since 1970); never raises.

        `headers` have lower-case names.
        """
        stamp = headers.get("webhook-timestamp", "")
        if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= _LONGEST_STAMP):
            return False
        if abs(int(stamp) - now) > WINDOW_SECONDS:
            return False
        try:
            expected = self.headers(headers.get("webhook-id", ""), body, int(stamp))["webhook-signature"].encode()
        except (OverflowError, UnicodeError, ValueError):
            return False
        marks = headers.get("webhook-signature", "").encode("utf-8", "replace").split(b" ", _MOST_MARKS)
        return any(hmac.compare_digest(expected, mark) for mark in marks)
