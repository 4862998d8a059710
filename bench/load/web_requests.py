"""Ready-made requests of the web payments API, as bytes of one size."""

import base64
import hashlib
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import cast

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from bench.load.requests import AMOUNT

ORIGIN = "https://shop.example"
RETURN_URL = f"{ORIGIN}/thanks"
POSTBACK_URL = "https://127.0.0.1/postback"
"""Nobody is told there: a gateway in production calls no address of its own machine."""

COUNTRY, LANGUAGE = "NO", "nb"
LOGIN = "/authenticationapi/v1/login"
_PAYMENTS = "/paymentapi/v1/payments"


@dataclass(frozen=True, slots=True)
class WebCaller:
    """A web shop: its API key, tenant key and API secret (a public key as PEM text)."""

    api_key: str
    tenant_key: str = field(repr=False)
    api_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Session:
    """A web shop that has logged in."""

    caller: WebCaller
    token: str = field(repr=False)


def proof_text(caller: WebCaller, timestamp: str) -> str:
    """The 64 characters that a login has to encrypt."""
    return hashlib.sha256(f"{caller.api_key}_{timestamp}".encode()).hexdigest()


def sign(caller: WebCaller, text: bytes) -> str:
    """A text encrypted under the API secret, in base64: what the API calls a signature."""
    secret = cast("RSAPublicKey", load_pem_public_key(caller.api_secret.encode()))
    return base64.b64encode(secret.encrypt(text, PKCS1v15())).decode()


def timestamp_of(moment: datetime | None = None) -> str:
    """A moment, or else this one, as the API writes it."""
    at = moment or datetime.now(UTC)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}Z"


def login(caller: WebCaller, timestamp: str = "", signature: str = "", headers: tuple[str, ...] = ()) -> bytes:
    """Log in: now and with a signature that is right, unless others are given."""
    timestamp = timestamp or timestamp_of()
    signature = signature or sign(caller, proof_text(caller, timestamp).encode())
    body = {"apikey": caller.api_key, "timestamp": timestamp, "signature": signature}
    return _request("POST", LOGIN, [f"x-api-key: {caller.api_key}", *headers], body)


def initiate(session: Session) -> bytes:
    """Initiate a payment in the widget."""
    body = {
        "amount": AMOUNT,
        "originUrl": ORIGIN,
        "returnUrl": RETURN_URL,
        "countryCode": COUNTRY,
        "language": LANGUAGE,
        "postbackUrl": POSTBACK_URL,
    }
    return _request("POST", f"{_PAYMENTS}/web", _credentials(session), body)


def get(session: Session, payment_id: str) -> bytes:
    """Ask how a payment stands."""
    return _request("GET", f"{_PAYMENTS}/{payment_id}", _credentials(session), None)


def refund(session: Session, payment_id: str) -> bytes:
    """Give a little of a payment back."""
    body = {"amount": AMOUNT, "postbackUrl": POSTBACK_URL}
    return _request("POST", f"{_PAYMENTS}/{payment_id}/refunds", _credentials(session), body)


def _credentials(session: Session) -> list[str]:
    caller = session.caller
    return [
        f"x-api-key: {caller.api_key}",
        f"x-tenantsecretkey: {caller.tenant_key}",
        f"Authorization: Bearer {session.token}",
    ]


def _request(method: str, path: str, headers: list[str], body: object) -> bytes:
    text = "" if body is None else json.dumps(body, separators=(",", ":"))
    about = [] if body is None else ["Content-Type: application/json", f"Content-Length: {len(text)}"]
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", *headers, *about]
    return ("\r\n".join(lines) + "\r\n\r\n" + text).encode()
